"""Databases that benches measure in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command
from bot.migrations import ROOT
from bot.postgres import throwaway


@asynccontextmanager
async def durable(
    url: str, name: str, fill: Callable[[AsyncEngine], Awaitable[None]]
) -> AsyncIterator[AsyncEngine]:
    """Filled in haste; from then on what is committed is on the disk, as in the service."""
    async with throwaway(url, name) as engine:
        await fill(engine)
        await settle(engine)
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = on"))
        await engine.dispose()
        yield engine


async def settle(engine: AsyncEngine) -> None:
    """As a database is some time after it was filled: nothing of that is still to be done."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))
        await connection.execute(text("CHECKPOINT"))


async def migrated(engine: AsyncEngine) -> None:
    """All tables are there already: to the service it is up to date."""

    def stamp(connection: Connection) -> None:
        config = Config(ROOT / "alembic.ini")
        config.attributes["connection"] = connection
        command.stamp(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(stamp)
