"""The months by which some tables are stored: opened ahead, and dropped once they are old."""

import re
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.months import next_month
from models.tables.months import REST, Monthly

NAME = re.compile(r"_(\d{4})_(\d{2})$")
PATIENCE = "1s"
"""Nobody may have to wait behind us for longer; the whole transaction is tried again."""


class MonthStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, monthly: Monthly, month: datetime) -> None:
        """Have a place for what will be said in the month that begins then, in UTC; it must not
        have begun, since what is in the rest already is not moved."""
        name = _name(monthly, month)
        if name in await self._names(monthly):
            return
        ending = next_month(month)
        await self._be_patient()
        # Made by itself and attached: only what goes to the rest would have to wait for that.
        await self._do(f"CREATE TABLE {name} (LIKE {monthly.table} INCLUDING ALL)")
        await self._do(
            f"ALTER TABLE {monthly.table} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{month.isoformat()}') TO ('{ending.isoformat()}')"
        )

    async def drop(self, monthly: Monthly, before: datetime) -> None:
        """Drop the months that were over by then."""
        for name in sorted(await self._names(monthly)):
            year, month = map(int, NAME.findall(name)[0])
            if next_month(datetime(year, month, 1, tzinfo=UTC)) <= before:
                await self._be_patient()
                await self._do(f"DROP TABLE {name}")

    async def empty_rest(self, monthly: Monthly, before: datetime, limit: int) -> None:
        """Delete rows that were in the rest before then."""
        old = f"SELECT ctid FROM {monthly.rest} WHERE {monthly.column} < :before LIMIT :limit"
        await self._connection.execute(
            text(f"DELETE FROM {monthly.rest} WHERE ctid = ANY(ARRAY({old}))"),
            {"before": before, "limit": limit},
        )

    async def _names(self, monthly: Monthly) -> set[str]:
        found = await self._connection.scalars(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits "
                "WHERE inhparent = CAST(:name AS regclass)"
            ),
            {"name": monthly.table},
        )
        return {each for each in found if not each.endswith(f"_{REST}")}

    async def _be_patient(self) -> None:
        await self._do(f"SET LOCAL lock_timeout = '{PATIENCE}'")

    async def _do(self, statement: str) -> None:
        await self._connection.execute(text(statement))


def _name(monthly: Monthly, month: datetime) -> str:
    return f"{monthly.table}_{month:%Y_%m}"
