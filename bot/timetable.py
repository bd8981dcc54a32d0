"""The metronome. Only periods live here; what is due, and when, are rows in our own tables.

APScheduler knows no other clock than the machine's, so on a virtual clock bot/virtual.py calls
the same ticks.
"""

from collections.abc import Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from config.daily import ZONE
from handlers.router import Router, Tick


def metronome(router: Router, dispatcher: Dispatcher, clock: Clock) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(
        timezone=ZONE,
        # A beat that comes late is still a beat; one that is missed is made up by the next.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for tick in router.ticks:
        seconds = tick.every.total_seconds()
        scheduler.add_job(
            _beat(tick, dispatcher, clock), "interval", seconds=seconds, id=tick.name
        )
    return scheduler


def _beat(tick: Tick, dispatcher: Dispatcher, clock: Clock) -> Callable[[], object]:
    async def beat() -> None:
        await dispatcher.tick(tick, clock.now())

    return beat
