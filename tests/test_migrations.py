"""The schema grows with the models, and can be taken back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import migrations
from bot.postgres import throwaway
from models.tables import Base


@pytest.fixture
async def empty(template: str, worker: str) -> AsyncIterator[AsyncEngine]:
    """A database with nothing in it."""
    async with throwaway(template, f"migrations_{worker}") as engine:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        yield engine


async def left(engine: AsyncEngine) -> set[str]:
    """The tables there are."""
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return set(names) - {"alembic_version"}


async def test_the_schema_is_built_taken_back_and_built_again(empty: AsyncEngine) -> None:
    assert (await migrations.revisions(empty))[0] is None
    for _ in range(2):
        await migrations.upgrade(empty)
        current, newest = await migrations.revisions(empty)
        assert current == newest
        assert await left(empty) == set(Base.metadata.tables)
        await migrations.downgrade(empty)
        assert await left(empty) == set()


async def test_models_and_migrations_agree(empty: AsyncEngine) -> None:
    await migrations.upgrade(empty)
    await migrations.differences(empty)


async def test_being_up_to_date_already_is_no_error(empty: AsyncEngine) -> None:
    await migrations.upgrade(empty)
    await migrations.upgrade(empty)
    await migrations.differences(empty)
