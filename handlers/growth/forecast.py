"""How many members a group will have by the day it should be formed, and how sure that is. Pure.

Joins and leaves are counts of days, each with a rate that is known the better the more days were
heard, and that varies more than chance alone would (a poster on one day, rain on another). So
each is a gamma-Poisson count whose over-dispersion is estimated from its days; older days weigh
less, since recruiting comes and goes. Of the difference of the two sums the
first three cumulants are known exactly, and its quantiles follow from them (Cornish-Fisher).

A day of which half was heard is half a day; one of which nothing was heard tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist

INTERVAL = 0.8
"""How often what comes lies within what was foretold."""

HALF_LIFE = 7.0
"""Days after which a day weighs half."""

USUAL_JOINS, USUAL_LEAVES = 5.0, 0.5
"""A day, where nothing is known yet: 150 in four weeks is five or six a day."""
PRIOR_DAYS = 0.2
"""How many days of the group's own that expectation is worth."""

USUAL_DISPERSION, DISPERSION_DAYS = 2.5, 4.0
"""Variance over mean where nothing is known yet, and how many days that is worth."""

LEAST_KNOWN = 0.1
"""Less of a day is too little to tell how much days vary."""

NEXT_TO_NOTHING = 1e-6
"""Of variance: moments before the day."""
MOST_SKEWED = 1.0
"""Beyond this the expansions no longer keep the order of what they expand."""

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Day:
    """`heard` is how much of the day is known, 0-1: less than 1 of today, too."""

    joins: int
    leaves: int
    heard: float = 1.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """From `low` to `high` members with a probability of INTERVAL, `likely` in the middle."""

    low: int
    likely: int
    high: int
    mean: float
    deviation: float
    skew: float

    def chance(self, members: int) -> float:
        """Of having at least so many."""
        if self.deviation == 0:
            return float(self.mean >= members)
        z = (members - 0.5 - self.mean) / self.deviation
        tail = 1 - NORMAL.cdf(z) + NORMAL.pdf(z) * (z * z - 1) * self.skew / 6
        return min(max(tail, 0.0), 1.0)


def forecast(members: int, days: Sequence[Day], ahead: float) -> Forecast | None:
    """`days` in order, the last one being today; `ahead` is how many days there are to go. None
    where nothing was heard so far."""
    if not any(each.heard > 0 for each in days):
        return None
    joins = _sum([(each.joins, each.heard) for each in days], ahead, USUAL_JOINS)
    leaves = _sum([(each.leaves, each.heard) for each in days], ahead, USUAL_LEAVES)
    mean = members + joins.mean - leaves.mean
    variance = joins.variance + leaves.variance
    deviation = sqrt(variance) if variance > NEXT_TO_NOTHING else 0.0
    skew = (joins.third - leaves.third) / deviation**3 if deviation else 0.0
    skew = min(max(skew, -MOST_SKEWED), MOST_SKEWED)

    def quantile(probability: float) -> float:
        z = NORMAL.inv_cdf(probability)
        return mean + deviation * (z + (z * z - 1) * skew / 6)

    outside = (1 - INTERVAL) / 2
    return Forecast(
        low=max(0, floor(quantile(outside) + 0.5)),
        likely=max(0, round(mean)),
        high=max(0, ceil(quantile(1 - outside) - 0.5)),
        mean=mean,
        deviation=deviation,
        skew=skew,
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """The first three cumulants of what is still to come."""

    mean: float
    variance: float
    third: float


def _sum(days: Sequence[tuple[int, float]], ahead: float, usual: float) -> _Sum:
    """Of counts of days, with how much of each is known: the sum of the coming ones.

    The rate has a gamma posterior. Given the rate, the sum is `dispersion` times a Poisson count.
    """
    dispersion = _dispersion(days)
    weights = [0.5 ** (age / HALF_LIFE) for age in reversed(range(len(days)))]
    counted = sum(w * count for w, (count, _) in zip(weights, days, strict=True))
    known = sum(w * heard for w, (_, heard) in zip(weights, days, strict=True))
    shape = (usual * PRIOR_DAYS + counted) / dispersion
    rate = (PRIOR_DAYS + known) / dispersion
    mean, variance = shape / rate, shape / rate**2
    return _Sum(
        mean * ahead,
        dispersion * mean * ahead + variance * ahead**2,
        dispersion**2 * mean * ahead
        + 3 * dispersion * variance * ahead**2
        + 2 * variance**2 / mean * ahead**3,
    )


def _dispersion(days: Sequence[tuple[int, float]]) -> float:
    """How much more the days vary than chance alone would make them; at least as much."""
    known = [each for each in days if each[1] >= LEAST_KNOWN]
    total = sum(count for count, _ in known)
    if len(known) < 2 or total == 0:
        return USUAL_DISPERSION
    rate = total / sum(heard for _, heard in known)
    pearson = sum((count - rate * heard) ** 2 / (rate * heard) for count, heard in known)
    freedom = len(known) - 1
    shrunk = (USUAL_DISPERSION * DISPERSION_DAYS + pearson) / (DISPERSION_DAYS + freedom)
    return max(1.0, shrunk)
