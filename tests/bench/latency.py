"""How soon a command is answered in the midst of talk.

One account as the service holds it (lease, ear, relay, PostgreSQL's notifications) on the
simulated gateway, without a pace. So many messages a second are said in 200 groups; now and
then a command is timed from where it is typed to where its reply is handed over. Beside it:
an empty transaction's round trip on a connection of its own, at the same time.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from functools import partial
from statistics import median, quantiles

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.accounts import AccountRunner, Workshop
from bot.clock import SystemClock
from bot.dispatcher import Dispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.bell import Belfry
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.ids import GroupId, MessageId
from models.messages import Kind, Outgoing
from tests.bench.activity import fill, name_of, person_of, profile_of
from tests.bench.databases import durable
from tests.bench.figures import Figure, Row, at_most
from tests.bench.messages import SCALE
from tests.bench.relay import ACCOUNT, unpace
from tests.bench.replay import words

RATE, SECONDS = 200, 60
EVERY = 0.2
"""Seconds between two commands."""
PATIENCE = 600
"""Tenths of a second for a look at all rooms."""


async def bench(url: str, rate: int = RATE, seconds: int = SECONDS) -> list[Row]:
    async with durable(url, "bench_latency", partial(fill, scale=SCALE)) as engine:
        await Transactions(engine).run(unpace)
        conversation = Conversation(engine)
        took = await conversation.run(rate, seconds)
    trips = conversation.trips
    what = f"a command typed to its reply handed over, at {rate} messages/s, without a pace"
    return [
        Row(
            what=f"{what}: the median",
            ours=_milliseconds(median(took)),
            beside="an empty transaction's round trip, the median",
            theirs=_milliseconds(median(trips)),
            target=at_most(5),
            promise=at_most(100),
            see="Commands",
        ),
        Row(
            what=f"{what}: 99 of 100",
            ours=_milliseconds(_latest(took)),
            beside="an empty transaction's round trip, 99 of 100",
            theirs=_milliseconds(_latest(trips)),
            target=at_most(Figure(50, "ms")),
            promise=at_most(100),
            see="Commands",
        ),
    ]


def _latest(seconds: Sequence[float]) -> float:
    """All but one of a hundred took no longer."""
    return quantiles(seconds, n=100)[98]


def _milliseconds(seconds: float) -> Figure:
    return Figure(1000 * seconds, "ms")


class Conversation:
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
        for group in range(SCALE.groups):
            people = {person_of(group, n): profile_of(n) for n in range(SCALE.people)}
            self._gateway.open_room(GroupId(f"g{group}"), name_of(group), people)
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
            self._say(number, words(number, self._rng))
            await asyncio.sleep(self._rng.expovariate(rate))

    async def _ask(self) -> float:
        await asyncio.sleep(EVERY)
        number = next(self._numbers)
        typed = time.perf_counter()
        key = f"{Kind.REPLY}:{_group(number)}:m{number}"
        answered = self._answered[key] = asyncio.Future()
        self._say(number, "/积分")
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

    def _say(self, number: int, said: str) -> None:
        person = person_of(number % SCALE.groups, self._rng.randrange(1, SCALE.people))
        self._gateway.say(_group(number), person, MessageId(f"m{number}"), said)

    def _hear(self, message: Outgoing) -> None:
        if (answered := self._answered.pop(message.key, None)) is not None:
            answered.set_result(time.perf_counter())


def _group(number: int) -> GroupId:
    return GroupId(f"g{number % SCALE.groups}")
