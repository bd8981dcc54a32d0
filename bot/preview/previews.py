"""The two runs of a preview, one after the other: the database server works for both, and
whoever asks the service something meanwhile should not notice."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from bot.history import History
from bot.preview.child import replayed
from bot.preview.figures import Figures
from config.daily import ZONE

Run = Literal["old", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a preview may take at most: `seconds` for both runs, `memory` in MB for each."""

    groups: int = 20
    messages: int = 100_000
    seconds: float = 600.0
    memory: int = 2_048


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Step:
    """How far one run is, by its clock and as a share."""

    run: Run
    at: datetime
    done: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What the groups would have heard."""

    history: History
    old: Figures
    new: Figures


class Busy(Exception):
    """One preview at a time."""


class Previews:
    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.bounds = bounds
        self._is_busy = False

    def must_be_free(self) -> None:
        """Raises Busy."""
        if self._is_busy:
            raise Busy

    async def compare(
        self, history: History, scope: str, changes: Mapping[str, Any], url: str
    ) -> AsyncGenerator[Step | Compared, None]:
        """How far it is, and at last what came of it, on the database server of `url`. Raises
        Busy, and what a replay raises."""
        self.must_be_free()
        self._is_busy = True
        try:
            deadline = asyncio.get_running_loop().time() + self.bounds.seconds
            days = list(_days(history.since, history.until))
            old, new = Figures(history.events, days), Figures(history.events, days)
            changed = {"type": "rules", "scope": scope, "set": dict(changes)}
            runs: list[tuple[Run, Figures, list[dict[str, Any]]]] = [
                ("old", old, []),
                ("new", new, [changed]),
            ]
            for run, figures, more in runs:
                lines = replayed(
                    history.scenario(*more),
                    url,
                    figures.take,
                    deadline=deadline,
                    memory=self.bounds.memory,
                )
                async with aclosing(lines):
                    async for told in lines:
                        yield Step(run, datetime.fromisoformat(told["at"]), told["done"])
            yield Compared(history, old, new)
        finally:
            self._is_busy = False


def _days(since: datetime, until: datetime) -> Iterator[date]:
    day = since.astimezone(ZONE).date()
    while day <= until.astimezone(ZONE).date():
        yield day
        day += timedelta(days=1)
