"""What was said is stored by the month, and a month leaves as a whole."""

import pytest
from sqlalchemy import func, select, text

from handlers.features import ROUTER
from models.events import MessageReceived
from models.ids import GroupId, MessageId, PersonId
from models.tables import MessageRow
from tests.world import ACCOUNT, GROUP, World, shanghai


async def months(world: World, table: str = "message") -> set[str]:
    """The months that have a place of their own."""
    async with world.engine.connect() as connection:
        found = await connection.scalars(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits "
                "WHERE inhparent = CAST(:table AS regclass)"
            ),
            {"table": table},
        )
    return {each.removeprefix(f"{table}_") for each in found} - {"rest"}


async def stored_in(world: World, part: str) -> int:
    async with world.engine.connect() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {part}")) or 0)


async def turns(world: World, *days: str) -> None:
    """What the daily look at the months does on these days."""
    (tick,) = (each for each in ROUTER.ticks if each.name == "turn_months")
    for day in days:
        await world.simulation.dispatcher.tick(tick, shanghai(f"{day} 04:00"))


async def says_on(world: World, day: str, text_: str) -> None:
    world.clock.set(shanghai(f"{day} 12:00"))
    await world.says("小雨妈", text_)


@pytest.fixture
async def lively(world: World) -> World:
    await world.joins("小雨妈")
    return world


async def test_a_month_has_its_place_before_it_begins(world: World) -> None:
    await turns(world, "2026-03-02", "2026-03-03")
    assert {"2026_04", "2026_05"} <= await months(world)
    assert {"2026_04", "2026_05"} <= await months(world, "speaker")


async def test_what_is_said_is_found_wherever_it_is_stored(lively: World) -> None:
    await turns(lively, "2026-03-02", "2026-03-03")
    await lively.says("小雨妈", "早呀")
    await says_on(lively, "2026-04-01", "愚人节快乐")
    assert await stored_in(lively, "message_rest") == 1
    assert await stored_in(lively, "message_2026_04") == 1
    async with lively.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(MessageRow)) == 2


async def test_the_same_message_is_known_in_the_next_month(lively: World) -> None:
    await turns(lively, "2026-03-02", "2026-03-03")
    said = MessageReceived(
        at=shanghai("2026-03-31 23:59"),
        account=ACCOUNT,
        id=MessageId("m-once"),
        group=GroupId(GROUP),
        sender=PersonId("小雨妈"),
        text="早呀",
    )
    for moment in ("2026-03-31 23:59", "2026-04-03 12:00"):
        lively.clock.set(shanghai(moment))
        await lively.happens(said)
    async with lively.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(MessageRow)) == 1


async def test_an_old_month_leaves_as_a_whole(lively: World) -> None:
    await turns(lively, "2026-03-02", "2026-03-03")
    await lively.says("小雨妈", "早呀")
    await says_on(lively, "2026-04-01", "愚人节快乐")
    await turns(lively, "2026-05-31")
    assert "2026_04" in await months(lively), "its last day was a month ago"
    assert await stored_in(lively, "message_rest") == 0
    await turns(lively, "2026-06-02")
    assert not {"2026_04"} & await months(lively)
    assert not {"2026_04"} & await months(lively, "speaker")
    await lively.says("小雨妈", "还在呢")
