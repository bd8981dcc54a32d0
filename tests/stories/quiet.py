"""A world into which nothing is posted, for stories about other things."""

from dataclasses import replace

from models.ids import GroupId
from models.stores.unit import Unit
from tests.world import GROUP, World


async def without_posts(world: World) -> World:
    """And nobody hears that the library has nothing to post."""
    await world.rules(content={"posts_daily": 0})

    async def forget(facts: Unit) -> None:
        for notice in await facts.notices.open_of(GroupId(GROUP)):
            facts.notices.put(replace(notice, ended_at=world.clock.now(), due_at=None))

    await world.transactions.run(forget)
    await world.simulation.look_again()
    return world
