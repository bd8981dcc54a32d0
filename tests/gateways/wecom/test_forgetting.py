"""That something was told is known for as long as it may be told again, and no longer."""

from datetime import timedelta

from sqlalchemy import select, update

from models.tables import InboxRow
from tests.gateways.wecom.town import OWNER, Town

NAME = "杭州·2026年3-5月·妇幼·01"


async def kept(town: Town) -> set[tuple[bool, str | None]]:
    """Of the callbacks that are known: whether they were handled, and what they said."""
    async with town.engine.connect() as connection:
        found = await connection.execute(select(InboxRow.handled_at, InboxRow.body))
        return {(handled_at is not None, body) for handled_at, body in found}


async def were_handled(town: Town, ago: timedelta) -> None:
    """So long ago; living through it would take a minute."""
    async with town.engine.begin() as connection:
        await connection.execute(update(InboxRow).values(handled_at=town.clock.now() - ago))


async def test_a_callback_is_forgotten_a_week_after_it_was_handled(town: Town) -> None:
    town.corp.open_chat("wr1", NAME, OWNER, {"wm" + 30 * "a": "豆豆妈"})
    await town.begins()
    town.corp.joins("wr1", "wm" + 30 * "b", "小雨")
    await town.happens()
    await were_handled(town, timedelta(days=6))
    await town.passes(hours=1, minutes=1)
    assert await kept(town) == {(True, None)}
    await were_handled(town, timedelta(days=7))
    await town.passes(hours=1)
    assert await kept(town) == set()
