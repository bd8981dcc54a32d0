"""How long the funnel takes to count: `python -m tests.bench.funnel --visitors 1000000`.

Visitors of a year, by 2,000 codes in 40 channels with 500 referrers, in a throw-away database:
seven in ten answer, four in ten join, one in ten of these leaves.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commandline import database_url
from bot.postgres import throwaway
from config.settings import Settings
from models.stores.funnel import By, Funnel, FunnelStore

VISITORS, ROUNDS = 1_000_000, 3
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SPANS = {"all": None, "28 days": timedelta(days=28), "7 days": timedelta(days=7)}

CODES = """
    INSERT INTO entry_code (code, channel, referrer, headline, template, created_at, created_by)
    SELECT 'code' || n, 'channel' || n % 40,
        CASE WHEN n % 3 = 0 THEN '' ELSE 'nurse' || n % 500 END, '', 'mother', :now, 'bench'
    FROM generate_series(0, 1999) AS n
"""
VISITS = """
    INSERT INTO visitor (id, code, scanned_at, answered_at, channel, city, birth_window, name,
        shown_at, joined_at, left_at)
    SELECT md5(n::text), 'code' || n * 7919 % 2000, at,
        CASE WHEN n % 10 < 7 THEN at END, 'channel',
        CASE WHEN n % 10 < 7 THEN 'city' || n % 60 END,
        CASE WHEN n % 10 < 7 THEN '2026-0' || 1 + n % 9 END, '',
        CASE WHEN n % 10 < 6 THEN at END,
        CASE WHEN n % 10 < 4 THEN at + interval '1 hour' END,
        CASE WHEN n % 100 < 4 THEN at + interval '5 days' END
    FROM (
        SELECT n::bigint AS n,
            CAST(:now AS timestamptz) - n * (interval '1 year' / :visitors) AS at
        FROM generate_series(1, :visitors) AS n
    ) AS scans
"""


async def fill(engine: AsyncEngine, visitors: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(CODES), {"now": NOW})
        await connection.execute(text(VISITS), {"now": NOW, "visitors": visitors})
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM ANALYZE visitor, entry_code"))


async def count(engine: AsyncEngine, by: By, span: timedelta | None) -> tuple[float, Funnel]:
    """The best of some rounds, in seconds, and what was counted."""
    since = None if span is None else NOW - span
    seconds = []
    async with engine.connect() as connection:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            counted = await FunnelStore(connection).counted(by, NOW, since=since)
            seconds.append(time.perf_counter() - start)
    return min(seconds), counted


async def main(visitors: int = VISITORS) -> None:
    async with throwaway(await database_url(Settings()), "bench_funnel") as engine:
        await fill(engine, visitors)
        for name, span in SPANS.items():
            for by in By:
                seconds, counted = await count(engine, by, span)
                lines, scans = len(counted.lines), counted.totals.scans
                print(
                    f"{name} by {by}: {scans:,} visitors, {lines} lines, {1000 * seconds:.0f} ms"
                )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--visitors", type=int, default=VISITORS)
    uvloop.run(main(arguments.parse_args().visitors))
