"""At which hours of the day a cohort speaks, learned from how many did in each hour. Pure.

An hour's level is the mean of log(1 + speakers) over groups and days, weighted by how much of
each hour was heard, so a large group or one chatty evening has little more say than another, and
an hour that nobody heard has none. The given hours stay unless another one is clearly better.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp, expm1, hypot, inf, log1p, sqrt

from config.daily import ZONE, DailySpan, midnight
from models.cohort import BirthWindow, Stage

DAYS = 28
HOURS = range(24)
LEARNED_AT = time(4)
"""In the groups' time zone, while they sleep."""

HEARD_ENOUGH = 0.5
"""Of an hour; from less of it nobody can tell how many spoke in all of it."""
LIVELY = 10
"""Speakers of all hours of a group's day, with which it tells as much as any day can."""
PRIOR_DAYS = 5.0
"""What the given hours weigh beside what was observed, in lively days of one group."""
CLEARLY = 2.0
"""Standard errors by which an hour must be better than a given one to take its place."""
DOUBT = 1.0
"""An hour's spread as if one more observation had been so far off, on the scale of levels:
a few observations that happen to agree prove nothing."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One group: which share of each hour was heard, and how many members spoke in it."""

    heard: Mapping[datetime, float]
    speakers: Mapping[datetime, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """`shares` of the hours of the day, 1 together; `known` is how much of them was observed."""

    spans: tuple[DailySpan, ...]
    shares: tuple[float, ...]
    known: float


# When


def learned_after(moment: datetime) -> datetime:
    """The first night after this moment in which hours are learned."""
    local = moment.astimezone(ZONE)
    tonight = datetime.combine(local.date(), LEARNED_AT, ZONE)
    return tonight if tonight > local else tonight + timedelta(days=1)


def observed_days(
    window: BirthWindow, stage: Stage, shift: timedelta, today: date
) -> tuple[datetime, datetime]:
    """The last weeks, up to this morning's midnight, as far as the cohort was in this stage."""
    first = today - timedelta(days=DAYS)
    if stage is Stage.POSTNATAL:
        first = min(max(first, window.middle + shift), today)
    return midnight(first), midnight(today)


# What


def learn(measured: "Measure", given: Sequence[DailySpan], quiet: DailySpan) -> Learned:
    """As many hours as are given, the best ones outside the quiet hours."""
    known = measured.days / (measured.days + PRIOR_DAYS)
    minutes = [_minutes(hour, given) for hour in HOURS]
    shares, errors = _shares(measured.levels, known, minutes)
    usual = _cells(minutes)
    awake = [hour for hour in HOURS if not _minutes(hour, [quiet])]
    chosen = _choose(usual, awake, shares, errors)
    spans = tuple(given) if chosen == usual else tuple(_merged(chosen))
    return Learned(spans, tuple(shares), known)


@dataclass(slots=True)
class _Level:
    """The weighted sums of what was observed in one hour of the day."""

    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def add(self, level: float, weight: float) -> None:
        self.weight += weight
        self.total += weight * level
        self.squares += weight * level * level

    @property
    def mean(self) -> float:
        return self.total / self.weight if self.weight else 0.0

    @property
    def error(self) -> float:
        """The standard error of the mean; infinite where nothing was heard."""
        if not self.weight:
            return inf
        spread = max(self.squares - self.weight * self.mean**2, 0.0)
        return sqrt(spread + DOUBT) / self.weight


@dataclass(slots=True)
class _Day:
    heard: float = 0.0
    speakers: float = 0.0

    @property
    def tells(self) -> float:
        return min(self.heard, self.speakers / LIVELY)


class Measure:
    """The level of each hour of the day, and how many lively days that is from: as much of a
    cohort as is kept, however many groups it has."""

    def __init__(self, observed: Iterable[Observed] = ()) -> None:
        self.levels = [_Level() for _ in HOURS]
        self.days = 0.0
        for group in observed:
            self.add(group)

    def add(self, group: Observed) -> None:
        of_group: dict[date, _Day] = defaultdict(_Day)
        for hour, share in group.heard.items():
            if share < HEARD_ENOUGH:
                continue
            local = hour.astimezone(ZONE)
            speakers = group.speakers.get(hour, 0) / share
            self.levels[local.hour].add(log1p(speakers), share)
            day = of_group[local.date()]
            day.heard += share / len(HOURS)
            day.speakers += speakers
        self.days += sum(day.tells for day in of_group.values())


def _shares(
    levels: Sequence[_Level], known: float, minutes: Sequence[int]
) -> tuple[list[float], list[float]]:
    """Of each hour, smoothed towards the given ones, and the error of each. An hour that was
    never heard is taken for an average one."""
    heard = [expm1(each.mean) for each in levels if each.weight]
    average = sum(heard) / len(heard) if heard else 0.0
    speaking = [expm1(each.mean) if each.weight else average for each in levels]
    all_day = sum(speaking)
    together = sum(minutes)
    prior = [each / together if together else 1 / len(HOURS) for each in minutes]
    if not all_day:
        return prior, [0.0] * len(HOURS)
    shares = [
        known * speakers / all_day + (1 - known) * before
        for speakers, before in zip(speaking, prior, strict=True)
    ]
    errors = [known * exp(each.mean) * each.error / all_day for each in levels]
    return shares, errors


def _choose(
    usual: Collection[int],
    awake: Sequence[int],
    shares: Sequence[float],
    errors: Sequence[float],
) -> set[int]:
    """The usual hours in which people are awake, made as many as before with the best of the
    others; each of them gives way to one that is clearly better."""
    chosen = {hour for hour in usual if hour in awake}
    others = sorted(set(awake) - chosen, key=lambda hour: (-shares[hour], hour))
    missing = len(usual) - len(chosen)
    chosen.update(others[:missing])
    others = others[missing:]
    for worst in sorted(chosen, key=lambda hour: (shares[hour], -hour)):
        for better in others:
            margin = CLEARLY * hypot(errors[better], errors[worst])
            if shares[better] - shares[worst] > margin:
                chosen = chosen - {worst} | {better}
                others.remove(better)
                break
    return chosen


# Hours and spans


def _cells(minutes: Sequence[int]) -> set[int]:
    """The whole hours that come closest to the given spans: as many as these are long, and none
    only where these mean never."""
    count = max(round(sum(minutes) / 60), 1 if any(minutes) else 0)
    return set(sorted(HOURS, key=lambda hour: (-minutes[hour], hour))[:count])


def _minutes(hour: int, spans: Iterable[DailySpan]) -> int:
    """How many minutes of this hour of the day lie in any of the spans."""
    begins = 60 * hour
    return len(
        {
            minute
            for first, last in _stretches(spans)
            for minute in range(max(first, begins), min(last, begins + 60))
        }
    )


def _stretches(spans: Iterable[DailySpan]) -> Iterator[tuple[int, int]]:
    """In minutes of the day; one that goes over midnight in two."""
    for span in spans:
        first = span.start.hour * 60 + span.start.minute
        last = span.end.hour * 60 + span.end.minute
        if first <= last:
            yield first, last
        else:
            yield first, 24 * 60
            yield 0, last


def _merged(hours: Iterable[int]) -> Iterator[DailySpan]:
    """Neighbours in one span; a day ends at midnight."""
    runs: list[list[int]] = []
    for hour in sorted(hours):
        if runs and runs[-1][-1] == hour - 1:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    for run in runs:
        yield DailySpan(time(run[0]), time((run[-1] + 1) % 24))
