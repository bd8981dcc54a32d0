"""Which mothers belong together: the same city, channel and three-month birth window."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

MONTHS = 3
MIDDLE_DAY = 15
PREGNANCY = 40
"""Weeks that a pregnancy is counted to have."""
LAST_WEEK = 42
"""A pregnancy that lasts longer is not spoken of in weeks any more."""


class Stage(StrEnum):
    """Derived from the birth window and today's date, never stored."""

    PRENATAL = "prenatal"
    POSTNATAL = "postnatal"


STAGE_NAMES = {Stage.PRENATAL: "孕期", Stage.POSTNATAL: "产后"}


@dataclass(frozen=True, slots=True, order=True)
class BirthWindow:
    """Three calendar months in which a cohort's babies are (to be) born, named by the first."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2200):
            raise ValueError(f"{self.year:04}-{self.month:02} is not a month")

    @classmethod
    def parse(cls, text: str) -> Self:
        """`2026-03`; raises ValueError."""
        year, dash, month = text.partition("-")
        if not (dash and len(year) == 4 and len(month) == 2 and (year + month).isdecimal()):
            raise ValueError(f"a birth window is written YYYY-MM, not {text!r}")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def label(self) -> str:
        """As people write it: `2026年3-5月`, `2025年12-2月`."""
        return f"{self.year}年{self.month}-{self._month(MONTHS - 1).month}月"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self._month(MONTHS) - timedelta(days=1)

    @property
    def middle(self) -> date:
        return self._month(1).replace(day=MIDDLE_DAY)

    def tiles(self, first_month: int) -> bool:
        """Whether it is one of the windows that start every three months from `first_month`."""
        return (self.month - first_month) % MONTHS == 0

    def _month(self, later: int) -> date:
        return shift_months(self.first_day, later)


def shift_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def stage_on(window: BirthWindow, today: date, shift: timedelta = timedelta(0)) -> Stage:
    """Postnatal from the middle of the window, moved by `shift`."""
    return Stage.POSTNATAL if today >= window.middle + shift else Stage.PRENATAL


def week_on(window: BirthWindow, today: date) -> int:
    """The baby's week: whole weeks since the middle of the window, negative before it. The week
    that begins with the middle is 0, the one before it -1."""
    return (today - window.middle).days // 7


def week_told(stage: Stage, week: int) -> str:
    """`孕28周`, `宝宝3周`; "" where nobody counts: before a pregnancy, and for a baby that is, by
    the rule that moves the stages, born before its time or not born in time."""
    if stage is Stage.PRENATAL:
        pregnant = PREGNANCY + week
        return f"孕{pregnant}周" if 1 <= pregnant <= LAST_WEEK else ""
    if week == 0:
        return "宝宝刚出生"
    return f"宝宝{week}周" if week > 0 else ""


@dataclass(frozen=True, slots=True)
class Cohort:
    city: str
    channel: str
    window: BirthWindow

    def __str__(self) -> str:
        return f"{self.city}~{self.channel}~{self.window}"
