"""The only place that asks what time it is."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """Stands still until it is set. Time can't go backwards."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = max(self._at, at)


class PlatformClock:
    """A platform's time beside ours: the same, unless it was set ahead for what happens before
    we hear of it."""

    def __init__(self, ours: Clock) -> None:
        self._ours = ours
        self._ahead = ManualClock(ours.now())

    def now(self) -> datetime:
        return max(self._ours.now(), self._ahead.now())

    def set(self, at: datetime) -> None:
        self._ahead.set(at)
