"""What a monitor types after `/任务`: to see what is open, to end a task, or to open one."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rules import TaskRules
from handlers.arguments import plain
from handlers.tasks import bounds, until
from handlers.tasks.bounds import EXAMPLE, Mistyped, Opening


@dataclass(frozen=True, slots=True)
class Listing:
    """To see what is open."""


@dataclass(frozen=True, slots=True)
class Ending:
    """To end the task that is `called` so, by its number, title or keyword; "" if she does not
    say which."""

    called: str


_NUMBER = "[0-9]{1,9}|[一二三四五六七八九十]{1,3}"
_LISTING = re.compile(r"(?:列表|查看|看看|所有|全部|list|帮助|help|[?？])?", re.I)
_ENDING = re.compile(
    r"(?:提前)?(?:结束|(?:关闭|截止|停止|收尾|end|close|stop)(?![^\s0-9#]))(?:任务)?\s*"
    rf"(?:[#第]?\s*(?P<number>{_NUMBER})\s*[个号条]?(?:任务)?|(?P<called>.*))",
    re.I,
)
_UNDOING = re.compile(r"(?:取消|撤销|撤回|删除|删掉|cancel|delete)(?![^\s0-9#第任]).*", re.I)


def read(args: str, now: datetime, rules: TaskRules) -> Listing | Ending | Opening:
    """Raises Mistyped. What begins like an end and has no option is none of a title: a task
    that was opened by mistake has been heard by hundreds."""
    text = " ".join(plain(args).split())
    if _LISTING.fullmatch(text):
        return Listing()
    if "=" not in text:
        if _UNDOING.fullmatch(text):
            raise Mistyped("任务发出去就撤不回啦，想提前收尾请发 /任务 结束")
        if ending := _ENDING.fullmatch(text):
            return Ending(_number(ending["number"]) if ending["number"] else ending["called"])
    return _opening(text, now, rules)


def _number(typed: str) -> str:
    """`二` and `02` are 2; what is no number stays what it is."""
    number = until.number(typed)
    return typed if number is None else str(number)


def _opening(text: str, now: datetime, rules: TaskRules) -> Opening:
    words = _Words(text, now).read()
    opening = Opening(
        title=_title(words.title),
        keyword=words.keyword,
        points=rules.usual_points if words.points is None else words.points,
        closes_at=words.closes_at or until.usual_end(now),
    )
    bounds.check(opening, now, rules)
    return opening


def _title(typed: str) -> str:
    title = " ".join(typed.split()).strip(_SEPARATORS)
    if unknown := re.search(r"(\S{0,8}?)\s?=", title):
        raise Mistyped(f"不认识「{unknown[1]}=」，能写的有 关键词=、分=、到=，比如：{EXAMPLE}")
    return title


# Options

_SEPARATORS = " ,，、;；"
_STARTS = rf"(?<![^{_SEPARATORS}])"
_ENDS = rf"(?=[{_SEPARATORS}]|$)"

_MARK = re.compile(
    # `分=1` counts wherever it stands. A title may have a colon, so `分:1` needs the start of a
    # word or a value that fits, and `分1` both.
    rf"""
    (?: (?<![a-z])
        (?: (?P<keyword_set>关键[词字次]|关健[词字]|口令|暗号|keyword)
          | (?P<points_set>积分|分[数值]|[奖加得]分|奖励|points?|分)
          | (?P<until_set>截止到|截止时间|截止|截至|结束时间|到期|直到|时间|until|到)
        )\s*=
      | (?P<keyword_named>关键[词字]|keyword)\s*:
      | (?P<points_named>积分|分)\s*:(?=\s*\+?[0-9])
      | (?P<until_named>截止到|截止时间|截止|到)\s*:(?=\s*(?:[0-9]|[今明后大下周晚中午]))
      | {_STARTS}
        (?: (?P<keyword_told>关健[词字]|口令|暗号)
          | (?P<points_told>积分|分[数值]|points?|分)
          | (?P<until_told>截止到|截止时间|截止|截至|until|到)
        )\s*:
      | {_STARTS}
        (?: (?P<keyword_bare>关键[词字]|keyword)
          | (?P<points_bare>(?:积分|分|points?)(?=\s*[0-9]{{1,9}}分?{_ENDS})
            | (?=\+?[0-9]{{1,3}}\s?(?:个?积)?分{_ENDS}))
          | (?P<until_bare>截止到|截止|截至|直到|until|到)
        )
    )\s*
    """,
    re.X | re.I,
)
_POINTS = re.compile(
    r"(?P<number>[+-]?[0-9]{1,9}(?:\.[0-9]+)?|[一二两三四五六七八九十]{1,3})"
    r"\s*(?:个?积?分|points?\b)?",
    re.I,
)
_QUOTED = re.compile("[「『“\"'‘《【](?P<inside>[^」』”\"'’》】]+)[」』”\"'’》】]")


class _Words:
    """A new task, read from left to right: what belongs to no option is its title."""

    def __init__(self, text: str, now: datetime) -> None:
        self._text = text
        self._now = now
        self.title = ""
        self.keyword: str | None = None
        self.points: int | None = None
        self.closes_at: datetime | None = None

    def read(self) -> "_Words":
        at = 0
        while mark := _MARK.search(self._text, at):
            self.title += self._text[at : mark.start()] + " "
            at = mark.end() + self._take(mark)
        self.title += self._text[at:]
        return self

    def _take(self, mark: re.Match[str]) -> int:
        """Take the option that begins here; how long its value is."""
        name, _, how = (mark.lastgroup or "").partition("_")
        following = _MARK.search(self._text, max(mark.end(), mark.start() + 1))
        value = self._text[mark.end() : following.start() if following else None]
        match name:
            case "keyword":
                return self._take_keyword(value)
            case "points":
                return self._take_points(value)
            case "until" if how != "bare" or self._is_time(value):
                return self._take_until(value)
        self.title += mark[0]
        return 0

    def _take_keyword(self, value: str) -> int:
        self._once(self.keyword, "关键词")
        quoted = _QUOTED.match(value)
        word = quoted[0] if quoted else value.split(" ", 1)[0]
        self.keyword = (quoted["inside"] if quoted else word).strip(_SEPARATORS + "。")
        bounds.check_keyword(self.keyword)
        return len(word)

    def _take_points(self, value: str) -> int:
        self._once(self.points, "分")
        found = _POINTS.match(value)
        if found is None:
            raise Mistyped("几分呢？要写数字，比如 分=1")
        # What is below zero or no whole number is out of bounds, as zero is.
        self.points = until.number(found["number"].removeprefix("+")) or 0
        return found.end()

    def _take_until(self, value: str) -> int:
        self._once(self.closes_at, "到")
        read = until.read(value, self._now)
        if read is None:
            typed = value.split(" ", 1)[0][:12]
            unread = f"没看懂「{typed}」" if typed else "到几点呢"
            raise Mistyped(f"{unread}，可以写 到=21:00、到=明天12:00 或 到=12月1日 20:00")
        if read.at <= self._now:
            raise Mistyped(_past(read, self._now))
        self.closes_at = read.at
        return len(value) - len(read.rest)

    def _is_time(self, value: str) -> bool:
        read = until.read(value, self._now)
        return read is not None and read.rest[:1] in ("", *_SEPARATORS)

    def _once(self, before: object, name: str) -> None:
        if before is not None:
            raise Mistyped(f"「{name}」写了两次，留一个就好，比如：{EXAMPLE}")


def _past(read: until.Until, now: datetime) -> str:
    evening = read.at + timedelta(hours=12)
    if not read.says_when and read.at.hour < 12 and evening > now:
        meant = f"如果是晚上请写 到={evening:%H:%M}"
    else:
        meant = "请写晚一点的，比如 到=明天21:00"
    return f"{until.when(read.at, now)}已经过了，{meant}"
