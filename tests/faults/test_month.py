"""Some days of a small community: what is promised of a month (docs/faults.md), in short."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import update

from models.tables import MessageRow
from tests.faults.month import weighed
from tests.faults.month.community import KEPT, Community
from tests.faults.month.promises import broken, overdue
from tests.faults.month.weighing import Table, Weight
from tests.world import World

DAYS = 3
GROUPS, ACTS = 3, 40
FLAT = 1.02
"""So few days are to find what a month would."""


async def test_from_day_to_day_nothing_grows_and_what_is_old_leaves(world: World) -> None:
    days = [each async for each in weighed(world, Community(world, GROUPS, ACTS, 1), DAYS)]
    assert list(broken(days, FLAT)) == []
    assert await overdue(world.engine, world.clock.now(), KEPT) == {}
    messages = days[-1].tables["message"].rows
    assert messages > ACTS
    async with world.engine.begin() as connection:
        late = update(MessageRow).values(
            text="早", seen_at=world.clock.now() - KEPT - timedelta(days=1)
        )
        await connection.execute(late)
    found = await overdue(world.engine, world.clock.now(), KEPT)
    assert found == {"texts of messages": messages}


def test_what_grows_is_found(world: World) -> None:
    def weight(
        resident: int = 100, tasks: int = 1, connections: int = 2, a_row: int = 50
    ) -> Weight:
        table = Table(rows=100_000, size=100_000 * a_row, dead=0)
        return Weight(world.clock.now(), resident << 20, tasks, connections, {"desk": table})

    steady = [weight(), weight(resident=104), weight(resident=105)]
    assert list(broken(steady)) == []
    grown: Mapping[str, Weight] = {
        "memory grew": weight(resident=106),
        "tasks grew": weight(tasks=2),
        "connections grew": weight(connections=3),
        "a row of desk": weight(a_row=66),
    }
    for told, last in grown.items():
        (found,) = broken([*steady[:-1], last])
        assert found.startswith(told)
