"""How closely the past is lived through: the longer ago, the fewer looks at what is due.

Each look is at a minute of its own, and what follows from it within moments is lived through at
once: a newcomer hears all three steps of her round one after the other.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256

from config.daily import ZONE, midnight

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOMENT = timedelta(seconds=100)
"""After a look, within which what becomes due is not kept waiting for the next one,"""
BREATH = timedelta(seconds=5)
"""but only until the next of these."""
LONG_AGO = ("00:00", "11:52", "16:52", "20:52")
"""Midnight, when a day is planned, and the end of the hours in which groups are posted to."""
LATELY = (*LONG_AGO, "09:20", "10:45", "15:30", "22:10")
CLOSELY = timedelta(hours=3)
"""Of the end, which are lived through as they were."""
LATELY_DAYS = 4
OF_LATE = {"learn_hours": timedelta(days=3), "count_days": timedelta(days=9)}
"""What looks back by itself, and need not do so before."""
WAVERS = timedelta(minutes=6)


class Fading:
    """For a past from `start` to `end`."""

    least = timedelta(hours=20)

    def __init__(self, start: datetime, end: datetime) -> None:
        self._closely = end - CLOSELY
        self._end = end
        self._looks = sorted(self._all(start, end))

    def wake(self, due: datetime) -> datetime:
        if due >= self._closely:
            return due
        place = bisect_right(self._looks, due)
        if place and due <= (last := self._looks[place - 1]) + MOMENT:
            return last + -(-(due - last) // BREATH) * BREATH
        return min(self._looks[place], self._closely)

    def look_at(self, moment: datetime) -> None:
        """Somebody waits for an answer to what she said then."""
        insort(self._looks, moment)

    def rests(self, tick: str, now: datetime) -> bool:
        return tick in OF_LATE and now < self._end - OF_LATE[tick]

    def _all(self, start: datetime, end: datetime) -> Iterator[datetime]:
        day, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
        while day <= last + DAY:
            times = LATELY if last - day <= LATELY_DAYS * DAY else LONG_AGO
            yield from (_about(day, each) for each in times)
            day += DAY


def _about(day: date, clock: str) -> datetime:
    """At midnight what is due then, a new day's plan, has no reason to wait."""
    hours, minutes = map(int, clock.split(":"))
    at = midnight(day) + timedelta(hours=hours, minutes=minutes)
    if not hours:
        return at
    digest = sha256(f"{day} {clock}".encode()).digest()
    return at + WAVERS * (int.from_bytes(digest[:4]) / 2**32)
