"""A siege in a process of its own, with a world and a database to itself."""

import logging
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import uvloop

from bot import migrations
from bot.dispatcher import BATCH
from bot.postgres import embedded_url
from models.database import open_engine
from tests.faults.hostile.siege import Broken, Cost, Siege
from tests.world import World, new_world

LONGEST = 60.0
"""Seconds for a batch."""
TOLD_EVERY = 25


def be_quiet() -> None:
    """What is an error is told once, as what is broken."""
    logging.disable(logging.WARNING)
    logging.getLogger().addHandler(logging.NullHandler())


def besiege(events: int, seed: int) -> str:
    """What it came to, which is told now and then meanwhile. Raises Broken."""
    be_quiet()
    return uvloop.run(_endure(events, seed))


@asynccontextmanager
async def fresh_world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="qunzhu-hostile-") as folder:
        url = await embedded_url(Path(folder), "hostile", keep=False)
        engine = open_engine(url)
        await migrations.upgrade(engine)
        await engine.dispose()
        async with new_world(url) as world:
            yield world


async def _endure(events: int, seed: int) -> str:
    costs: list[Cost] = []
    line = ""
    async with fresh_world() as world:
        siege = Siege(world, Random(seed))
        await siege.begins()
        began, done = time.monotonic(), 0
        while done < events:
            cost = await siege.endures(min(BATCH, events - done))
            done += cost.events
            costs.append(cost)
            if cost.taking + cost.beating > LONGEST:
                raise Broken(f"{cost} after {done} events of seed {seed}")
            line = f"seed {seed}: {_line(costs, done, time.monotonic() - began)}"
            if len(costs) % TOLD_EVERY == 0:
                print("   ", line, flush=True)
    return line


def _line(costs: list[Cost], done: int, seconds: float) -> str:
    spent = sorted(each.taking for each in costs)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (
        f"{done} events in {seconds:.0f} s; a batch {spent[len(spent) // 2]:.2f} s, "
        f"at most {spent[-1]:.1f} s, and {sum(each.beating for each in costs) / len(costs):.2f} s "
        f"for what is due; at most {used.ru_maxrss >> 10} MiB, {used.ru_utime:.0f} s of CPU"
    )
