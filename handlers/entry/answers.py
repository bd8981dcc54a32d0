"""What a mother filled in, checked kindly: her answers, or what she should look at again."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from config.rules import Rules
from handlers.entry import consent
from models.cohort import MONTHS, BirthWindow, shift_months
from models.entry import OVERDUE, Answers, Baby, EntryCode
from models.text import BLANKS, storable

AHEAD = timedelta(days=300)
"""A pregnancy is 280 days, and nobody has a due date before she is pregnant."""
LONGEST_NAME = 20
"""Characters as one sees them: a family that is one picture counts once."""
LONGEST_WRITTEN = 100
"""Characters as they are written."""
LONGEST_INPUT = 200
GROWN = 15
"""Whoever is said to have been born so many years ago is the mother."""


class Field(StrEnum):
    """What the form's fields are called."""

    BABY = "baby"
    DAY = "day"
    CITY = "city"
    NAME = "name"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is to be said beside each field, in Chinese."""

    texts: Mapping[Field, str]


@dataclass(frozen=True, slots=True)
class Fault:
    text: str


def check(
    form: Mapping[str, str],
    code: EntryCode,
    cities: Collection[str],
    today: date,
    rules: Rules,
) -> Answers | Faults:
    """`rules` are those of the code's channel, `cities` those that are served."""
    given = {field: form.get(field, "")[:LONGEST_INPUT] for field in Field}
    baby = _baby(given[Field.BABY])
    day = _day(given[Field.DAY], baby, today, rules)
    city = code.city or _city(given[Field.CITY], cities)
    name = _name(given[Field.NAME])
    agreed = _version(given[Field.CONSENT])
    read = zip(Field, (baby, day, city, name, agreed), strict=True)
    faults = {field: each.text for field, each in read if isinstance(each, Fault)}
    if isinstance(baby, Fault) or isinstance(day, Fault) or faults:
        return Faults(faults)
    return Answers(baby=baby, day=day, city=str(city), name=str(name), consent=str(agreed))


def days(today: date, rules: Rules) -> tuple[date, date]:
    """The first and the last day that anybody may be due, or born, on."""
    return min(today - OVERDUE, today - rules.entry.oldest), today + AHEAD


def window_of(day: date, first_month: int) -> BirthWindow:
    """The birth window in which the day lies; they start every three months, one of them in
    `first_month`."""
    into = (day.month - first_month) % MONTHS
    first = shift_months(day.replace(day=1), -into)
    return BirthWindow(first.year, first.month)


# Due, or born


def _baby(given: str) -> Baby | Fault:
    try:
        return Baby(given.strip())
    except ValueError:
        return Fault("宝宝出生了吗？请选一个")


def _version(given: str) -> str | Fault:
    """Of the text that she agreed to."""
    return consent.VERSION if given == "yes" else Fault("同意以后，我们才能帮你找群")


# The day

_WRITTEN = re.compile(
    r"(?P<year>\d+) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2}) ?[日号]?"
)
_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")


def _day(given: str, baby: Baby | Fault, today: date, rules: Rules) -> date | Fault:
    """What is wrong with the day itself is said also where nobody knows yet what day it is."""
    what = "生日" if baby is Baby.BORN else "预产期"
    if not given.strip():
        return Fault("请选一个日期" if isinstance(baby, Fault) else f"请选宝宝的{what}")
    day = read_day(given, today)
    if isinstance(day, Fault):
        return day
    fault = None
    if baby is Baby.DUE:
        fault = _due_fault(day, today)
    elif baby is Baby.BORN:
        fault = _birthday_fault(day, today, rules)
    return fault or day


def read_day(given: str, today: date) -> date | Fault:
    """As people write it where their browser has no date field."""
    text = " ".join(unicodedata.normalize("NFKC", given).split())
    found = _WRITTEN.fullmatch(text) or _DIGITS.fullmatch(text)
    if not found:
        return Fault(f"没看懂这个日期，像 {today.isoformat()} 这样写就行")
    year, month, number = found["year"], int(found["month"]), int(found["day"])
    if len(year) != 4:
        return Fault(f"年份要写四位，比如 {today.year}")
    if not today.year - 100 <= int(year) <= today.year + 50:
        return Fault(f"年份写的是 {int(year)} 年，是不是打错了？")
    if not 1 <= month <= 12:
        return Fault(f"没有 {month} 月，请再看一下")
    try:
        return date(int(year), month, number)
    except ValueError:
        return Fault(f"{int(year)} 年 {month} 月没有 {number} 日，请再看一下")


def _due_fault(day: date, today: date) -> Fault | None:
    if day < today - OVERDUE:
        return Fault("这个预产期过去好一阵子了。宝宝已经出生的话，请选「已出生」，填生日")
    if day > today + AHEAD:
        return Fault(f"预产期最晚也就在十个月以内，年份是不是打错了？写的是 {day.year} 年")
    return None


def _birthday_fault(day: date, today: date, rules: Rules) -> Fault | None:
    if day > today:
        return Fault("这个生日还没到。宝宝还没出生的话，请选「还没出生」，填预产期")
    if day < shift_months(today, -12 * GROWN):
        return Fault("这里填宝宝的生日，不是你自己的哦")
    if day < today - rules.entry.oldest:
        return Fault(f"我们的群陪宝宝到{_age(rules.entry.oldest)}，再看看生日有没有填错")
    return None


def _age(oldest: timedelta) -> str:
    years, months = oldest.days // 365, oldest.days // 30
    if years:
        return f" {years} 岁左右"
    return f" {months} 个月左右" if months else "满月前"


# The city


def _city(given: str, cities: Collection[str]) -> str | Fault:
    if not given.strip():
        return Fault("请选你所在的城市")
    return city_among(given, cities) or Fault("这个城市我们还没有群，请从列表里选一个")


def city_among(given: str, cities: Collection[str]) -> str | None:
    """The one of these that is meant, with or without its 市."""
    city = unicodedata.normalize("NFKC", given).strip()
    spellings = (city, city.removesuffix("市"), f"{city}市")
    return next((each for each in spellings if each and each in cities), None)


# The name

_JOINER = "\u200d"
_PICTURE = re.compile("[\U0001f000-\U0001fbff]")
"""Also those that are younger than our table of characters."""
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_SHOWS_NOTHING = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


def _name(given: str) -> str | Fault:
    if storable(given) != given or any(map(_is_unseen, given.strip())):
        return Fault("名字里有显示不出来的字符，请重新打一遍")
    name = " ".join(BLANKS.sub(" ", _without_marks(given)).split())
    if not name:
        return Fault("怎么称呼你呢？写个名字或昵称就行")
    if len(name) > LONGEST_WRITTEN or sum(map(_is_seen_alone, name, f" {name}")) > LONGEST_NAME:
        return Fault(f"名字有点长，{LONGEST_NAME} 个字以内就好")
    if not any(map(_says_something, name)):
        return Fault("名字里写几个字吧，光有标点认不出你")
    return name


def _is_seen_alone(char: str, before: str) -> bool:
    """And not as a part of what stands before it."""
    is_part = char == _JOINER or before == _JOINER or bool(_SKIN.match(char))
    return not is_part and unicodedata.category(char) not in ("Mn", "Me", "Mc")


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _SHOWS_NOTHING and not _PICTURE.match(char)


def _without_marks(text: str) -> str:
    """Without what only changes how the text around it is read; joiners make emoji."""
    kept = [each for each in text if unicodedata.category(each) != "Cf" or each == _JOINER]
    return "".join(kept).strip(_JOINER)


def _says_something(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) == "So" or bool(_PICTURE.match(char))
