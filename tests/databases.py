"""Databases that are away, or do not answer."""

from datetime import timedelta
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import ManualClock
from bot.transactions import Transactions, Work

T = TypeVar("T")


async def at_once(seconds: float) -> None:
    """Nobody waits."""


class Unanswered(Transactions):
    """Everything is committed, and the answer to each first commit is lost."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, at_once)
        self._is_first = False

    async def _once(self, work: Work[T]) -> T:
        done = await super()._once(work)
        self._is_first = not self._is_first
        if self._is_first:
            raise ConnectionResetError("the line was lost after the commit")
        return done


class Away(Transactions):
    """Once it is away, it is back after `absence`."""

    def __init__(self, engine: AsyncEngine, clock: ManualClock, absence: timedelta) -> None:
        super().__init__(engine, self._come_back)
        self._clock = clock
        self._absence = absence
        self.is_away = False

    async def _come_back(self, seconds: float) -> None:
        self._clock.set(self._clock.now() + self._absence)
        self.is_away = False

    async def _once(self, work: Work[T]) -> T:
        if self.is_away:
            raise ConnectionRefusedError("the database is away")
        return await super()._once(work)
