"""A preview tells in Chinese what was run again, how far it is, and what would be different."""

from datetime import datetime
from typing import Any

import pytest

from bot.console import previews
from bot.console.client import Refused
from bot.history import GAPS
from config.daily import ZONE

NOW = datetime(2026, 3, 4, 9, tzinfo=ZONE)


def day(on: str, **more: Any) -> dict[str, Any]:
    told = {"rounds": 1, "messages": 4, "posts": 3, "points": 5}
    return told | {"day": on, "longest_wait": 90.0, "median_wait": 8.0} | more


FOUND = {
    "since": "2026-03-02T20:00:00+08:00",
    "until": "2026-03-03T20:00:00+08:00",
    "groups": {"taken": 1, "of": 1, "chosen": "all"},
    "events": 1200,
    "old": {"days": [day("2026-03-02"), day("2026-03-03", longest_wait=None)]},
    "new": {"days": [day("2026-03-02", longest_wait=300.0), day("2026-03-03", messages=2)]},
    "left_out": [{"what": each.what, "count": each.count} for each in GAPS],
}


def test_what_was_run_again_is_told() -> None:
    events = "1,200 件事（进群、发言、退群）"
    assert previews.extent(FOUND, NOW) == (f"重放了 1 个群：3月2日 20:00 到 昨天 20:00，{events}")
    sampled = FOUND | {"groups": {"taken": 20, "of": 10_000, "chosen": "sample"}}
    assert "10,000 个群里抽的 20 个" in previews.extent(sampled, NOW)


def test_what_was_left_out_is_told_in_chinese() -> None:
    assert all(each.isascii() is False for each in previews.left_out(FOUND))
    counted = {"left_out": [{"what": "texts that are forgotten", "count": 3}]}
    assert previews.left_out(counted) == ["到期删掉了原文的消息（3）"]


def test_both_runs_are_one_way() -> None:
    at = "2026-03-03T12:00:00+08:00"
    done, words = previews.progress({"run": "old", "at": at, "done": 0.5}, NOW)
    assert (done, words) == (0.25, "按现在的规则重放到 昨天 12:00")
    assert previews.progress({"run": "new", "at": at, "done": 0.5}, NOW)[0] == 0.75


def test_figures_stand_side_by_side_with_their_difference() -> None:
    old = day("") | {"a_group_and_day": 4.0}
    new = old | {"messages": 6, "longest_wait": 300.0, "median_wait": None, "points": 0}
    rows = {row[0]: row[1:] for row in previews.figures(old, new)}
    assert rows["群里的消息"] == ("4", "6", "+2")
    assert rows["给出的积分"] == ("5", "0", "−5")
    assert rows["新人最久等"] == ("1分钟30秒", "5分钟", "+3分钟30秒")
    assert rows["新人一般等"] == ("8秒", "没有新人", "")
    assert rows["发的内容"][2] == "一样"


def test_messages_are_told_by_kind() -> None:
    rows = previews.said({"onboarding.welcome": 2}, {"onboarding.welcome": 1, "content.dry": 1})
    assert rows == [("欢迎", "2", "1", "−1"), ("干货", "0", "1", "+1")]


@pytest.mark.parametrize("is_dark", [True, False])
def test_old_and_new_are_told_apart_without_colour(*, is_dark: bool) -> None:
    for chart in previews.by_day(FOUND, is_dark=is_dark):
        assert chart["xAxis"]["data"] == ["3月2日", "3月3日"]
        old_bars, new_bars, old_line, new_line = chart["series"]
        assert old_bars["itemStyle"]["color"] == "transparent" != new_bars["itemStyle"]["color"]
        kinds = [each["lineStyle"]["type"] for each in (old_line, new_line)]
        assert kinds == ["dashed", "solid"]


def test_a_day_without_newcomers_has_no_wait() -> None:
    waits, _ = previews.by_day(FOUND, is_dark=False)
    assert waits["series"][2]["data"] == [1.5, None]
    assert waits["series"][3]["data"] == [5.0, 1.5]


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("another preview is running; wait for its end", "一个"),
        ("it was not done within 600 s; ask for fewer days or groups", "少选几天"),
        ("it takes more than 2048 MB; ask for fewer days or groups", "内存"),
        ("no group of ours belongs to channel:x", "还没有接管的群"),
        ("7 messages in one group, more than 5; ask for fewer days", "消息太多"),
        ("the replay failed; the service's log tells why", "日志"),
    ],
)
def test_why_there_is_no_preview_is_told(detail: str, words: str) -> None:
    assert words in previews.refused(Refused(409, {"detail": detail}))
