"""Whether a nickname is `city-age-name` as this group asks for it, and an example that is."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handlers.nickname.age import read_ages
from handlers.nickname.births import PREGNANCY, Readings
from handlers.nickname.city import any_city, listed_city, own_city
from handlers.nickname.spelling import cut, named, readable
from models.cohort import BirthWindow
from models.groups import Group, Member

ANY_CITY = "城市"
ANY_AGE = "孕28周"
FEWEST_WEEKS = 4  # nobody knows earlier


class Verdict(StrEnum):
    FITS = "fits"
    MISSING = "missing"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on each part; `called` is the name read, "" where it is missing."""

    city: Verdict
    age: Verdict
    name: Verdict
    called: str

    @property
    def fits(self) -> bool:
        return self.city == self.age == self.name == Verdict.FITS


def judge(
    nickname: str,
    *,
    city: str | None,
    window: BirthWindow | None,
    on: date,
    tolerance_months: int = 1,
) -> Judgement:
    """Reads the nickname as of `on`, the day it was set.

    Without a known `window` any age fits, without a known `city` any city (`any_city` says what
    counts as one); but the part has to be there.
    """
    asked = readable(city or "")
    own, ages, text = _read(nickname, asked, on)
    other = None if own else listed_city(text) if asked else any_city(text)
    if other:
        text = cut(text, other)
    called = named(text)
    return Judgement(
        city=_verdict(said=bool(own or other), fits=bool(own) or not asked),
        age=_verdict(said=bool(ages), fits=_any_meets(ages, window, tolerance_months)),
        name=_verdict(said=bool(called), fits=True),
        called=called,
    )


def births_told(nickname: str, city: str | None, on: date) -> Readings:
    """On which days her baby may be born, or have been, as the nickname says; none where it says
    nothing of an age."""
    _, ages, _ = _read(nickname, readable(city or ""), on)
    return tuple(births for age in ages for births in age)


def called(member: Member, group: Group, today: date) -> str:
    """What people call her: the name in `杭州-孕36周-小雨`, or all of it where there is none."""
    read = judge(member.shown, city=group.city, window=group.window, on=today)
    return read.called if read.age is not Verdict.MISSING and read.called else member.shown


def _read(nickname: str, city: str, on: date) -> tuple[re.Match[str] | None, list[Readings], str]:
    """Where it says the group's own city, the ages that it says, and what is left."""
    text = readable(nickname)
    own = own_city(text, city) if city else None
    if own:
        text = cut(text, own)
    ages, text = read_ages(text, on)
    return own, ages, text


def _verdict(*, said: bool, fits: bool) -> Verdict:
    if not said:
        return Verdict.MISSING
    return Verdict.FITS if fits else Verdict.CONTRADICTS


def _any_meets(ages: list[Readings], window: BirthWindow | None, tolerance_months: int) -> bool:
    """A mother may say two ages (her second child and her first): one of them is enough."""
    return window is None or any(
        births.meets(window, tolerance_months) for age in ages for births in age
    )


def example(city: str | None, window: BirthWindow | None, on: date, name: str = "小雨") -> str:
    """A nickname that fits this group today, for a baby born in the middle of the window."""
    return f"{city or ANY_CITY}-{_age_on(window, on) if window else ANY_AGE}-{name}"


def _age_on(window: BirthWindow, on: date) -> str:
    days_left = (window.middle - on).days
    if days_left > PREGNANCY:
        # Nobody is pregnant yet: a number of weeks would contradict the window.
        return f"预产期{window.middle.year}年{window.middle.month}月"
    if days_left > 0:
        return f"孕{max((PREGNANCY - days_left) // 7, FEWEST_WEEKS)}周"
    return baby_age(months_since(window.middle, on))


def baby_age(months: int) -> str:
    years, rest = divmod(max(months, 1), 12)
    if not years:
        return f"{rest}月龄"
    return f"{years}岁{rest}个月" if rest else f"{years}岁"


def months_since(born: date, on: date) -> int:
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
