"""Members who carry their group are found, named, renewed and thanked."""

from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.command import Call, Changes, Misused, Who, person_in
from handlers.context import Context
from handlers.kocs import policy
from handlers.kocs.policy import NONE_LATELY, Candidate, Deeds
from handlers.router import Router
from models.events import RoleGiven, RoleSet, StayEnded
from models.groups import Member
from models.ids import GroupId, PersonId
from models.kocs import KocTerm
from models.people import Role
from models.points import RULES
from models.stores.community import LONG_AGO
from models.stores.office import Beat
from models.stores.unit import Unit

router = Router()

REVIEW = "kocs.review"
GROUPS_A_BEAT = 50
"""So that one transaction stays short; the next beat takes the rest."""


# The monitor names one


@router.command(
    "KOC",
    who=Who.LEADERS,
    usage="/KOC @谁",
    changes=Changes.WITH_ARGS,
    about="请她当 KOC；只发 /KOC 看名单",
)
async def make_koc(call: Call, ctx: Context) -> str:
    """Her term begins, and the group hears of it, as with any KOC that somebody decides on."""
    assert ctx.group is not None
    if not call.args:
        return policy.roster(await _kocs(ctx))
    member, rest = (await person_in(call, ctx))[0]
    if rest.strip():
        raise Misused(f"没看懂「{call.args}」：请她当 KOC 发 /KOC @谁，不当了发 /角色 @谁 成员")
    if (await ctx.role_of(member)).is_staff:
        raise Misused(policy.runs_the_group(member))
    if (term := await _running(member.person, ctx)) is not None and term.until is not None:
        raise Misused(policy.runs_already(member, term.until))
    ctx.tell(
        RoleGiven(
            at=ctx.now,
            by=call.signature,
            group=ctx.group.id,
            person=member.person,
            role=Role.KOC,
        )
    )
    return policy.agreed(member, ctx.now + ctx.rules.kocs.term)


# What happens to people


@router.on(RoleGiven)
async def celebrate(given: RoleGiven, ctx: Context) -> None:
    """Somebody decided that she is a KOC: her term begins, and the group hears of it once."""
    if given.role is not Role.KOC or ctx.group is None or not ctx.group.is_ours:
        return
    if await _running(given.person, ctx) is not None:
        return
    _begin(given.person, ctx)
    member = await ctx.facts.members.get(ctx.group.id, given.person)
    if member is not None and await _serves(member, ctx):
        ctx.announce(
            f"koc-named:{ctx.group.id}:{member.person}:{ctx.today}",
            policy.named(member),
            (member.person,),
        )


@router.on(RoleSet)
async def keep_term(given: RoleSet, ctx: Context) -> None:
    """Who is found to be a KOC without anybody's having decided it just now, as at our first
    look at a group, has a term like the others and is no news."""
    running = await _running(given.person, ctx)
    if given.role is Role.KOC and running is None:
        _begin(given.person, ctx)
    elif given.role is not Role.KOC and running is not None:
        ctx.facts.koc_terms.put(replace(running, until=None))


@router.on(StayEnded)
async def let_go(ended: StayEnded, ctx: Context) -> None:
    """Should she return she is a member like any other."""
    if (running := await _running(ended.person, ctx)) is not None:
        await _stop(running, ctx)


# What time brings


async def next_review(facts: Unit) -> datetime | None:
    """At once where no beat was kept yet, or while some groups still wait for theirs."""
    beat = await facts.beats.get(REVIEW)
    if beat is None:
        return LONG_AGO
    return beat.done_at if beat.cursor else policy.review_after(beat.done_at)


async def next_end(facts: Unit) -> datetime | None:
    return await facts.koc_terms.next_end()


@router.every(seconds=10, next_due=next_review)
async def propose_kocs(ctx: Context) -> None:
    """Weekly, a few groups a beat. From the first beat ever the time to the first review counts:
    nobody has answered anything yet."""
    beat = await ctx.facts.beats.get(REVIEW)
    if beat is None or (not beat.cursor and policy.is_too_late(beat.done_at, ctx.now)):
        ctx.facts.beats.put(Beat(name=REVIEW, done_at=ctx.now))
    elif beat.cursor or policy.review_after(beat.done_at) <= ctx.now:
        ctx.facts.beats.put(await _review_some(beat, ctx))


