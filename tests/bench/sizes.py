"""What a row of each table takes on the disk, with its indexes: `python -m tests.bench.sizes`.

Two throw-away databases: what months leave behind (tests/bench/months.py), and very many messages
(tests/bench/activity.py). Written once and vacuumed, so as small as it gets. docs/scaling.md goes
by these.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.commandline import database_url
from bot.postgres import throwaway
from config.settings import Settings
from tests.bench import activity
from tests.bench.months import live_months

FEWEST = 1_000
"""Rows; of fewer, what a page more or less takes is told."""
TALK = ("message", "speaker", "activity")
SIZES = """
    SELECT parent.relname, sum(part.reltuples)::bigint,
        sum(pg_table_size(part.oid))::bigint, sum(pg_indexes_size(part.oid))::bigint
    FROM pg_class AS part
    LEFT JOIN pg_inherits ON inhrelid = part.oid
    JOIN pg_class AS parent ON parent.oid = coalesce(inhparent, part.oid)
    WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace
    GROUP BY parent.relname ORDER BY parent.relname
"""


@dataclass(frozen=True, slots=True)
class Size:
    """In bytes."""

    table: str
    rows: int
    heap: int
    indexes: int


async def sizes(engine: AsyncEngine) -> list[Size]:
    """Of all tables; those that are stored by the month as one."""
    async with engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("VACUUM ANALYZE"))
        found = await plain.execute(text(SIZES))
        return [Size(*row) for row in found]


def lines(found: list[Size]) -> Iterator[str]:
    for each in found:
        if each.rows >= FEWEST:
            heap, indexes = each.heap / each.rows, each.indexes / each.rows
            yield f"{each.table:14} {each.rows:9,} rows  {heap:5.0f} + {indexes:4.0f} bytes a row"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    given = parser.parse_args()
    url = await database_url(Settings())
    async with throwaway(url, "bench_sizes_months") as engine:
        await live_months(engine, SystemClock().now())
        print(*lines([each for each in await sizes(engine) if each.table not in TALK]), sep="\n")
    async with throwaway(url, "bench_sizes_talk") as engine:
        await activity.fill(engine, activity.Scale(people=40, stored=given.messages))
        print(*lines([each for each in await sizes(engine) if each.table in TALK]), sep="\n")


if __name__ == "__main__":
    uvloop.run(main())
