"""Who brought whom, and points for those who stay."""

import logging
from dataclasses import replace
from datetime import datetime

from config.daily import midnight
from handlers.context import Context
from handlers.referrals import policy
from handlers.referrals.policy import Credit, Grounds, NoCredit, Stay
from handlers.router import Router
from models.entry import EntryCode, Visitor
from models.events import CameByCode, MemberLeft, StayBegan, StayEnded, VisitorJoined
from models.groups import Member
from models.ids import GroupId, PersonId, VisitorId
from models.people import Role
from models.points import RULES, clawback
from models.referrals import Alike, Referral
from models.stores.unit import Unit

log = logging.getLogger(__name__)

router = Router()

REFERRALS_A_BEAT = 50
"""So that one transaction stays short; the next beat takes the rest."""


# Who brought whom


@router.on(StayBegan)
async def note_inviter(began: StayBegan, ctx: Context) -> None:
    """Who was in a group of ours before is brought by nobody."""
    referrals = ctx.facts.referrals
    member = await ctx.facts.members.get(began.group, began.person)
    if member is None or ctx.group is None:
        return
    known = await referrals.get(began.group, began.person)
    if known is not None:
        referrals.put(replace(known, left_at=None))
    elif member.inviter is not None and not await _was_here(member, began.since, ctx):
        inviter = await _one_of_ours(member.inviter, ctx)
        if inviter is not None:
            blank = _blank(member, began.since, ctx)
            referrals.put(replace(blank, by_platform=inviter))
    referrals.note_beginning(began.person, began.since)


@router.on(VisitorJoined)
async def note_link(joined: VisitorJoined, ctx: Context) -> None:
    """It may be told after the invitation was noted, or judged, and counts before it; points that
    somebody got stay hers."""
    visitor: Visitor | None = await ctx.facts.visitors.get(joined.visitor)
    code = await ctx.facts.entry_codes.get(visitor.code) if visitor else None
    member = await ctx.facts.members.get(joined.group, joined.person)
    if visitor is None or code is None or member is None or ctx.group is None:
        return
    known = await ctx.facts.referrals.get(joined.group, joined.person)
    # The way by which she joined may have told the code before we knew who she is.
    if known is not None and known.code is not None:
        is_hers = known.visitor is None and known.code == code.code
        if not is_hers:
            return
    await _note_code(member, code, visitor.id, ctx)


@router.on(CameByCode)
async def note_way(came: CameByCode, ctx: Context) -> None:
    """The way by which she joined is somebody's, whoever she is."""
    code = await ctx.facts.entry_codes.get(came.code)
    member = await ctx.facts.members.get(came.group, came.person)
    if code is None or member is None or ctx.group is None:
        return
    known = await ctx.facts.referrals.get(came.group, came.person)
    if known is None or known.code is None:
        await _note_code(member, code, None, ctx)


async def _note_code(
    member: Member, code: EntryCode, visitor: VisitorId | None, ctx: Context
) -> None:
    known = await ctx.facts.referrals.get(member.group, member.person)
    if await _was_here(member, ctx.now, ctx):
        return
    if known is None and not _is_somebodys(code):
        return
    referral = known or _blank(member, ctx.now, ctx)
    due_at = policy.stayed_until(referral, ctx.rules.referrals)
    ctx.facts.referrals.put(
        replace(
            referral,
            code=code.code,
            visitor=visitor,
            by_link=code.member,
            by_name=code.referrer,
            due_at=due_at if referral.credited is None else referral.due_at,
        )
    )


def _is_somebodys(code: EntryCode) -> bool:
    return bool(code.member or code.referrer)


def _blank(member: Member, seen_at: datetime, ctx: Context) -> Referral:
    began = member.joined_at or member.seen_at or seen_at
    blank = Referral(group=member.group, person=member.person, joined_at=began)
    return replace(blank, due_at=policy.stayed_until(blank, ctx.rules.referrals))


async def _was_here(member: Member, seen_at: datetime, ctx: Context) -> bool:
    """In whichever group of ours, before the stay that she has now."""
    times = [each for each in (member.joined_at, member.seen_at) if each is not None]
    return await ctx.facts.referrals.was_here(member.person, min(times, default=seen_at))


async def _one_of_ours(inviter: PersonId, ctx: Context) -> PersonId | None:
    """A member, and no account of ours: whom that invites, it invites for somebody else."""
    assert ctx.group is not None
    member = await ctx.facts.members.get(ctx.group.id, inviter)
    account = await ctx.facts.accounts.get(ctx.group.account)
    if member is None or member.role is Role.BOT or (account and account.person == inviter):
        return None
    return inviter


# Who left


@router.on(StayEnded)
async def note_leaving(ended: StayEnded, ctx: Context) -> None:
    member = await ctx.facts.members.get(ended.group, ended.person)
    if member is not None:
        (*_, last) = policy.stays(member, ()) or [Stay(None, ctx.now)]
        await _note_left(ended.group, ended.person, last.ended or ctx.now, ctx)


@router.on(MemberLeft)
async def note_late_leaving(left: MemberLeft, ctx: Context) -> None:
    """Also where we knew already that she is gone, and learn only now since when."""
    await _note_left(left.group, left.person, left.at, ctx)


async def _note_left(group: GroupId, person: PersonId, at: datetime, ctx: Context) -> None:
    referral = await ctx.facts.referrals.get(group, person)
    if referral is None or at < referral.joined_at:
        return
    left_at = min(at, referral.left_at or at)
    if referral.credited is not None and not referral.why_not:
        # What was booked is in a group that others may hold: the next beat looks at it.
        ctx.facts.referrals.put(replace(referral, left_at=left_at, due_at=ctx.now))
        return
    member = await ctx.facts.members.get(group, person)
    if member is None or not member.present:
        ctx.facts.referrals.put(replace(referral, left_at=left_at))


