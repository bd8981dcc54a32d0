"""How many mass sends a group may get: the platform counts by the calendar, and so do we."""

from datetime import UTC

import pytest

from config.rules import ConfirmationRules
from handlers.proposals.policy import Budget, allowance
from tests.world import shanghai


@pytest.mark.parametrize(
    ("budget", "now", "since", "most"),
    [
        ("month", "2026-03-17 20:00", "2026-03-01 00:00", 31),
        ("month", "2026-02-28 23:59", "2026-02-01 00:00", 28),
        ("month", "2028-02-01 00:00", "2028-02-01 00:00", 29),
        ("week", "2026-03-05 20:00", "2026-03-02 00:00", 7),
        ("week", "2026-03-01 20:00", "2026-02-23 00:00", 7),
        ("week", "2026-03-02 00:00", "2026-03-02 00:00", 7),
        ("day", "2026-03-05 00:30", "2026-03-05 00:00", 1),
    ],
)
def test_what_is_left_begins_anew_with_the_calendar(
    budget: Budget, now: str, since: str, most: int
) -> None:
    assert allowance(budget, shanghai(now)) == (shanghai(since), most)


def test_a_month_begins_at_midnight_in_shanghai_wherever_the_server_stands() -> None:
    new_year = shanghai("2026-01-01 03:00").astimezone(UTC)
    assert allowance(ConfirmationRules().budget, new_year) == (shanghai("2026-01-01 00:00"), 31)
