"""What a task may be, whoever asks for it, and how somebody hears that hers may not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rules import TaskRules
from handlers.tasks.responses import folded, says_something

LONGEST_TITLE = 60
LONGEST_KEYWORD = 20
EXAMPLE = "/任务 今天喝水了吗 关键词=已喝 分=1 到=21:00"


class Mistyped(Exception):
    """In one line of Chinese: what is wrong, and what to type."""


class Refused(Mistyped):
    """The task may not be so, however it is asked for; `english` says it for HTTP."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese)
        self.english = english


@dataclass(frozen=True, slots=True)
class Opening:
    title: str
    keyword: str | None
    points: int
    closes_at: datetime


def check(opening: Opening, now: datetime, rules: TaskRules) -> None:
    """Raises Refused."""
    _check_title(opening.title)
    if opening.keyword is not None:
        check_keyword(opening.keyword)
    if not 1 <= opening.points <= rules.most_points:
        raise Refused(
            f"分要在1到{rules.most_points}之间，比如 分=1",
            f"points: a task is worth 1 to {rules.most_points}",
        )
    if opening.closes_at <= now:
        raise Refused("截止时间已经过了，请写晚一点", "closes_at: it lies in the past")
    if opening.closes_at > now + rules.longest:
        days = rules.longest / timedelta(days=1)
        raise Refused(
            f"任务最长{days:g}天，请把截止时间写近一点，比如 到=明天21:00",
            f"closes_at: a task lasts {days:g} days at most",
        )


def check_keyword(keyword: str) -> None:
    """Raises Refused."""
    if not folded(keyword):
        raise Refused(
            "关键词写什么呢？要有字或数字，比如 关键词=已喝",
            "keyword: it has neither a letter nor a digit",
        )
    if len(keyword) > LONGEST_KEYWORD:
        raise Refused(
            f"关键词最多{LONGEST_KEYWORD}个字，好打一点的更好，比如 关键词=已喝",
            f"keyword: it has {LONGEST_KEYWORD} characters at most",
        )


def _check_title(title: str) -> None:
    if not says_something(title):
        raise Refused(
            f"请大家做什么呢？要写成：{EXAMPLE}", "title: it has neither a letter nor a digit"
        )
    if len(title) > LONGEST_TITLE:
        raise Refused(
            f"任务名写了{len(title)}个字，最多{LONGEST_TITLE}个，请短一点",
            f"title: it has {LONGEST_TITLE} characters at most",
        )
