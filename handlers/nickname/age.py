"""What a nickname says of the age, pregnant or born, and which birth dates that allows."""

import re
from collections.abc import Callable
from datetime import date

from handlers.nickname.births import (
    LONGEST_PREGNANCY,
    Readings,
    aged,
    born,
    dated,
    next_month,
    pregnant,
)
from handlers.nickname.spelling import MARK

TRIMESTERS = {"早": (0, 97), "中": (98, 195), "晚": (196, LONGEST_PREGNANCY)}

Reader = Callable[[re.Match[str], date], Readings]


def read_ages(text: str, on: date) -> tuple[list[Readings], str]:
    """The readings of each age said, and the text without it."""
    ages, rest = _read(_CLEAR, text, on)
    return (ages, rest) if ages else _read(_VAGUE, text, on)


def _read(
    table: list[tuple[re.Pattern[str], Reader]], text: str, on: date
) -> tuple[list[Readings], str]:
    ages: list[Readings] = []
    for pattern, reader in table:
        ages += [reader(found, on) for found in pattern.finditer(text)]
        text = pattern.sub(MARK, text)
    return ages, text


# Numbers


_ONES = "一二三四五六七八九"
_VALUES = {"两": 2} | {char: value for value, char in enumerate(_ONES, start=1)}
_NUMBER = rf"(?:(?<!\d)\d{{1,3}}(?:\.5)?|[{_ONES}]?十[{_ONES}]?|[{_ONES}两])"


