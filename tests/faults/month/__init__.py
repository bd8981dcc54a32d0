"""A month of a busy account on the virtual clock: nothing grows but what is told to."""

from collections.abc import AsyncIterator

from config.daily import ZONE, midnight
from tests.faults.month.community import A_DAY, Community
from tests.faults.month.weighing import Weight, clean_up, fill_caches, weigh
from tests.world import World


async def weighed(world: World, community: Community, days: int) -> AsyncIterator[Weight]:
    """What everything weighs at the end of each day."""
    fill_caches()
    await community.begins()
    end = midnight(world.clock.now().astimezone(ZONE).date())
    for _ in range(days):
        end += A_DAY
        await community.lives(end)
        world.said.clear()  # what this driver remembers, not the service
        await clean_up(world.engine)
        yield await weigh(world.engine, end)
