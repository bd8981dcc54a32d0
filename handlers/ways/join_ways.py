"""Ways into the groups of a cohort, where the platform has ones that carry an entry code: made
when somebody who came by that code needs one, and kept as the groups open and fill up."""

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.concerns import end_concern, raise_concern
from handlers.context import Context
from handlers.router import Router
from handlers.ways import leading, wording
from handlers.ways.leading import Base, Led
from models.cohort import Cohort
from models.entry import Visitor
from models.errands import Errand, ErrandKind
from models.events import (
    AnswersGiven,
    ErrandDone,
    ErrandFailed,
    GroupReleased,
    GroupTakenIn,
    Placed,
    StayBegan,
    StayEnded,
)
from models.groups import Ability, Group
from models.growth import Concern
from models.ids import AccountId, GroupId
from models.platform_ways import JOIN_WAY, MADE, JoinWay, MadeWay
from models.stores.unit import Unit

router = Router()

WAYS_A_BEAT = 50
"""So that one transaction stays short; the next beat takes the rest."""
NEAR = 5
"""So many below a limit it may just have been crossed downwards."""


# What makes one needed


@router.on(Placed)
async def begin(placed: Placed, ctx: Context) -> None:
    visitor: Visitor | None = await ctx.facts.visitors.get(placed.visitor)
    if visitor is not None and ctx.group is not None and ctx.group.cohort is not None:
        await _begin(ctx.group.account, ctx.group.cohort, visitor, ctx)


@router.on(AnswersGiven)
async def begin_for_waiting(given: AnswersGiven, ctx: Context) -> None:
    """Where all groups are full, the platform may open the next one once she scans."""
    visitor: Visitor | None = await ctx.facts.visitors.get(given.visitor)
    if visitor is None or visitor.waiting_since is None or visitor.cohort is None:
        return
    groups = ctx.facts.groups.held_of_cohort(visitor.cohort)
    for account in sorted({each.account for each in groups}):
        await _begin(account, visitor.cohort, visitor, ctx)


async def _begin(account: AccountId, cohort: Cohort, visitor: Visitor, ctx: Context) -> None:
    found = await ctx.facts.accounts.get(account)
    if found is None or not found.can(Ability.JOIN_WAYS):
        return
    if len(visitor.code) > leading.LONGEST_STATE:
        return
    window = str(cohort.window)
    key = (account, cohort.city, cohort.channel, window, visitor.code)
    if await ctx.facts.join_ways.get(*key) is None:
        way = JoinWay(
            account=account,
            city=cohort.city,
            channel=cohort.channel,
            birth_window=window,
            code=visitor.code,
            made_at=ctx.now,
            due_at=ctx.now,
        )
        ctx.facts.join_ways.put(way)


# What changes where they lead


@router.on(GroupTakenIn)
async def lead_there(taken: GroupTakenIn, ctx: Context) -> None:
    await _look_again(ctx.group, ctx)


@router.on(GroupReleased)
async def lead_elsewhere(released: GroupReleased, ctx: Context) -> None:
    await _look_again(ctx.group, ctx)


@router.on(StayBegan)
async def see_it_fill_up(began: StayBegan, ctx: Context) -> None:
    if ctx.group is not None and ctx.group.members >= _limit(ctx):
        await _look_again(ctx.group, ctx)


@router.on(StayEnded)
async def see_it_empty(ended: StayEnded, ctx: Context) -> None:
    if ctx.group is not None and _limit(ctx) - NEAR <= ctx.group.members < _limit(ctx):
        await _look_again(ctx.group, ctx)


def _limit(ctx: Context) -> int:
    return min(ctx.rules.growth.qr_until, ctx.rules.growth.full_at)


async def _look_again(group: Group | None, ctx: Context) -> None:
    if group is None or group.cohort is None:
        return
    account = await ctx.facts.accounts.get(group.account)
    if account is not None and account.can(Ability.JOIN_WAYS):
        await ctx.facts.join_ways.look_at(group.cohort, ctx.now)


# What time brings


async def next_look(facts: Unit) -> datetime | None:
    return await facts.join_ways.next_look()


@router.every(seconds=10, next_due=next_look)
async def look_after_join_ways(ctx: Context) -> None:
    for way in await ctx.facts.join_ways.to_look_at(ctx.now, WAYS_A_BEAT):
        ctx.facts.join_ways.put(await _looked_after(way, ctx))


