"""How far a group has come, what it may need somebody for, and when that is looked at."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import ceil

from config.daily import ZONE, midnight
from config.rules import GrowthRules
from handlers.growth.forecast import Day, Forecast
from models.coverage import Spell, heard
from models.growth import (
    Departure,
    Life,
    Neighbour,
    Notice,
    Recruiting,
    due_on,
    nearly_full_at,
    recruiting,
)
from models.people import Role

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
MOMENT = timedelta(microseconds=1)

LOOKED_BEFORE = timedelta(minutes=30)
LOOKED_WITHIN = timedelta(hours=2)
"""Groups are looked at in these two hours, which end half an hour before the morning begins: each
at a minute of its own, so that ten thousand are a few a beat."""

ENOUGH_HEARD = 0.8
"""Of a time, to speak of it as if all of it had been heard."""
ENOUGH_MESSAGES = 20
"""In a week, to speak of somebody's share of them."""
ROOM = 0.05
"""Of full_at: by so much a group must have shrunk to count as less full again, or one person
who comes and goes would be news each time."""
LIKELY, SURELY_LIKELY = 0.5, 0.6
"""A group is at risk where it is likelier than not to miss its mark, and no longer where it is a
bit likelier to reach it: a forecast that wavers is no news."""
TOO_WIDE = 2
"""From less than its half to more than its double, around a mark: that says nothing of it."""
USUAL_DAYS = 28
LEAST_USUAL = 7.0
"""Days that must have been heard to speak of what is usual."""
MERGERS_NAMED = 3
WORSE = 3
"""Times as many; nobody wants to hear of every single one who leaves."""


# When it is looked at


def look_after(now: datetime, life: Life, rules: GrowthRules) -> datetime:
    """The next look after `now`."""
    spread = int.from_bytes(sha256(life.group.encode()).digest()[:4]) / 2**32
    before = LOOKED_BEFORE + LOOKED_WITHIN * spread
    before -= before % timedelta(seconds=1)
    return rules.morning.next_start(now + before + timedelta(microseconds=1)) - before


# How far it has come


def reached(life: Life, members: int, now: datetime, rules: GrowthRules) -> Life:
    """The life with what the group has reached for the first time."""
    formed_at = life.formed_at or (now if members >= rules.formed_at else None)
    full_at = life.full_at or (now if members >= rules.full_at else None)
    return replace(life, formed_at=formed_at, full_at=full_at)


def passed(before: int, after: int, mark: int) -> bool:
    return before < mark <= after


def has_room_again(members: int, rules: GrowthRules) -> bool:
    """Whether a group that was nearly full no longer is."""
    return members < nearly_full_at(rules) - ceil(ROOM * rules.full_at)


def with_room(neighbours: Iterable[Neighbour], rules: GrowthRules) -> list[Neighbour]:
    """Those that newcomers may be sent to, the fullest first: it is nearest to being formed."""
    open_ = (each for each in neighbours if each.members < nearly_full_at(rules))
    return sorted(open_, key=lambda each: (-each.members, each.id))


def mergers(
    members: int, neighbours: Iterable[Neighbour], rules: GrowthRules
) -> Sequence[Neighbour]:
    """Those it could be merged with without becoming too large, the largest first. Where some of
    them would make it a formed group, only those."""
    fit = [
        each for each in neighbours if each.members > 0 and each.members + members <= rules.full_at
    ]
    enough = [each for each in fit if each.members + members >= rules.formed_at]
    return sorted(enough or fit, key=lambda each: (-each.members, each.id))[:MERGERS_NAMED]


def looks_around(members: int, life: Life, today: date, rules: GrowthRules) -> bool:
    """Whether it matters which other groups of its cohort there are: for those who come, or to
    merge with."""
    is_overdue = recruiting(members, life, today, rules) is Recruiting.OVERDUE
    return is_overdue or members >= nearly_full_at(rules)


# What is known of its days


@dataclass(frozen=True, slots=True)
class DayCount:
    """Who came and who left on a day; `heard` is how much of it we were listening, 0-1."""

    on: date
    joins: int
    leaves: int
    heard: float


