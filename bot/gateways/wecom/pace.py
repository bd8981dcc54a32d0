"""Our own quotas, below WeCom's: who stays under them is never blocked (doc 90312). Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

AT_ONCE = 8
"""Calls of one kind at the same moment; how many are too many (45033) is not said."""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Limit:
    calls: int
    within: timedelta


LIMITS = (
    Limit(8_000, timedelta(minutes=1)),
    Limit(120_000, timedelta(hours=1)),
)
"""Of each API: 80 % of what a company may."""


class Pace:
    """By path. Calls are counted by the second they began in, so an hour of them is small."""

    def __init__(self, limits: Sequence[Limit] = LIMITS) -> None:
        self._limits = limits
        self._windows: dict[str, list[_Window]] = {}
        self._blocked: dict[str, datetime] = {}

    def ready(self, path: str, now: datetime) -> datetime:
        """When the next call may be made: `now`, or later."""
        windows = self._windows.get(path, ())
        ready = (each.ready(now) for each in windows)
        return max(now, self._blocked.get(path, now), *ready)

    def called(self, path: str, now: datetime) -> None:
        if path not in self._windows:
            self._windows[path] = [_Window(limit) for limit in self._limits]
        for each in self._windows[path]:
            each.called(now)

    def block(self, path: str, until: datetime) -> None:
        """WeCom says that a quota is used up all the same."""
        self._blocked[path] = until


class _Window:
    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._seconds: deque[_Second] = deque()
        self._calls = 0

    def ready(self, now: datetime) -> datetime:
        self._forget(now)
        over = self._calls - self._limit.calls
        for each in self._seconds:
            if over < 0:
                break
            over -= each.calls
            now = max(now, self._end(each))
        return now

    def called(self, now: datetime) -> None:
        self._forget(now)
        begin = now.replace(microsecond=0)
        if self._seconds and begin <= self._seconds[-1].begin:
            # A clock that was set back counts as standing still.
            self._seconds[-1].calls += 1
        else:
            self._seconds.append(_Second(begin, 1))
        self._calls += 1

    def _forget(self, now: datetime) -> None:
        while self._seconds and self._end(self._seconds[0]) <= now:
            self._calls -= self._seconds.popleft().calls

    def _end(self, second: "_Second") -> datetime:
        """When the last call that it may hold is out of the window."""
        return second.begin + _SECOND + self._limit.within


@dataclass(slots=True)
class _Second:
    begin: datetime
    calls: int
