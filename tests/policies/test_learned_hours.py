"""The hours of a cohort are found in what its groups say, and the given ones stay where nothing
is known better."""

import math
import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.daily import DailySpan
from config.rules import HoursRules
from handlers.activity.learned import (
    Learned,
    Measure,
    Observed,
    learn,
    learned_after,
    observed_days,
)
from models.cohort import BirthWindow, Stage
from models.hours import given_spans, spans_text
from tests.world import shanghai

PRENATAL = given_spans(Stage.PRENATAL, HoursRules())
POSTNATAL = given_spans(Stage.POSTNATAL, HoursRules())
QUIET = DailySpan.parse("23:00-07:30")
FIRST = shanghai("2026-03-02 00:00")
AWAKE = range(8, 23)
DRAWS = 100


def poisson(mean: float, rng: random.Random) -> int:
    """Knuth's way, a piece at a time where the mean is large."""
    count = 0
    while mean > 0:
        piece = min(mean, 20.0)
        mean -= piece
        left, floor = rng.random(), math.exp(-piece)
        while left > floor:
            count += 1
            left *= rng.random()
    return count


def simulated(
    rng: random.Random, peaks: Iterable[int], *, groups: int = 20, days: int = 28
) -> list[Observed]:
    """Groups of different sizes, on days of different moods, more people at peaks, and some
    hours not or not wholly heard. Speakers of an hour are negative binomial."""
    times = {hour: rng.uniform(2, 3) for hour in peaks}
    return [_group(rng, rng.lognormvariate(0, 0.7), times, days) for _ in range(groups)]


def _group(rng: random.Random, size: float, times: Mapping[int, float], days: int) -> Observed:
    heard, speakers = {}, {}
    for day in range(days):
        mood = rng.gammavariate(4, 1 / 4)
        for hour in range(24):
            at = FIRST + timedelta(days=day, hours=hour)
            heard[at] = rng.choice((0.0, 0.3, 0.7)) if rng.random() < 0.05 else 1.0
            mean = size * mood * (times.get(hour, 1.0) if hour in AWAKE else 0.1)
            speakers[at] = poisson(rng.gammavariate(1.5, mean / 1.5) * heard[at], rng)
    return Observed(heard, speakers)


def hours_of(learned: Learned) -> set[int]:
    return {
        hour
        for hour in range(24)
        if any(span.covers(FIRST + timedelta(hours=hour, minutes=30)) for span in learned.spans)
    }


def shown(learned: Learned) -> str:
    return spans_text(learned.spans)


def test_known_peaks_are_found() -> None:
    """20 groups and 4 weeks are enough in 95 of 100 draws."""
    found = 0
    for draw in range(DRAWS):
        usual, hours = (PRENATAL, 3) if draw % 2 else (POSTNATAL, 6)
        rng = random.Random(draw)
        peaks = set(rng.sample(AWAKE, hours))
        found += hours_of(learn(Measure(simulated(rng, peaks)), usual, QUIET)) == peaks
    assert found >= 95


def test_where_all_hours_are_alike_the_given_ones_stay() -> None:
    stayed = 0
    for draw in range(20):
        usual = PRENATAL if draw % 2 else POSTNATAL
        stayed += learn(Measure(simulated(random.Random(draw), ())), usual, QUIET).spans == usual
    assert stayed >= 18


def test_with_hardly_any_data_the_given_ones_stay() -> None:
    assert learn(Measure(), PRENATAL, QUIET) == Learned(PRENATAL, _even(PRENATAL), 0.0)
    for draw in range(50):
        rng = random.Random(draw)
        few = simulated(rng, rng.sample(AWAKE, 3), groups=1, days=2)
        learned = learn(Measure(few), PRENATAL, QUIET)
        assert learned.spans == PRENATAL
        assert learned.known < 0.3


def test_two_days_that_happen_to_agree_prove_nothing() -> None:
    assert learn(Measure([_every_day({9: 30}, days=2)]), PRENATAL, QUIET).spans == PRENATAL
    assert 9 in hours_of(learn(Measure([_every_day({9: 30}, days=28)]), PRENATAL, QUIET))


