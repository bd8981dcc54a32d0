"""A month in a process of its own, where nothing else fills the memory that is weighed."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import uvloop

from tests.faults.month import weighed
from tests.faults.month.community import KEPT, Community
from tests.faults.month.promises import broken, overdue
from tests.faults.month.weighing import Weight
from tests.world import new_world, shanghai

START = shanghai("2026-03-02 00:00")


@dataclass(frozen=True, slots=True)
class Month:
    """`acts` are those of a day, in all groups together."""

    days: int
    groups: int
    acts: int
    seed: int


def a_month(url: str, asked: Month) -> Iterator[str]:
    """What it came to, on a database of its own. Raises AssertionError."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        tables, failures = process.submit(_lived, url, asked).result()
    yield from tables
    assert not failures, "\n".join(failures)


def _lived(url: str, asked: Month) -> tuple[list[str], list[str]]:
    """What the tables came to, and what is broken; each day is told when it is over."""
    logging.disable(logging.WARNING)
    return uvloop.run(_live(url, asked))


async def _live(url: str, asked: Month) -> tuple[list[str], list[str]]:
    began = time.monotonic()
    lived: list[Weight] = []
    async with new_world(url, START) as world:
        community = Community(world, asked.groups, asked.acts, asked.seed)
        async for weight in weighed(world, community, asked.days):
            lived.append(weight)
            seconds = time.monotonic() - began
            print("   ", _day(weight, len(lived), community.events, seconds), flush=True)
        late = await overdue(world.engine, world.clock.now(), KEPT)
    failures = [*broken(lived), *(f"{count} too old: {what}" for what, count in late.items())]
    return list(_tables(lived)), failures


def _day(weight: Weight, day: int, events: int, seconds: float) -> str:
    size = sum(each.size for each in weight.tables.values())
    return (
        f"day {day:2}  {weight.resident >> 20} MiB, {weight.tasks} tasks, "
        f"{weight.connections} connections, {size >> 20} MiB of tables; "
        f"{events} events in {seconds:.0f} s"
    )


def _tables(lived: list[Weight]) -> Iterator[str]:
    """Halfway, and at the end."""
    for name, table in lived[-1].tables.items():
        then = lived[len(lived) // 2].tables[name]
        yield (
            f"{name:16} {then.rows:8} {then.size >> 10:7} KiB {then.a_row:7.0f} a row "
            f"-> {table.rows:8} {table.size >> 10:7} KiB {table.a_row:7.0f} a row"
        )
