"""How fast promises are kept where nothing paces them: `python -m tests.bench.relay`.

One relay on the simulated gateway, with notices to 1,000 groups that are all due. `sends` is how
many it says a second, beside one UPDATE a message of the same rows. `step` is one look at the
outbox that says 50, with 1,000 and with 1,000,000 waiting.
"""

import argparse
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from statistics import median

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import ManualClock
from bot.commandline import database_url
from bot.dispatcher import Dispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.relay import Relay
from bot.postgres import throwaway
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds
from config.daily import ZONE
from config.settings import Settings
from handlers.features import ROUTER
from models.ids import AccountId
from models.stores.unit import Unit

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
    FROM generate_series(1, :count) AS n
"""
SETTLED = "UPDATE outbox SET state = 'sent', settled_at = $2 WHERE id = $1"


@asynccontextmanager
async def promised(url: str, count: int) -> AsyncIterator[AsyncEngine]:
    """A community that so many notices wait for, whose commits are on the disk."""
    name = f"bench_relay_{count}"
    async with throwaway(url, name) as engine:
        async with engine.begin() as connection:
            await connection.execute(text(GROUPS), {"now": NOW})
            await connection.execute(text(WAITING), {"now": NOW, "count": count})
            await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = on"))
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
        await engine.dispose()
        await Transactions(engine).run(unpace)
        yield engine


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
    relays = [relay(each)[0] for each in engines]
    took: list[list[float]] = [[] for _ in engines]
    for each in relays:
        await each.step()
    for _ in range(rounds):
        for which, each in enumerate(relays):
            begun = time.perf_counter()
            await each.step()
            took[which].append(1000 * (time.perf_counter() - begun))
    return [median(each) for each in took]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=20_000)
    parser.add_argument("--waiting", type=int, nargs=2, default=[1_000, 1_000_000])
    given = parser.parse_args()
    url = await database_url(Settings())
    async with promised(url, given.sends) as engine:
        single = await updates(engine, min(2_000, given.sends // 4))
        ours = await sends(engine, given.sends // 2)
    times = f"{ours / single:.1f} x"
    print(f"relay: {ours:,.0f} sends/s; one UPDATE a message {single:,.0f}/s, {times}")
    rounds = given.waiting[0] // 100
    async with AsyncExitStack() as stack:
        engines = [await stack.enter_async_context(promised(url, n)) for n in given.waiting]
        few, many = await steps(engines, rounds)
    print(
        f"relay: a step that says 50 takes {few:.1f} ms with {given.waiting[0]:,} waiting, "
        f"{many:.1f} ms with {given.waiting[1]:,}, {many / few:.2f} x"
    )


if __name__ == "__main__":
    uvloop.run(main())
