"""On which days a baby can be born, counted from what is said on a certain day."""

from dataclasses import dataclass
from datetime import date, timedelta

from models.cohort import BirthWindow, shift_months

PREGNANCY = 280  # days, counted as obstetricians do; a week or two more are possible
LONGEST_PREGNANCY = 43 * 7


@dataclass(frozen=True, slots=True)
class Births:
    """The first and the last possible day."""

    first: date
    last: date

    def meets(self, window: BirthWindow, tolerance_months: int) -> bool:
        opens = shift_months(window.first_day, -tolerance_months)
        closes = shift_months(window.last_day + timedelta(days=1), tolerance_months)
        return self.first < closes and self.last >= opens

    def allows(self, day: date, slack: timedelta) -> bool:
        return self.first - slack <= day <= self.last + slack


Readings = tuple[Births, ...]
"""All that one age can mean; none if it cannot be."""


def pregnant(on: date, first: int, last: int) -> Readings:
    """Between `first` and `last` days of pregnancy."""
    if first > LONGEST_PREGNANCY:
        return ()
    latest = min(last, LONGEST_PREGNANCY)
    return (Births(_later(on, PREGNANCY - latest), _later(on, PREGNANCY - first)),)


def born(on: date, first: int, last: int) -> Readings:
    """Between `first` and `last` days old."""
    return (Births(_later(on, -last), _later(on, -first)),)


def aged(on: date, months: int, span: int) -> Readings:
    """So many months old, or up to `span` more."""
    return (Births(shift_months(on, -months - span), shift_months(on, -months)),)


def dated(first: date, day: int) -> Readings:
    """In the month that starts with `first`; on its `day` if it has one."""
    last = shift_months(first, 1) - timedelta(days=1)
    if 1 <= day <= last.day:
        return (Births(first.replace(day=day), first.replace(day=day)),)
    return (Births(first, last),)


def next_month(month: int, on: date, months_back: int) -> date:
    """The first such month, counted from `months_back` before `on`."""
    earliest = shift_months(on.replace(day=1), -months_back)
    return shift_months(earliest, (month - earliest.month) % 12)


def _later(on: date, days: int) -> date:
    return on + timedelta(days=days)
