"""What is promised of a service that runs on and on, and whether it was kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.faults.month.weighing import Weight

FLAT = 1.05
BLOAT = 1.3
"""Of the bytes that a row of a table takes, with its indexes."""
LARGE = 1 << 20
"""Bytes of a table; in a smaller one a page more or less is half of it."""
SLACK = timedelta(hours=1)
OVERDUE: Mapping[str, str] = {
    "texts of messages": "SELECT count(*) FROM message WHERE text IS NOT NULL AND seen_at < :old",
    "who spoke": "SELECT count(*) FROM speaker WHERE hour < :old",
    "texts of questions": (
        "SELECT count(*) FROM question WHERE text IS NOT NULL AND asked_at < :old"
    ),
    "open questions": (
        "SELECT count(*) FROM question WHERE answered_at IS NULL AND closed_at IS NULL"
        " AND asked_at < CAST(:now AS timestamptz) - interval '25 hours'"
    ),
    "promises whose time has passed": (
        "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'held', 'sending')"
        " AND lapses_at < :late"
    ),
    "errands whose time has passed": (
        "SELECT count(*) FROM errand WHERE state IN ('waiting', 'doing') AND lapses_at < :late"
    ),
    "tickets that lapsed": (
        "SELECT count(*) FROM visitor WHERE ticket IS NOT NULL AND ticket_until < :late"
    ),
    "dead letters": "SELECT count(*) FROM dead_letter",
}
"""What is not to be there any more, `old` being before texts are forgotten."""


def broken(days: Sequence[Weight], flat: float = FLAT) -> Iterator[str]:
    """By what was weighed at the end of each day, the first of which warms everything up."""
    first, last = days[0], days[-1]
    if last.resident > flat * first.resident:
        yield f"memory grew from {first.resident >> 20} to {last.resident >> 20} MiB"
    if last.tasks > first.tasks:
        yield f"tasks grew from {first.tasks} to {last.tasks}"
    if last.connections > first.connections:
        yield f"connections grew from {first.connections} to {last.connections}"
    before = days[len(days) // 2]
    for name, table in last.tables.items():
        then = before.tables[name]
        if min(table.size, then.size) >= LARGE and table.a_row > BLOAT * then.a_row:
            yield f"a row of {name} took {then.a_row:.0f} bytes, and takes {table.a_row:.0f}"


async def overdue(engine: AsyncEngine, now: datetime, kept: timedelta) -> Mapping[str, int]:
    """How much is still there that was to leave."""
    times = {"now": now, "old": now - kept - SLACK, "late": now - SLACK}
    found = {}
    async with engine.connect() as connection:
        for what, query in OVERDUE.items():
            asked = {name: at for name, at in times.items() if f":{name}" in query}
            found[what] = int(await connection.scalar(text(query), asked) or 0)
    return {what: count for what, count in found.items() if count}
