"""Events on their way to the reader: in order, though each may still be looking something up."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any

from models.events import GatewayEvent

log = logging.getLogger(__name__)

Lookup = asyncio.Task[Sequence[GatewayEvent]]


class Arrivals:
    """Holds no more than `size`: who puts into a full one waits until the reader has read."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[Sequence[GatewayEvent] | Lookup | None] = asyncio.Queue(size)
        self._lookups: set[Lookup] = set()

    async def put(self, events: Sequence[GatewayEvent]) -> None:
        if events:
            await self._queue.put(events)

    async def look_up(self, events: Coroutine[Any, Any, Sequence[GatewayEvent]]) -> None:
        lookup = asyncio.create_task(events)
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)
        await self._queue.put(lookup)

    async def each(self) -> AsyncGenerator[GatewayEvent, None]:
        while (arrival := await self._queue.get()) is not None:
            events = await _outcome(arrival) if isinstance(arrival, asyncio.Task) else arrival
            for event in events:
                yield event

    async def end(self) -> None:
        """Drop what is on its way. The reader's turn ends."""
        lookups = list(self._lookups)
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


async def _outcome(lookup: Lookup) -> Sequence[GatewayEvent]:
    if not lookup.done():
        await asyncio.wait([lookup])
    if lookup.cancelled():
        return ()
    if error := lookup.exception():
        log.error("an event was lost to a mistake of ours", exc_info=error)
        return ()
    return lookup.result()
