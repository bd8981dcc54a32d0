"""How long a day takes to plan for 10,000 groups: `python -m tests.bench.planning`.

Twenty accounts, a library of 500 items, groups of 40 cohorts that have had 200 items each and
two weeks of posts. `thinking` is the plan of all groups, and what their accounts can say of it,
in memory; `planning` is the same through the real dispatcher and a throw-away database, beat by
beat until all days are planned and written; `idle` is the beat after that, which finds nothing.
`tight` is thinking with accounts that can say a fifth of what they are asked for.
"""

import random
import resource
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median

import uvloop
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commandline import database_url
from bot.dispatcher import Dispatcher
from bot.garbage import collect_rarely
from bot.postgres import throwaway
from bot.transactions import Transactions
from config.daily import ZONE
from config.rules import Rules
from config.settings import Settings
from handlers.content import capacity, handler, mix, planning
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

GROUPS, ACCOUNTS, ITEMS, SEEN, WINDOWS = 10_000, 20, 500, 200, 8
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=ZONE)
RULES = Rules()


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


def grounds(of: Sequence[Group], theirs: Sequence[Programme]) -> list[Ground]:
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
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


async def plan(engine: AsyncEngine) -> tuple[list[float], int]:
    """Seconds of each beat until nothing is due, and how many posts were planned."""
    dispatcher = Dispatcher(Transactions(engine), ROUTER)
    (tick,) = (each for each in ROUTER.ticks if each.run is handler.plan_days)
    beats = []
    while True:
        begun = time.perf_counter()
        await dispatcher.tick(tick, NOW)
        beats.append(time.perf_counter() - begun)
        due = (await dispatcher.next_due()).get(tick.name)
        if due is None or due > NOW:
            break
    async with engine.connect() as connection:
        planned = await connection.scalar(select(func.count()).select_from(PostRow))
    return beats, planned or 0


async def idle(engine: AsyncEngine) -> list[float]:
    dispatcher = Dispatcher(Transactions(engine), ROUTER)
    (tick,) = (each for each in ROUTER.ticks if each.run is handler.plan_days)
    beats = []
    for _ in range(50):
        begun = time.perf_counter()
        await dispatcher.tick(tick, NOW + timedelta(minutes=1))
        beats.append(time.perf_counter() - begun)
    return beats


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def main() -> None:
    collect_rarely()
    url = await database_url(Settings())
    async with throwaway(url, "bench_planning") as engine:
        await fill(engine)
        before = peak()
        used = time.process_time()
        beats, posts = await plan(engine)
        used = time.process_time() - used
        whole = peak()
        nothing = await idle(engine)
    have, of, theirs = made_up()
    at = grounds(of, theirs)
    thinking, tight = think(at, have, 20), think(at, have, 4)
    print(
        f"planning {GROUPS} groups, {posts} posts: {sum(beats):.2f} s in {len(beats)} beats,"
        f" {used:.2f} s of a core for this process"
    )
    print(f"memory: {before} MB before, {whole} MB at its peak")
    print(f"idle: {median(nothing) * 1000:.1f} ms, at most {max(nothing) * 1000:.1f} ms")
    print(f"thinking: {thinking:.2f} s; tight: {tight:.2f} s")


if __name__ == "__main__":
    uvloop.run(main())
