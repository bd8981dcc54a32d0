"""The metronome. Only periods live here; what is due, and when, are rows in our own tables.

APScheduler knows no other clock than the machine's, so on a virtual clock bot/virtual.py calls
the same ticks.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from config.daily import ZONE
from handlers.router import Router, Tick
from models.ids import GroupId
from models.stores.community import Turn

log = logging.getLogger(__name__)

LOOKING = 5.0
"""Seconds between two looks at the clock."""
LEFT_ALONE = timedelta(minutes=10)
MOST_BLAMED = 5
"""In one beat. Where more fail it is not the groups' fault, and trying costs the others' time."""


def metronome(router: Router, dispatcher: Dispatcher, clock: Clock) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(
        timezone=ZONE,
        # A beat that comes late is still a beat; one that is missed is made up by the next.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for tick in router.ticks:
        seconds = tick.every.total_seconds()
        beat = Beat(tick, dispatcher, clock)
        scheduler.add_job(beat.strike, "interval", seconds=seconds, id=tick.name)
    return scheduler


async def beat_on(scheduler: AsyncIOScheduler, clock: Clock, looking: float = LOOKING) -> None:
    """By a clock that is set back, every next beat would be as far off as that; so it is now."""
    while True:
        before = clock.now()
        await asyncio.sleep(looking)
        if (now := clock.now()) < before:
            log.warning("the clock was set back by %s", before - now)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=now)


class Beat:
    """One tick, beat after beat, which a group that it fails for does not keep from the others:
    that one is found by trying ever fewer, and left alone for a while."""

    def __init__(self, tick: Tick, dispatcher: Dispatcher, clock: Clock) -> None:
        self._tick = tick
        self._dispatcher = dispatcher
        self._clock = clock
        self._left_alone: dict[GroupId, datetime] = {}

    async def strike(self) -> None:
        """Raises what the tick raises where no group can be blamed, or too many."""
        now = self._clock.now()
        self._left_alone = {each: at for each, at in self._left_alone.items() if at > now}
        await self._try(now, frozenset(self._left_alone), MOST_BLAMED)

    async def _try(self, now: datetime, without: frozenset[GroupId], may_blame: int) -> int:
        """How many may still be blamed afterwards."""
        turn = Turn(without)
        try:
            await self._dispatcher.tick(self._tick, now, turn)
        except Exception:  # whatever a feature raises: raised again, or blamed on one group
            if not turn.had or not may_blame:
                raise
            groups = sorted(turn.had)
            if len(groups) == 1:
                self._blame(groups[0], now)
                return may_blame - 1
            middle = len(groups) // 2
            for others in (groups[middle:], groups[:middle]):
                may_blame = await self._try(now, without | set(others), may_blame)
        return may_blame

    def _blame(self, group: GroupId, now: datetime) -> None:
        log.exception("%s fails; left alone for a while: %s", self._tick.name, group)
        self._left_alone[group] = now + LEFT_ALONE
