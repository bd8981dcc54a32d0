"""Wakes relays and runners when something was promised, in this process or in another one."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from sqlalchemy import make_url

from models.ids import AccountId
from models.stores.outbox import CHANNEL, EVERY_ACCOUNT

log = logging.getLogger(__name__)

LONGEST = timedelta(seconds=30)
"""Nobody sleeps longer: a lost notification costs at most this."""
CHECK, WAIT = 10.0, 1.0


class Bell:
    """Rung for one of those who work for an account: by a notification, by its gateway coming up,
    or to close."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.closed = False

    def ring(self) -> None:
        self._event.set()

    def close(self) -> None:
        self.closed = True
        self._event.set()

    async def wait(self, longest: timedelta | None) -> None:
        seconds = (LONGEST if longest is None else min(longest, LONGEST)).total_seconds()
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()


class Belfry:
    """Every account's bell, and the one connection on which PostgreSQL notifies."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._bells: dict[tuple[AccountId, str], Bell] = {}

    def bell(self, account: AccountId, of: str) -> Bell:
        """A new one for `of`, who works for this account."""
        self._bells[account, of] = Bell()
        return self._bells[account, of]

    def ring_all(self) -> None:
        for bell in self._bells.values():
            bell.ring()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        while True:
            try:
                await self._until_lost()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("not listening: %r", error)
            await asyncio.sleep(WAIT)

    async def _until_lost(self) -> None:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(address, timeout=10)
        try:
            await connection.add_listener(CHANNEL, self._rung)
            self.ring_all()
            while True:
                await asyncio.sleep(CHECK)
                await connection.execute("SELECT 1", timeout=CHECK)
        finally:
            connection.terminate()

    def _rung(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        for (account, _), bell in self._bells.items():
            if payload in (account, EVERY_ACCOUNT):
                bell.ring()
