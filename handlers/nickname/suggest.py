"""A nickname that a mother can copy as it is: the group's city, her own baby's age, her name."""

from datetime import date

from handlers.nickname.births import PREGNANCY
from handlers.nickname.judge import (
    ANY_CITY,
    FEWEST_WEEKS,
    baby_age,
    judge,
    months_since,
)
from models.entry import OVERDUE, Baby
from models.groups import Group
from models.text import folded

ANY_NAME = "宝妈"


def suggestion(name: str, baby: Baby, day: date, group: Group, on: date) -> str:
    return f"{_head(baby, day, group, on)}-{name_told(name, baby, day, group, on)}"


def name_told(name: str, baby: Baby, day: date, group: Group, on: date) -> str:
    """Her name as it stands in the nickname. One that would be read as a city or an age gets a
    word that says what it is."""
    head = _head(baby, day, group, on)
    return next(
        (each for each in (name, f"{name}妈妈") if _is_read(head, each, group, on)), ANY_NAME
    )


def age_told(baby: Baby, day: date, on: date) -> str:
    """As of `on`, for a baby due or born on `day`; it reads back as just that."""
    if baby is Baby.DUE and on <= day + OVERDUE:
        weeks = (PREGNANCY - (day - on).days) // 7
        return f"孕{weeks}周" if weeks >= FEWEST_WEEKS else f"预产期{day.year}年{day.month}月"
    months, weeks = months_since(day, on), max((on - day).days, 0) // 7
    if months > 0:
        return baby_age(months)
    return f"出生{weeks}周" if weeks else "刚出生"


def _head(baby: Baby, day: date, group: Group, on: date) -> str:
    return f"{group.city or ANY_CITY}-{age_told(baby, day, on)}"


def _is_read(head: str, name: str, group: Group, on: date) -> bool:
    """As one that fits the group, whatever tolerance it has, and is called so."""
    nickname = f"{head}-{name}"
    read = judge(nickname, city=group.city, window=group.window, on=on, tolerance_months=0)
    return read.fits and folded(read.called) in folded(name)
