"""Very many hostile events: a tenth of them over the wire, the others to the dispatcher, on all
cores."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

import uvloop

from bot.dispatcher import BATCH
from tests.faults.hostile import listening
from tests.faults.hostile.besieging import be_quiet, besiege, fresh_world
from tests.faults.hostile.poison import speed
from tests.faults.hostile.slowness import slowest

WIRED = 10
"""One of so many."""
POISONED = 0.01
MEASURED = 4_000
LONG = 100_000
SHOWN = 3


def campaign(events: int, seed: int) -> Iterator[str]:
    """What it came to. Raises Broken."""
    be_quiet()
    rng, cores = Random(seed), os.cpu_count() or 1
    wired = events // WIRED
    heard, seconds = uvloop.run(listening.hears_all(rng, wired))
    yield f"{wired} events over the wire in {seconds:.0f} s: {dict(heard.most_common())}"
    yield from uvloop.run(_measured(rng))
    with ProcessPoolExecutor(cores, get_context("spawn")) as processes:
        share = (events - wired) // cores
        sieges = [processes.submit(besiege, share, seed + n) for n in range(cores)]
        for each in sieges:
            yield each.result()


async def _measured(rng: Random) -> list[str]:
    """What poison costs, and what long texts do."""
    async with fresh_world() as world:
        await speed(world, rng, BATCH, 0)
        clean, poisoned = [await speed(world, rng, MEASURED, each) for each in (0, POISONED)]
    async with fresh_world() as world:
        slow = (await slowest(world, LONG))[:SHOWN]
    return [
        f"{clean:.0f} messages a second; {poisoned:.0f} where {POISONED:.0%} are poison",
        *(f"{LONG} characters: {each.seconds:.2f} s for {each.kind} {each.text}" for each in slow),
    ]
