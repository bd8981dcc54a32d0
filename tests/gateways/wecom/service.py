"""The service behind an account on the local WeCom: what its ear hears is handled and kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.accounts import Ear, Workshop
from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.gateways.base import Gateway
from bot.outbox.bell import Belfry
from bot.transactions import Transactions
from handlers.features import ROUTER
from handlers.router import Router
from models.events import Event
from tests.gateways.wecom.office import ACCOUNT

E = TypeVar("E", bound=Event)


class Service:
    """One process, for as long as `running` lasts."""

    def __init__(self, url: str, engine: AsyncEngine, clock: Clock, router: Router) -> None:
        self.handled: list[Event] = []
        self._changed = asyncio.Event()
        transactions = Transactions(engine)
        self._shop = Workshop(
            transactions,
            Dispatcher(transactions, router, self._note),
            router,
            clock,
            Belfry(url),
            holder="this process",
        )

    def ear(self, gateway: Gateway) -> Ear:
        return Ear(ACCOUNT, gateway, self._shop, [])

    def all(self, kind: type[E]) -> list[E]:
        return [each for each in self.handled if isinstance(each, kind)]

    async def handles(self, kind: type[E], count: int = 1) -> list[E]:
        try:
            async with asyncio.timeout(10):
                while len(self.all(kind)) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"handled only {self.handled[-5:]}") from None
        return self.all(kind)

    def _note(self, event: Event) -> None:
        self.handled.append(event)
        self._changed.set()


@asynccontextmanager
async def running(
    url: str, engine: AsyncEngine, gateway: Gateway, clock: Clock, router: Router = ROUTER
) -> AsyncIterator[Service]:
    """Ends when all that was heard is handled."""
    service = Service(url, engine, clock, router)
    hearing = asyncio.create_task(service.ear(gateway).run())
    try:
        yield service
    finally:
        await gateway.aclose()
        await hearing
