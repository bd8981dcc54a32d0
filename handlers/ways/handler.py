"""How one gets into each group: its QR code is fetched in time, or somebody gives one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.addressed import OUR_NAME
from handlers.concerns import end_concern, raise_concern
from handlers.context import Context
from handlers.router import Router
from handlers.ways import fetching, wording
from handlers.ways.fetching import Found
from models.errands import Errand, ErrandKind
from models.events import (
    AccountUp,
    ChannelLed,
    ErrandDone,
    GroupTakenIn,
    WayGiven,
    WayTaken,
)
from models.groups import Ability, Account, Group
from models.growth import Concern, is_full
from models.ids import AccountId, GroupId
from models.stores.unit import Unit
from models.ways import AccountCard, Way, WayKind

router = Router()

GROUPS_A_BEAT = 50
"""So that one transaction stays short; the next beat takes the rest."""


# What people decide


@router.on(WayGiven)
async def give(given: WayGiven, ctx: Context) -> None:
    """It stays until it lapses. Raises LookupError where there is no such group."""
    if ctx.group is None:
        raise LookupError(given.group)
    ctx.facts.ways.put(replace(given.way, group=given.group, due_at=ctx.now))


@router.on(WayTaken)
async def take_away(taken: WayTaken, ctx: Context) -> None:
    """Raises LookupError where there is no such group."""
    if ctx.group is None:
        raise LookupError(taken.group)
    ctx.facts.ways.put(replace(_none_yet(taken.group, ctx.now), due_at=ctx.now))


# What makes a group need a way in


@router.on(GroupTakenIn)
async def begin(taken: GroupTakenIn, ctx: Context) -> None:
    channel = ctx.group.channel if ctx.group is not None and ctx.group.is_ours else None
    if channel and await ctx.facts.ways.open_channels([channel]):
        way = await ctx.facts.ways.get(taken.group) or _none_yet(taken.group, ctx.now)
        ctx.facts.ways.put(replace(way, due_at=ctx.now))


@router.on(ChannelLed)
async def lead_to_channel(led: ChannelLed, ctx: Context) -> None:
    await ctx.facts.entry_codes.flush()
    await ctx.facts.ways.look_at_channel(led.channel, ctx.now)
    await _fetch_cards(ctx)


@router.on(AccountUp)
async def make_up(up: AccountUp, ctx: Context) -> None:
    """For what could not be fetched while it was away."""
    await ctx.facts.ways.look_at_lacking(up.account, ctx.now)
    await _fetch_cards(ctx)


# What was fetched


@router.on(ErrandDone)
async def keep(done: ErrandDone, ctx: Context) -> None:
    if not fetching.is_code(done.result):
        return
    if done.errand.kind is ErrandKind.ROOM_QR:
        await _keep_code(done, ctx)
    elif done.errand.kind is ErrandKind.OWN_QR:
        await _keep_card(done, ctx)


async def _keep_code(done: ErrandDone, ctx: Context) -> None:
    """Unless somebody gave another one meanwhile."""
    if ctx.group is None or not ctx.group.is_ours:
        return
    known = await ctx.facts.ways.get(ctx.group.id)
    if known is not None and known.kind is not WayKind.ROOM_QR and known.is_valid(ctx.now):
        return
    way = Way(
        group=ctx.group.id,
        kind=WayKind.ROOM_QR,
        got_at=ctx.now,
        by=done.errand.account,
        content=done.result,
        valid_until=ctx.now + ctx.rules.entry.qr_lasts,
    )
    ctx.facts.ways.put(replace(way, due_at=fetching.renewed_at(way, ctx.rules.entry)))
    await end_concern(Concern.NO_WAY_IN, ctx)


async def _keep_card(done: ErrandDone, ctx: Context) -> None:
    account = await ctx.facts.accounts.get(done.errand.account)
    name = (
        await ctx.facts.account_cards.name_of(account.person) if account and account.person else ""
    )
    ctx.facts.account_cards.put(
        AccountCard(
            account=done.errand.account,
            content=done.result,
            name=name or OUR_NAME,
            got_at=ctx.now,
        )
    )


# What time brings


async def next_look(facts: Unit) -> datetime | None:
    return await facts.ways.next_look()


@router.every(seconds=10, next_due=next_look)
async def look_after_ways(ctx: Context) -> None:
    facts = ctx.facts
    due = await facts.ways.to_look_at(ctx.now, GROUPS_A_BEAT)
    groups = await facts.groups.lock_free(due) if due else []
    if not groups:
        return
    await _read(groups, ctx)
    channels = await facts.ways.open_channels({each.channel for each in groups if each.channel})
    turns = _Turns(ctx)
    for group in groups:
        way = await facts.ways.get(group.id)
        if way is None or way.due_at is None or way.due_at > ctx.now:
            continue
        if group.is_ours:
            of_group = await ctx.of(group.id)
            way = await _looked_after(way, of_group, turns, is_led_to=group.channel in channels)
        else:
            way = replace(way, due_at=None)
        facts.ways.put(way)


@router.every(minutes=10)
async def renew_cards(ctx: Context) -> None:
    await _fetch_cards(ctx)


# How


class _Turns:
    """An account fetches one code after another."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._last: dict[AccountId, datetime | None] = {}

    async def next(self, account: AccountId) -> datetime:
        if account not in self._last:
            since = self._ctx.now - fetching.APART
            self._last[account] = await self._ctx.facts.errands.last_due(
                account, ErrandKind.ROOM_QR, since
            )
        last = self._last[account]
        at = self._ctx.now if last is None else max(self._ctx.now, last + fetching.APART)
        self._last[account] = at
        return at


