"""What is foretold of a group's members is right as often as it says."""

import random
from dataclasses import dataclass
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.growth.forecast import Day, Forecast, forecast

FORMED, DAYS = 150, 28


@dataclass(frozen=True)
class Grown:
    """A group that was watched for its first days, and what became of it."""

    foretold: Forecast
    members: int


def poisson(mean: float, rng: random.Random) -> int:
    """How many arrivals with exponential gaps fit into a time of length `mean`."""
    count, at = 0, rng.expovariate(1)
    while at < mean:
        count, at = count + 1, at + rng.expovariate(1)
    return count


def varied(mean: float, dispersion: float, rng: random.Random) -> int:
    """A count whose variance is so many times its mean."""
    if dispersion > 1:
        mean = rng.gammavariate(mean / (dispersion - 1), dispersion - 1)
    return poisson(mean, rng)


def grows(known: int, dispersion: float, rng: random.Random) -> Grown:
    """Groups differ in how many join and leave a day, and their days differ, too."""
    joins, leaves = 5 * exp(rng.gauss(0, 0.5)), 0.5 * exp(rng.gauss(0, 0.5))
    days = [Day(varied(joins, dispersion, rng), poisson(leaves, rng)) for _ in range(DAYS)]
    seen, coming = days[:known], days[known:]
    members = 10 + sum(each.joins - each.leaves for each in seen)
    foretold = forecast(members, seen, DAYS - known)
    assert foretold is not None
    return Grown(foretold, members + sum(each.joins - each.leaves for each in coming))


def many(known: int, dispersion: float, count: int = 500) -> list[Grown]:
    rng = random.Random(f"{known} {dispersion}")
    return [grows(known, dispersion, rng) for _ in range(count)]


@pytest.mark.parametrize("known", [3, 7, 14, 24])
@pytest.mark.parametrize("dispersion", [1.0, 2.0, 3.5])
def test_four_of_five_groups_end_where_it_was_foretold(known: int, dispersion: float) -> None:
    groups = many(known, dispersion)
    within = sum(g.foretold.low <= g.members <= g.foretold.high for g in groups)
    assert 0.7 <= within / len(groups) <= 0.95


@pytest.mark.parametrize("known", [3, 7, 14])
def test_who_is_likelier_than_not_to_be_formed_mostly_is(known: int) -> None:
    groups = many(known, 2.0, 1500)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        judged = [(g.foretold.chance(FORMED), g.members >= FORMED) for g in groups]
        alike = [(chance, is_formed) for chance, is_formed in judged if low <= chance <= high]
        foretold = sum(chance for chance, _ in alike) / len(alike)
        came = sum(is_formed for _, is_formed in alike) / len(alike)
        assert came == pytest.approx(foretold, abs=0.12), (low, high, len(alike))


def test_it_is_sharper_the_more_days_are_known() -> None:
    widths = [
        sum(g.foretold.high - g.foretold.low for g in many(known, 2.0, 200))
        for known in (3, 7, 14, 24)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 4


def foretold(members: int, days: list[Day], ahead: float) -> Forecast:
    found = forecast(members, days, ahead)
    assert found is not None
    return found


def test_days_that_nobody_heard_are_not_days_on_which_nobody_joined() -> None:
    heard = [Day(6, 0)] * 8
    deaf = [*heard[:4], *[Day(0, 0, 0.0)] * 4, *heard[4:]]
    silent = [*heard[:4], *[Day(0, 0)] * 4, *heard[4:]]
    assert foretold(58, deaf, 14).likely == pytest.approx(foretold(58, heard, 14).likely, abs=2)
    assert foretold(58, silent, 14).likely < foretold(58, heard, 14).likely - 10


def test_half_a_day_with_three_joins_is_a_day_of_six() -> None:
    halves = foretold(50, [Day(3, 0, 0.5)] * 10, 10)
    days = foretold(50, [Day(6, 0)] * 10, 10)
    assert halves.likely == pytest.approx(days.likely, abs=2)
    assert halves.high - halves.low > days.high - days.low


def test_recent_days_weigh_more() -> None:
    waking = foretold(60, [*[Day(1, 0)] * 10, *[Day(10, 0)] * 5], 10)
    dozing = foretold(60, [*[Day(10, 0)] * 5, *[Day(1, 0)] * 10], 10)
    assert waking.likely > dozing.likely + 20


def test_where_nothing_was_heard_nothing_is_foretold() -> None:
    assert forecast(40, [], 20) is None
    assert forecast(40, [Day(0, 0, 0.0)] * 5, 20) is None


def test_on_the_day_itself_it_is_what_there_is() -> None:
    now = foretold(151, [Day(5, 1)] * 28, 0)
    assert (now.low, now.likely, now.high) == (151, 151, 151)
    assert now.chance(151) == 1
    assert now.chance(152) == 0


DAY = st.builds(
    Day,
    joins=st.integers(0, 60),
    leaves=st.integers(0, 20),
    heard=st.floats(0, 1) | st.just(1.0),
)


@given(
    members=st.integers(0, 500),
    days=st.lists(DAY, min_size=1, max_size=60),
    ahead=st.floats(0, 60),
    mark=st.integers(2, 500),
)
def test_it_is_in_order_whatever_happened(
    members: int, days: list[Day], ahead: float, mark: int
) -> None:
    found = forecast(members, days, ahead)
    if found is None:
        assert all(each.heard == 0 for each in days)
        return
    assert 0 <= found.low <= found.high
    assert 0 <= found.chance(mark) <= 1
    assert found.chance(mark + 20) <= found.chance(mark) + 0.05


@given(days=st.lists(DAY, min_size=3, max_size=28), more=st.integers(1, 30))
def test_more_members_now_are_more_members_then(days: list[Day], more: int) -> None:
    few, many_ = forecast(40, days, 10), forecast(40 + more, days, 10)
    if few is not None and many_ is not None:
        assert many_.chance(FORMED) >= few.chance(FORMED) - 0.02