@router.every(minutes=1, next_due=next_end)
async def end_terms(ctx: Context) -> None:
    due = await ctx.facts.koc_terms.groups_to_end(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        of_group = await ctx.of(group.id)
        for term in await ctx.facts.koc_terms.ended(group.id, ctx.now):
            await _end(term, of_group)


# How


async def _review_some(beat: Beat, ctx: Context) -> Beat:
    """The next groups in order, and how far that is. A group that somebody else holds is waited
    for: skipped, it would be left out for a week."""
    sizes = await ctx.facts.members.sizes(GroupId(beat.cursor), GROUPS_A_BEAT)
    await ctx.facts.groups.load((group,) for group, _ in sizes)
    for group, size in sizes:
        await _review(size, await ctx.of(group))
    if len(sizes) < GROUPS_A_BEAT:
        return replace(beat, done_at=ctx.now, cursor="")
    return replace(beat, cursor=sizes[-1][0])


async def _review(size: int, ctx: Context) -> None:
    group, rules = ctx.group, ctx.rules.kocs
    if group is None or not group.is_ours or size <= rules.from_members:
        return
    if chosen := policy.ranking(await _candidates(group.id, ctx), ctx.now, rules):
        await ctx.notify(
            f"koc:{group.id}:{policy.week_of_review(ctx.now)}",
            policy.proposal(group.name, chosen, rules),
        )


async def _candidates(group: GroupId, ctx: Context) -> list[Candidate]:
    """Members who are here, are not KOCs yet, and helped enough."""
    lately = await _deeds(group, ctx)
    proven = sorted(who for who, did in lately.items() if policy.is_proven(did, ctx.rules.kocs))
    if not proven:
        return []
    await ctx.facts.members.load((group, person) for person in proven)
    since = ctx.now - ctx.rules.kocs.window
    days = await ctx.facts.talk.days_active(group, proven, since)
    found = [await ctx.facts.members.get(group, person) for person in proven]
    return [
        Candidate(member, lately[member.person], days.get(member.person, 0))
        for member in found
        if member is not None and member.present and await ctx.role_of(member) is Role.MEMBER
    ]


async def _deeds(group: GroupId, ctx: Context) -> dict[PersonId, Deeds]:
    return policy.deeds(await ctx.facts.answers.since(group, ctx.now - ctx.rules.kocs.window))


async def _end(term: KocTerm, ctx: Context) -> None:
    """In waking hours, since it is said to people; who is here as a KOC no more is not thanked."""
    assert ctx.group is not None
    morning = ctx.rules.delivery.quiet_hours.leave(ctx.now)
    member = await ctx.facts.members.get(term.group, term.person)
    if not ctx.group.is_ours or member is None or not await _serves(member, ctx):
        await _stop(term, ctx)
    elif morning > ctx.now:
        ctx.facts.koc_terms.put(replace(term, until=morning))
    else:
        await _renew_or_thank(term, member, ctx)


async def _renew_or_thank(term: KocTerm, member: Member, ctx: Context) -> None:
    assert ctx.group is not None
    group, rules = ctx.group, ctx.rules.kocs
    did = (await _deeds(group.id, ctx)).get(member.person, NONE_LATELY)
    about = f"{group.id}:{member.person}:{term.since.astimezone(ZONE).date()}"
    if not await ctx.hears():
        _begin(member.person, ctx)
        text = policy.told_unknown(group.name, member, ctx.now + rules.term)
        await ctx.notify(f"koc-renewed:{about}", text)
    elif policy.is_renewed(did, rules):
        _begin(member.person, ctx)
        until = ctx.now + rules.term
        text = policy.told_renewed(group.name, member, did, until, rules)
        await ctx.notify(f"koc-renewed:{about}", text)
    else:
        await _stop(term, ctx)
        ctx.announce(f"koc-thanked:{about}", policy.thanked(member), (member.person,))
        await ctx.notify(f"koc-ended:{about}", policy.told_thanked(group.name, member, did, rules))


def _begin(person: PersonId, ctx: Context) -> None:
    if ctx.group is not None:
        until = ctx.now + ctx.rules.kocs.term
        ctx.facts.koc_terms.put(
            KocTerm(group=ctx.group.id, person=person, since=ctx.now, until=until)
        )


async def _stop(term: KocTerm, ctx: Context) -> None:
    """The term is over, and with it the role, unless she has another one by now."""
    ctx.facts.koc_terms.put(replace(term, until=None))
    member = await ctx.facts.members.get(term.group, term.person)
    if member is not None and member.role is Role.KOC:
        ctx.tell(
            RoleGiven(at=ctx.now, by=RULES, group=term.group, person=term.person, role=Role.MEMBER)
        )


async def _running(person: PersonId, ctx: Context) -> KocTerm | None:
    term = await ctx.facts.koc_terms.get(ctx.group.id, person) if ctx.group else None
    return term if term is not None and term.until is not None else None


async def _serves(member: Member, ctx: Context) -> bool:
    """Whether she is here, and a KOC; not one who runs groups elsewhere."""
    return member.present and await ctx.role_of(member) is Role.KOC


async def _kocs(ctx: Context) -> list[tuple[Member, KocTerm | None]]:
    assert ctx.group is not None
    members = await ctx.facts.members.present(ctx.group.id)
    kocs = [each for each in members if await _serves(each, ctx)]
    return [(each, await _running(each.person, ctx)) for each in kocs]