def counted_since(life: Life, first: date) -> datetime:
    """The moment before the days from `first` on, or our watching, begin: what came after it
    is counted."""
    return max(midnight(first), life.since) - MOMENT


def by_day(
    joins: Iterable[datetime],
    departures: Iterable[Departure],
    spells: Sequence[Spell],
    life: Life,
    first: date,
    now: datetime,
) -> list[DayCount]:
    """From `first` to today. Of today, what is still to come is not heard either."""
    joined, left = _counted(joins), _counted(each.at for each in departures)
    days = []
    day = first
    while day <= now.astimezone(ZONE).date():
        start, end = midnight(day), midnight(day + DAY)
        share = heard([*spells, (now, max(now, end))], life.since, start, end)
        days.append(DayCount(day, joined.get(day, 0), left.get(day, 0), share))
        day += DAY
    return days


def sizes(
    members: int,
    began: Iterable[datetime],
    ended: Iterable[tuple[datetime, datetime]],
    spells: Sequence[Spell],
    life: Life,
    first: date,
    now: datetime,
) -> list[tuple[date, int | None]]:
    """How many were in the group at the end of each day from `first`, and are now; None where we
    did not listen at that moment. `members` are in it now; `began` is when the stays of those
    did, `ended` from when until when the others' were."""
    last = now.astimezone(ZONE).date()
    moments = [min(midnight(day + DAY), now) for day in _days(first, last)]
    came, stayed = sorted(began), sorted(ended)
    begun, gone = [since for since, _ in stayed], sorted(until for _, until in stayed)
    found = []
    for moment in moments:
        later = len(came) - bisect_right(came, moment)
        left_since = bisect_right(begun, moment) - bisect_right(gone, moment)
        is_known = moment >= life.since and not any(
            deaf < moment < again for deaf, again in spells
        )
        found.append(members - later + left_since if is_known else None)
    return list(zip(_days(first, last), found, strict=True))


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def _counted(moments: Iterable[datetime]) -> Mapping[date, int]:
    counted: dict[date, int] = {}
    for each in moments:
        day = each.astimezone(ZONE).date()
        counted[day] = counted.get(day, 0) + 1
    return counted


def long_spells(spells: Iterable[Spell], absence: timedelta) -> list[Spell]:
    """Those after which nobody can tell who joined meanwhile. After a shorter one we look who is
    there, and who came is counted as having come then: not too late to tell a day's joins."""
    return [(since, until) for since, until in spells if until - since >= absence]


def seen_leaving(departures: Iterable[Departure], spells: Iterable[Spell]) -> list[Departure]:
    """Without those who were only found gone, after a spell that was long: they left in a time
    of which nothing is counted."""
    after = [(until, until + HOUR) for _, until in spells]
    return [
        each
        for each in departures
        if each.was_seen or not any(start <= each.at <= end for start, end in after)
    ]


def as_days(counts: Iterable[DayCount]) -> list[Day]:
    return [Day(each.joins, each.leaves, each.heard) for each in counts]


def is_forecast(life: Life, today: date, rules: GrowthRules) -> bool:
    """Whether it is time to foretell, and still something to foretell."""
    young = today < due_on(life, rules)
    return young and life.formed_at is None and today - life.opened_on >= rules.forecast_from


# What somebody should hear


def says_something(foretold: Forecast, rules: GrowthRules) -> bool:
    """Whether it helps anybody: `0-340` does not, where hardly any of the days were heard."""
    low, high = rules.formed_at / TOO_WIDE, rules.formed_at * TOO_WIDE
    return foretold.low >= low or foretold.high <= high


def is_at_risk(foretold: Forecast, rules: GrowthRules, *, was_at_risk: bool) -> bool:
    if not says_something(foretold, rules):
        return False
    return foretold.chance(rules.formed_at) < (SURELY_LIKELY if was_at_risk else LIKELY)


def silent_since(last_heard: datetime | None, life: Life) -> datetime:
    """Since when no member has said a word that we know of. `last_heard` is the hour of the last
    one."""
    return max(last_heard + HOUR, life.since) if last_heard is not None else life.since