def test_many_days_on_which_hardly_anybody_spoke_tell_little() -> None:
    silent = [_every_day({}, days=28) for _ in range(100)]
    one = Observed(silent[0].heard, {FIRST + timedelta(hours=9): 2})
    learned = learn(Measure([*silent, one]), POSTNATAL, QUIET)
    assert learned.spans == POSTNATAL
    assert learned.known < 0.05


def test_one_chatty_evening_moves_nothing() -> None:
    steady = dict.fromkeys(AWAKE, 2)
    for days in (1, 2, 3, 7, 28):
        usual = _every_day(steady, days=days)
        evening = {FIRST + timedelta(hours=18): 120, FIRST + timedelta(hours=19): 150}
        chatty = Observed(usual.heard, {**usual.speakers, **evening})
        assert learn(Measure([chatty]), PRENATAL, QUIET).spans == PRENATAL, days


def test_what_was_not_heard_counts_neither_for_nor_against_an_hour() -> None:
    """The account is away at 20:00 on four days of five; on the fifth most of them speak then."""
    group = _every_day({**dict.fromkeys(AWAKE, 3), 9: 9, 13: 9, 20: 9}, days=28)
    deaf = {at for day in range(28) if day % 5 for at in [FIRST + timedelta(days=day, hours=20)]}
    heard = {at: 0.0 if at in deaf else share for at, share in group.heard.items()}
    spoke = {at: count for at, count in group.speakers.items() if at not in deaf}
    learned = learn(Measure([Observed(heard, spoke)] * 10), PRENATAL, QUIET)
    assert shown(learned) == "09:00-10:00,13:00-14:00,20:00-21:00"
    assert learned.shares[20] == pytest.approx(learned.shares[9], rel=0.3)


def test_an_hour_that_is_never_heard_is_neither_chosen_nor_given_up() -> None:
    group = _every_day({**dict.fromkeys(AWAKE, 3), 9: 9, 13: 9}, days=28)
    heard = {at: 0.0 if at.hour in (11, 12) else share for at, share in group.heard.items()}
    learned = learn(Measure([Observed(heard, group.speakers)] * 10), PRENATAL, QUIET)
    assert shown(learned) == "09:00-10:00,11:00-12:00,13:00-14:00"


def test_an_hour_heard_in_part_is_taken_for_the_whole() -> None:
    group = _every_day({**dict.fromkeys(AWAKE, 4), 9: 12, 13: 12, 16: 9, 18: 7}, days=28)
    heard = {at: 0.5 if at.hour == 18 else share for at, share in group.heard.items()}
    learned = learn(Measure([Observed(heard, group.speakers)] * 10), PRENATAL, QUIET)
    assert hours_of(learned) == {9, 13, 18}


def test_neighbours_are_one_span_and_quiet_hours_are_left_alone() -> None:
    lively = {hour: 12 if hour in (7, 14, 15, 22, 23) else 2 for hour in range(24)}
    groups = [_every_day(lively, days=28) for _ in range(5)]
    assert shown(learn(Measure(groups), PRENATAL, QUIET)) == "14:00-16:00,22:00-23:00"
    late = shown(learn(Measure(groups), PRENATAL, DailySpan.parse("00:00-07:30")))
    assert late in (
        "14:00-16:00,22:00-23:00",
        "14:00-15:00,22:00-00:00",
        "15:00-16:00,22:00-00:00",
    )


def test_given_hours_that_have_become_quiet_give_way() -> None:
    learned = learn(Measure(), POSTNATAL, DailySpan.parse("21:00-08:00"))
    assert len(hours_of(learned)) == 6
    assert not hours_of(learned) & {21, 22}
    assert hours_of(learned) > {11, 13, 14, 16}


def test_where_no_hours_are_given_none_are_learned() -> None:
    never = (DailySpan.parse("00:00-00:00"),)
    groups = [_every_day({hour: 12 if hour == 9 else 2 for hour in AWAKE}, days=28)] * 5
    assert learn(Measure(groups), never, QUIET).spans == never


