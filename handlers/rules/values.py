"""A rule's value as it is typed by thumb, and as it is said. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

from config.daily import DailySpan
from config.mix import LARGEST_WET, Mix
from config.rules import Weekday
from handlers.arguments import plain

DAY, HOUR, MINUTE = 86_400, 3600, 60
UNITS = ((DAY, "天"), (HOUR, "小时"), (MINUTE, "分钟"), (1, "秒"))
UNSET = ("默认", "默认值", "恢复默认", "恢复", "取消", "重置", "default", "reset", "unset")
NEVER = ("无", "没有", "不要", "关", "关闭", "off")
YES = ("要", "是", "开", "开启", "打开", "需要", "on", "yes", "true")
NO = (*NEVER, "不", "否", "不用", "不需要", "no", "false")
TIMES = "times"
"""The unit of a number that is no share."""
_MIX_LIMITS = f"干货:湿货:互动，加起来100，湿货最多{LARGEST_WET}"
FEW, MANY = 24, 600
"""Bounds are said in the largest unit of which the upper one has more than a few, not many."""

_SPELLED = {
    **dict.fromkeys(("周", "星期", "礼拜"), 7 * DAY),
    **dict.fromkeys(("天", "日", "d", "day", "days"), DAY),
    **dict.fromkeys(("小时", "钟头", "时", "h", "hr", "hour", "hours"), HOUR),
    **dict.fromkeys(("分钟", "分", "m", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("秒钟", "秒", "s", "sec", "secs", "second", "seconds"), 1),
}
_COUNTED = ("", "个", "人", "位", "名", "个人", "条", "次", "遍", "月", "个月", "分")
_NUMERALS = {name: value for value, name in enumerate("零一二三四五六七八九")} | {"两": 2}
_DIGITS = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_NUMBER = rf"{_DIGITS}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九]"
_UNIT = "|".join(sorted(_SPELLED, key=len, reverse=True))
_PIECE = re.compile(
    rf"(?:(?P<number>{_NUMBER})(?P<half>个?半)?|半)个?(?P<unit>{_UNIT})(?P<more>半)?"
)
_DURATION = re.compile(rf"(?P<sign>[+-]?)(?:(?P<seconds>{_DIGITS})|(?:{_PIECE.pattern})+)")
_COUNT = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})(?P<unit>\D*)")
_SHARE = re.compile(r"(?P<number>-?[0-9]{1,9}(?:\.[0-9]{1,6})?)(?P<unit>%|倍)?")
_CLOCK = r"([0-9]{1,2})(?:[:.点](?:([0-9]{1,2})分?|(半))?)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|~|～|到|至)\s*{_CLOCK}")
_BETWEEN = re.compile(r"[\s、,，;；和]*")
_MIX = re.compile(r"([0-9]{1,3})%?[:/、,，\s-]+([0-9]{1,3})%?[:/、,，\s-]+([0-9]{1,3})%?")

_WEEK: tuple[str, ...] = get_args(Weekday)
_SUNDAY = len(_WEEK) - 1
_WEEKDAYS = dict(zip("一二三四五六日", range(7), strict=True)) | {"天": _SUNDAY}
_SETS = {
    "周末": (5, 6),
    "工作日": range(5),
    "每天": range(7),
    **{name: (day,) for day, name in enumerate(_WEEK)},
}
_DAY = r"(?:周|星期|礼拜)?([一二三四五六日天]|(?<=[周期拜])[1-7])"
_DAYS = re.compile(rf"({'|'.join(_SETS)})[a-z]*|{_DAY}(?:\s*(?:-|~|～|到|至)\s*{_DAY})?")
_SAID = {name: f"周{'一二三四五六日'[day]}" for day, name in enumerate(_WEEK)} | {
    "given": "设定的",
    "learned": "学到的",
    "paste": "群主粘贴",
    "send": "群发",
    "month": "按月",
    "week": "按周",
    "day": "按天",
}
"""What is a word to the rules, in Chinese."""
_CHOICES = {
    "设定": "given",
    "统一": "given",
    "学到": "learned",
    "学习": "learned",
    "粘贴": "paste",
    "群主粘贴": "paste",
    "群发": "send",
    **{
        f"{by}{each}": word
        for each, word in (("月", "month"), ("周", "week"), ("天", "day"))
        for by in ("", "按")
    },
}


class Misread(Exception):
    """In Chinese, how such a value is written."""


# Typed


def read(kind: Any, typed: str) -> Any:
    """The value as JSON has it, None where it is to be unset; `kind` is the rule's type. Whether
    it is within its bounds is another matter."""
    text = plain(typed).strip().rstrip("。!！").strip().casefold()
    if text in UNSET:
        return None
    if kind is timedelta:
        return _duration(text)
    if kind is int:
        return _count(text)
    if kind is float:
        return _share(text)
    if kind is bool:
        return _yes(text)
    if kind is Mix:
        return _mix(text)
    if get_origin(kind) is Literal:
        return _choice(text, get_args(kind))
    if Weekday in get_args(kind):
        return _weekdays(text)
    spans = _spans(text)
    if kind is not DailySpan:
        return spans
    if len(spans) > 1:
        raise Misread("只能有一段，例如 23:00-07:30")
    return spans[0]


def _duration(text: str) -> int | float:
    """`5`, `5秒`, `1小时30分`, `1.5小时`, `半小时`, `一个半小时`, `-5天`."""
    found = _DURATION.fullmatch(text.replace(" ", ""))
    if not found:
        raise Misread("要写时长，例如 30秒、5分钟、1.5小时")
    if found["seconds"]:
        length = float(found["seconds"])
    else:
        length = sum(map(_seconds, _PIECE.finditer(found[0])))
    length = -length if found["sign"] == "-" else length
    return int(length) if length == int(length) else length


def _seconds(piece: re.Match[str]) -> float:
    count = _value(piece["number"]) if piece["number"] else 0.5
    halves = (piece["half"] is not None) + (piece["more"] is not None)
    return (count + halves / 2) * _SPELLED[piece["unit"]]


def _count(text: str) -> int:
    found = _COUNT.fullmatch(text.replace(" ", ""))
    if not found or "." in found["number"] or found["unit"] not in _COUNTED:
        raise Misread("要写整数，例如 5")
    return int(_value(found["number"])) * (-1 if found["sign"] == "-" else 1)


def _share(text: str) -> float:
    found = _SHARE.fullmatch(text.replace("％", "%").replace(" ", ""))
    if not found:
        raise Misread("要写比例，例如 30%")
    return float(found["number"]) / (100 if found["unit"] == "%" else 1)


def _yes(text: str) -> bool:
    if text not in YES + NO:
        raise Misread("要写 要 或 不要")
    return text in YES


def _choice(text: str, choices: tuple[str, ...]) -> str:
    chosen = _CHOICES.get(text.removesuffix("的"), text)
    if chosen not in choices:
        raise Misread(f"要写 {_either(choices)}")
    return chosen


def _mix(text: str) -> str:
    """`60:15:25`, `60/15/25`, `60 15 25`."""
    found = _MIX.fullmatch(text)
    try:
        return str(Mix.parse(":".join(found.groups() if found else ())))
    except ValueError as error:
        raise Misread(f"要写{_MIX_LIMITS}，例如 60:15:25") from error


def _weekdays(text: str) -> list[str]:
    """`周日`, `周六、日`, `周一到周五`, `周末`; in the order of the week."""
    if text in NO:
        return []
    days: set[int] = set()
    end = 0
    for found in _DAYS.finditer(text):
        # 三 or 天 may be anything; after 周六 it is a day of the week.
        is_bare = not days and found[0][0] in _WEEKDAYS
        if is_bare or not _BETWEEN.fullmatch(text, end, found.start()):
            break
        days.update(_days(*found.groups()))
        end = found.end()
    if not days or not _BETWEEN.fullmatch(text, end):
        raise Misread("要写星期几，例如 周日、周六和周日，不停发就写 无")
    return [_WEEK[day] for day in sorted(days)]


def _days(several: str | None, first: str | None, last: str | None) -> Iterable[int]:
    if several:
        return _SETS[several]
    begin = _weekday(first or "")
    end = _weekday(last) if last else begin
    return range(begin, end + 1) if begin <= end else (*range(begin, 7), *range(end + 1))


def _weekday(name: str) -> int:
    return int(name) - 1 if name.isdecimal() else _WEEKDAYS[name]


def _spans(text: str) -> list[str]:
    if text in NEVER:
        return ["00:00-00:00"]
    spans, end = [], 0
    for found in _SPAN.finditer(text):
        if not _BETWEEN.fullmatch(text, end, found.start()):
            break
        first, last = _clock(*found.group(1, 2, 3)), _clock(*found.group(4, 5, 6))
        if (first, last) == ("00:00", "24:00"):
            raise Misread("没法写一整天，可以写 00:00-23:59")
        spans.append(f"{first}-{'00:00' if last == '24:00' else last}")
        end = found.end()
    if not spans or not _BETWEEN.fullmatch(text, end):
        raise Misread("要写时段，例如 23:00-07:30")
    return spans


def _clock(hour: str, minute: str | None, half: str | None) -> str:
    hours, minutes = int(hour), 30 if half else int(minute or 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise Misread(f"没有{hours:02}:{minutes:02}这个时间，例如 23:00-07:30")
    return f"{hours:02}:{minutes:02}"


def _value(number: str) -> float:
    """Of digits, or of a Chinese numeral below a hundred."""
    if number[0].isdecimal():
        return float(number)
    tens, ten, ones = number.rpartition("十")
    return (10 * _NUMERALS.get(tens, 1) if ten else 0) + _NUMERALS.get(ones, 0)


# Said


def shown(value: object, unit: object = None) -> str:
    """`1小时30分钟`, `30%`, `11:00-12:00、20:00-21:00`, `要`, `60:15:25`, `周日`."""
    match value:
        case timedelta():
            return _duration_shown(value)
        case bool():
            return "要" if value else "不要"
        case float():
            return f"{value:g}倍" if unit == TIMES else f"{value * 100:.4g}%"
        case tuple():
            return "、".join(map(shown, value)) or "无"
        case DailySpan() if value.start == value.end:
            return "无"
        case _:
            return _SAID.get(str(value), str(value))


def _duration_shown(length: timedelta) -> str:
    seconds = abs(length.total_seconds())
    parts = []
    for unit, name in UNITS:
        count = seconds // unit if unit > 1 else seconds
        seconds -= count * unit
        if count:
            parts.append(f"{count:g}{name}")
    return ("-" if length < timedelta(0) else "") + ("".join(parts) or "0秒")


def bounds(kind: Any, schema: Mapping[str, Any]) -> str | None:
    """`0 到 600 秒`, from the rule's JSON schema; None where it has none."""
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if kind is bool:
        return "要 或 不要"
    if kind is Mix:
        return _MIX_LIMITS
    if get_origin(kind) is Literal:
        return _either(get_args(kind))
    if Weekday in get_args(kind):
        return "周一到周日里的几天，或 无"
    if kind is timedelta and lowest is not None and highest is not None:
        return _durations(lowest, highest)
    if kind is float:
        least, most = float(schema.get("exclusiveMinimum", lowest or 0)), float(highest or 1)
        return f"{shown(least, schema.get('unit'))} 到 {shown(most, schema.get('unit'))}"
    if lowest is None or highest is None:
        return None
    return f"{lowest} 到 {highest}"


def _durations(lowest: float, highest: float) -> str:
    for unit, name in UNITS:
        if lowest % unit == highest % unit == 0 and FEW <= highest // unit <= MANY:
            return f"{lowest / unit:g} 到 {highest / unit:g} {name}"
    return " 到 ".join(shown(timedelta(seconds=each)) for each in (lowest, highest))


def _either(choices: Iterable[str]) -> str:
    return " 或 ".join(map(shown, choices))
