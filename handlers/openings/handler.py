"""The next group of a series, opened or asked for."""

import secrets
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers import series
from handlers.context import STAFF, Context
from handlers.openings import policy, wording
from handlers.router import Router
from models.cohort import Cohort
from models.errands import Errand, ErrandKind
from models.events import (
    ErrandDone,
    ErrandFailed,
    GroupTakenIn,
    GroupWanted,
    OpeningDropped,
)
from models.ids import AccountId, GroupId
from models.messages import Attachment, Kind, Outgoing
from models.openings import Opening, OpeningState
from models.stores.unit import Unit

router = Router()

OPENINGS_A_BEAT = 20
TOKEN_BYTES = 18


@router.on(GroupWanted)
async def ask_for_next(wanted: GroupWanted, ctx: Context) -> None:
    """One at a time for a cohort."""
    cohort, openings = wanted.cohort, ctx.facts.openings
    await openings.number_in_turn(cohort)
    known = await openings.of(cohort)
    if not policy.is_needed(known, ahead=wanted.ahead):
        return
    platform = await ctx.facts.join_ways.opener(cohort)
    if platform is not None and wanted.ahead:
        return  # the platform opens it by itself as soon as it is needed
    await ctx.facts.groups.flush()
    names = await openings.names_of(cohort)
    held = policy.numbers_held(known, ctx.now)
    templates = await ctx.facts.rules.name_templates()
    numbered = series.next_of(cohort, names, held, ctx.rules.groups, templates)
    opening = Opening(
        city=cohort.city,
        channel=cohort.channel,
        birth_window=str(cohort.window),
        seq=numbered.seq,
        name=numbered.name,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        state=OpeningState.ASKED,
        asked_at=ctx.now,
    )
    if platform is not None:
        openings.put(policy.left_to_platform(opening, platform, ctx.now))
        await ctx.facts.join_ways.look_at(cohort, ctx.now)
    elif await openings.asked_since(ctx.now - policy.DAY) >= ctx.rules.entry.openings_daily:
        openings.put(replace(opening, due_at=ctx.rules.growth.morning.next_start(ctx.now)))
    else:
        openings.put(await _begun(opening, ctx) or await _asked(opening, ctx))


@router.on(GroupTakenIn)
async def find_it_there(_: GroupTakenIn, ctx: Context) -> None:
    """Whatever number it was given: those who wait can have their places."""
    group = ctx.group
    if group is None or not group.is_ours or group.cohort is None:
        return
    known = await ctx.facts.openings.of(group.cohort)
    if opening := policy.fulfilled(known, group, ctx.rules.growth):
        ctx.facts.openings.put(_opened(opening, group.id, ctx))


@router.on(ErrandDone)
async def wait_for_room(done: ErrandDone, ctx: Context) -> None:
    """It is taken in at once where we know which room it is, and else once it is seen."""
    if opening := await _being_opened(done.errand, ctx):
        ctx.facts.openings.put(replace(opening, due_at=ctx.now + policy.ROOM_TAKES))


@router.on(ErrandFailed)
async def ask_after_all(failed: ErrandFailed, ctx: Context) -> None:
    if opening := await _being_opened(failed.errand, ctx):
        ctx.facts.openings.put(await _asked(opening, ctx))


@router.on(OpeningDropped)
async def drop(dropped: OpeningDropped, ctx: Context) -> None:
    """Raises LookupError where no such group is asked for."""
    known = await ctx.facts.openings.of(dropped.cohort)
    opening = next((each for each in known if each.seq == dropped.seq), None)
    if opening is None or not (opening.is_pending or opening.state is OpeningState.DROPPED):
        raise LookupError(f"{dropped.cohort} {dropped.seq}")
    comes_yet = opening.state is OpeningState.ROOM and not await _called_off(opening, ctx)
    until = ctx.now + policy.ROOM_TAKES if comes_yet else None
    ctx.facts.openings.put(replace(opening, state=OpeningState.DROPPED, due_at=until))


async def _called_off(opening: Opening, ctx: Context) -> bool:
    """Whether the account had not begun to open it."""
    assert opening.account is not None
    return await ctx.facts.errands.withdraw(
        opening.account, ErrandKind.OPEN_ROOM, ctx.now, detail=opening.name
    )


async def next_asking(facts: Unit) -> datetime | None:
    return await facts.openings.next_asking()


@router.every(seconds=10, next_due=next_asking)
async def look_after_openings(ctx: Context) -> None:
    """Staff is asked where a room did not open by itself, and reminded in the mornings."""
    for opening in await ctx.facts.openings.to_ask_for(ctx.now, OPENINGS_A_BEAT):
        ctx.facts.openings.put(await _looked_after(opening, ctx))


