"""How much of a time was heard: what nobody heard is unknown, which is not the same as silence."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from models.groups import Account

Spell = tuple[datetime, datetime]
"""From when until when nothing was heard."""

HOUR = timedelta(hours=1)
EVER = datetime.min.replace(tzinfo=UTC)


def heard(spells: Iterable[Spell], since: datetime, start: datetime, end: datetime) -> float:
    """The share of the time from `start` to `end` that was heard, 0-1: all but the spells and
    what was before `since`, when we began to listen. Spells may overlap. Of no time at all
    nothing was heard.
    """
    length = end - start
    if length <= timedelta(0):
        return 0.0
    listened, at = timedelta(0), max(start, since)
    for deaf, again in sorted(spells):
        listened += max(min(deaf, end) - at, timedelta(0))
        at = max(at, again)
    listened += max(end - at, timedelta(0))
    return listened / length


def heard_hours(
    spells: Sequence[Spell], since: datetime, start: datetime, end: datetime
) -> Iterator[tuple[datetime, float]]:
    """Each whole hour that begins from `start` to before `end`, and the share of it that was
    heard up to `end`: of the hour in which `end` lies, the rest is not heard yet."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    hour += HOUR if hour < start else timedelta(0)
    ahead = (end, end + HOUR)
    while hour < end:
        yield hour, heard([*spells, ahead], since, hour, hour + HOUR)
        hour += HOUR


def unheard(spells: Iterable[Spell], account: Account | None, now: datetime) -> list[Spell]:
    """The spells of an account, in which nothing of its groups was seen, with the one that it is
    in now, if it is: until when that lasts nobody knows, so it lasts until now."""
    known = list(spells)
    if account is not None and account.down_why is not None and account.heard_at is not None:
        known.append((account.heard_at, max(account.heard_at, now)))
    return known


def untold(spells: Iterable[Spell], account: Account | None, now: datetime) -> list[Spell]:
    """The spells in which nobody told it what members say: ever, where its gateway can't, though
    it may see who comes and goes."""
    if account is not None and not account.hears:
        return [(EVER, now)]
    return unheard(spells, account, now)