# What it is worth


async def next_judgement(facts: Unit) -> datetime | None:
    return await facts.referrals.next_due()


@router.every(minutes=1, next_due=next_judgement)
async def judge_referrals(ctx: Context) -> None:
    """A referral touches two groups: the one that was joined, and the one in which points are
    booked. Where either is held by somebody else it waits for the next beat."""
    facts = ctx.facts
    if not await facts.referrals.peek_due(ctx.now, 1):
        return
    await facts.referrals.take_turns()
    due = await facts.referrals.peek_due(ctx.now, REFERRALS_A_BEAT)
    await facts.entry_codes.load((each.code,) for each in due if each.code)
    homes = {facts.referrals.key_of(each): await _home(each, ctx) for each in due}
    wanted = {each.group for each in due} | {home for home in homes.values() if home}
    locked = {each.id for each in await facts.groups.lock_free(wanted)}
    free = [key for key, home in homes.items() if {key[0], home or key[0]} <= locked]
    await facts.referrals.load(free)
    for key in free:
        referral = await facts.referrals.get(*key)
        if referral is not None and referral.due_at is not None and referral.due_at <= ctx.now:
            await _look_at(referral, homes[key], await ctx.of(referral.group))


async def _home(referral: Referral, ctx: Context) -> GroupId | None:
    """Where who brought her gets points; where they were booked, if they were."""
    if referral.credited is not None:
        return referral.credited_in
    if referral.referrer is None:
        return None
    code: EntryCode | None = None
    if referral.by_link is not None:
        code = await ctx.facts.entry_codes.get(referral.code)
    if code is None:
        return await ctx.facts.referrals.home(referral.referrer, referral.group)
    return await ctx.facts.referrals.home(referral.referrer, code.group, code.channel)


async def _look_at(referral: Referral, home: GroupId | None, ctx: Context) -> None:
    """`ctx` is of the group that was joined; both groups are locked."""
    assert ctx.group is not None
    if referral.credited is not None:
        await _look_back(referral, ctx)
        return
    account = await ctx.facts.accounts.get(ctx.group.account)
    later = policy.look_again(account, ctx.group, ctx.now)
    if later is not None:
        ctx.facts.referrals.put(replace(referral, due_at=later))
        return
    there = None
    if home is not None and referral.referrer is not None:
        there = await ctx.facts.members.get(home, referral.referrer)
        if there is None or not there.present:
            return  # she left while we looked: the next beat sees where else she is
    found = await _stays(referral, ctx)
    rules = (await ctx.of(home)).rules.referrals if home else ctx.rules.referrals
    grounds = await _grounds(referral, there, found, ctx)
    judged = replace(_as_it_is(referral, found), due_at=None, why_not="")
    match policy.judge(referral, grounds, rules):
        case Credit() as credit:
            booked = await ctx.facts.ledger.book(policy.entry(referral, credit, ctx.now))
            if booked is None:
                judged = replace(judged, why_not=policy.HAD_PERSON)
            else:
                judged = replace(judged, credited=credit.person, credited_in=credit.group)
        case NoCredit(why):
            log.debug("no points for a referral: %s", why, extra={"group": referral.group})
            judged = replace(judged, why_not=why)
    ctx.facts.referrals.put(judged)


async def _look_back(referral: Referral, ctx: Context) -> None:
    """Something was learned late of her for whom points were given."""
    key = policy.key(referral.person)
    entry = (await ctx.facts.ledger.by_keys([key])).get(key)
    found = await _stays(referral, ctx)
    judged = replace(_as_it_is(referral, found), due_at=None)
    if entry and policy.had_left(referral, entry, found, ctx.rules.referrals):
        await ctx.facts.ledger.book(clawback(entry, ctx.now, RULES, policy.NOT_STAYED))
        judged = replace(judged, why_not=policy.TAKEN_BACK)
    ctx.facts.referrals.put(judged)


async def _stays(referral: Referral, ctx: Context) -> list[Stay]:
    member = await ctx.facts.members.get(referral.group, referral.person)
    past = await ctx.facts.past_stays.of(referral.group, referral.person)
    return policy.stays(member, past)


def _as_it_is(referral: Referral, found: list[Stay]) -> Referral:
    """Who is there has not left, whatever was learned of an earlier stay."""
    is_there = any(each.ended is None for each in found)
    return replace(referral, left_at=None) if is_there else referral


async def _grounds(
    referral: Referral, there: Member | None, found: list[Stay], ctx: Context
) -> Grounds:
    """`there` is who brought her, where points would be booked."""
    assert ctx.group is not None
    facts, referrer = ctx.facts, referral.referrer
    until = policy.stayed_until(referral, ctx.rules.referrals)
    name, alike = "", list[Alike]()
    if referral.visitor is not None:
        name, alike = await facts.referrals.alike(referral.visitor)
    had = 0
    if referrer is not None:
        month = midnight(ctx.today.replace(day=1))
        homes = await facts.referrals.homes(referrer)
        had = await facts.ledger.for_referrals(homes, referrer, month)
    return Grounds(
        is_ours=ctx.group.is_ours,
        was_there=any(each.covers(until) for each in found),
        others=await facts.referrals.beside(referral),
        above=await facts.referrals.above(referrer) if referrer else (),
        name=name,
        alike=alike,
        home=there.group if there else None,
        roles=await _roles(referrer, there, ctx),
        had=had,
    )


async def _roles(referrer: PersonId | None, there: Member | None, ctx: Context) -> list[Role]:
    assert ctx.group is not None
    here = await ctx.facts.members.get(ctx.group.id, referrer) if referrer else None
    return [await ctx.role_of(each) for each in (here, there) if each is not None]