def is_silent(
    last_heard: datetime | None,
    spells: Sequence[Spell],
    life: Life,
    now: datetime,
    rules: GrowthRules,
) -> bool:
    """Whether no member has said a word for long enough, while we were listening: deaf hours are
    no silence, they only make it take longer. `spells` are those since `silent_since`."""
    since = silent_since(last_heard, life)
    listened = (now - since) * heard(spells, life.since, since, now) if since < now else DAY * 0
    return listened >= rules.silent_after


def monitor_share(messages: Mapping[Role, int]) -> float | None:
    """Of what members and monitors said; None where that is too little to tell."""
    monitors = messages.get(Role.MONITOR, 0)
    together = monitors + sum(said for role, said in messages.items() if not role.is_staff)
    return monitors / together if together >= ENOUGH_MESSAGES else None


# Many leave


def leaving_since(now: datetime) -> datetime:
    """How far back one must look to tell whether more leave than usual."""
    return now - (USUAL_DAYS + 1) * DAY


@dataclass(frozen=True, slots=True)
class Leaving:
    """`people` have left within a day; it began at `since`. `usual` are those of a usual day,
    None where nobody can tell yet."""

    people: int
    since: datetime
    usual: float | None


def leaving(
    departures: Sequence[Departure],
    members: int,
    spells: Sequence[Spell],
    life: Life,
    now: datetime,
    rules: GrowthRules,
) -> Leaving | None:
    """Whether more leave than should, by themselves: those whom somebody removes do not count.

    `departures` of the last weeks, in order; `members` are those who are left. Who was only found
    gone after a spell may have left at any time of it, so that of a day she is a part.
    """
    of_themselves = [each for each in departures if not each.was_removed]
    went = [each.at for each in of_themselves]
    lately = [each for each in went if each > now - DAY]
    if len(lately) < rules.leaving_least:
        return None
    begun = min([now - DAY, *(since for since, until in spells if until > now - DAY)])
    found = sum(not each.was_seen for each in of_themselves if each.at > now - DAY)
    a_day = len(lately) - found + found * (DAY / (now - begun))
    usual = usual_leaving(went, spells, life, now)
    too_many = a_day > rules.leaving_share * (members + len(lately)) or (
        usual is not None and a_day >= rules.leaving_times * usual
    )
    if a_day < rules.leaving_least or not too_many:
        return None
    return Leaving(len(lately), _beginning(lately, now), usual)


def usual_leaving(
    went: Iterable[datetime], spells: Sequence[Spell], life: Life, now: datetime
) -> float | None:
    """How many leave on a usual day of the last weeks, the last day left out."""
    start, end = now - USUAL_DAYS * DAY, now - DAY
    days = heard(spells, life.since, start, end) * ((end - start) / DAY)
    if days < LEAST_USUAL:
        return None
    return sum(max(start, life.since) < each <= end for each in went) / days


def _beginning(lately: Sequence[datetime], now: datetime) -> datetime:
    """When it began: since then more have left than half the day's pace would explain, by more
    than since any other of these moments. So somebody who left long before is not its beginning,
    and of a steady stream the first is."""
    pace = len(lately) / 2

    def excess(index: int) -> float:
        return len(lately) - index - pace * ((now - lately[index]) / DAY)

    return lately[max(range(len(lately)), key=lambda index: (excess(index), -index))]


def is_worse(
    departures: Iterable[Departure],
    told_at: datetime,
    members: int,
    now: datetime,
    rules: GrowthRules,
) -> bool:
    """Whether many times as many have left within a day as when it was told, and too many."""
    went = [each.at for each in departures if not each.was_removed]
    then = sum(told_at - DAY < each <= told_at for each in went)
    lately = sum(each > now - DAY for each in went)
    return lately >= WORSE * then and lately > rules.leaving_share * (members + lately)


def is_over(notice: Notice, now: datetime) -> bool:
    """Whether what was told of it was of another day."""
    return now - notice.found_at >= DAY
