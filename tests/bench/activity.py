"""What a message costs where there are many members, and much was said before.

Two databases, one with 10,000 groups, 2 million memberships and 10 million messages of the last
four weeks, the other with one in a hundred of each. Batches of the same shape go through the real
dispatcher in both, in turns: 400 events of 100 groups, which are all that there are in the small
one, 1 in 50 of them a join or a leave. So a message is stored, its hour counted, and the life of
its group kept. `looks` are the daily ones at the life of a group.
"""

import gc
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.dispatcher import Arrival, Dispatcher
from bot.transactions import Transactions
from config.daily import ZONE
from handlers.features import ROUTER
from models.events import Event, MemberJoined, MemberLeft, MessageReceived
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.months import month_of
from models.people import Profile
from models.stores.months import MonthStore
from models.tables import MONTHLY, ActivityRow, MessageRow, SpeakerRow
from tests.bench.databases import durable, settle
from tests.bench.figures import Figure, Row, at_most

ACCOUNT = AccountId("bench")
NOW = datetime(2026, 3, 2, 20, 0, tzinfo=ZONE)
DAYS = 28


ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """`people` are those of one group, `batch` the events of one moment, in so many groups of
    `talking`, and `looks` the groups that one beat looks at."""

    groups: int = 10_000
    people: int = 200
    stored: int = 10_000_000
    batch: int = 400
    talking: int = 100
    looks: int = 50


FULL, HUNDREDTH = Scale(), Scale(groups=100, stored=100_000)


async def bench(
    url: str, large: Scale = FULL, small: Scale = HUNDREDTH, rounds: int = ROUNDS
) -> list[Row]:
    async with AsyncExitStack() as stack:
        engines = []
        for scale in (small, large):
            begun = time.perf_counter()
            name = f"bench_activity_{scale.stored}"
            engines.append(
                await stack.enter_async_context(durable(url, name, partial(fill, scale=scale)))
            )
            print(f"  {scale.stored:,} filled in {time.perf_counter() - begun:.0f} s", flush=True)
        events, looks = await measure(engines, (small, large), rounds)
    much = f"{large.groups * large.people:,} memberships and {large.stored:,} stored messages"
    beside = f"at {small.stored / large.stored:.0%} of that"
    print(f"  a look at a group: {looks[1]:.2f} ms; {beside}: {looks[0]:.2f} ms")
    return [
        Row(
            what=f"a message with {much}",
            ours=Figure(events[1], "ms"),
            beside=beside,
            theirs=Figure(events[0], "ms"),
            target=at_most(1.2),
            promise=at_most(1.5),
            see="Content and activity",
        ),
    ]


COMMUNITY = (
    "INSERT INTO account (id, person, up_at, heard_at, abilities) "
    "VALUES ('bench', 'bot', :since, :now, '[]')",
    """
    INSERT INTO chat_group
        (id, account, name, standing, city, channel, birth_window, opened_on, checked_at, members)
    SELECT 'g' || n, 'bench', '杭州·2026年3-5月·渠道' || n % 50 || '·' || n, 'ours', '杭州',
        '渠道' || n % 50, '2026-03', '2025-12-01', :since, :people
    FROM generate_series(0, :groups - 1) AS n
    """,
    """
    INSERT INTO member
        (group_id, person_id, name, nickname, role, present, origin, seen_at, erased)
    SELECT 'g' || n, 'p' || n || '-' || k, '妈妈' || k, '杭州-孕36周-妈妈' || k,
        CASE k WHEN 0 THEN 'monitor' ELSE 'member' END, true, 'baseline', :since, false
    FROM generate_series(0, :groups - 1) AS n, generate_series(0, :people - 1) AS k
    """,
    """
    INSERT INTO life (group_id, since, opened_on, look_at, active_of)
    SELECT 'g' || n, :since, '2025-12-01', cast(:now AS timestamptz) + interval '1 year', 0
    FROM generate_series(0, :groups - 1) AS n
    """,
)
MESSAGES = """
    INSERT INTO message (chat, id, sender, text, mentions, said_at, seen_at)
    SELECT 'g' || of, substr(md5(n::text), 1, 16), 'p' || of || '-' || floor(random() * :people),
        '今天带宝宝去打疫苗，回来有点闹觉，大家都是怎么哄的呀', '[]', at, at
    FROM (
        SELECT n, floor(random() * :groups)::int AS of,
            cast(:since AS timestamptz)
            + n * (cast(:days AS float) / cast(:stored AS float)) * interval '1 day' AS at
        FROM generate_series(0, cast(:stored AS int) - 1) AS n
    ) AS said
"""
SPEAKERS = """
    INSERT INTO speaker (group_id, hour, person_id, role, messages)
    SELECT chat, date_trunc('hour', said_at), sender,
        CASE WHEN sender LIKE '%-0' THEN 'monitor' ELSE 'member' END, count(*)
    FROM message GROUP BY 1, 2, 3, 4
"""
ACTIVITY = """
    INSERT INTO activity (group_id, hour, role, messages, speakers)
    SELECT group_id, hour, role, sum(messages), count(*) FROM speaker GROUP BY 1, 2, 3
"""