async def _read(groups: Iterable[Group], ctx: Context) -> None:
    """At once what each of them will be looked at with."""
    facts = ctx.facts
    await facts.ways.load((each.id,) for each in groups)
    await facts.lives.load((each.id,) for each in groups)
    await facts.accounts.load((each.account,) for each in groups)
    await facts.account_cards.load((each.account,) for each in groups)
    await facts.rules.load(groups)
    await facts.notices.load((each.id, Concern.NO_WAY_IN) for each in groups)


async def _looked_after(way: Way, ctx: Context, turns: _Turns, *, is_led_to: bool) -> Way:
    assert ctx.group is not None
    group = ctx.group
    account = await ctx.facts.accounts.get(group.account)
    if account is not None and account.can(Ability.JOIN_WAYS):
        # People come by join ways, which are looked after on their own.
        return replace(way, due_at=ctx.now + fetching.SELDOM)
    card = await ctx.facts.account_cards.get(group.account)
    takes_people = is_led_to and not await _is_full(group, ctx)
    found = fetching.look(way, group, account, card, ctx.now, ctx.rules, takes_people=takes_people)
    await _tell_staff(found, account, ctx)
    if not found.fetches:
        return replace(way, due_at=found.look_at)
    at = await turns.next(group.account)
    ctx.ask(
        Errand(
            key=f"room_qr:{group.id}:{at.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}",
            kind=ErrandKind.ROOM_QR,
            account=group.account,
            group=group.id,
            due_at=at,
            lapses_at=at + fetching.AGAIN,
        )
    )
    return replace(way, due_at=at + fetching.AGAIN)


async def _is_full(group: Group, ctx: Context) -> bool:
    life = await ctx.facts.lives.get(group.id)
    return is_full(group.members, life, ctx.today, ctx.rules.growth)


async def _tell_staff(found: Found, account: Account | None, ctx: Context) -> None:
    if found.lacks:
        can_fetch = account is not None and account.can(Ability.SHOWS_QR)
        await raise_concern(Concern.NO_WAY_IN, wording.lacks(can_fetch=can_fetch), ctx)
    elif found.lapses_at is not None:
        await raise_concern(Concern.NO_WAY_IN, wording.lapses(found.lapses_at), ctx)
    else:
        await end_concern(Concern.NO_WAY_IN, ctx)


def _none_yet(group: GroupId, now: datetime) -> Way:
    return Way(group=group, kind=WayKind.ROOM_QR, got_at=now, by="")


async def _fetch_cards(ctx: Context) -> None:
    await ctx.facts.accounts.flush()
    await ctx.facts.entry_codes.flush()
    for account in await ctx.facts.account_cards.wanted(ctx.now - fetching.CARD_KEPT):
        ctx.ask(
            Errand(
                # Once an hour, until it is there.
                key=f"own_qr:{account}:{ctx.now.astimezone(ZONE):%Y-%m-%dT%H}",
                kind=ErrandKind.OWN_QR,
                account=account,
                due_at=ctx.now,
                lapses_at=ctx.now + fetching.AGAIN,
            )
        )
