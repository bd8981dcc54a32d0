"""How long a day takes to plan for 10,000 groups, beside reading the rows that it depends on.

Twenty accounts, a library of 500 items, groups of 40 cohorts that have had 200 items each and
two weeks of posts. `plan` goes through the real dispatcher, beat by beat until all days are
planned and written; `idle` is the beat after that, which finds nothing. The same rows are read
by the bare driver, and as values, by the stores that the plan reads them from. `thinking` is the
plan of all groups, and what their accounts can say of it, in memory; `tight` the same with
accounts that can say a fifth of what they are asked for.
"""

import random
import resource
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.dispatcher import Dispatcher
from bot.garbage import collect_rarely
from bot.transactions import Transactions
from config.daily import ZONE
from config.rules import Rules
from handlers.content import capacity, grounds, handler, mix, planning
from handlers.content.choice import Library
from handlers.content.planning import DayPlan, Ground
from handlers.features import ROUTER
from models.cohort import Stage, stage_on, week_on
from models.content import ContentKind, Item, Programme, Voice
from models.groups import Group, Member, Standing
from models.growth import Life
from models.ids import AccountId, GroupId, PersonId
from models.people import Role
from models.phase import Phase
from models.stores.unit import Unit
from models.tables import PostRow
from tests.bench.databases import durable
from tests.bench.figures import Figure, Row, at_most

GROUPS, ACCOUNTS, ITEMS, SEEN, WINDOWS = 10_000, 20, 500, 200, 8
ROUNDS = 3
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=ZONE)
RULES = Rules()
ROWS = (
    "SELECT * FROM chat_group",
    "SELECT * FROM programme",
    "SELECT * FROM life",
    "SELECT * FROM member WHERE role = 'monitor' AND present",
    "SELECT * FROM content_item",
)
"""What the days of all groups depend on."""


async def bench(url: str, count: int = GROUPS) -> list[Row]:
    collect_rarely()
    by_driver, by_stores, ours = [], [], []
    async with durable(url, "bench_planning", lambda engine: fill(engine, count)) as engine:
        before = peak()
        for day in range(ROUNDS):
            by_driver.append(await read_by_driver(engine))
            by_stores.append(await read_by_stores(engine, day))
            beats, posts = await plan(engine, NOW + timedelta(days=day))
            ours.append(sum(beats))
        whole = peak()
        nothing = await idle(engine, NOW + timedelta(days=ROUNDS - 1))
    _tell(count, posts, nothing)
    print(f"  memory: {before} MB before, {whole} MB at its peak")
    what = f"a day of {count:,} groups planned"
    took = Figure(median(ours), "s")
    return [
        Row(
            what=what,
            ours=took,
            beside="the bare driver reads the same rows",
            theirs=Figure(median(by_driver), "s"),
            target=at_most(5),
            promise=at_most(30),
            see="Content and activity",
        ),
        Row(
            what=what,
            ours=took,
            beside="our stores read the same rows as values",
            theirs=Figure(median(by_stores), "s"),
            target=at_most(5),
            promise=at_most(10),
            see="Content and activity",
        ),
    ]


def _tell(count: int, posts: int, nothing: Sequence[float]) -> None:
    have, of, theirs = made_up(count)
    at = grounds_of(of, theirs)
    thinking, tight = think(at, have, 20), think(at, have, 4)
    print(f"  {posts:,} posts; thinking: {thinking:.2f} s, tight: {tight:.2f} s")
    print(f"  idle: {median(nothing) * 1000:.1f} ms, at most {max(nothing) * 1000:.1f} ms")


async def read_by_driver(engine: AsyncEngine) -> float:
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        begun = time.perf_counter()
        for each in ROWS:
            await raw.fetch(each)
        return time.perf_counter() - begun


async def read_by_stores(engine: AsyncEngine, day: int) -> float:
    async def work(facts: Unit) -> None:
        await grounds.read_for(await facts.groups.find(), TODAY + timedelta(days=day), facts)
        await grounds.library(facts)

    begun = time.perf_counter()
    await Transactions(engine).run(work)
    return time.perf_counter() - begun


def items(rng: random.Random) -> list[Item]:
    """Half dry; a third bound to a few weeks, a third of the rest to a stage; a wet one is the
    monitor's."""
    kinds = [ContentKind.DRY] * 5 + [ContentKind.WET] * 2 + [ContentKind.WARM] * 3
    found = []
    for number in range(ITEMS):
        kind, week = kinds[number % 10], rng.randint(-30, 52)
        found.append(
            Item(
                id=f"item{number:03}",
                kind=kind,
                text="孕期和产后都用得上的一条，{{ city }}的妈妈们收好啦",
                voice=Voice.MONITOR if kind is ContentKind.WET else Voice.ASSISTANT,
                weight=rng.randint(1, 5),
                from_week=week if number % 3 == 0 else None,
                to_week=week + rng.randint(1, 8) if number % 3 == 0 else None,
                stages=(rng.choice(list(Stage)),) if number % 9 == 1 else (),
            )
        )
    return found


