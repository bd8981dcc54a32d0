"""Accounts that accept and invite in rows are banned: so many an hour, and never in a row."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errands.policy import HOUR, next_approach, verdict
from config.rules import DeliveryRules, EntryRules
from models.delivery import MaybeSent, NotSent, Parked, Refused, RetryAt, Sent, Unsure
from models.errands import ErrandKind

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REPEATABLE = {
    ErrandKind.ROOM_QR,
    ErrandKind.OWN_QR,
    ErrandKind.RENAME,
    ErrandKind.JOIN_WAY,
    ErrandKind.CONTACT_WAY,
    ErrandKind.WELCOME_TEMPLATE,
}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def rules(hourly: int = 20, spacing: float = 20) -> EntryRules:
    return EntryRules(hourly=hourly, spacing=timedelta(seconds=spacing))


def approached(arrivals: list[int], pace: EntryRules) -> list[tuple[int, datetime]]:
    """Which of those that came after so many seconds was approached when, by who does nothing
    else: the longest due first, as soon as it may."""
    waiting = sorted((after(at), number) for number, at in enumerate(arrivals))
    done: list[tuple[int, datetime]] = []
    now = START
    while waiting:
        due, number = waiting[0]
        window = [at for _, at in done if at > now - max(HOUR, pace.spacing)]
        ready = next_approach(now, window, pace)
        if max(due, ready) > now:
            now = max(due, ready)
            continue
        waiting.pop(0)
        done.append((number, now))
    return done


paces = st.builds(rules, st.integers(1, 8), st.integers(0, 3600))
arrivals = st.lists(st.integers(0, 6 * 3600), min_size=1, max_size=40)


@given(arrivals, paces)
def test_in_any_hour_no_more_than_the_rule_allows_and_in_order(
    at: list[int], pace: EntryRules
) -> None:
    done = approached(at, pace)
    times = [when for _, when in done]
    for when in times:
        assert sum(when <= each < when + HOUR for each in times) <= pace.hourly
    assert all(later - earlier >= pace.spacing for earlier, later in pairwise(times))
    assert [number for number, _ in done] == sorted(range(len(at)), key=lambda each: at[each])


@given(arrivals, paces)
def test_nobody_waits_longer_than_that(at: list[int], pace: EntryRules) -> None:
    done = approached(at, pace)
    for place, (number, when) in enumerate(done):
        since = [after(at[number])]
        if place:
            since.append(done[place - 1][1] + pace.spacing)
        if place >= pace.hourly:
            since.append(done[place - pace.hourly][1] + HOUR)
        assert when == max(since)


def test_a_failure_is_followed_by_a_pause_as_well() -> None:
    assert next_approach(after(5), [], rules(), tried=after(0)) == after(20)
    assert next_approach(after(5), [after(-9)], rules(), tried=after(0)) == after(20)
    assert next_approach(after(30), [after(25)], rules(), tried=after(0)) == after(45)
    assert next_approach(after(60), [], rules(), tried=after(0)) == after(60)


def test_a_failure_counts_for_no_hour() -> None:
    assert next_approach(after(60), [], rules(hourly=1), tried=after(0)) == after(60)


@pytest.mark.parametrize("kind", ErrandKind)
def test_what_surely_was_not_done_is_tried_again_and_what_never_can_be_is_not(
    kind: ErrandKind,
) -> None:
    law = DeliveryRules(max_attempts=3, first_wait=timedelta(seconds=5))
    assert verdict(kind, None, 1, START, law) == Sent()
    assert verdict(kind, NotSent("busy"), 1, START, law) == RetryAt(after(5), "busy")
    assert verdict(kind, NotSent("busy"), 2, START, law) == RetryAt(after(10), "busy")
    assert isinstance(verdict(kind, NotSent("busy"), 3, START, law), Parked)
    assert verdict(kind, Refused("no"), 1, START, law) == Parked("no")


@pytest.mark.parametrize("kind", ErrandKind)
def test_what_may_have_been_done_is_done_again_only_where_that_does_no_harm(
    kind: ErrandKind,
) -> None:
    law = DeliveryRules(max_attempts=3, first_wait=timedelta(seconds=5))
    outcome = verdict(kind, MaybeSent("the line was lost"), 1, START, law)
    if kind in REPEATABLE:
        assert outcome == RetryAt(after(5), "the line was lost")
        assert isinstance(verdict(kind, MaybeSent("lost"), 3, START, law), Parked)
    else:
        assert outcome == Unsure("the line was lost")
