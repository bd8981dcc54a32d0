"""Who joined a group is matched to who filled in the form, where anything tells.

What tells, in this order: she showed her ticket, the way in carried it, or her name is that of
nobody else whom the group waits for.
"""

from collections.abc import Sequence
from dataclasses import replace

from handlers import tickets
from handlers.context import Context
from handlers.entry import matching
from handlers.router import Router
from models.entry import MatchedBy, Visitor
from models.events import (
    CameByCode,
    Event,
    GroupSeen,
    MemberJoined,
    NicknameChanged,
    NicknameSet,
    PlaceLost,
    StayBegan,
    StayEnded,
    TicketShown,
    VisitorJoined,
)
from models.groups import Group, Member, Origin
from models.ids import Code, GroupId, PersonId
from models.people import Role

router = Router()

MOST_COMPARED = 500
"""Where more are on their way by one code, nobody is compared with all of them."""
WORK_HERE = (Role.BOT, Role.ASSISTANT, Role.HOST)
"""Whose names are not looked for among the mothers'."""


@router.prepares(MemberJoined, NicknameChanged)
async def read_who_is_awaited(events: Sequence[Event], ctx: Context) -> None:
    ours = {each.id for each in ctx.facts.groups.held() if each.is_ours}
    came = {each.group for each in events if isinstance(each, MemberJoined | NicknameChanged)}
    await ctx.facts.visitors.read_awaited(came & ours)


@router.on(MemberJoined)
async def know_by_state(joined: MemberJoined, ctx: Context) -> None:
    """The way in carried her ticket, or the entry code that it is made for."""
    if not joined.state or ctx.group is None or not ctx.group.is_ours:
        return
    ticket = tickets.said(joined.state)
    if ticket is None:
        await _know_by_code(joined, ctx)
        return
    member = await ctx.facts.members.get(joined.group, joined.person)
    visitor = await ctx.facts.visitors.with_ticket(ticket)
    if member is None or visitor is None or not matching.may_be(visitor, member, ctx.group):
        return
    if visitor.ticket_until is not None and ctx.now < visitor.ticket_until:
        await _join(visitor, member, MatchedBy.STATE, ctx)


async def _know_by_code(joined: MemberJoined, ctx: Context) -> None:
    code = await ctx.facts.entry_codes.get(Code(joined.state))
    member = await ctx.facts.members.get(joined.group, joined.person)
    cohort = ctx.group.cohort if ctx.group else None
    if code is None or member is None or ctx.group is None or cohort is None:
        return
    if not await _is_somebody(member, ctx) and await ctx.role_of(member) not in WORK_HERE:
        came_by = await ctx.facts.visitors.coming_by(code.code, cohort, MOST_COMPARED)
        visitor = None
        if len(came_by) < MOST_COMPARED:
            visitor = matching.by_code(member, ctx.group, came_by, ctx.now, ctx.rules)
        if visitor is not None:
            await _join(visitor, member, MatchedBy.STATE, ctx)
            return
    ctx.tell(CameByCode(at=ctx.now, group=joined.group, person=joined.person, code=code.code))


async def _is_somebody(member: Member, ctx: Context) -> bool:
    """Whether a visitor is known to be her: a ticket that she showed tells more than a way."""
    known = await ctx.facts.visitors.of_person(member.person)
    return any(
        (each.is_in and each.joined_in == member.group)
        or (ctx.group is not None and matching.may_be(each, member, ctx.group))
        for each in known
    )


@router.on(StayBegan)
async def meet(began: StayBegan, ctx: Context) -> None:
    await _recognise(began.person, ctx)


@router.on(NicknameSet)
async def look_at_name(named: NicknameSet, ctx: Context) -> None:
    await _recognise(named.person, ctx)


@router.on(TicketShown)
async def know_by_ticket(shown: TicketShown, ctx: Context) -> None:
    """She may be in her group already."""
    visitor = await ctx.facts.visitors.get(shown.visitor)
    if visitor is None or visitor.is_in:
        return
    for stay in await ctx.facts.members.stays_of(shown.person):
        await _recognise(shown.person, await ctx.of(stay.group))