def test_hours_that_are_given_off_the_hour_stay_as_they_are() -> None:
    usual = (DailySpan.parse("12:30-13:30"), DailySpan.parse("20:15-21:15"))
    assert learn(Measure(), usual, QUIET).spans == usual
    groups = [_every_day({hour: 12 if hour == 9 else 2 for hour in AWAKE}, days=28)] * 5
    learned = hours_of(learn(Measure(groups), usual, QUIET))
    assert len(learned) == 2
    assert 9 in learned


def test_where_there_is_hardly_an_hour_left_that_one_is_taken() -> None:
    learned = learn(Measure(), POSTNATAL, DailySpan.parse("10:00-08:00"))
    assert shown(learned) == "08:00-10:00"


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
spans_anyhow = st.tuples(clocks, clocks).map(lambda ends: DailySpan(*ends))
spans_given = st.lists(spans_anyhow, min_size=1, max_size=4).map(tuple)
observations = st.lists(
    st.dictionaries(
        st.integers(0, 24 * 40).map(lambda hour: FIRST + timedelta(hours=hour)),
        st.tuples(st.floats(0, 1), st.integers(0, 500)),
        max_size=60,
    ),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(observations, spans_given, spans_anyhow)
def test_whatever_was_heard_it_is_a_day_of_as_many_waking_hours(
    groups: list[dict[datetime, tuple[float, int]]],
    usual: tuple[DailySpan, ...],
    quiet: DailySpan,
) -> None:
    observed = [
        Observed(
            {at: share for at, (share, _) in each.items()},
            {at: count for at, (_, count) in each.items()},
        )
        for each in groups
    ]
    learned = learn(Measure(observed), usual, quiet)
    assert 0 <= learned.known < 1
    assert len(learned.shares) == 24
    assert sum(learned.shares) == pytest.approx(1)
    assert min(learned.shares) >= 0
    if learned.spans != usual:
        touched = [
            FIRST + timedelta(hours=hour, minutes=minute)
            for hour in hours_of(learned)
            for minute in range(60)
        ]
        assert not any(quiet.covers(moment) for moment in touched)


# When


def test_it_is_learned_at_four_in_the_night() -> None:
    assert learned_after(shanghai("2026-03-02 03:59")) == shanghai("2026-03-02 04:00")
    assert learned_after(shanghai("2026-03-02 04:00")) == shanghai("2026-03-03 04:00")


def test_only_the_days_of_the_present_stage_are_looked_at() -> None:
    window = BirthWindow(2026, 3)
    assert window.middle == date(2026, 4, 15)

    def days(stage: Stage, today: str, shift: int = 0) -> tuple[datetime, datetime]:
        return observed_days(window, stage, timedelta(days=shift), date.fromisoformat(today))

    assert days(Stage.PRENATAL, "2026-04-14") == (
        shanghai("2026-03-17 00:00"),
        shanghai("2026-04-14 00:00"),
    )
    assert days(Stage.POSTNATAL, "2026-04-20") == (
        shanghai("2026-04-15 00:00"),
        shanghai("2026-04-20 00:00"),
    )
    assert days(Stage.POSTNATAL, "2026-04-20", shift=3)[0] == shanghai("2026-04-18 00:00")
    since, until = days(Stage.POSTNATAL, "2026-04-15")
    assert since == until
    assert days(Stage.POSTNATAL, "2026-08-01")[0] == shanghai("2026-07-04 00:00")


def _every_day(lively: Mapping[int, int], days: int) -> Observed:
    """A group that was heard all the time, with so many speakers in each hour of every day."""
    hours = [FIRST + timedelta(hours=hour) for hour in range(24 * days)]
    return Observed(
        dict.fromkeys(hours, 1.0), {at: lively[at.hour] for at in hours if at.hour in lively}
    )


def _even(spans: tuple[DailySpan, ...]) -> tuple[float, ...]:
    covered = [
        any(span.covers(FIRST + timedelta(hours=hour)) for span in spans) for hour in range(24)
    ]
    return tuple(each / sum(covered) for each in covered)
