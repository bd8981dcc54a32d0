"""What a message costs from its arrival to its points.

20,000 seeded messages of 200 groups with 10,000 members (15 % ask, 10 % answer, 1 % come twice),
in three ways, with default durability: COPY of the message rows alone; the same work through the
ORM with a commit a message (of the first so many); and the real dispatcher, 400 a transaction, as
a rush of a gateway is handled. COPY and ours take turns, each time with 200 other groups;
each has the median of its rounds.
"""

import gc
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.dispatcher import BATCH, Arrival, Dispatcher
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.events import MessageReceived
from models.ids import GroupId, MessageId
from tests.bench.activity import ACCOUNT, NOW, Scale, fill, person_of
from tests.bench.databases import durable
from tests.bench.figures import Figure, Row, at_least
from tests.bench.orm import handle_each
from tests.bench.replay import words

SCALE = Scale(groups=200, people=50, stored=10_000)
REPEATED = 0.01
NAME = "bench_messages"
MESSAGES, BY_ORM, ROUNDS = 20_000, 1_000, 3
WITHIN = timedelta(hours=1)
"""A lively hour: what is asked is answered within minutes."""
WHAT = "group messages fully handled, durable"


async def bench(url: str, count: int = MESSAGES, by_orm: int = BY_ORM) -> list[Row]:
    copies, ours = [], []
    whole = partial(fill, scale=replace(SCALE, groups=ROUNDS * SCALE.groups))
    async with durable(url, NAME, whole) as engine:
        gc.freeze()
        for turn in range(ROUNDS):
            arrivals = talk(count, turn)
            copies.append(count / await copied(engine, arrivals))
            ours.append(count / await handled(engine, arrivals))
    async with durable(url, NAME, partial(fill, scale=SCALE)) as engine:
        orm = by_orm / await handle_each(engine, talk(count)[:by_orm])
    a_second = Figure(median(ours), "/s")
    return [
        Row(
            what=WHAT,
            ours=a_second,
            beside="COPY of the same rows",
            theirs=Figure(median(copies), "/s"),
            target=at_least(0.10),
            promise=at_least(0.01),
            see="Handlers",
        ),
        Row(
            what=WHAT,
            ours=a_second,
            beside="the same work through the ORM, a commit a message",
            theirs=Figure(orm, "/s"),
            target=at_least(50),
            promise=at_least(10),
            see="Handlers",
        ),
    ]


def talk(count: int, turn: int = 0, scale: Scale = SCALE) -> list[Arrival]:
    """Each turn is of other groups."""
    rng, first = random.Random(7 + turn), turn * scale.groups
    arrivals: list[Arrival] = []
    for number in range(count):
        if arrivals and rng.random() < REPEATED:
            arrivals.append(rng.choice(arrivals[-BATCH:]))
            continue
        of, at = first + rng.randrange(scale.groups), NOW + WITHIN * number / count
        said = MessageReceived(
            at=at,
            account=ACCOUNT,
            id=MessageId(f"{turn:04x}{number:012x}"),
            group=GroupId(f"g{of}"),
            sender=person_of(of, rng.randrange(1, scale.people)),
            text=words(number, rng),
        )
        arrivals.append(Arrival(said, at))
    return arrivals


async def copied(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> float:
    """Seconds to COPY the same rows into a table like ours, in one transaction."""
    first = {each.event.id: each for each in arrivals if isinstance(each.event, MessageReceived)}
    rows = [_row(each) for each in first.values()]
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS copied"))
        await connection.execute(text("CREATE TABLE copied (LIKE message INCLUDING ALL)"))
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        begun = time.perf_counter()
        await raw.copy_records_to_table("copied", records=rows, columns=COLUMNS)
        await connection.commit()
        return time.perf_counter() - begun


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