@router.on(GroupSeen)
async def look_who_came(seen: GroupSeen, ctx: Context) -> None:
    """Those who joined while nobody looked for long are not told as having begun a stay. At our
    first look anybody may have been there for long, and a name tells nothing."""
    came = [
        each.person
        for each in ctx.facts.members.held_of(seen.group)
        if each.present and each.origin is Origin.BASELINE and each.seen_at == ctx.now
    ]
    if not came:
        return
    is_first = ctx.group is None or ctx.group.checked_at is None
    of_group = await ctx.of(seen.group)
    await ctx.facts.visitors.read_people(came)
    for person in sorted(came):
        await _recognise(person, of_group, by_name=not is_first)


@router.on(StayEnded)
async def see_off(ended: StayEnded, ctx: Context) -> None:
    for each in await ctx.facts.visitors.of_person(ended.person):
        visitor = await ctx.facts.visitors.lock(each.id) if each.is_in else None
        if visitor is None or not visitor.is_in or visitor.joined_in != ended.group:
            continue
        moved_to = await _also_in(visitor, ended, ctx)
        if moved_to is not None:
            gone = replace(visitor, group=moved_to, joined_in=moved_to)
        else:
            gone = replace(visitor, group=None, left_at=ctx.now)
        ctx.facts.visitors.put(gone)


async def _also_in(visitor: Visitor, ended: StayEnded, ctx: Context) -> GroupId | None:
    """Another group of her cohort that she is in: she has moved, and left the first one last."""
    stays = await ctx.facts.members.stays_of(ended.person)
    groups = [await ctx.facts.groups.get(each.group) for each in stays]
    found = (
        each.id
        for each in groups
        if each is not None and each.is_ours and each.cohort == visitor.cohort
    )
    return next((each for each in found if each != ended.group), None)


# How


async def _recognise(person: PersonId, ctx: Context, *, by_name: bool = True) -> None:
    group = ctx.group
    member = await ctx.facts.members.get(group.id, person) if group else None
    if group is None or not group.is_ours or member is None:
        return
    if not member.present or member.erased:
        return
    known = await ctx.facts.visitors.of_person(person)
    if any(each.is_in and each.joined_in == group.id for each in known):
        return
    hers = [each for each in reversed(known) if matching.may_be(each, member, group)]
    placed_here = [each for each in hers if each.group == group.id]
    if hers:
        await _join((placed_here or hers)[0], member, MatchedBy.TICKET, ctx)
    elif by_name and await ctx.role_of(member) not in WORK_HERE:
        await _look_for_name(member, group, ctx)


async def _look_for_name(member: Member, group: Group, ctx: Context) -> None:
    awaited = await ctx.facts.visitors.awaited_in(group.id)
    possible = [
        each
        for each in awaited
        if matching.may_be(each, member, group) and matching.answered_before(each, member)
    ]
    if possible:
        found = matching.who(member, group, possible, ctx.today, ctx.rules)
        if found is not None:
            await _join(found, member, MatchedBy.NICKNAME, ctx)


async def _join(visitor: Visitor, member: Member, by: MatchedBy, ctx: Context) -> None:
    """She is counted from when she joined for the first time; who comes back was only away."""
    assert ctx.group is not None
    now = await ctx.facts.visitors.lock(visitor.id)
    if now is None or not matching.may_be(now, member, ctx.group):
        return
    ctx.facts.visitors.put(
        replace(
            now,
            waiting_since=None,
            group=member.group,
            placed_at=now.placed_at or ctx.now,
            person=member.person,
            joined_in=member.group,
            joined_at=now.joined_at or member.seen_at or ctx.now,
            matched_by=now.matched_by or by,
            left_at=None,
        )
    )
    if now.group not in (None, member.group):
        ctx.tell(PlaceLost(at=ctx.now, visitor=visitor.id, group=now.group))
    if now.joined_in != member.group:
        ctx.tell(
            VisitorJoined(at=ctx.now, group=member.group, person=member.person, visitor=visitor.id)
        )
