"""Whether another group has to be asked for, of whom, and when somebody is reminded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.rules import GrowthRules, Rules
from models.groups import Ability, Account, Group
from models.ids import AccountId
from models.openings import Opening, OpeningState

DAY = timedelta(days=1)
FEWEST_STAFF = 2
"""A room is made of at least so many people beside the account."""
ROOM_TAKES = timedelta(minutes=10)
"""A room that the account has not opened by then is asked for elsewhere."""
PLATFORM_TAKES = timedelta(hours=2)
"""The same of one that the platform is to open once a way into it is scanned."""
ROOMS_APART = timedelta(minutes=2)
"""Accounts that open rooms in rows look like machines."""
SEEN_SOON = timedelta(minutes=1)
"""A group that was being taken in while it was asked for is there by then."""
HEARD_LATELY = timedelta(hours=6)
"""Who was asked less than this before the morning is reminded in the next one."""


def is_needed(known: Sequence[Opening], *, ahead: bool) -> bool:
    """`known` are all of the cohort. Not while one is on its way, nor while those who wait are
    being given their places in one; and what was not wanted is not asked for again `ahead` of
    somebody else who waits for it."""
    if any(each.is_pending or _gives_places(each) for each in known):
        return False
    latest = max(known, key=lambda each: each.asked_at, default=None)
    return not ahead or latest is None or latest.state is not OpeningState.DROPPED


def numbers_held(known: Sequence[Opening], now: datetime) -> set[int]:
    """Also of one that was dropped just when an account was opening it: it may come yet."""
    return {
        each.seq
        for each in known
        if each.is_pending
        or (each.state is OpeningState.DROPPED and each.due_at is not None and now < each.due_at)
    }


def fulfilled(known: Sequence[Opening], group: Group, rules: GrowthRules) -> Opening | None:
    """Which of them the group is that was taken in, whatever number it was given: the one that is
    asked for, or else the last that was thought not to be needed."""
    if group.members >= rules.full_at:
        return None
    last = sorted(known, key=lambda each: each.asked_at, reverse=True)
    pending = next((each for each in last if each.is_pending), None)
    dropped = next((each for each in last if each.state is OpeningState.DROPPED), None)
    return pending or dropped


def opener(accounts: Sequence[Account], near: Sequence[AccountId], staff: int) -> Account | None:
    """Which account opens the room by itself. `near` are those with groups like it, the nearest
    first; `staff` is how many people there are to be put in."""
    if staff < FEWEST_STAFF:
        return None
    able = [each for each in accounts if each.is_up and each.can(Ability.OPENS_ROOMS)]
    return _nearest(able, near)


def speaker(accounts: Sequence[Account], near: Sequence[AccountId]) -> Account | None:
    """Through which account staff is asked: where none is up, one that will say it once it is."""
    up = [each for each in accounts if each.is_up]
    return _nearest(up, near) or _nearest(accounts, near)


def left_to_platform(opening: Opening, account: AccountId, now: datetime) -> Opening:
    """As one that the account's platform opens by itself when the next mother scans a way into it.
    Staff is asked where nothing has come of it."""
    return replace(opening, state=OpeningState.ROOM, account=account, due_at=now + PLATFORM_TAKES)


def room_due(now: datetime, last: datetime | None) -> datetime:
    """`last` is when the account opened, or opens, the one before."""
    return now if last is None else max(now, last + ROOMS_APART)


def said_at(now: datetime, rules: Rules) -> datetime:
    """Staff is not woken."""
    return rules.delivery.quiet_hours.leave(now)


def reminded_at(told_at: datetime, rules: Rules) -> datetime:
    return rules.growth.morning.next_start(told_at + HEARD_LATELY)


def _gives_places(opening: Opening) -> bool:
    return opening.state is OpeningState.OPEN and opening.due_at is not None


def _nearest(accounts: Sequence[Account], near: Sequence[AccountId]) -> Account | None:
    ranks = {account: rank for rank, account in enumerate(near)}
    return min(accounts, key=lambda each: (ranks.get(each.id, len(near)), each.id), default=None)