async def _looked_after(opening: Opening, ctx: Context) -> Opening:
    if await _is_moot(opening, ctx):
        return replace(opening, state=OpeningState.DROPPED, due_at=None)
    if opening.state is OpeningState.ROOM or opening.told_at is None:
        return await _asked(opening, ctx)
    if found := await _already_there(opening, ctx):
        return found
    remind_at = policy.reminded_at(opening.told_at, ctx.rules)
    if ctx.now < remind_at:
        return replace(opening, due_at=remind_at)
    return await _asked(opening, ctx, again=True)


async def _is_moot(opening: Opening, ctx: Context) -> bool:
    """Nobody waits for it any more, and no group is there that it would be next to."""
    if opening.state is not OpeningState.ASKED:
        return False
    if await ctx.facts.visitors.count_waiting(opening.cohort):
        return False
    return not await ctx.facts.groups.of_cohort(opening.cohort)


async def _already_there(opening: Opening, ctx: Context) -> Opening | None:
    """The group may have been taken in just while it was asked for, by another process."""
    for group in await ctx.facts.groups.of_cohort(opening.cohort):
        if opening.seq in series.numbers(opening.cohort, [group.name], ctx.rules.groups):
            return _opened(opening, group.id, ctx)
    return None


def _opened(opening: Opening, group: GroupId, ctx: Context) -> Opening:
    """It is there, and those who wait are to get their places now."""
    return replace(
        opening, state=OpeningState.OPEN, group=group, opened_at=ctx.now, due_at=ctx.now
    )


async def _begun(opening: Opening, ctx: Context) -> Opening | None:
    """With an account opening the room by itself; None where none can."""
    staff = await ctx.facts.staff.people()
    near = await ctx.facts.openings.accounts_near(opening.cohort)
    account = policy.opener(await ctx.facts.accounts.find(), near, len(staff))
    if account is None or not opening.name:
        return None
    since = ctx.now - policy.ROOMS_APART
    last = await ctx.facts.errands.last_due(account.id, ErrandKind.OPEN_ROOM, since)
    due_at = policy.room_due(ctx.now, last)
    ctx.ask(
        Errand(
            key=f"open_room:{opening.name}:{_stamp(ctx.now)}",
            kind=ErrandKind.OPEN_ROOM,
            account=account.id,
            due_at=due_at,
            lapses_at=due_at + policy.ROOM_TAKES,
            people=tuple(staff),
            detail=opening.name,
        )
    )
    # Later than the errand lapses: so long as somebody holds the account, we hear how it went.
    look_at = due_at + 2 * policy.ROOM_TAKES
    return replace(opening, state=OpeningState.ROOM, account=account.id, due_at=look_at)


async def _being_opened(errand: Errand, ctx: Context) -> Opening | None:
    if errand.kind is not ErrandKind.OPEN_ROOM:
        return None
    found = await ctx.facts.openings.pending_named(errand.detail)
    return found if found is not None and found.state is OpeningState.ROOM else None


async def _asked(opening: Opening, ctx: Context, *, again: bool = False) -> Opening:
    """With staff having been told. A rule may have changed by which the name can be written."""
    name = opening.name or series.name_of(opening.cohort, opening.seq, ctx.rules.groups)
    told_at = policy.said_at(ctx.now, ctx.rules)
    later = policy.reminded_at(told_at, ctx.rules)
    opening = replace(opening, name=name, state=OpeningState.ASKED, due_at=later)
    words = wording.reminded if again else wording.asked
    waiting = await ctx.facts.visitors.count_waiting(opening.cohort)
    text = words(opening, waiting, ctx.rules.groups.name_template)
    account = await _speaker(opening.cohort, ctx)
    if account is None:
        # Nobody can be told before there is an account.
        return replace(opening, due_at=ctx.now + policy.ROOM_TAKES)
    ctx.say(
        Outgoing(
            key=f"opening:{opening.cohort}:{opening.seq}:{_stamp(ctx.now)}",
            kind=Kind.STAFF_NOTICE,
            account=account,
            to=await ctx.facts.staff.in_charge() or STAFF,
            text=text,
            attachment=_card(opening, ctx),
            due_at=told_at,
            lapses_at=told_at + ctx.rules.delivery.notice_lapses,
        )
    )
    look_at = later if again else ctx.now + policy.SEEN_SOON
    return replace(opening, told_at=told_at, due_at=look_at)


async def _speaker(cohort: Cohort, ctx: Context) -> AccountId | None:
    near = await ctx.facts.openings.accounts_near(cohort)
    found = policy.speaker(await ctx.facts.accounts.find(), near)
    return found.id if found else None


def _card(opening: Opening, ctx: Context) -> Attachment | None:
    site = ctx.rules.entry.site
    if not site:
        return None
    return Attachment(link=f"{site}/o/{opening.token}", title=wording.card(opening))


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}"