async def _looked_after(way: JoinWay, ctx: Context) -> JoinWay:
    account = await ctx.facts.accounts.get(way.account)
    if account is None or not account.is_up or not account.can(Ability.JOIN_WAYS):
        return replace(way, due_at=ctx.now + leading.AGAIN)
    groups = await _groups(way, ctx)
    if not groups:
        # It leads to one at least: it is looked at again when a group is taken in.
        return replace(way, due_at=ctx.now + leading.DAILY)
    base = await _base(way, ctx)
    if way.got_at is not None and leading.is_settled(way, groups, base):
        checked_at = way.got_at + leading.DAILY
        if ctx.now < checked_at:
            return replace(way, due_at=checked_at)
    ctx.ask(
        Errand(
            key=f"join_way:{way.account}:{way.cohort}:{way.code}:{_stamp(ctx.now)}",
            kind=ErrandKind.JOIN_WAY,
            account=way.account,
            due_at=ctx.now,
            lapses_at=ctx.now + leading.AGAIN,
            detail=JOIN_WAY.write(leading.wanted(way, groups, base)),
        )
    )
    return replace(way, due_at=ctx.now + leading.AGAIN)


async def _groups(way: JoinWay, ctx: Context) -> tuple[GroupId, ...]:
    facts = ctx.facts
    of_cohort = await facts.groups.of_cohort(way.cohort)
    here = [each for each in of_cohort if each.account == way.account]
    await facts.rules.load(here)
    await facts.lives.load((each.id,) for each in here)
    led = [
        Led(each, await facts.lives.get(each.id), (await facts.rules.in_force(each)).growth)
        for each in here
    ]
    known = {each.id for each in await facts.groups.peek_at(way.groups)} if way.groups else set()
    return leading.led_to(led, way.groups, known, ctx.today)


async def _base(way: JoinWay, ctx: Context) -> Base:
    openings = ctx.facts.openings
    return leading.base(
        way.cohort,
        await openings.names_of(way.cohort),
        await openings.numbers_asked_for(way.cohort, besides=way.account),
        ctx.rules.groups,
        await ctx.facts.rules.name_templates(),
    )


# What was made


@router.on(ErrandDone)
async def keep(done: ErrandDone, ctx: Context) -> None:
    wanted = JOIN_WAY.read(done.errand.detail) if _is_ours(done.errand) else None
    made = MADE.read(done.result)
    if wanted is None or made is None:
        return
    await _end_concern(wanted.groups, ctx)
    known = await ctx.facts.join_ways.locked(done.errand.account, wanted.cohort, wanted.code)
    if known is not None:
        kept = replace(
            _with_code(known, made),
            config=made.config,
            groups=made.groups,
            base_name=wanted.base_name,
            base_id=made.base_id,
            got_at=ctx.now,
            why_not="",
            changed=", ".join(made.changed),
        )
        ctx.facts.join_ways.put(replace(kept, due_at=_next_look(kept, ctx)))


@router.on(ErrandFailed)
async def tell_of_failure(failed: ErrandFailed, ctx: Context) -> None:
    wanted = JOIN_WAY.read(failed.errand.detail) if _is_ours(failed.errand) else None
    if wanted is None:
        return
    for group in wanted.groups[:1]:
        of_group = await ctx.of(group)
        if of_group.group is not None and of_group.group.is_ours:
            await raise_concern(Concern.NO_WAY_IN, wording.UNMADE, of_group)
    known = await ctx.facts.join_ways.locked(failed.errand.account, wanted.cohort, wanted.code)
    if known is not None:
        ctx.facts.join_ways.put(replace(known, why_not=failed.why))


def _is_ours(errand: Errand) -> bool:
    return errand.kind is ErrandKind.JOIN_WAY


async def _end_concern(groups: Iterable[GroupId], ctx: Context) -> None:
    """The groups are held before the way is, as everywhere."""
    for group in sorted(groups):
        await end_concern(Concern.NO_WAY_IN, await ctx.of(group))


def _next_look(way: JoinWay, ctx: Context) -> datetime:
    """At once, where something changed while it was made; soon, where its code is not there."""
    if way.due_at is not None and way.due_at <= ctx.now:
        return way.due_at
    return ctx.now + (leading.DAILY if way.is_there else leading.AGAIN)


def _with_code(way: JoinWay, made: MadeWay) -> JoinWay:
    """A code that was known is still the same."""
    if made.picture:
        return replace(way, image=b64decode(made.picture), content=None)
    return replace(way, content=made.content, image=None) if made.content else way


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}"
