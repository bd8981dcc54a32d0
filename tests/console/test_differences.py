"""What was changed is told side by side, in words."""

from datetime import datetime
from typing import Any

from bot.console.differences import Difference, changed, side_by_side
from config.daily import ZONE

NOW = datetime(2026, 3, 2, 20, tzinfo=ZONE)
REWARD = {"id": "r1", "name": "试用装", "scope": "everywhere", "cost": 50, "withdrawn": False}


def entry(target: str, before: Any, after: Any) -> dict[str, Any]:
    return {"target": target, "before": before, "after": after}


def test_what_was_changed_comes_first() -> None:
    told = side_by_side(entry("reward:r1", REWARD, REWARD | {"cost": 60}), NOW)
    assert told == [
        Difference("积分", "50", "60"),
        Difference("名字", "试用装", "试用装"),
        Difference("范围", "所有群", "所有群"),
        Difference("下架", "否", "否"),
    ]
    assert [each.is_new for each in told] == [True, False, False, False]


def test_a_line_tells_only_what_differs() -> None:
    assert changed(entry("reward:r1", REWARD, REWARD | {"cost": 60}), NOW) == "积分 50 → 60"
    role = entry("staff:u1", None, {"person": "u1", "role": "assistant"})
    assert changed(role, NOW) == "是谁 u1；角色 小助手"


def test_values_are_words() -> None:
    message = {"kind": "onboarding.welcome", "state": "parked", "due_at": NOW.isoformat()}
    told = side_by_side(entry("message:1", message, message | {"state": "waiting"}), NOW)
    assert Difference("状态", "没说成", "等着说") in told
    assert Difference("类型", "欢迎", "欢迎") in told
    assert Difference("该说的时间", "今天 20:00", "今天 20:00") in told
    group = {"birth_window": "2025-12"}
    (window,) = side_by_side(entry("group:g1", group, group), NOW)
    assert window.after == "2025年12-2月"


def test_rules_are_called_as_in_chat() -> None:
    before = {"onboarding": {"calm_delay": 2}}
    after = {"onboarding": {"calm_delay": 5}}
    assert changed(entry("rules:everywhere", before, after), NOW) == "凑人等待 2 → 5"
    within = entry("rules:everywhere", {"set": before}, {"set": after})
    assert changed(within, NOW) == "设的规则 凑人等待 2 → 5"


def test_what_was_removed_is_shown_as_it_was() -> None:
    told = side_by_side(entry("staff:u1", {"person": "u1", "role": "host"}, None), NOW)
    assert told == [Difference("是谁", "u1", ""), Difference("角色", "氛围组", "")]
