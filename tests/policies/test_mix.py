"""Any two weeks have the mix of the rule, within one post of each kind."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.mix import Mix
from config.rules import ContentRules
from handlers.content import mix as policy
from models.content import ContentKind

DRY, WET, WARM = ContentKind
DEFAULTS = [ContentRules().forming, ContentRules().growing, ContentRules().mature]
DEFAULTS += [ContentRules().fading]
WEEKS = 8


def planned(
    mix: Mix, slots: Sequence[int], wet_daily: int, turn: int = 0, recent: str = ""
) -> list[str]:
    """The letters of each of these days, given how many slots it has."""
    days = []
    for number, count in enumerate(slots):
        kinds = policy.kinds_of_day(
            recent, mix, [None] * count, wet_daily=wet_daily, turn=turn + number
        )
        days.append("".join(policy.letter(each, is_said=True) for each in kinds))
        recent = policy.with_day(recent, days[-1])
    return days


def furthest_off(days: Sequence[str], mix: Mix, wet_daily: int) -> float:
    """The most by which any two weeks, or the days there are so far, have more or less of a kind
    than they should. Wet is what the limits leave room for; the others share the rest."""
    worst = 0.0
    for end in range(1, len(days) + 1):
        window = days[max(0, end - policy.DAYS) : end]
        said = "".join(window)
        room = sum(min(wet_daily, (len(day) + 1) // 2) for day in window)
        wet = min(mix.wet / 100 * len(said), room)
        rest = (len(said) - wet) / (100 - mix.wet)
        due = {"d": rest * mix.dry, "w": wet, "m": rest * mix.warm}
        worst = max(worst, *(abs(said.count(each) - due[each]) for each in due))
    return worst


def weekly(posts: int, days_off: set[int], weeks: int = WEEKS) -> list[int]:
    return [0 if day % 7 in days_off else posts for day in range(7 * weeks)]


@st.composite
def mixes(draw: st.DrawFn) -> Mix:
    wet = draw(st.integers(0, 50))
    dry = draw(st.integers(0, 100 - wet))
    return Mix(dry, wet, 100 - wet - dry)


ALL_FIVES = [
    Mix(dry, wet, 100 - wet - dry) for wet in range(0, 51, 5) for dry in range(0, 101 - wet, 5)
]


# Within one post


@pytest.mark.parametrize("posts", [1, 2, 3, 4])
@pytest.mark.parametrize("mix", DEFAULTS, ids=str)
def test_the_mixes_of_the_rules(mix: Mix, posts: int) -> None:
    for days_off in (set(), *({day} for day in range(7)), {5, 6}, {0, 3}, {1, 3, 5}):
        days = planned(mix, weekly(posts, days_off), wet_daily=1)
        assert furthest_off(days, mix, 1) <= 1 + 1e-9, (days_off, days)


@pytest.mark.parametrize("posts", [1, 2, 3, 4])
def test_every_mix_in_steps_of_five_percent(posts: int) -> None:
    for mix in ALL_FIVES:
        for days_off in (set(), {6}):
            days = planned(mix, weekly(posts, days_off, weeks=6), wet_daily=2)
            assert furthest_off(days, mix, 2) <= 1 + 1e-9, (mix, days_off, days)


@settings(max_examples=300)
@given(
    mix=mixes(),
    posts=st.integers(1, 6),
    days_off=st.sets(st.integers(0, 6), max_size=6),
    wet_daily=st.integers(0, 4),
    first_day=st.integers(0, 6),
    turn=st.integers(0, 1000),
)
def test_any_mix_with_the_same_slots_every_week(
    mix: Mix, posts: int, days_off: set[int], wet_daily: int, first_day: int, turn: int
) -> None:
    """The first day may be cut short: the group was taken in at noon."""
    slots = weekly(posts, days_off)[first_day:]
    slots[0] = min(slots[0], turn % (posts + 1))
    days = planned(mix, slots, wet_daily, turn)
    assert furthest_off(days, mix, wet_daily) <= 1 + 1e-9


@settings(max_examples=200)
@given(
    mix=mixes(),
    slots=st.lists(st.integers(0, 4), max_size=40),
    wet_daily=st.integers(0, 4),
    turn=st.integers(0, 1000),
)
def test_two_wet_posts_are_never_neighbours_and_never_too_many(
    mix: Mix, slots: list[int], wet_daily: int, turn: int
) -> None:
    days = planned(mix, slots, wet_daily, turn)
    assert [len(each) for each in days] == slots
    assert "ww" not in "".join(days)
    assert all(day.count("w") <= wet_daily for day in days)


@settings(max_examples=200)
@given(mix=mixes(), slots=st.lists(st.integers(0, 3), min_size=30, max_size=40))
def test_where_hours_fall_away_unforeseen_it_stays_near(mix: Mix, slots: list[int]) -> None:
    """Nobody can be within one post of what will only be known later."""
    assert furthest_off(planned(mix, slots, wet_daily=3), mix, 3) <= 2


def test_what_limits_take_from_wet_the_others_share() -> None:
    days = planned(Mix.parse("36:40:24"), [4] * 28, wet_daily=1)
    said = "".join(days[-14:])
    assert said.count("w") == 14
    assert abs(said.count("d") - 0.6 * 42) <= 1
    assert abs(said.count("m") - 0.4 * 42) <= 1


# What the day was given


def test_what_somebody_decided_counts_as_what_it_is() -> None:
    mix = Mix.parse("50:30:20")
    kinds = policy.kinds_of_day("dwd,mdw", mix, [None, WARM, None], wet_daily=1)
    assert kinds[1] is WARM
    assert kinds.count(WARM) == 1


@given(mix=mixes(), fixed=st.lists(st.sampled_from([None, None, DRY, WET, WARM]), max_size=6))
def test_decided_slots_stay_and_no_wet_comes_beside_a_wet_one(
    mix: Mix, fixed: list[ContentKind | None]
) -> None:
    kinds = policy.kinds_of_day("ddw", mix, fixed, wet_daily=4)
    assert all(given in (None, kind) for given, kind in zip(fixed, kinds, strict=True))
    chosen = [place for place, given in enumerate(fixed) if given is None]
    wet = [place for place in chosen if kinds[place] is WET]
    around = [-1, *(place for place, kind in enumerate(kinds) if kind is WET)]
    assert not [one for one in wet for other in around if abs(one - other) == 1]


def test_a_history_of_another_rule_is_not_made_up_for() -> None:
    """From nothing but knowledge to mostly talk: no day is without either, none is a lecture."""
    history = ",".join(["ddd"] * 13)
    days = planned(Mix.parse("30:10:60"), [3] * 10, wet_daily=1, recent=history)
    assert all("d" in "".join(days[day : day + 3]) for day in range(8)), days
    assert all(day.count("m") >= 1 for day in days), days


def test_a_kind_does_not_always_come_at_the_same_hour() -> None:
    days = planned(Mix.parse("60:15:25"), [3] * 60, wet_daily=1)
    for letter in "dwm":
        assert {day.index(letter) for day in days if letter in day} == {0, 1, 2}


# What is remembered


def test_days_without_a_plan_are_days_without_posts() -> None:
    assert policy.history("ddm,dwm", 1, same_phase=True) == "ddm,dwm"
    assert policy.history("ddm,dwm", 3, same_phase=True) == "ddm,dwm,,"
    assert policy.history("", 3, same_phase=True) == ""


def test_a_day_planned_anew_does_not_count_itself() -> None:
    assert policy.history("ddm,dwm", 0, same_phase=True) == "ddm"


def test_two_weeks_are_remembered() -> None:
    recent = ""
    for number in range(20):
        recent = policy.with_day(policy.history(recent, 1, same_phase=True), "d" * (number % 3))
    assert [len(each) for each in recent.split(",")] == [number % 3 for number in range(6, 20)]


def test_a_new_phase_counts_anew_but_no_wet_follows_the_last_wet() -> None:
    assert policy.history("ddm,dwm", 1, same_phase=False) == ""
    after_wet = policy.history("ddm,dmw", 1, same_phase=False)
    assert policy.kinds_of_day(after_wet, Mix.parse("50:50:0"), [None], wet_daily=1) == (DRY,)
    still = policy.with_day(after_wet, "")
    assert policy.kinds_of_day(still, Mix.parse("50:50:0"), [None], wet_daily=1) == (DRY,)


@pytest.mark.parametrize(
    ("history", "expected"),
    [("", False), ("dw", True), ("dw,", True), ("dwD", True), ("dW", False), ("dwDm", False)],
)
def test_what_was_never_said_parts_no_wet_posts(history: str, expected: bool) -> None:
    assert policy.ends_wet(history) is expected
