"""The schema grows with the models, and can be taken back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
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
    """The tables there are, without the months of some."""
    found = await rows(
        engine,
        "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition",
    )
    return {name for (name,) in found} - {"alembic_version"}


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


FILLED = (
    """
    INSERT INTO chat_group (id, account, name, standing, opened_on) VALUES
        ('full', 'a', '杭州·01', 'ours', '2026-01-05'), ('small', 'a', '杭州·02', 'ours', NULL),
        ('listed', 'a', '同学群', 'listed', NULL)
    """,
    """
    INSERT INTO member (group_id, person_id, name, nickname, role, present, origin)
    SELECT 'full', 'p' || n, '豆豆妈', '', 'member', n < 150, 'baseline'
    FROM generate_series(0, 160) AS n
    UNION ALL VALUES ('small', 'p1', '豆豆妈', '', 'member', true, 'baseline'),
        ('small', 'us', '小助手', '', 'bot', true, 'baseline'),
        ('listed', 'p1', '豆豆妈', '', 'member', true, 'baseline')
    """,
    """
    INSERT INTO ledger (key, group_id, person_id, kind, points, at, "by", note, shortfall)
    VALUES ('task:full:p1:1', 'full', 'p1', 'task', 5, now(), 'rules', '打卡', 0)
    """,
)
"""As the version before left it."""
TOMBSTONE = "UPDATE ledger SET person_id = 'gone-0123456789abcdef', note = ''"
POINTS = "UPDATE ledger SET points = 6"


async def test_what_is_there_is_taken_along_and_back(empty: AsyncEngine) -> None:
    await migrations.upgrade(empty, "0002")
    await does(empty, *FILLED)
    await migrations.upgrade(empty)
    assert await rows(empty, "SELECT id, members FROM chat_group ORDER BY id") == [
        ("full", 150),
        ("listed", 1),
        ("small", 1),
    ]
    lives = """
        SELECT group_id, opened_on::text, formed_at IS NOT NULL, since = look_at FROM life
        ORDER BY group_id
    """
    today = await rows(empty, "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date::text")
    assert await rows(empty, lives) == [
        ("full", "2026-01-05", True, True),
        ("small", today[0][0], False, True),
    ]
    planned = "SELECT group_id, plan_at <= now(), phase, seen FROM programme ORDER BY group_id"
    assert await rows(empty, planned) == [
        ("full", True, "forming", []),
        ("small", True, "forming", []),
    ]
    assert await rows(empty, "SELECT DISTINCT erased FROM member") == [(False,)]
    assert await refuses(empty, POINTS)
    await does(empty, TOMBSTONE, *PROMISED)
    await migrations.downgrade(empty, "0002")
    assert await rows(empty, "SELECT person_id, points, note FROM ledger") == [
        ("gone-0123456789abcdef", 5, "")
    ]
    assert await refuses(empty, "UPDATE ledger SET note = ''")
    assert await rows(empty, "SELECT key FROM outbox") == [("reply:1",)]
    await migrations.upgrade(empty)
    assert len(await rows(empty, "SELECT group_id FROM life")) == 2
    await migrations.differences(empty)


SAID = """
    INSERT INTO message (chat, id, sender, text, mentions, said_at, seen_at)
    SELECT 'full', 'm' || n, 'p1', '早', '[]', at, at
    FROM (SELECT n, now() - n * interval '20 days' AS at FROM generate_series(0, 30) AS n) AS days
"""
STORED = "SELECT count(*), count(DISTINCT tableoid) > 12 FROM message"


async def test_what_was_said_moves_to_its_month_and_back(empty: AsyncEngine) -> None:
    await migrations.upgrade(empty, "0005")
    await does(empty, SAID)
    await migrations.upgrade(empty)
    assert await rows(empty, STORED) == [(31, True)]
    assert await rows(empty, "SELECT id FROM message_rest ORDER BY seen_at DESC LIMIT 1")
    await migrations.downgrade(empty, "0005")
    assert await rows(empty, STORED) == [(31, False)]
    await migrations.upgrade(empty)
    await migrations.differences(empty)


PROMISED = (
    """
    INSERT INTO outbox (key, account, kind, priority, group_id, text, mentions, step, state,
        attempts, promised_at, due_at, lapses_at)
    SELECT key, 'a', kind, 2, 'full', '早', '[]', 0, 'waiting', 0, now(), now(), now()
    FROM (VALUES ('reply:1', 'command.reply'), ('content:1', 'content.dry')) AS t (key, kind)
    """,
)


async def does(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for each in statements:
            await connection.execute(text(each))


async def refuses(engine: AsyncEngine, statement: str) -> bool:
    with pytest.raises(DBAPIError, match="append-only"):
        await does(engine, statement)
    return True


async def rows(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(each) for each in await connection.execute(text(query))]


async def test_being_up_to_date_already_is_no_error(empty: AsyncEngine) -> None:
    await migrations.upgrade(empty)
    await migrations.upgrade(empty)
    await migrations.differences(empty)
