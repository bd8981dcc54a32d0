"""The only place that commits.

A lost connection or a lost race runs the whole transaction again: that is safe because nothing
inside a transaction reaches the outside world, and every fact in it is idempotent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from models.stores.mind import Mind
from models.stores.unit import Unit

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Unit], Awaitable[T]]
Wait = Callable[[float], Awaitable[None]]

FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
AT_MOST = 200
"""Works in one transaction: every version of a row that it wrote over stays until it ends, and is
passed by whoever looks for the last."""
PASSING = ("08", "40", "53", "57P", "55P03")
"""SQLSTATE classes that pass by themselves: connection, rollback, resources, operator, lock."""


class Transactions:
    """`wait` lets so many seconds pass before a transaction is run again."""

    def __init__(self, engine: AsyncEngine, wait: Wait = asyncio.sleep) -> None:
        self.engine = engine
        self._mind = Mind()
        self._is_away = False
        """Told of once, however many wait for it."""
        self._wait = wait

    async def run(self, work: Work[T]) -> T:
        """Do `work` and commit, as often as it takes; raises only what `work` itself raises."""
        wait, has_told = FIRST_WAIT, False
        while True:
            try:
                done = await self._once(work)
            except (DBAPIError, PoolTimeout, OSError) as error:
                if not is_passing(error):
                    raise
                if wait > 4 * FIRST_WAIT and not has_told:
                    has_told = True
                    self._miss(error)
            else:
                self._find()
                return done
            await self._wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _miss(self, error: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            log.warning("database is away, waiting for it: %s", type(error).__name__)

    def _find(self) -> None:
        if self._is_away:
            self._is_away = False
            log.info("database is back")

    async def read(self, work: Work[T]) -> T:
        """Once, for whoever can wait for an answer but not for the database's return."""
        async with self.engine.connect() as connection:
            return await work(Unit(connection))

    async def _once(self, work: Work[T]) -> T:
        try:
            async with self.engine.begin() as connection:
                facts = Unit(connection, self._mind)
                done = await work(facts)
                await facts.flush()
        except BaseException:
            self._mind.clear()
            raise
        return done


class OnlyWriter(Transactions):
    """For the one process of a database that nobody else writes to: what was read, or written,
    is remembered from one transaction to the next."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._facts: Unit | None = None

    async def read(self, work: Work[T]) -> T:
        return await self._once(work)

    async def aclose(self) -> None:
        """What was done stays."""
        if self._facts is not None:
            await self._facts.connection.close()
            self._facts = None

    async def _once(self, work: Work[T]) -> T:
        facts = await self._open()
        try:
            done = await work(facts)
            await facts.flush()
            await facts.connection.commit()
        except BaseException:
            # What was changed in memory has not happened; closing rolls back the rest.
            await self.aclose()
            raise
        return done

    async def _open(self) -> Unit:
        if self._facts is None:
            self._facts = Unit(await self.engine.connect())
            self._facts.outbox.rings = False
        return self._facts


class Broken(Exception):
    """Something failed, and who knows how much of what was done before has not happened either."""


class InHaste(OnlyWriter):
    """For who would rather begin anew than commit every time. Once anything fails nothing can be
    done any more."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._is_broken = False
        self._uncommitted = 0

    async def aclose(self) -> None:
        if self._facts is not None and not self._is_broken:
            await self._facts.connection.commit()
        await super().aclose()

    async def _once(self, work: Work[T]) -> T:
        if self._is_broken:
            raise Broken
        facts = await self._open()
        try:
            done = await work(facts)
            await facts.flush()
            self._uncommitted += 1
            if self._uncommitted == AT_MOST:
                await facts.connection.commit()
                self._uncommitted = 0
        except BaseException:
            self._is_broken = True
            await self.aclose()
            raise
        return done


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may well succeed in a moment."""
    if isinstance(error, PoolTimeout | OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(PASSING)
