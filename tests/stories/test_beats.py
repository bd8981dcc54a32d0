"""A group that a tick fails for does not keep it from the others, nor does a clock set back."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import ManualClock, SystemClock
from bot.dispatcher import Dispatcher
from bot.timetable import LEFT_ALONE, MOST_BLAMED, Beat, beat_on
from config.daily import ZONE
from handlers.context import Context
from handlers.router import Router
from models.ids import GroupId
from models.stores.unit import Unit
from tests.world import EVENING, World

HOUR = timedelta(hours=1)
GROUPS = [GroupId(f"g{number:02}") for number in range(1, 13)]


class Marking:
    """A beat that marks every group, and fails for the bad ones: at once, or in the database."""

    def __init__(self, world: World, *bad: GroupId, name: str | None = None) -> None:
        self.bad = set(bad)
        self._world = world
        router = Router()

        @router.every(seconds=1)
        async def mark(ctx: Context) -> None:
            for group in await ctx.facts.groups.lock_free(GROUPS):
                ctx.facts.groups.put(replace(group, paused_at=ctx.now))
                if group.id in self.bad and name is None:
                    raise ArithmeticError(group.id)
                if group.id in self.bad and name is not None:
                    ctx.facts.groups.put(replace(group, name=name))

        (tick,) = router.ticks
        dispatcher = Dispatcher(world.transactions, router)
        self.strike = Beat(tick, dispatcher, world.clock).strike

    async def marked(self, at: datetime) -> set[GroupId]:
        async def read(facts: Unit) -> set[GroupId]:
            found = await facts.groups.peek_at(GROUPS)
            return {each.id for each in found if each.paused_at == at}

        return await self._world.transactions.read(read)


@pytest.fixture
async def world(world: World) -> World:
    for each in GROUPS:
        await world.opens(each)
    return world


@pytest.mark.parametrize("name", [None, "\x00"])
async def test_the_others_have_their_turn(world: World, name: str | None) -> None:
    marking = Marking(world, GROUPS[2], GROUPS[9], name=name)
    await marking.strike()
    assert await marking.marked(world.clock.now()) == set(GROUPS) - marking.bad


async def test_a_group_that_failed_is_left_alone_for_a_while_and_then_tried_again(
    world: World,
) -> None:
    marking = Marking(world, GROUPS[0])
    await marking.strike()
    marking.bad.clear()
    await world.passes(seconds=10)
    await marking.strike()
    assert await marking.marked(world.clock.now()) == set(GROUPS[1:])
    await world.passes(seconds=LEFT_ALONE.total_seconds())
    await marking.strike()
    assert await marking.marked(world.clock.now()) == set(GROUPS)


async def test_where_it_fails_for_nearly_all_no_group_is_to_blame(world: World) -> None:
    marking = Marking(world, *GROUPS[1:])
    with pytest.raises(ArithmeticError):
        await marking.strike()
    assert await marking.marked(world.clock.now()) == {GROUPS[0]}
    assert len(marking.bad) > MOST_BLAMED


async def test_a_tick_that_is_about_no_group_says_what_failed(world: World) -> None:
    router = Router()

    @router.every(seconds=1)
    async def fail(_: Context) -> None:
        raise ArithmeticError

    (tick,) = router.ticks
    with pytest.raises(ArithmeticError):
        await Beat(tick, Dispatcher(world.transactions, router), world.clock).strike()


class SetBack(ManualClock):
    """By an hour, once somebody has looked at it."""

    def now(self) -> datetime:
        at, self._at = self._at, min(self._at, EVENING)
        return at


async def test_a_clock_that_is_set_back_does_not_silence_it(world: World) -> None:
    clock = SetBack(EVENING + HOUR)
    struck = asyncio.Event()
    scheduler = AsyncIOScheduler(timezone=ZONE)
    an_hour_off = SystemClock().now() + HOUR
    scheduler.add_job(
        struck.set, "interval", seconds=1, next_run_time=an_hour_off, misfire_grace_time=None
    )
    scheduler.start()
    beating = asyncio.create_task(beat_on(scheduler, clock, looking=0))
    async with asyncio.timeout(5):
        await struck.wait()
    scheduler.shutdown(wait=False)
    beating.cancel()
    await asyncio.wait([beating])
