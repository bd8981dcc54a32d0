"""How soon a command is answered in the midst of talk: `python -m tests.bench.latency`.

One account as the service holds it (lease, ear, relay, PostgreSQL's notifications) on the
simulated gateway, without a pace. So many messages a second are said in 200 groups; one command
every half a second is timed from where it is typed to where its reply is handed over. Beside it:
an empty transaction's round trip on a connection of its own, at the same time.
"""

import argparse
import asyncio
import random
import time
from statistics import median, quantiles

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.accounts import AccountRunner, Workshop
from bot.clock import SystemClock
from bot.commandline import database_url
from bot.dispatcher import Dispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.bell import Belfry
from bot.transactions import Transactions
from config.settings import Settings
from handlers.features import ROUTER
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind, Outgoing
from models.people import Profile
from tests.bench.messages import community
from tests.bench.relay import ACCOUNT, unpace
from tests.bench.replay import words

GROUPS, PEOPLE = 200, 50
EVERY = 0.5
"""Seconds between two commands."""
PATIENCE = 600
"""Tenths of a second for a look at all rooms."""


class Bench:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._rng = random.Random(7)
        self._clock = SystemClock()
        self._answered: dict[str, asyncio.Future[float]] = {}
        self._gateway = SimulatedGateway(ACCOUNT, self._clock, self._hear)
        self._numbers = iter(range(10_000_000))
        self.trips: list[float] = []

    async def run(self, rate: int, seconds: int) -> list[float]:
        """Seconds from each command to its reply."""
        people = {PersonId(f"p{n}"): Profile(f"妈妈{n}") for n in range(PEOPLE)}
        for n in range(GROUPS):
            self._gateway.open_room(GroupId(f"r{n}"), f"杭州·2026年3-5月·妇幼·{n:03}", people)
        transactions = Transactions(self._engine)
        belfry = Belfry(self._engine.url.render_as_string(hide_password=False))
        dispatcher = Dispatcher(transactions, ROUTER)
        shop = Workshop(transactions, dispatcher, ROUTER, self._clock, belfry, "bench")
        runner = AccountRunner(ACCOUNT, lambda: self._gateway, shop)
        async with belfry.listening():
            running = asyncio.create_task(runner.run())
            for _ in range(PATIENCE):
                if runner.state.well:
                    break
                await asyncio.sleep(0.1)
            chatting = asyncio.create_task(self._chat(rate))
            pinging = asyncio.create_task(self._ping())
            took = [await self._ask() for _ in range(int(seconds / EVERY))]
            chatting.cancel()
            pinging.cancel()
            runner.stop()
            await running
        return took

    async def _chat(self, rate: int) -> None:
        while True:
            number = next(self._numbers)
            self._say(f"r{number % GROUPS}", words(number, self._rng), number)
            await asyncio.sleep(self._rng.expovariate(rate))

    async def _ask(self) -> float:
        await asyncio.sleep(EVERY)
        number = next(self._numbers)
        group = f"r{number % GROUPS}"
        typed = time.perf_counter()
        answered = self._answered[f"{Kind.REPLY}:{group}:m{number}"] = asyncio.Future()
        self._say(group, "/积分", number)
        return await asyncio.wait_for(answered, 30) - typed

    async def _ping(self) -> None:
        async with self._engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            while True:
                begun = time.perf_counter()
                async with raw.transaction():
                    pass
                self.trips.append(time.perf_counter() - begun)
                await asyncio.sleep(0.05)

    def _say(self, group: str, said: str, number: int) -> None:
        person = PersonId(f"p{self._rng.randrange(PEOPLE)}")
        self._gateway.say(GroupId(group), person, MessageId(f"m{number}"), said)

    def _hear(self, message: Outgoing) -> None:
        if (answered := self._answered.pop(message.key, None)) is not None:
            answered.set_result(time.perf_counter())


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    async with community(await database_url(Settings())) as engine:
        await Transactions(engine).run(unpace)
        bench = Bench(engine)
        took = await bench.run(given.rate, given.seconds)
    middle, late = median(took), quantiles(took, n=100)[98]
    trip = median(bench.trips)
    print(
        f"a command at {given.rate} messages/s: {1000 * middle:.1f} ms p50, "
        f"{1000 * late:.1f} ms p99; an empty transaction {1000 * trip:.2f} ms, "
        f"{middle / trip:.1f} x ({len(took)} commands)"
    )


if __name__ == "__main__":
    uvloop.run(main())
