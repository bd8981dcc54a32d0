"""Which phase a group is in, by its age, its members and how many of them speak."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.rules import GrowthRules
from models.growth import Life, phase_of
from models.ids import GroupId
from models.phase import Phase
from tests.world import EVENING

OPENED = date(2026, 3, 2)
RULES = GrowthRules()
YOUNG = Life(group=GroupId("g1"), since=EVENING, opened_on=OPENED, look_at=None)
FORMED = replace(YOUNG, formed_at=EVENING)
QUIET = replace(FORMED, active=2, active_of=100)


@pytest.mark.parametrize(
    ("life", "members", "days", "phase"),
    [
        (YOUNG, 149, 27, Phase.FORMING),
        (YOUNG, 149, 28, Phase.GROWING),
        (FORMED, 149, 1, Phase.GROWING),
        (FORMED, 149, 7 * 12 - 1, Phase.GROWING),
        (FORMED, 149, 7 * 12, Phase.MATURE),
        (QUIET, 149, 7 * 12, Phase.FADING),
        (replace(QUIET, formed_at=None), 149, 1, Phase.FORMING),
        (replace(QUIET, active=3), 149, 1, Phase.GROWING),
        (replace(QUIET, active=None), 149, 1, Phase.GROWING),
    ],
)
def test_the_phase_of_a_group(life: Life, members: int, days: int, phase: Phase) -> None:
    assert phase_of(life, members, OPENED + timedelta(days=days), RULES) is phase


def test_with_enough_members_it_is_formed_before_anybody_noted_it() -> None:
    assert phase_of(YOUNG, 150, OPENED, RULES) is Phase.GROWING
