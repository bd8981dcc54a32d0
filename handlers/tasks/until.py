"""Until when a task runs, as it is typed by thumb: `21:00`, `晚上9点半`, `12月1日 20:00`."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.daily import ZONE, midnight

USUAL = time(21)
"""When a task ends on a day of which no time is said."""

ENOUGH_TIME = timedelta(hours=1)
"""With less time left until the usual end, a task ends a day later."""
LATELY = timedelta(days=60)
"""Who types a day that is so recently past means that one, and not next year's."""

_NUMERALS = {name: value for value, name in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"(?:[0-9]{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_MINUTES = (
    r"[0-9]{1,2}分?(?![0-9])|[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]分?"
    r"|[二三四五]十分?|十分"
)
_PARTS = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|夜晚|半夜|深夜|午夜|早|午|晚"
_END = r"(?:\s*(?:之前|以前|前|为止|截止|截至|结束|止))?"

_LASTS = re.compile(
    rf"(?P<many>半|{_NUMBER}|[0-9]{{1,3}}(?:\.5)?)\s*个?(?P<half>半)?"
    rf"(?P<unit>小时|钟头|分钟|天|星期|周)(?:之后|以后|后|之内|以内|内)?{_END}"
)
_NAMED_DAY = re.compile(
    r"(?P<name>大后|后|明|今|当)(?:天|日)|(?P<short>明|今)(?=[早晚中上下夜午凌])"
)
_WEEKDAY = re.compile(
    r"(?P<which>下个?|这个?|本)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末]|[1-7](?![0-9]))"
)
_DATE = re.compile(
    rf"(?:(?P<year>20[0-9]{{2}})\s*[年./-]\s*)?(?P<month>{_NUMBER})\s*月\s*(?P<day>{_NUMBER})[日号]?"
)
_NUMERIC_DATE = re.compile(
    r"(?:(?P<year>20[0-9]{2})[./-])?(?P<month>[0-9]{1,2})[/-](?P<day>[0-9]{1,2})[日号]?(?![0-9:/.-])"
)
_DOTTED_DATE = re.compile(
    # Without a time after it, `12.1` is the time of day that `21.30` is.
    r"(?:(?P<year>20[0-9]{2})\.)?(?P<month>[0-9]{1,2})\.(?P<day>[0-9]{1,2})[日号]?"
    rf"(?=\s+(?:{_PARTS}|[0-9]{{1,2}}[:点时]))"
)
_CLOCK = re.compile(
    rf"""
    (?P<part>{_PARTS})?\s*(?P<hour>{_NUMBER})
    (?: \s*[:;]\s*(?P<colon>[0-9]{{2}})(?::[0-9]{{2}})?(?![0-9])
      | \.(?P<dot>[0-9]{{2}})(?![0-9.])
      | \s*[点时](?:整|钟|(?P<half>半)|(?P<quarters>[一三])刻|(?P<minutes>{_MINUTES}))?
      | (?<=[0-9])(?=\s*(?:am|pm|$)|[\s,，、;；。!！~]|前|之前|以前|截|止)
    )
    (?:\s*(?P<english>am|pm)\b)?
    {_END}
    """,
    re.X | re.I,
)
_PART_ALONE = re.compile(rf"(?P<part>中午|晚上|晚间|晚|半夜|午夜){_END}")
_TIMES_ALONE = {"中午": timedelta(hours=12), "半夜": timedelta(days=1), "午夜": timedelta(days=1)}
_UNITS = {
    "小时": timedelta(hours=1),
    "钟头": timedelta(hours=1),
    "分钟": timedelta(minutes=1),
    "天": timedelta(days=1),
    "星期": timedelta(weeks=1),
    "周": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Until:
    """`at` may be past. `says_when`: a day or a part of the day was named, not just an hour.
    `rest` is what follows."""

    at: datetime
    says_when: bool
    rest: str


def read(text: str, now: datetime) -> Until | None:
    """None where the text does not begin with a time that there is. `text` is plain."""
    now = now.astimezone(ZONE)
    text = text.lstrip()
    if found := _LASTS.match(text):
        lasts = _lasts(found)
        return Until(now + lasts, True, text[found.end() :]) if lasts else None
    named = _day(text, now.date())
    day, rest = named or (now.date(), text)
    clock = _clock(rest.lstrip())
    if clock is not None:
        at = midnight(day) + clock.since_midnight
        if named is None and clock.is_small_hours and at <= now:
            at += timedelta(days=1)
        return Until(at, named is not None or clock.names_part, clock.rest)
    if named is None or re.match(_PARTS, rest.lstrip()):
        return None
    end = re.match(_END, rest)
    return Until(datetime.combine(day, USUAL, ZONE), True, rest[end.end() if end else 0 :])


def usual_end(now: datetime) -> datetime:
    """This evening, or, when that is too close, tomorrow's."""
    local = now.astimezone(ZONE)
    evening = datetime.combine(local.date(), USUAL, ZONE)
    return evening if evening - local >= ENOUGH_TIME else evening + timedelta(days=1)


def when(moment: datetime, now: datetime) -> str:
    """`今天21:00`, `12月1日20:00`; midnight is the end of a day."""
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    day, clock = local.date(), f"{local:%H:%M}"
    if clock == "00:00":
        day, clock = day - timedelta(days=1), "24:00"
    near = {0: "今天", 1: "明天", 2: "后天"}.get((day - today).days)
    return f"{near or f'{day.month}月{day.day}日'}{clock}"


def _lasts(found: re.Match[str]) -> timedelta | None:
    many = found["many"]
    whole, _, half = many.partition(".")
    count = 0 if many == "半" else number(whole)
    if count is None:
        return None
    return _UNITS[found["unit"]] * (count + (0.5 if many == "半" or half or found["half"] else 0))


# Which day


def _day(text: str, today: date) -> tuple[date, str] | None:
    """The day that the text begins with, and what follows."""
    if found := _NAMED_DAY.match(text):
        ahead = {"大后": 3, "后": 2, "明": 1}.get(found["name"] or found["short"], 0)
        return today + timedelta(days=ahead), text[found.end() :]
    if found := _WEEKDAY.match(text):
        return _weekday(found, today), text[found.end() :]
    found = _DATE.match(text) or _NUMERIC_DATE.match(text) or _DOTTED_DATE.match(text)
    day = _dated(found, today) if found else None
    return (day, text[found.end() :]) if found and day else None


def _weekday(found: re.Match[str], today: date) -> date:
    """`周五` is the next one, today included; `下周五` is in the week that begins on Monday."""
    name = found["day"]
    weekday = 6 if name in "日天末" else (number(name) or 1) - 1
    monday = today - timedelta(days=today.weekday())
    if found["which"]:
        weeks = 1 if found["which"].startswith("下") else 0
        return monday + timedelta(weeks=weeks, days=weekday)
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _dated(found: re.Match[str], today: date) -> date | None:
    """Without a year it is the next one of that name, or one that is not long past."""
    month, day = number(found["month"]), number(found["day"])
    if not month or not day:
        return None
    years = [int(found["year"])] if found["year"] else range(today.year - 1, today.year + 2)
    days = [made for year in years if (made := _made(year, month, day))]
    return min((each for each in days if found["year"] or each > today - LATELY), default=None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# At what time


@dataclass(frozen=True, slots=True)
class _Clock:
    """`is_small_hours`: the night that is meant is the coming one, also where no day is named."""

    since_midnight: timedelta
    names_part: bool
    is_small_hours: bool
    rest: str


def _clock(text: str) -> _Clock | None:
    if alone := not _CLOCK.match(text) and _PART_ALONE.match(text):
        usual = timedelta(hours=USUAL.hour, minutes=USUAL.minute)
        return _Clock(_TIMES_ALONE.get(alone["part"], usual), True, False, text[alone.end() :])
    found = _CLOCK.match(text)
    hour = number(found["hour"]) if found else None
    minute = _minute(found) if found else None
    if not found or hour is None or minute is None or hour > 24 or minute > 59:
        return None
    part = found["part"] or (found["english"] or "").lower()
    since_midnight = timedelta(hours=_hour(hour, part), minutes=minute)
    if hour == 24 and minute:
        return None
    return _Clock(
        since_midnight,
        names_part=bool(part),
        is_small_hours=since_midnight < timedelta(hours=6 if part == "凌晨" else 1),
        rest=text[found.end() :],
    )


def _hour(hour: int, part: str) -> int:
    """By the clock of 24 hours, and beyond it where a night goes over midnight."""
    match part:
        case "下午" | "傍晚" | "pm" if hour < 12:
            return hour + 12
        case "中午" | "午" if hour <= 3:
            return hour + 12
        case "晚" | "晚上" | "晚间" | "夜晚" if hour < 5 or hour == 12:
            return hour % 12 + 24
        case "夜里" | "半夜" | "深夜" | "午夜" if hour < 7 or hour == 12:
            return hour % 12 + 24
        case "晚" | "晚上" | "晚间" | "夜晚" | "夜里" | "半夜" | "深夜" | "午夜" if hour < 12:
            return hour + 12
        case "凌晨" | "清晨" | "am" if hour == 12:
            return 0
        case _:
            return hour


def _minute(found: re.Match[str]) -> int | None:
    if found["half"]:
        return 30
    if found["quarters"]:
        return 15 if found["quarters"] == "一" else 45
    typed = found["colon"] or found["dot"] or (found["minutes"] or "0").rstrip("分")
    return number(typed.lstrip("零〇") or "零")


def number(text: str) -> int | None:
    """`12` or `十二`, up to 99."""
    if text.isascii():
        return int(text) if text.isdigit() else None
    tens, ten, ones = text.partition("十")
    if not ten:
        return _NUMERALS.get(text)
    many, few = _NUMERALS.get(tens or "一"), _NUMERALS.get(ones or "零")
    return None if many is None or few is None else many * 10 + few
