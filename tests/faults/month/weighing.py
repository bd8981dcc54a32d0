"""What a process and its database hold at one moment."""

import asyncio
import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handlers.questions.wording import wording

TABLES = """
    SELECT relname, pg_table_size(relid), pg_indexes_size(relid), n_dead_tup
    FROM pg_stat_user_tables ORDER BY relname
"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
TO_BE_CLEANED = """
    SELECT relname FROM pg_stat_user_tables
    WHERE n_dead_tup > current_setting('autovacuum_vacuum_threshold')::int
        + current_setting('autovacuum_vacuum_scale_factor')::float * n_live_tup
"""


@dataclass(frozen=True, slots=True)
class Table:
    """`size` is in bytes, with all indexes."""

    rows: int
    size: int
    dead: int

    @property
    def a_row(self) -> float:
        return self.size / max(self.rows, 1)


@dataclass(frozen=True, slots=True)
class Weight:
    at: datetime
    resident: int
    tasks: int
    connections: int
    tables: Mapping[str, Table]


def fill_caches() -> None:
    """What is remembered of texts on purpose, and bounded, takes weeks to fill up where so little
    is said: full from the first day on, it hides nothing that grows."""
    for n in range(wording.cache_parameters()["maxsize"]):
        wording(f"宝宝 {n} 天了一天睡几个小时？")


async def weigh(engine: AsyncEngine, at: datetime) -> Weight:
    gc.collect()
    async with engine.connect() as connection:
        return Weight(
            at=at,
            resident=_resident(),
            tasks=len(asyncio.all_tasks()),
            connections=int(await connection.scalar(text(CONNECTIONS)) or 0),
            tables=await _tables(connection),
        )


async def clean_up(engine: AsyncEngine) -> None:
    """Vacuum what autovacuum would have by now: on this clock a day is over before its own next
    look, a minute later."""
    async with engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("SELECT pg_stat_force_next_flush()"))
        for each in list(await plain.scalars(text(TO_BE_CLEANED))):
            await plain.execute(text(f'VACUUM (ANALYZE) "{each}"'))


async def _tables(connection: AsyncConnection) -> Mapping[str, Table]:
    found = {}
    for name, heap, indexes, dead in (await connection.execute(text(TABLES))).all():
        rows = await connection.scalar(text(f'SELECT count(*) FROM "{name}"'))
        found[name] = Table(rows=int(rows or 0), size=heap + indexes, dead=dead)
    return found


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
