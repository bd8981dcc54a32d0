"""However calls come, in no window are there more than allowed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.gateways.wecom.pace import LIMITS, Limit, Pace

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
GET, LIST = "externalcontact/groupchat/get", "externalcontact/groupchat/list"
FEW = (Limit(3, timedelta(seconds=10)), Limit(7, timedelta(seconds=60)))

pauses = st.lists(st.integers(0, 20_000), max_size=60)
"""Milliseconds."""


@given(pauses)
def test_no_window_ever_holds_too_many(pauses: list[int]) -> None:
    pace, now, made = Pace(FEW), START, list[datetime]()
    for each in pauses:
        now = max(now + timedelta(milliseconds=each), START)
        now = pace.ready(GET, now)
        assert pace.ready(GET, now) == now
        pace.called(GET, now)
        made.append(now)
    for limit in FEW:
        for begin in made:
            within = [at for at in made if begin <= at < begin + limit.within]
            assert len(within) <= limit.calls


@given(pauses)
def test_nobody_waits_longer_than_a_window(pauses: list[int]) -> None:
    pace, now = Pace(FEW), START
    for each in pauses:
        now += timedelta(milliseconds=each)
        ready = pace.ready(GET, now)
        assert now <= ready <= now + timedelta(seconds=61)
        pace.called(GET, ready)
        now = ready


def test_who_stays_below_never_waits() -> None:
    pace = Pace(FEW)
    for second in range(0, 600, 10):
        now = START + timedelta(seconds=second)
        assert pace.ready(GET, now) == now
        pace.called(GET, now)


def test_every_kind_of_call_has_a_quota_of_its_own() -> None:
    pace = Pace(FEW)
    for _ in range(3):
        pace.called(GET, START)
    assert pace.ready(GET, START) > START
    assert pace.ready(LIST, START) == START


def test_more_than_asked_for_is_waited_off() -> None:
    pace = Pace(FEW)
    for second in range(5):
        pace.called(GET, START + timedelta(seconds=second))
    assert pace.ready(GET, START + timedelta(seconds=5)) == START + timedelta(seconds=13)


def test_a_clock_that_is_set_back_lets_nobody_call_more() -> None:
    pace = Pace(FEW)
    for _ in range(3):
        pace.called(GET, START)
    earlier = START - timedelta(hours=1)
    assert pace.ready(GET, earlier) == START + timedelta(seconds=11)
    pace.called(GET, earlier)
    assert pace.ready(GET, START + timedelta(seconds=10)) > START + timedelta(seconds=10)


def test_ours_are_below_the_official_ones() -> None:
    assert [(each.calls, each.within) for each in LIMITS] == [
        (10_000 * 0.8, timedelta(minutes=1)),
        (150_000 * 0.8, timedelta(hours=1)),
    ]
