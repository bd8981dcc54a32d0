"""Hours of the day as an operator writes them: `23:00-07:30`, in the groups' own time zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from config.written import Written

ZONE = ZoneInfo("Asia/Shanghai")
PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


@dataclass(frozen=True, slots=True)
class DailySpan(Written):
    """From `start` up to and without `end`, over midnight where `end` is earlier.

    Start and end being the same time means never.
    """

    pattern: ClassVar[str] = PATTERN
    example: ClassVar[str] = "23:00-07:30"

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """`23:00-07:30`; raises ValueError."""
        if text.endswith("\n") or not re.match(PATTERN, text):
            raise ValueError(
                "hours are written HH:MM-HH:MM, e.g. 23:00-07:30; equal times mean never"
            )
        start, _, end = text.partition("-")
        return cls(time.fromisoformat(start), time.fromisoformat(end))

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    @property
    def length(self) -> timedelta:
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        return timedelta(minutes=minutes % (24 * 60))

    def covers(self, moment: datetime) -> bool:
        clock = moment.astimezone(ZONE).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def next_start(self, moment: datetime) -> datetime:
        """The first start at or after `moment`."""
        return _at_or_after(moment, self.start)

    def leave(self, moment: datetime) -> datetime:
        """`moment` itself, or the end of the span where it lies inside."""
        return _at_or_after(moment, self.end) if self.covers(moment) else moment


def midnight(day: date) -> datetime:
    """At which the day begins."""
    return datetime.combine(day, time(), ZONE)


def _at_or_after(moment: datetime, clock: time) -> datetime:
    local = moment.astimezone(ZONE)
    same_day = datetime.combine(local.date(), clock, ZONE)
    return same_day if same_day >= local else same_day + timedelta(days=1)