def groups(count: int) -> list[Group]:
    windows = ["2025-03", "2025-06", "2025-09", "2025-12", "2026-03", "2026-06", "2026-09"]
    return [
        Group(
            id=GroupId(f"g{number:05}"),
            account=AccountId(f"bot{number % ACCOUNTS}"),
            name=f"杭州·{number}",
            standing=Standing.OURS,
            city="杭州",
            channel=f"渠道{number % 5}",
            birth_window=windows[number % len(windows)],
            opened_on=TODAY - timedelta(days=120 + number % 60),
            checked_at=NOW - timedelta(days=1),
            members=200,
        )
        for number in range(count)
    ]


def programmes(
    of: Sequence[Group], library: Sequence[Item], rng: random.Random
) -> list[Programme]:
    """With two weeks that were planned, each by the place its group has in its turn."""
    ids = [each.id for each in library]
    histories = [_history(turn) for turn in range(500)]
    return [
        Programme(
            group=each.id,
            plan_at=NOW,
            planned_on=TODAY - timedelta(days=1),
            phase=Phase.MATURE,
            recent=rng.choice(histories),
            seen=tuple(rng.sample(ids, SEEN)),
        )
        for each in of
    ]


def _history(turn: int) -> str:
    recent = ""
    for day in range(20 + turn % 7):
        kinds = mix.kinds_of_day(
            recent, RULES.content.mature, [None] * 3, wet_daily=1, turn=turn + day
        )
        recent = mix.with_day(recent, "".join(mix.letter(each, is_said=True) for each in kinds))
    return recent


def grounds_of(of: Sequence[Group], theirs: Sequence[Programme]) -> list[Ground]:
    found = []
    for group, programme in zip(of, theirs, strict=True):
        assert group.window is not None
        stage = stage_on(group.window, TODAY)
        found.append(
            Ground(
                group=group,
                programme=programme,
                phase=Phase.MATURE,
                stage=stage,
                week=week_on(group.window, TODAY),
                spans=getattr(RULES.hours, stage),
                has_monitor=True,
                rules=RULES,
            )
        )
    return found


def think(at: Sequence[Ground], of: Sequence[Item], per_minute: int) -> float:
    begun = time.perf_counter()
    library = Library(of)
    of_account: dict[AccountId, list[DayPlan]] = defaultdict(list)
    for each in at:
        of_account[each.group.account].append(planning.plan_day(each, TODAY, library, NOW))
    for plans in of_account.values():
        capacity.fit(plans, library, per_minute=per_minute, share=0.8, now=NOW)
    return time.perf_counter() - begun


def made_up(count: int = GROUPS) -> tuple[list[Item], list[Group], list[Programme]]:
    rng = random.Random(7)
    have, of = items(rng), groups(count)
    return have, of, programmes(of, have, rng)


async def fill(engine: AsyncEngine, count: int = GROUPS) -> None:
    async def work(facts: Unit) -> None:
        have, of, theirs = made_up(count)
        for group, programme in zip(of, theirs, strict=True):
            facts.groups.put(group)
            facts.programmes.put(programme)
            facts.lives.put(
                Life(
                    group=group.id,
                    since=NOW - timedelta(days=120),
                    opened_on=group.opened_on or TODAY,
                    look_at=None,
                    formed_at=NOW - timedelta(days=90),
                    active=20,
                    active_of=200,
                )
            )
            facts.members.put(
                Member(
                    group=group.id,
                    person=PersonId(f"p-{group.id}"),
                    name="小雨妈妈",
                    role=Role.MONITOR,
                    present=True,
                )
            )
        for each in have:
            facts.items.put(each)

    await Transactions(engine).run(work)


async def plan(engine: AsyncEngine, now: datetime = NOW) -> tuple[list[float], int]:
    """Seconds of each beat until nothing is due, and how many posts were planned."""
    dispatcher = Dispatcher(Transactions(engine), ROUTER)
    (tick,) = (each for each in ROUTER.ticks if each.run is handler.plan_days)
    beats = []
    while True:
        begun = time.perf_counter()
        await dispatcher.tick(tick, now)
        beats.append(time.perf_counter() - begun)
        due = (await dispatcher.next_due()).get(tick.name)
        if due is None or due > now:
            break
    async with engine.connect() as connection:
        of_day = select(func.count()).where(PostRow.day == now.date())
        planned = await connection.scalar(of_day)
    return beats, planned or 0


async def idle(engine: AsyncEngine, now: datetime = NOW) -> list[float]:
    dispatcher = Dispatcher(Transactions(engine), ROUTER)
    (tick,) = (each for each in ROUTER.ticks if each.run is handler.plan_days)
    beats = []
    for _ in range(50):
        begun = time.perf_counter()
        await dispatcher.tick(tick, now + timedelta(minutes=1))
        beats.append(time.perf_counter() - begun)
    return beats


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
