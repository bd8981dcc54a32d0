"""When a day is counted, and how much of it was heard."""

from datetime import date

import pytest

from handlers.totals import policy
from models.ids import AccountId
from models.totals import Watched
from tests.world import shanghai

DAY = date(2026, 3, 2)
LONG_BEFORE = shanghai("2026-01-01 00:00")
FIRST, SECOND = AccountId("a1"), AccountId("a2")


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-03-02 00:00", "2026-03-02 00:10"),
        ("2026-03-02 00:10", "2026-03-02 08:15"),
        ("2026-03-02 11:00", "2026-03-02 12:00"),
        ("2026-03-02 12:00", "2026-03-03 00:10"),
    ],
)
def test_yesterday_is_counted_at_night_in_the_morning_and_at_noon(
    moment: str, following: str
) -> None:
    assert policy.count_after(shanghai(moment)) == shanghai(following)


def test_a_day_was_heard_as_far_as_its_groups_were() -> None:
    watched = [
        Watched("妇幼", FIRST, 3, LONG_BEFORE),
        Watched("妇幼", SECOND, 1, shanghai("2026-03-02 12:00")),
    ]
    deaf = {FIRST: [(shanghai("2026-03-02 18:00"), shanghai("2026-03-03 06:00"))]}
    assert policy.heard_of(watched, deaf, DAY) == (4, (3 * 0.75 + 0.5) / 4)
    assert policy.heard_of([], deaf, DAY) == (0, 0)


def test_who_came_to_us_the_day_after_does_not_make_the_day_unknown() -> None:
    watched = [
        Watched("妇幼", FIRST, 3, LONG_BEFORE),
        Watched("妇幼", SECOND, 1, shanghai("2026-03-03 00:00")),
    ]
    assert policy.heard_of(watched, {}, DAY) == (3, 1)
