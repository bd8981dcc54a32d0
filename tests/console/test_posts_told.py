"""A post is told with its time, its state, and what can be decided about it."""

from datetime import date, datetime
from typing import Any

import pytest

from bot.console import posts, wording
from config.daily import ZONE
from models.content import PostState

MORNING = datetime(2026, 3, 3, 9, tzinfo=ZONE)
POST: dict[str, Any] = {
    "group": "g1",
    "day": "2026-03-04",
    "slot": 660,
    "said_at": "2026-03-04T11:04:19+08:00",
    "opens_at": "2026-03-04T11:00:00+08:00",
    "closes_at": "2026-03-04T12:00:00+08:00",
    "kind": "dry",
    "state": "planned",
    "item": "c1",
    "voice": "assistant",
    "awaiting_approval": False,
    "approved_by": None,
    "posted_at": None,
    "heard": None,
    "speakers": None,
    "usual_heard": None,
}


def test_days_to_choose_begin_with_tomorrow() -> None:
    days = posts.days_to_choose(date(2026, 3, 3))
    assert list(days.items())[:3] == [
        ("1", "明天 3月4日 周三"),
        ("0", "今天 3月3日 周二"),
        ("2", "后天 3月5日 周四"),
    ]
    assert days["14"] == "3月17日 周二"


def test_what_the_monitor_says_has_hours_and_no_minute() -> None:
    assert posts.when(POST) == "11:04"
    assert posts.when(POST | {"voice": "monitor"}) == "11:00-12:00"
    assert posts.when(POST | {"state": "empty"}) == "11:00-12:00"
    assert posts.when(POST | {"posted_at": "2026-03-04T03:30:00+00:00"}) == "11:30"


@pytest.mark.parametrize(
    ("post", "state", "deeds"),
    [
        ({}, "待发", ["swap", "skip", "now"]),
        ({"awaiting_approval": True}, "等审批", ["approve", "swap", "skip", "now"]),
        ({"approved_by": "小王"}, "批准了", ["swap", "skip", "now"]),
        ({"state": "handed", "voice": "monitor"}, "班长手里", ["swap", "skip"]),
        ({"state": "skipped"}, "不发", ["swap"]),
        ({"state": "empty", "item": None}, "没有合适的", ["swap"]),
        ({"state": "posted", "posted_at": "2026-03-04T11:04:19+08:00"}, "已发", []),
        ({"closes_at": "2026-03-03T08:00:00+08:00"}, "待发", []),
    ],
)
def test_what_can_be_decided_depends_on_its_state(
    post: dict[str, Any], state: str, deeds: list[str]
) -> None:
    given = POST | post
    assert (posts.state(given), posts.deeds(given, MORNING)) == (state, deeds)


def test_what_came_of_it_is_compared_with_what_is_usual() -> None:
    posted = POST | {"state": "posted", "posted_at": POST["said_at"]}
    assert posts.afterwards(posted) == ""
    heard = posted | {"heard": 12, "speakers": 5}
    assert posts.afterwards(heard) == "发后一小时：12 条、5 人说话"
    assert posts.afterwards(heard | {"usual_heard": 7.96}).endswith("平时 8 条")


def test_several_are_approved_and_why_others_are_not() -> None:
    assert posts.summary(3, []) == "批准了 3 条"
    refused = [{"why": "it has been posted"}, {"why": "it has been posted"}]
    assert posts.summary(3, refused) == "批准了 3 条；2 条没批成：它已经发过了"


def test_every_state_has_a_name() -> None:
    assert set(wording.POSTS) == {each.value for each in PostState}
