"""The right to speak for an account, taken, renewed and given up."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from models.ids import AccountId
from models.stores.leases import LIFE, RENEWAL, LeaseStore
from models.stores.unit import Unit

log = logging.getLogger(__name__)

MARGIN = 1.0
"""Seconds before the database lets go of it that we do."""


class Lease:
    def __init__(self, engine: AsyncEngine, account: AccountId, holder: str) -> None:
        self._engine = engine
        self._account = account
        self._holder = holder
        self._until = 0.0
        self._others: datetime | None = None
        self.epoch = 0

    def holds(self) -> bool:
        """By a clock that also runs while the process is stopped."""
        return asyncio.get_running_loop().time() < self._until

    async def confirm(self, facts: Unit) -> bool:
        return await LeaseStore(facts.connection).confirm(self._account, self.epoch)

    async def take(self) -> bool:
        """False while another process holds it, or the database is away. Whoever takes it is
        yet to connect."""
        try:
            return await self._take(is_hearing=False)
        except (SQLAlchemyError, OSError) as error:
            log.debug("no lease: %r", error)
            return False

    async def is_kept_by_another(self) -> bool:
        """Whether somebody renewed it since this was asked last: a dead process does not."""
        try:
            async with self._engine.connect() as connection:
                expiry = await LeaseStore(connection).expires_at(self._account)
        except (SQLAlchemyError, OSError) as error:
            log.debug("no lease to look at: %r", error)
            return False
        before, self._others = self._others, expiry
        return before is not None and expiry is not None and expiry > before

    async def keep(self, heard_until: Callable[[], datetime | None]) -> None:
        """Renew it for as long as nobody else has it; returns when somebody does.

        While the database is away we don't speak, but nobody can take over either, so we go on
        hearing. Notes with each renewal until when everything was heard, so that after a crash
        we know how long we were away.
        """
        is_ours = True
        while is_ours:
            await asyncio.sleep(RENEWAL.total_seconds())
            try:
                is_ours = await self.renew(heard_until())
            except (SQLAlchemyError, OSError) as error:
                log.debug("lease not renewed: %r", error)
        self._until = 0.0
        log.warning("another process holds %s now", self._account)

    async def renew(self, heard_until: datetime | None) -> bool:
        """Also after it ran out; None where nothing is heard. False if somebody else has it, or
        had it meanwhile: who had it may have logged in, so that our line is no longer what it
        was."""
        if await self._renew(heard_until):
            return True
        before = self.epoch
        return await self._take(is_hearing=True) and self.epoch == before + 1

    async def release(self) -> None:
        self._until = 0.0
        try:
            async with self._engine.begin() as connection:
                await LeaseStore(connection).release(self._account, self.epoch)
        except (SQLAlchemyError, OSError) as error:
            log.debug("lease not released, it will expire: %r", error)

    async def _take(self, *, is_hearing: bool) -> bool:
        asked = self._now()
        async with self._engine.begin() as connection:
            store = LeaseStore(connection)
            epoch = await store.take(self._account, self._holder)
            if epoch is not None and not is_hearing:
                await store.away(self._account, "not connected yet")
        if epoch is None:
            return False
        self.epoch = epoch
        self._extend(asked)
        return True

    async def _renew(self, heard_until: datetime | None) -> bool:
        asked = self._now()
        async with self._engine.begin() as connection:
            store = LeaseStore(connection)
            if not await store.renew(self._account, self.epoch):
                return False
            if heard_until is not None:
                await store.heard(self._account, heard_until)
        self._extend(asked)
        return True

    def _extend(self, asked: float) -> None:
        self._until = asked + LIFE.total_seconds() - MARGIN

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
