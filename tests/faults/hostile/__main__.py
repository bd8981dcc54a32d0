"""`python -m tests.faults.hostile`: a million events; fails where a promise is broken."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

import uvloop

from bot.dispatcher import BATCH
from tests.faults.hostile import listening
from tests.faults.hostile.besieging import be_quiet, besiege, fresh_world
from tests.faults.hostile.poison import speed
from tests.faults.hostile.siege import Broken
from tests.faults.hostile.slowness import slowest

POISONED = 0.01
MEASURED = 4_000
LONG = 100_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=900_000, help="told to the dispatcher")
    asked.add_argument("--wired", type=int, default=100_000, help="told over the wire")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    be_quiet()
    cores = os.cpu_count() or 1
    try:
        uvloop.run(_measure(given.wired, Random(given.seed)))
        with ProcessPoolExecutor(cores, get_context("spawn")) as processes:
            sieges = [
                processes.submit(besiege, given.events // cores, given.seed + n)
                for n in range(cores)
            ]
            for each in sieges:
                each.result()
    except Broken as why:
        print("broken:", why)
        return 1
    return 0


async def _measure(wired: int, rng: Random) -> None:
    heard, seconds = await listening.hears_all(rng, wired)
    print(f"{wired} events over the wire in {seconds:.0f} s:", dict(heard.most_common()))
    async with fresh_world() as world:
        await speed(world, rng, BATCH, 0)
        clean, poisoned = [await speed(world, rng, MEASURED, each) for each in (0, POISONED)]
        print(f"{clean:.0f} messages a second; {poisoned:.0f} where {POISONED:.0%} are poison")
    async with fresh_world() as world:
        for slow in (await slowest(world, LONG))[:3]:
            print(f"{LONG} characters: {slow.seconds:.2f} s for {slow.kind} {slow.text}")


if __name__ == "__main__":
    sys.exit(main())