def _number(text: str) -> float:
    if text[0].isdecimal():
        return float(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _VALUES[tens]
    return 10 * _VALUES.get(tens, 1) + _VALUES.get(ones, 0)


def _whole(text: str) -> int:
    return int(_number(text))


# Readers


def _weeks(found: re.Match[str], on: date) -> Readings:
    days = 7 * _whole(found["weeks"])
    return _either(found, pregnant(on, days, days + 6), born(on, days, days + 6))


def _months(found: re.Match[str], on: date) -> Readings:
    """A month of pregnancy is four weeks or a calendar month, begun or completed: all are said."""
    count = _whole(found["months"])
    before = pregnant(on, 28 * max(count - 1, 0), 30 * (count + 1)) if count <= 10 else ()
    return _either(found, before, aged(on, count, 1))


def _days(found: re.Match[str], on: date) -> Readings:
    days = _whole(found["days"])
    return _either(found, pregnant(on, days, days), born(on, days, days))


def _years(found: re.Match[str], on: date) -> Readings:
    years = _number(found["years"])
    half = bool(found["half"]) or years % 1 > 0
    months = _whole(found["months"]) if found["months"] else 6 * half
    span = 1 if found["months"] else 6 if half else 12
    return aged(on, 12 * int(years) + months, span)


def _gestation(found: re.Match[str], on: date) -> Readings:
    days = 7 * _whole(found["weeks"])
    return pregnant(on, days, days + 6)


def _trimester(found: re.Match[str], on: date) -> Readings:
    first, last = next(TRIMESTERS[char] for char in found.group() if char in TRIMESTERS)
    return pregnant(on, first, last)


def _word(found: re.Match[str], on: date) -> Readings:
    return aged(on, *_WORDS[found.group()])


def _due(found: re.Match[str], on: date) -> Readings:
    """Without a year: the due date nearest to today that a group can still be about."""
    return _in_month(found, on, months_back=2)


def _birthday(found: re.Match[str], on: date) -> Readings:
    return _in_month(found, on, months_back=11)


def _month(found: re.Match[str], on: date) -> Readings:
    """`5月` alone: five months old, five months pregnant, due in May or born in May."""
    return _months(found, on) + _due(found, on) + _birthday(found, on)


def _either(found: re.Match[str], before: Readings, after: Readings) -> Readings:
    said = found.groupdict()
    if said.get("pregnant"):
        return before
    return after if said.get("born") or said.get("old") else before + after


def _in_month(found: re.Match[str], on: date, months_back: int) -> Readings:
    said = found.groupdict()
    month = _whole(found["month"])
    if not 1 <= month <= 12:
        return ()
    day = _whole(said["day"]) if said.get("day") else 0
    if said.get("year"):
        year = int(said["year"])
        return dated(date(year if year > 99 else 2000 + year, month, 1), day)
    return dated(next_month(month, on, months_back), day)


# Spellings

_PREGNANT = r"怀?孕期?[ :]*"
_WHO = rf"(?:(?P<pregnant>{_PREGNANT})|(?P<born>产后|出生后?|刚满) ?)?"
# A Latin unit stands right after its number: in `28周+3 M` the M is a name.
# Nor is a 天 a unit that begins a city: 天津, 天水, 天门.
_DAY = r"(?: ?(?:天(?![津水门])|日龄)|d(?:ays?)?(?![a-z]))"
_DAY_TAIL = rf"(?: ?\+ ?[0-6](?![\d个月岁周]){_DAY}?| ?零?{_NUMBER}{_DAY})"
_WEEK = r"(?: ?(?:周|星期)|w(?:eeks?|ks?)?(?![a-z]))"
_MONTH = r"(?: ?(?:个半?多?月|月(?=[龄大]))|m(?:onths?|o)?(?![a-z]))"
_YEAR = r"(?: ?周?岁|y(?:ears?)?(?![a-z]))"

_MONTH_DAY = rf"(?P<month>{_NUMBER}) ?月份?(?: ?(?P<day>{_NUMBER}) ?[日号])?(?:[上中下]旬|[初底])?"
_YEAR_OF = r"(?P<year>(?<!\d)(?:[12]\d)?\d\d) ?年 ?"
_DATE = rf"(?:{_YEAR_OF})?{_MONTH_DAY}"
_DUE = r"预产期?[ :\-是在约]*"
_BORN = r"(?:出生|生(?!\w))"
_NUMERIC = r"(?:(?P<year>20\d\d)[./-]?)?(?P<month>0?[1-9]|1[0-2])(?:[./-]?(?P<day>\d{1,2}))?(?!\d)"

_WORDS = {
    "刚出生": (0, 1),
    "新生儿": (0, 1),
    "满月": (1, 1),
    "百天": (3, 1),
    "百日": (3, 1),
    "半岁": (6, 1),
    "周岁": (12, 1),
}


def _table(*rows: tuple[str, Reader]) -> list[tuple[re.Pattern[str], Reader]]:
    return [(re.compile(pattern, re.IGNORECASE), reader) for pattern, reader in rows]


# In this order: what an earlier row reads, a later one no longer sees (`1岁2个月`, `28周岁`).
_CLEAR = _table(
    (rf"{_DUE}{_DATE}(?:\d{{1,2}}(?![\d个月岁周天]))?", _due),
    (rf"{_DUE}{_NUMERIC}", _due),
    (rf"{_DATE} ?(?:预产期?|待产)", _due),
    (rf"{_DATE} ?{_BORN}", _birthday),
    (rf"{_YEAR_OF}{_MONTH_DAY}", _birthday),
    (r"怀?孕[早中晚]期|[早中晚]孕期", _trimester),
    (
        rf"(?P<years>{_NUMBER}){_YEAR}"
        rf"(?:(?P<half>半)| ?零?(?P<months>{_NUMBER})(?: ?(?:个半?)?月|m(?![a-z])))?多?",
        _years,
    ),
    (rf"(?P<pregnant>{_PREGNANT})(?P<months>{_NUMBER}) ?月", _months),
    (
        rf"{_WHO}(?P<weeks>{_NUMBER})(?:\+[0-6])?{_WEEK}(?P<old>龄|大)?(?:{_DAY_TAIL})?多?",
        _weeks,
    ),
    (rf"{_WHO}(?P<months>{_NUMBER}){_MONTH}(?P<old>龄|大)?[半多]?(?:{_DAY_TAIL})?", _months),
    (rf"{_WHO}(?P<days>{_NUMBER}){_DAY}(?P<old>大)?多?", _days),
    (rf"{_PREGNANT}(?P<weeks>\d{{1,2}})(?!\d)(?: ?\+ ?[0-6](?!\d))?", _gestation),
)

# Also what babies are called, so read only where nothing clearer is said.
_VAGUE = _table(
    ("|".join(_WORDS), _word),
    (r"(?<!\d)(?P<month>(?P<months>\d{1,2})) ?月(?: ?(?P<day>\d{1,2}) ?[日号])?", _month),
    (r"(?<!\d)(?P<weeks>[1-4]?\d) ?\+ ?[0-6](?!\d)", _gestation),
)
