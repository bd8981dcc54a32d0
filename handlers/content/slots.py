"""At which hours of a day a group is posted to, and in which minute of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import get_args

from config.daily import ZONE, DailySpan, midnight
from config.rules import LEAST_HOURS, Rules, Weekday
from models.ids import GroupId

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DRAWN_FROM = 3 / 4
"""The minutes are drawn from this first part of the hours. The rest, a quarter of an hour in an
hour, is for waiting until a lively moment is over, and for what an account has to catch up on."""

WEEKDAYS = get_args(Weekday)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Slot:
    """`minute` names it: at which it begins, counted from the day's midnight. `said_at` was drawn
    for this group and day, or where a person confirms it is when the hours begin."""

    minute: int
    opens_at: datetime
    closes_at: datetime
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """The slots that are used, and those that are spare, each in order of time."""

    used: tuple[Slot, ...] = ()
    spare: tuple[Slot, ...] = ()


def of_day(
    day: date,
    spans: Sequence[DailySpan],
    rules: Rules,
    group: GroupId,
    taken: Collection[int] = (),
    *,
    needs_confirmation: bool = False,
) -> Day:
    """Which of the day's active hours are used: as many as there are posts a day. `taken` are
    slots of that day that are used already; they count, wherever they are, and are not returned.

    Where posts need confirmation there are no more than the rule lets through, and all groups with
    the same hours have theirs at the same time, so that one tap can be for many.
    """
    content = rules.content
    if content.days_off and WEEKDAYS[day.weekday()] in content.days_off:
        return Day()
    posts = posts_daily(rules, needs_confirmation=needs_confirmation)
    hours = _hours(day, tuple(spans), rules.delivery.quiet_hours, posts)
    begins = 0 if needs_confirmation else number(group)
    turn = begins + _working_days(day, content.days_off)
    order = _rotated(len(hours), posts, turn % max(1, len(hours)))
    free = [place for place in order if hours[place].minute not in taken]
    most = max(0, posts - len(taken))
    seed = f"{group} {day.toordinal()}"

    def slot(place: int) -> Slot:
        if needs_confirmation:
            return _as_it_begins(hours[place], rules)
        return _drawn(hours[place], seed)

    return Day(
        tuple(slot(place) for place in sorted(free[:most])),
        tuple(slot(place) for place in sorted(free[most:])),
    )


def posts_daily(rules: Rules, *, needs_confirmation: bool) -> int:
    most = rules.content.posts_daily
    return min(most, rules.confirmation.daily) if needs_confirmation else most


def from_now_on(slot: Slot, now: datetime) -> Slot:
    """The same slot where a part of it is over: as far into what is left of it as the minute
    that was drawn was into the whole."""
    if slot.said_at >= now:
        return slot
    into = (slot.said_at - slot.opens_at) / (slot.closes_at - slot.opens_at)
    left = slot.closes_at - now
    return replace(slot, said_at=now + timedelta(seconds=int(into * left.total_seconds())))


def confirmed_until(opens_at: datetime, closes_at: datetime, rules: Rules) -> datetime:
    """Until when a person may confirm what is meant for these hours: to their end, or where that
    is later until each reminder has had its time, though not into the quiet hours, which nobody
    taps away, nor into the next day, which has posts of its own."""
    asked = rules.confirmation
    enough = opens_at + asked.nudge_after * (asked.nudge_times + 1)
    tomorrow = midnight(opens_at.astimezone(ZONE).date() + DAY)
    quiet = rules.delivery.quiet_hours
    silent = quiet.next_start(opens_at) if quiet.length else tomorrow
    return max(closes_at, min(enough, tomorrow, silent))


# Which hours


@dataclass(frozen=True, slots=True)
class _Hours:
    minute: int
    opens_at: datetime
    closes_at: datetime
    drawn_from: int
    """Seconds."""


@lru_cache(maxsize=1 << 10)
def _hours(
    day: date, spans: tuple[DailySpan, ...], quiet: DailySpan, posts: int
) -> tuple[_Hours, ...]:
    """The active hours outside the quiet ones, in order and none overlapping. Where there are
    fewer than posts, the longest are divided, though never into less than an hour: a flood is no
    better for being planned."""
    found: list[Span] = []
    for each in sorted(spans, key=lambda each: (each.start, each.end)):
        opens, closes = _longest(_awake(_on(day, each), quiet, day))
        if found:
            opens = max(opens, found[-1][1])
        if closes - opens >= LEAST_HOURS:
            found.append((opens, closes))
    return tuple(
        _Hours(
            (opens - midnight(day)) // MINUTE,
            opens,
            closes,
            int((closes - opens).total_seconds() * DRAWN_FROM),
        )
        for opens, closes in _divided(found, posts)
    )


def _on(day: date, span: DailySpan) -> Span:
    """Over midnight where the end is earlier; nothing where start and end are the same."""
    closes = day if span.end >= span.start else day + DAY
    return datetime.combine(day, span.start, ZONE), datetime.combine(closes, span.end, ZONE)


def _awake(span: Span, quiet: DailySpan, day: date) -> Iterator[Span]:
    """What lies outside the quiet hours, in pieces."""
    opens, closes = span
    for begins, ends in (_on(day + n * DAY, quiet) for n in (-1, 0, 1)):
        if begins < ends and begins < closes and opens < ends:
            yield opens, begins
            opens = ends
    yield opens, closes


def _longest(pieces: Iterator[Span]) -> Span:
    return max(pieces, key=lambda each: each[1] - each[0])


def _divided(spans: Sequence[Span], posts: int) -> Iterator[Span]:
    parts = [1] * len(spans)
    while sum(parts) < posts:
        lengths = [
            (closes - opens) / (count + 1)
            for (opens, closes), count in zip(spans, parts, strict=True)
        ]
        if max(lengths, default=timedelta(0)) < HOUR:
            break
        parts[lengths.index(max(lengths))] += 1
    for (opens, closes), count in zip(spans, parts, strict=True):
        minutes = (closes - opens) // MINUTE
        cuts = (opens + minutes * n // count * MINUTE for n in range(count))
        yield from pairwise([*cuts, closes])


@lru_cache(maxsize=1 << 10)
def _rotated(hours: int, posts: int, turn: int) -> tuple[int, ...]:
    """The places of the hours that are used, evenly apart, then those of the others. Groups begin
    at different ones and each day one later, so that in time every hour is used."""
    posts = min(posts, hours)
    used = [(turn + n * hours // posts) % hours for n in range(posts)]
    return (*used, *(place for place in range(hours) if place not in used))


@lru_cache(maxsize=1 << 10)
def _working_days(day: date, days_off: tuple[Weekday, ...]) -> int:
    """How many days that are not off there have been: one more on each."""
    weeks, weekday = divmod(day.toordinal() - 1, 7)
    working = [name not in days_off for name in WEEKDAYS]
    return weeks * sum(working) + sum(working[:weekday])


# Which minute


def _drawn(hours: _Hours, seed: str) -> Slot:
    seconds = number(f"{seed} {hours.minute}") % hours.drawn_from
    said_at = hours.opens_at + timedelta(seconds=seconds)
    return Slot(hours.minute, hours.opens_at, hours.closes_at, said_at)


def _as_it_begins(hours: _Hours, rules: Rules) -> Slot:
    closes_at = confirmed_until(hours.opens_at, hours.closes_at, rules)
    return Slot(hours.minute, hours.opens_at, closes_at, hours.opens_at)


def number(text: str) -> int:
    """A large number that is as good as drawn, and always the same for the same text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
