"""How fast promises are kept where nothing paces them.

One relay on the simulated gateway, with notices to 1,000 groups that are all due. `sends` is how
many it says a second, beside one UPDATE a message of the same rows. `steps` are looks at the
outbox that say 50 each, in turns with 1,000 and with 1,000,000 waiting; what was said is promised
anew, so that as many wait at the next.
"""

import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import ManualClock
from bot.dispatcher import Dispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.relay import Relay
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds
from config.daily import ZONE
from handlers.features import ROUTER
from models.ids import AccountId
from models.stores.unit import Unit
from tests.bench.databases import durable
from tests.bench.figures import Figure, Row, at_least, at_most

SENDS, FEW, MANY, ROUNDS = 10_000, 1_000, 1_000_000, 60
ACCOUNT = AccountId("bench")
NOW = datetime(2026, 3, 2, 20, 0, tzinfo=ZONE)
UNPACED = {
    "delivery": {
        "group_gap": 0,
        "jitter": 0,
        "per_minute": 100_000,
        "daily_budget": 500,
        "quiet_hours": "00:00-00:00",
    }
}
GROUPS = """
    INSERT INTO chat_group (id, account, name, standing, checked_at, members)
    SELECT 'g' || n, 'bench', '杭州·' || n, 'ours', :now, 150 FROM generate_series(0, 999) AS n
"""
WAITING = """
    INSERT INTO outbox (key, account, kind, priority, group_id, text, mentions, step, state,
        attempts, promised_at, due_at, lapses_at)
    SELECT 'notice:' || n, 'bench', 'group.notice', 2, 'g' || n % 1000, '今晚八点有分享哦', '[]',
        0, 'waiting', 0, cast(:now AS timestamptz), cast(:now AS timestamptz),
        cast(:now AS timestamptz) + interval '1 day'
    FROM generate_series(1 + :before, :before + :count) AS n
"""
SETTLED = "UPDATE outbox SET state = 'sent', settled_at = $2 WHERE id = $1"


async def bench(
    url: str, count: int = SENDS, few: int = FEW, many: int = MANY, rounds: int = ROUNDS
) -> list[Row]:
    async with promised(url, count + count // 4) as engine:
        single = await updates(engine, count // 4)
        ours = await sends(engine, count)
    async with AsyncExitStack() as stack:
        engines = [await stack.enter_async_context(promised(url, each)) for each in (few, many)]
        short, long = await steps(engines, rounds)
    return [
        Row(
            what="relay: messages said and settled, without a pace",
            ours=Figure(ours, "/s"),
            beside="one UPDATE a message",
            theirs=Figure(single, "/s"),
            target=at_least(Figure(1_500, "/s")),
            promise=at_least(0.5),
            see="The relay",
        ),
        Row(
            what=f"relay: a claim with {many:,} waiting, and 50 of them said",
            ours=Figure(long, "ms"),
            beside=f"with {few:,} waiting",
            theirs=Figure(short, "ms"),
            target=at_most(1.2),
            promise=at_most(1.5),
            see="The relay",
        ),
    ]


def promised(url: str, count: int) -> AbstractAsyncContextManager[AsyncEngine]:
    """A community that so many notices wait for."""

    async def fill(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(text(GROUPS), {"now": NOW})
        await promise(engine, 0, count)
        await Transactions(engine).run(unpace)

    return durable(url, f"bench_relay_{count}", fill)


async def promise(engine: AsyncEngine, before: int, count: int) -> None:
    async with engine.begin() as connection:
        given = {"now": NOW, "before": before, "count": count}
        await connection.execute(text(WAITING), given)


async def unpace(facts: Unit) -> None:
    await facts.rules.patch("everywhere", UNPACED, "bench", NOW, None)


def relay(engine: AsyncEngine) -> tuple[Relay, list[str]]:
    """And what it will have said."""
    said: list[str] = []
    clock = ManualClock(NOW)
    transactions = Transactions(engine)
    gateway = SimulatedGateway(ACCOUNT, clock, lambda message: said.append(message.key))
    gateway.connect()
    dispatcher = Dispatcher(transactions, ROUTER)
    holding = AlwaysHolds(1)
    return Relay(ACCOUNT, gateway, holding, transactions, dispatcher, ROUTER, clock), said


async def sends(engine: AsyncEngine, count: int) -> float:
    """Messages a second until so many are said and settled."""
    speaking, said = relay(engine)
    begun = time.perf_counter()
    while len(said) < count:
        await speaking.step()
    return len(said) / (time.perf_counter() - begun)


async def updates(engine: AsyncEngine, count: int) -> float:
    """Rows a second, each updated and committed by itself."""
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        ids = [row[0] for row in await raw.fetch("SELECT id FROM outbox LIMIT $1", count)]
        begun = time.perf_counter()
        for each in ids:
            await raw.execute(SETTLED, each, NOW + timedelta(seconds=1))
        return len(ids) / (time.perf_counter() - begun)


async def steps(engines: list[AsyncEngine], rounds: int) -> list[float]:
    """Milliseconds of a step in each database: medians, taken in turns."""
    speaking = [relay(each) for each in engines]
    took: list[list[float]] = [[] for _ in engines]
    promises = 10 * MANY
    for number in range(-3, rounds):
        for which, (each, said) in enumerate(speaking):
            before = len(said)
            begun = time.perf_counter()
            await each.step()
            if number >= 0:
                took[which].append(1000 * (time.perf_counter() - begun))
            await promise(engines[which], promises, len(said) - before)
            promises += len(said) - before
    return [median(each) for each in took]
