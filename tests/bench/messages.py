"""What a message costs from its arrival to its points: `python -m tests.bench.messages`.

The same 20,000 seeded messages of 200 groups with 10,000 members (15 % ask, 10 % answer, 1 % come
twice), in three ways, each into fresh tables of its own with default durability: COPY of the
message rows alone; the same work through the ORM with a commit a message (of the first so many);
and the real dispatcher, 400 a transaction, as a rush of a gateway is handled.
"""

import argparse
import gc
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commandline import database_url
from bot.dispatcher import BATCH, Arrival, Dispatcher
from bot.postgres import throwaway
from bot.transactions import Transactions
from config.settings import Settings
from handlers.features import ROUTER
from models.events import MessageReceived
from models.ids import GroupId, MessageId, PersonId
from tests.bench.activity import ACCOUNT, NOW, Scale, fill
from tests.bench.orm import handle_each
from tests.bench.replay import words

SCALE = Scale(groups=200, people=50)
REPEATED = 0.01
SAID_BEFORE = 10_000
NAME = "bench_messages"
WITHIN = timedelta(hours=1)
"""A lively hour: what is asked is answered within minutes."""


def talk(count: int) -> list[Arrival]:
    rng = random.Random(7)
    arrivals: list[Arrival] = []
    for number in range(count):
        if arrivals and rng.random() < REPEATED:
            arrivals.append(rng.choice(arrivals[-BATCH:]))
            continue
        of, at = rng.randrange(SCALE.groups), NOW + WITHIN * number / count
        said = MessageReceived(
            at=at,
            account=ACCOUNT,
            id=MessageId(f"{number:016x}"),
            group=GroupId(f"g{of}"),
            sender=PersonId(f"p{of}-{rng.randrange(1, SCALE.people)}"),
            text=words(number, rng),
        )
        arrivals.append(Arrival(said, at))
    return arrivals


async def copied(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> float:
    """Seconds to COPY the same rows into a table like ours, in one transaction."""
    first = {each.event.id: each for each in arrivals if isinstance(each.event, MessageReceived)}
    rows = [_row(each) for each in first.values()]
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE copied (LIKE message INCLUDING ALL)"))
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        begun = time.perf_counter()
        await raw.copy_records_to_table("copied", records=rows, columns=COLUMNS)
        await connection.commit()
        return time.perf_counter() - begun


@asynccontextmanager
async def community(url: str) -> AsyncIterator[AsyncEngine]:
    """What is committed is on the disk."""
    async with throwaway(url, NAME) as engine:
        await fill(engine, SAID_BEFORE, SCALE)
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER DATABASE {NAME} SET synchronous_commit = on"))
        await engine.dispose()
        yield engine


COLUMNS = ("chat", "id", "sender", "text", "mentions", "said_at", "seen_at")


def _row(arrival: Arrival) -> tuple[object, ...]:
    said = arrival.event
    assert isinstance(said, MessageReceived)
    return (said.group, said.id, said.sender, said.text, "[]", said.at, arrival.now)


async def handled(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> float:
    """Seconds until the last of them is handled and kept."""
    dispatcher = Dispatcher(Transactions(engine), ROUTER)
    begun = time.perf_counter()
    for batch in batches(arrivals):
        await dispatcher.take(batch)
    return time.perf_counter() - begun


def batches(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    for first in range(0, len(arrivals), BATCH):
        yield arrivals[first : first + BATCH]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--orm", type=int, default=1_000)
    given = parser.parse_args()
    url = await database_url(Settings())
    arrivals = talk(given.messages)
    async with community(url) as engine:
        copy = given.messages / await copied(engine, arrivals)
        gc.freeze()
        ours = given.messages / await handled(engine, arrivals)
    async with community(url) as engine:
        orm = given.orm / await handle_each(engine, arrivals[: given.orm])
    print(
        f"messages: COPY {copy:,.0f}/s; handled {ours:,.0f}/s, {ours / copy:.1%} of COPY; "
        f"the ORM with a commit a message {orm:,.0f}/s, ours {ours / orm:.0f} x"
    )


if __name__ == "__main__":
    uvloop.run(main())
