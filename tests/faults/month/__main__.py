"""`python -m tests.faults.month`: thirty days; fails where a promise is broken."""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from bot import migrations
from bot.postgres import embedded_url
from models.database import open_engine
from tests.faults.month import weighed
from tests.faults.month.community import KEPT, Community
from tests.faults.month.promises import broken, overdue
from tests.faults.month.weighing import Weight
from tests.world import new_world, shanghai

START = shanghai("2026-03-02 00:00")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--groups", type=int, default=50)
    asked.add_argument("--acts", type=int, default=700, help="a day, in all groups together")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="qunzhu-month-") as folder:
        failures = uvloop.run(_live(Path(folder), **vars(given)))
    for each in failures:
        print("broken:", each)
    return 1 if failures else 0


async def _live(folder: Path, days: int, groups: int, acts: int, seed: int) -> list[str]:
    url = await embedded_url(folder, "month", keep=False)
    engine = open_engine(url)
    await migrations.upgrade(engine)
    await engine.dispose()
    began = time.monotonic()
    lived: list[Weight] = []
    async with new_world(url, START) as world:
        community = Community(world, groups, acts, seed)
        async for weight in weighed(world, community, days):
            lived.append(weight)
            print(_line(weight, len(lived), community.events, time.monotonic() - began))
            sys.stdout.flush()
        late = await overdue(world.engine, world.clock.now(), KEPT)
    for name, table in lived[-1].tables.items():
        then = lived[len(lived) // 2].tables[name]
        print(f"{name:16} {then.rows:8} {then.size >> 10:7} KiB {then.a_row:7.0f} a row ", end="")
        print(f"-> {table.rows:8} {table.size >> 10:7} KiB {table.a_row:7.0f} a row")
    return [*broken(lived), *(f"{count} too old: {what}" for what, count in late.items())]


def _line(weight: Weight, day: int, events: int, seconds: float) -> str:
    size = sum(each.size for each in weight.tables.values())
    return (
        f"day {day:2}  {weight.resident >> 20} MiB, {weight.tasks} tasks, "
        f"{weight.connections} connections, {size >> 20} MiB of tables; "
        f"{events} events in {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
