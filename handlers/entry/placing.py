"""Places in groups: given, kept, and given to those who wait.

Whoever gives one holds, in this order, the cohort's turn, the locks of its groups, and hers.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum

from handlers.context import Context
from handlers.entry import routing
from handlers.entry.routing import Candidate
from handlers.router import Router
from models.cohort import Cohort
from models.entry import Visitor
from models.events import GroupReleased, GroupWanted, Placed, PlaceLost
from models.groups import Group, as_group
from models.growth import Life
from models.ids import VisitorId
from models.openings import OpeningState
from models.stores.unit import Unit

router = Router()

COHORTS_A_BEAT = 10
PLACES_A_BEAT = 400
"""So that one transaction stays short; the next beat takes the rest."""


async def take_turns(cohorts: Iterable[Cohort], ctx: Context) -> None:
    """Nobody else gives places in their groups until this transaction ends; and read, in a few
    statements, what that takes."""
    facts = ctx.facts
    new = {each for each in cohorts if not facts.groups.has_locked(each)}
    if not new:
        return
    wanted = sorted(new, key=str)
    for each in wanted:
        await facts.openings.take_turns(each)
    await facts.groups.lock_cohorts(wanted)
    groups = [group for each in wanted for group in facts.groups.held_of_cohort(each)]
    await facts.rules.load([*groups, *map(as_group, wanted)])
    await facts.lives.load((each.id,) for each in groups)
    await facts.accounts.load((each.account,) for each in groups)
    await facts.account_cards.load((each.account,) for each in groups)
    await facts.visitors.read_seats(each.id for each in groups)


async def find_place(visitor: Visitor, ctx: Context, *, before: Visitor | None = None) -> bool:
    """A place in a group of her cohort, or she waits for one; whether she has one now. She is
    locked, and the place that she had is given back. `before` is how she was known until now, if
    otherwise."""
    before = before or visitor
    cohort = visitor.cohort
    assert cohort is not None
    await take_turns([cohort], ctx)
    candidates = [await _candidate(each, visitor.id, ctx) for each in _groups(cohort, ctx)]
    chosen = routing.choose(candidates, ctx.today, visitor.group)
    if before.group not in (None, chosen):
        ctx.tell(PlaceLost(at=ctx.now, visitor=visitor.id, group=before.group))
    if chosen is None:
        since = visitor.waiting_since or ctx.now
        ctx.facts.visitors.put(replace(visitor, group=None, placed_at=None, waiting_since=since))
        if visitor.waiting_since is None:
            _want_group(cohort, ctx)
        return False
    ctx.facts.visitors.put(replace(visitor, group=chosen, placed_at=ctx.now, waiting_since=None))
    waited = before.waiting_since is not None
    ctx.tell(Placed(at=ctx.now, visitor=visitor.id, group=chosen, waited=waited))
    return True


async def has_place(visitor: Visitor, ctx: Context) -> bool:
    """Her seat is still kept, in a group of ours of her cohort that she can still get into."""
    cohort = visitor.cohort
    if cohort is None or visitor.placed_at is None:
        return False
    await take_turns([cohort], ctx)
    hers = next((each for each in _groups(cohort, ctx) if each.id == visitor.group), None)
    if hers is None:
        return False
    candidate = await _candidate(hers, visitor.id, ctx)
    seat_kept = (await ctx.facts.rules.in_force(hers)).entry.seat_kept
    return visitor.placed_at > ctx.now - seat_kept and routing.still_takes_her(
        candidate, ctx.today
    )


@router.on(GroupReleased)
async def take_back_places(released: GroupReleased, ctx: Context) -> None:
    """She gets another when she looks again, or at once where she was told of this one in chat."""
    for each in await ctx.facts.visitors.awaited_in(released.group):
        ctx.tell(PlaceLost(at=ctx.now, visitor=each.id, group=released.group))


# What time brings


async def next_places(facts: Unit) -> datetime | None:
    return await facts.openings.next_giving()


@router.every(seconds=5, next_due=next_places)
async def give_places(ctx: Context) -> None:
    """A group was opened: those who wait get their places, the longest waiting first; where it
    is not enough for all, another one is asked for."""
    due = await ctx.facts.openings.cohorts_to_give(ctx.now, COHORTS_A_BEAT)
    await take_turns(due, ctx)
    for cohort in dict.fromkeys(due):
        given = await _give(cohort, ctx)
        if given is Given.SOME:
            continue
        for opening in await ctx.facts.openings.of(cohort):
            if opening.state is OpeningState.OPEN and opening.due_at is not None:
                ctx.facts.openings.put(replace(opening, due_at=None))
        if given is Given.FULL:
            _want_group(cohort, ctx)


@router.every(minutes=5)
async def give_places_that_came_free(ctx: Context) -> None:
    """In groups that were there before: somebody left, or never came."""
    waiting = await ctx.facts.visitors.cohorts_waiting(ctx.now, COHORTS_A_BEAT)
    await take_turns(waiting, ctx)
    for cohort in waiting:
        await _give(cohort, ctx)


class Given(Enum):
    """ALL: nobody waits any more. SOME: others are left for the next beat. FULL: and no group
    takes them."""

    ALL = "all"
    SOME = "some"
    FULL = "full"


async def _give(cohort: Cohort, ctx: Context) -> Given:
    waiting = await ctx.facts.visitors.waiting(cohort, PLACES_A_BEAT)
    await ctx.facts.visitors.load((each,) for each in waiting)
    for each in waiting:
        visitor = await ctx.facts.visitors.get(each)
        if visitor is None or visitor.waiting_since is None or visitor.cohort != cohort:
            continue
        if not await find_place(visitor, ctx):
            return Given.FULL
    return Given.SOME if len(waiting) == PLACES_A_BEAT else Given.ALL


# How


def _groups(cohort: Cohort, ctx: Context) -> list[Group]:
    return ctx.facts.groups.held_of_cohort(cohort)


def _want_group(cohort: Cohort, ctx: Context) -> None:
    """Unless one was asked for in this transaction already."""
    openings = ctx.facts.openings.held()
    if not any(each.is_pending and each.cohort == cohort for each in openings):
        ctx.tell(GroupWanted(at=ctx.now, cohort=cohort))


async def _candidate(group: Group, without: VisitorId, ctx: Context) -> Candidate:
    rules = await ctx.facts.rules.in_force(group)
    account = await ctx.facts.accounts.get(group.account)
    card = await ctx.facts.account_cards.get(group.account)
    life = await ctx.facts.lives.get(group.id)
    since = ctx.now - rules.entry.seat_kept
    return Candidate(
        id=group.id,
        members=group.members,
        seats=await ctx.facts.visitors.seats(group.id, since, without),
        life=life or _unwatched(group, ctx),
        invites=account is not None and account.invites_friends and card is not None,
        rules=rules.growth,
    )


def _unwatched(group: Group, ctx: Context) -> Life:
    opened_on = group.opened_on or ctx.today
    return Life(group=group.id, since=ctx.now, opened_on=opened_on, look_at=None)
