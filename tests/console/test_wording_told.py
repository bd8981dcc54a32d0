"""Whatever the service answers is told in Chinese."""

import re

import pytest

from bot.confirming.gathering import NO_OWNER
from bot.confirming.policy import LEFT_OUT, UNCONFIRMED
from bot.console import ledger, reasons, wording
from bot.console.client import Refused
from bot.gateways.wecom.sends import WHY_NOT
from models.content import Voice
from models.phase import PHASE_NAMES
from models.points import EntryKind
from models.rewards import RedemptionState


def test_why_something_cannot_be_done() -> None:
    refused = Refused(409, {"detail": "these are quiet hours"})
    assert wording.refused(refused) == "现在做不了：现在是安静时段"
    assert reasons.refusal("staff have no points") == "班长、小助手和工作人员不参加积分哦"
    assert reasons.refusal("points: a task is worth 1 to 5") == "分要在 1 到 5 之间"
    assert reasons.refusal("something new") == "something new"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"problem": "Field required"}, "这里要填"),
        ({"problem": "Input should be less than or equal to 100"}, "最大是 100"),
        ({"problem": "String should have at most 60 characters"}, "最多 60 个字"),
        ({"problem": "an item says something", "says": "正文不能空着"}, "正文不能空着"),
    ],
)
def test_what_is_wrong_with_a_field(error: dict[str, str], told: str) -> None:
    assert reasons.problem(error) == told


def test_everything_has_a_name() -> None:
    assert {each.value: name for each, name in PHASE_NAMES.items()} == wording.PHASES
    assert set(wording.ENTRIES) == {each.value for each in EntryKind}
    assert set(wording.REDEMPTIONS) == {each.value for each in RedemptionState}
    assert set(wording.VOICES) == {each.value for each in Voice}


def test_a_line_of_the_ledger() -> None:
    entry = {"kind": "bonus", "note": "线下活动", "points": 5, "shortfall": 0, "person": "u1"}
    assert (ledger.points(entry), ledger.why(entry)) == ("+5", "加分：线下活动")
    short = entry | {"points": -3, "shortfall": 2}
    assert ledger.points(short) == "-3（还差 2）"
    for by, cause, told in (
        ("rules", None, "规则"),
        ("u1", "redemption:1", "她自己"),
        ("小王", "office:1", "小王"),
        ("u2", None, "班长"),
    ):
        assert ledger.decided_by(entry | {"by": by, "cause": cause}) == told
    assert ledger.can_be_reversed(entry | {"reversed": False})
    assert not ledger.can_be_reversed(entry | {"reversed": True})
    assert not ledger.can_be_reversed({"kind": "spent", "reversed": False})


@pytest.mark.parametrize(
    "reason",
    [
        NO_OWNER,
        *WHY_NOT.values(),
        UNCONFIRMED,
        LEFT_OUT,
        "the group has got its 1 mass sends of today",
        "the group has got its 30 mass sends of this month",
        "the group has got its 7 mass sends of this week",
    ],
)
def test_why_an_owner_confirmed_nothing_is_told_in_chinese(reason: str) -> None:
    assert re.search("[a-z]{2}", reasons.told(reason)) is None
