"""A rule's value as it is typed by thumb, and as it is said. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config.daily import DailySpan
from handlers.arguments import plain

DAY, HOUR, MINUTE = 86_400, 3600, 60
UNITS = ((DAY, "天"), (HOUR, "小时"), (MINUTE, "分钟"), (1, "秒"))
UNSET = ("默认", "默认值", "恢复默认", "恢复", "取消", "重置", "default", "reset", "unset")
NEVER = ("无", "没有", "不要", "关", "关闭", "off")
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
_SHARE = re.compile(r"(?P<number>-?[0-9]{1,9}(?:\.[0-9]{1,6})?)(?P<percent>%?)")
_CLOCK = r"([0-9]{1,2})(?:[:.点](?:([0-9]{1,2})分?|(半))?)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|~|～|到|至)\s*{_CLOCK}")
_BETWEEN = re.compile(r"[\s、,，;；和]*")


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
    return float(found["number"]) / (100 if found["percent"] else 1)


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


def shown(value: object) -> str:
    """`1小时30分钟`, `30%`, `11:00-12:00、20:00-21:00`."""
    match value:
        case timedelta():
            return _duration_shown(value)
        case float():
            return f"{value * 100:.4g}%"
        case tuple():
            return "、".join(map(shown, value))
        case DailySpan() if value.start == value.end:
            return "无"
        case _:
            return str(value)


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
    if kind is timedelta and lowest is not None and highest is not None:
        return _durations(lowest, highest)
    if kind is float:
        return f"{shown(float(schema.get('exclusiveMinimum', lowest or 0)))} 到 {shown(1.0)}"
    if lowest is None or highest is None:
        return None
    return f"{lowest} 到 {highest}"


def _durations(lowest: float, highest: float) -> str:
    for unit, name in UNITS:
        if lowest % unit == highest % unit == 0 and FEW <= highest // unit <= MANY:
            return f"{lowest / unit:g} 到 {highest / unit:g} {name}"
    return " 到 ".join(shown(timedelta(seconds=each)) for each in (lowest, highest))
