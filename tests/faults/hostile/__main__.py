"""`python -m tests.faults.hostile`: a million events; fails where a promise is broken."""

import argparse
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random

import uvloop

from bot import migrations
from bot.dispatcher import BATCH
from bot.postgres import embedded_url
from models.database import open_engine
from tests.faults.hostile import listening
from tests.faults.hostile.poison import speed
from tests.faults.hostile.siege import Broken, Cost, Siege
from tests.faults.hostile.slowness import slowest
from tests.world import World, new_world

POISONED = 0.01
MEASURED = 4_000
LONGEST = 60.0
"""Seconds for a batch."""
TOLD_EVERY = 25
LONG = 100_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=900_000, help="told to the dispatcher")
    asked.add_argument("--wired", type=int, default=100_000, help="told over the wire")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    _be_quiet()
    cores = os.cpu_count() or 1
    try:
        uvloop.run(_measure(given.wired, Random(given.seed)))
        with ProcessPoolExecutor(cores, get_context("spawn")) as processes:
            sieges = [
                processes.submit(_besiege, given.events // cores, given.seed + n)
                for n in range(cores)
            ]
            for each in sieges:
                each.result()
    except Broken as why:
        print("broken:", why)
        return 1
    return 0


def _be_quiet() -> None:
    """What is an error is told once, as what is broken."""
    logging.disable(logging.WARNING)
    logging.getLogger().addHandler(logging.NullHandler())


async def _measure(wired: int, rng: Random) -> None:
    heard, seconds = await listening.hears_all(rng, wired)
    print(f"{wired} events over the wire in {seconds:.0f} s:", dict(heard.most_common()))
    async with _new_world() as world:
        await speed(world, rng, BATCH, 0)
        clean, poisoned = [await speed(world, rng, MEASURED, each) for each in (0, POISONED)]
        print(f"{clean:.0f} messages a second; {poisoned:.0f} where {POISONED:.0%} are poison")
    async with _new_world() as world:
        for slow in (await slowest(world, LONG))[:3]:
            print(f"{LONG} characters: {slow.seconds:.2f} s for {slow.kind} {slow.text}")


def _besiege(events: int, seed: int) -> None:
    """In a process of its own, which has a core and a database to itself."""
    _be_quiet()
    uvloop.run(_endure(events, seed))


@asynccontextmanager
async def _new_world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="qunzhu-hostile-") as folder:
        url = await embedded_url(Path(folder), "hostile", keep=False)
        engine = open_engine(url)
        await migrations.upgrade(engine)
        await engine.dispose()
        async with new_world(url) as world:
            yield world


async def _endure(events: int, seed: int) -> None:
    costs: list[Cost] = []
    async with _new_world() as world:
        siege = Siege(world, Random(seed))
        await siege.begins()
        began, done = time.monotonic(), 0
        while done < events:
            cost = await siege.endures(min(BATCH, events - done))
            done += cost.events
            costs.append(cost)
            if cost.taking + cost.beating > LONGEST:
                raise Broken(f"{cost} after {done} events of seed {seed}")
            if len(costs) % TOLD_EVERY == 0 or done == events:
                print(f"seed {seed}:", _line(costs, done, time.monotonic() - began), flush=True)


def _line(costs: list[Cost], done: int, seconds: float) -> str:
    spent = sorted(each.taking for each in costs)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (
        f"{done} events in {seconds:.0f} s; a batch {spent[len(spent) // 2]:.2f} s, "
        f"at most {spent[-1]:.1f} s, and {sum(each.beating for each in costs) / len(costs):.2f} s "
        f"for what is due; at most {used.ru_maxrss >> 10} MiB, {used.ru_utime:.0f} s of CPU"
    )


if __name__ == "__main__":
    sys.exit(main())
