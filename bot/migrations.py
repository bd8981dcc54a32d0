"""The schema is brought up to date, and compared with the models."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command

ROOT = Path(__file__).resolve().parent.parent


async def upgrade(engine: AsyncEngine, to: str = "head") -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), to))


async def downgrade(engine: AsyncEngine, to: str = "base") -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), to))


async def differences(engine: AsyncEngine) -> None:
    """Raises alembic.util.CommandError where models and migrations disagree."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.check(_config(sync)))


async def revisions(engine: AsyncEngine) -> tuple[str | None, str | None]:
    """(of the database, of this version)."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()

    def current(sync: Connection) -> str | None:
        return MigrationContext.configure(sync).get_current_revision()

    async with engine.connect() as connection:
        return await connection.run_sync(current), head


def _config(connection: Connection | None) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    return config