def name_of(group: int) -> str:
    return f"杭州·2026年3-5月·渠道{group % 50}·{group}"


def person_of(group: int, number: int) -> PersonId:
    return PersonId(f"p{group}-{number}")


def profile_of(person: int) -> Profile:
    return Profile(f"妈妈{person}", f"杭州-孕36周-妈妈{person}")


async def fill(engine: AsyncEngine, scale: Scale) -> None:
    """The groups, what was said in them, and what follows from it; indexes are made at the end."""
    given = {
        "since": NOW - timedelta(days=DAYS),
        "now": NOW,
        "days": DAYS,
        "groups": scale.groups,
        "people": scale.people,
        "stored": scale.stored,
    }
    large = [each.__table__ for each in (MessageRow, SpeakerRow, ActivityRow)]
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        await connection.execute(text("SET LOCAL work_mem = '1GB'"))
        await connection.execute(text("SELECT setseed(0.5)"))
        for monthly in MONTHLY:
            for month in (month_of(NOW - timedelta(days=DAYS)), month_of(NOW)):
                await MonthStore(connection).open(monthly, month)
        for statement in COMMUNITY:
            await _run(connection, statement, given)
        for table, statement in zip(large, (MESSAGES, SPEAKERS, ACTIVITY), strict=True):
            assert isinstance(table, Table)
            await _strip(connection, table)
            await _run(connection, statement, given)
            await _index(connection, table)
    await settle(engine)


async def measure(
    engines: Sequence[AsyncEngine], scales: Sequence[Scale], rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds an event, and a look, in each database: medians, taken in turns."""
    events: list[list[float]] = [[] for _ in engines]
    looks: list[list[float]] = [[] for _ in engines]
    (look,) = (each for each in ROUTER.ticks if each.name == "look_at_groups")
    gc.freeze()
    for round_ in range(-3, rounds):
        now = NOW + timedelta(seconds=10 * (round_ + 3))
        order = list(range(len(engines)))
        for which in order if round_ % 2 else reversed(order):
            # Another process's each time: what one keeps in mind of its groups is no part of it.
            scale, dispatcher = scales[which], Dispatcher(Transactions(engines[which]), ROUTER)
            batch = [Arrival(each, now) for each in _evening(round_, now, scale)]
            begun = time.perf_counter()
            await dispatcher.take(batch)
            took = time.perf_counter() - begun
            await _make_due(engines[which], round_, now, scale)
            begun = time.perf_counter()
            await dispatcher.tick(look, now)
            looked = time.perf_counter() - begun
            if round_ >= 0:
                events[which].append(1000 * took / len(batch))
                looks[which].append(1000 * looked / scale.looks)
    return [median(each) for each in events], [median(each) for each in looks]


def _evening(round_: int, now: datetime, scale: Scale) -> list[Event]:
    """What happens in one moment of the groups that talk."""
    rng = random.Random(round_)
    talking = rng.sample(range(scale.groups), scale.talking)
    return [
        _event(f"{round_}:{number}", rng.choice(talking), rng, now, scale)
        for number in range(scale.batch)
    ]


def _event(number: str, of: int, rng: random.Random, now: datetime, scale: Scale) -> Event:
    group, draw = GroupId(f"g{of}"), rng.random()
    someone = person_of(of, rng.randrange(1, scale.people))
    if draw < 0.01:
        newcomer = PersonId(f"n{number}")
        return MemberJoined(
            at=now, account=ACCOUNT, group=group, person=newcomer, profile=Profile("豆豆妈")
        )
    if draw < 0.02:
        return MemberLeft(at=now, account=ACCOUNT, group=group, person=someone)
    return MessageReceived(
        at=now,
        account=ACCOUNT,
        id=MessageId(f"m{number}"),
        group=group,
        sender=someone,
        text="今天太阳真好，下午带宝宝出去走走",
    )


async def _make_due(engine: AsyncEngine, round_: int, now: datetime, scale: Scale) -> None:
    first = (round_ + 3) * scale.looks
    groups = [f"g{n % scale.groups}" for n in range(first, first + scale.looks)]
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE life SET look_at = :now WHERE group_id = ANY(:groups)"),
            {"now": now, "groups": groups},
        )


async def _run(connection: AsyncConnection, statement: str, given: dict[str, object]) -> None:
    asked = text(statement)
    names = asked.compile().params
    await connection.execute(asked, {name: given[name] for name in names})


async def _strip(connection: AsyncConnection, table: Table) -> None:
    """Of its key and indexes, which are made again once it is full."""
    await connection.execute(text(f"ALTER TABLE {table.name} DROP CONSTRAINT pk_{table.name}"))
    for index in table.indexes:
        await connection.run_sync(index.drop)


async def _index(connection: AsyncConnection, table: Table) -> None:
    key = ", ".join(each.name for each in table.primary_key.columns)
    constraint = f"ADD CONSTRAINT pk_{table.name} PRIMARY KEY ({key})"
    await connection.execute(text(f"ALTER TABLE {table.name} {constraint}"))
    for index in table.indexes:
        await connection.run_sync(index.create)
