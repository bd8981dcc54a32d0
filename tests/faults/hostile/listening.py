"""The real client beside a gateway out of its mind: what is sensible is heard, all of it."""

import asyncio
import time
from collections import Counter
from random import Random

from bot.clock import SystemClock
from bot.gateways.wechaty import Timings, WechatyGateway
from models.events import MessageReceived
from models.ids import AccountId
from tests.faults.hostile.gateway import SENSIBLE, MadGateway, served
from tests.faults.hostile.siege import Broken, no_errors

BETWEEN = 99
"""Of what is anything, between two messages that are sensible."""
PATIENCE = 60.0


async def hears_all(rng: Random, count: int) -> tuple[Counter[str], float]:
    """What was heard of so many events, by kind, and the seconds that took. Raises Broken."""
    mad = MadGateway(rng)
    heard: Counter[str] = Counter()
    sensible: set[str] = set()
    said = count // (BETWEEN + 1)

    async def listen(gateway: WechatyGateway) -> None:
        async for event in gateway.events():
            heard[type(event).__name__] += 1
            if isinstance(event, MessageReceived) and event.id.startswith(SENSIBLE):
                sensible.add(event.id)
            if len(sensible) == said:
                return

    began = time.perf_counter()
    async with served(mad) as endpoint:
        gateway = WechatyGateway(
            AccountId("mad"),
            endpoint,
            "token",
            clock=SystemClock().now,
            rng=rng,
            timings=Timings(),
        )
        listening = asyncio.create_task(listen(gateway))
        with no_errors():
            for number in range(said):
                await mad.tells(BETWEEN)
                await mad.says(number)
            await asyncio.wait([listening], timeout=PATIENCE)
        is_done = listening.done()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await gateway.aclose()
    if not is_done:
        raise Broken(f"of {said} sensible messages {len(sensible)} were heard")
    if heard["AccountUp"] > 1:
        raise Broken(f"the line broke {heard['AccountUp'] - 1} times")
    return heard, time.perf_counter() - began
