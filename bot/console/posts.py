"""How a post is told: when, as what, why, and what can be decided about it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from bot.console import reasons, wording
from config.daily import ZONE

Post = Mapping[str, Any]
Name = tuple[str, str, int]
DAYS_AHEAD = 14
_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
_OPEN = ("planned", "handed", "skipped", "empty", "dropped")
"""States in which something can still be decided."""


def name(post: Post) -> Name:
    return (post["group"], post["day"], post["slot"])


def day_told(day: date, today: date) -> str:
    """`明天 3月3日 周二`"""
    near = _NEAR.get((day - today).days)
    told = f"{wording.day(day)} 周{wording.WEEKDAYS[day.weekday()]}"
    return f"{near} {told}" if near else told


def days_to_choose(today: date) -> dict[str, str]:
    """How many days ahead -> the day; tomorrow first."""
    ahead = [1, 0, *range(2, DAYS_AHEAD + 1)]
    return {str(n): day_told(today + timedelta(days=n), today) for n in ahead}


def by_day(posts: Sequence[Post]) -> list[tuple[date, list[Post]]]:
    days = groupby(posts, key=lambda post: str(post["day"]))
    return [(date.fromisoformat(day), list(found)) for day, found in days]


def when(post: Post) -> str:
    """Its minute; of what the monitor says, the hours that she has for it."""
    if post["posted_at"]:
        return _minute(post["posted_at"])
    if post["voice"] == "monitor" or post["state"] in ("empty", "dropped", "skipped"):
        return f"{_minute(post['opens_at'])}-{_minute(post['closes_at'])}"
    return _minute(post["said_at"])


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZONE):%H:%M}"


def state(post: Post) -> str:
    if post["awaiting_approval"]:
        return "等审批"
    if post["state"] == "planned" and post["approved_by"]:
        return "批准了"
    return wording.POSTS[post["state"]]


def tone(post: Post) -> str:
    if post["awaiting_approval"]:
        return "warn"
    if post["state"] in ("lapsed", "empty", "dropped"):
        return "bad"
    good = post["state"] == "posted" or state(post) == "批准了"
    return "good" if good else ""


def nothing_said(post: Post) -> str:
    """What stands there instead of words."""
    if post["state"] == "skipped":
        return "这个时段不发"
    return "没有内容"


def afterwards(post: Post) -> str:
    """What members said in the hour after it."""
    if not post["posted_at"] or post["heard"] is None:
        return ""
    said = f"发后一小时：{post['heard']} 条、{wording.number(post['speakers'])} 人说话"
    usual = post["usual_heard"]
    return f"{said}，平时 {wording.number(round(usual, 1))} 条" if usual is not None else said


def decided(post: Post) -> str:
    """Who approved of it."""
    return f"{post['approved_by']} 批准" if post["approved_by"] else ""


def deeds(post: Post, now: datetime) -> list[str]:
    """What can be decided about it."""
    if post["state"] not in _OPEN or datetime.fromisoformat(post["closes_at"]) <= now:
        return []
    is_set = post["state"] in ("planned", "handed")
    can = {
        "approve": post["awaiting_approval"],
        "swap": True,
        "skip": is_set,
        "now": post["state"] == "planned" and post["item"] is not None,
    }
    return [deed for deed, may in can.items() if may]


def summary(approved: int, refused: Sequence[Mapping[str, Any]]) -> str:
    """What came of approving several."""
    told = f"批准了 {approved} 条"
    if not refused:
        return told
    why = dict.fromkeys(reasons.refusal(each["why"]) for each in refused)
    return f"{told}；{len(refused)} 条没批成：{'、'.join(why)}"
