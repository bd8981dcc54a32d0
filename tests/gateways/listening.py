"""Somebody who listens to a gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from bot.gateways.base import Gateway
from models.events import AccountUp, GatewayEvent

E = TypeVar("E", bound=GatewayEvent)


class Listener:
    """Writes down what a gateway tells."""

    def __init__(self, gateway: Gateway) -> None:
        self.heard: list[GatewayEvent] = []
        self._gateway = gateway
        self._changed = asyncio.Condition()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self._gateway.events():
            async with self._changed:
                self.heard.append(event)
                self._changed.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        return [each for each in self.heard if isinstance(each, kind)]

    async def hears(self, kind: type[E], count: int = 1) -> list[E]:
        try:
            async with asyncio.timeout(10), self._changed:
                await self._changed.wait_for(lambda: len(self.all(kind)) >= count)
        except TimeoutError:
            raise AssertionError(f"heard only {self.heard[-5:]}") from None
        return self.all(kind)


@asynccontextmanager
async def listening(gateway: Gateway) -> AsyncIterator[Listener]:
    listener = Listener(gateway)
    try:
        await listener.hears(AccountUp)
        yield listener
    finally:
        await gateway.aclose()
        await listener.reading
