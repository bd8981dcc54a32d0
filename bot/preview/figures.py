"""What a replay tells, line by line, as figures that two of them are compared by. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any

from models.messages import CONTENT, Kind

Line = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(slots=True)
class Day:
    """`waits` are the seconds that those waited who were greeted then."""

    said: Counter[Kind] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    points: int = 0

    @property
    def rounds(self) -> int:
        return self.said[Kind.WELCOME]

    @property
    def posts(self) -> int:
        return sum(self.said[each] for each in CONTENT)

    @property
    def messages(self) -> int:
        """To the groups; what staff hear in private burdens nobody there."""
        return self.said.total() - self.said[Kind.STAFF_NOTICE]

    @property
    def longest_wait(self) -> float | None:
        return max(self.waits, default=None)

    @property
    def median_wait(self) -> float | None:
        return median(self.waits) if self.waits else None

    def __add__(self, other: "Day") -> "Day":
        return Day(self.said + other.said, self.waits + other.waits, self.points + other.points)


class Figures:
    """Of one run; `events` are the lines of the scenario that lie in time."""

    def __init__(self, events: Iterable[Line], days: Iterable[date]) -> None:
        self.days = {each: Day() for each in days}
        self._joins: dict[Key, list[datetime]] = {}
        for each in events:
            if each["type"] == "joined":
                key = (each["group"], each["member"])
                self._joins.setdefault(key, []).append(datetime.fromisoformat(each["at"]))

    @property
    def total(self) -> Day:
        return sum(self.days.values(), Day())

    def take(self, line: Line) -> None:
        """One line of what the replay wrote."""
        if line.get("type") == "day":
            self._of(date.fromisoformat(line["day"])).points += line["points"]
        elif "kind" in line:
            self._take_message(line, Kind(line["kind"]), datetime.fromisoformat(line["at"]))

    def _take_message(self, line: Line, kind: Kind, at: datetime) -> None:
        day = self._of(at.date())
        day.said[kind] += 1
        if kind is Kind.WELCOME:
            waited = (self._waited(line["group"], each, at) for each in line["mentions"])
            day.waits += [each for each in waited if each is not None]

    def _of(self, day: date) -> Day:
        return self.days.setdefault(day, Day())

    def _waited(self, group: str, member: str, greeted: datetime) -> float | None:
        """Since she came the last time; None where nobody saw her come."""
        before = [each for each in self._joins.get((group, member), ()) if each <= greeted]
        return (greeted - before[-1]).total_seconds() if before else None
