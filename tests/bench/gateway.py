"""The service on the Wechaty team's own gateway: how much it takes in, how soon it greets, and how
soon it is back.

The same burst of talk goes to a bare client of that gateway, and then to the service, each in a
process of its own, with as many questions in flight.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.events import MessageReceived
from models.tables import MessageRow
from tests.bench.activity import Scale, name_of, person_of
from tests.bench.databases import durable, migrated
from tests.bench.figures import Figure, Row, at_least
from tests.bench.messages import talk
from tests.faults.service import ROOT, Service, eventually
from tests.gateways.wechaty.lab.lab import Lab

SCALE = Scale(groups=20, people=20)
RULES = {
    "onboarding": {
        "calm_delay": 1,
        "min_gap": 1,
        "peak_interval": 3,
        "surge_interval": 4,
        "quiet_hours": "00:00-00:00",
    },
    "delivery": {"group_gap": 0, "jitter": 0, "per_minute": 100000},
}
BURST, WARMING_UP, NEWCOMERS = 20_000, 2_000, 5
BOT = "bot"
"""Whose own words come back from the gateway."""
LOOK, PATIENCE = 0.05, 300.0
"""Seconds between two looks at how much is stored, and until something must have been lost."""


async def bench(url: str, count: int = BURST) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="qunzhu-bench-") as name:
        folder = Path(name)
        async with durable(url, "bench_gateway", migrated) as engine:
            with Lab(folder) as lab:
                for group in range(SCALE.groups):
                    people = [person_of(group, n) for n in range(SCALE.people)]
                    lab.room(f"g{group}", name_of(1 + group), members=people)
                said = _said(count)
                _bare(lab, said[:WARMING_UP])
                bare = _bare(lab, said)
                address = engine.url.render_as_string(hide_password=False)
                with Service(folder, address, lab) as service:
                    service.becomes_ready()
                    service.patch("everywhere", RULES)
                    ours = await stored(engine, lab, said)
                    _greeting(lab)
                    _return_of_the_gateway(lab, service)
                    _take_over(service)
    return [
        Row(
            what=f"the same from a Wechaty gateway, in a burst of {count:,}",
            ours=Figure(ours, "/s"),
            beside="a bare client that receives and throws away",
            theirs=Figure(bare, "/s"),
            target=at_least(0.6),
            promise=at_least(0.4),
            see="The gateway",
        )
    ]


def _said(count: int) -> list[dict[str, str]]:
    """Each by whom, where, and in which words."""
    return [
        {"by": each.event.sender, "room": each.event.group or "", "text": each.event.text}
        for each in talk(count, scale=SCALE)
        if isinstance(each.event, MessageReceived)
    ]


def _bare(lab: Lab, said: list[dict[str, str]]) -> float:
    """Messages a second."""
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare", lab.endpoint, lab.token, str(len(said))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with client:
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
        begun = time.perf_counter()
        lab.rushes(said)
        assert client.stdout.readline() == "done\n"
        return len(said) / (time.perf_counter() - begun)


async def stored(engine: AsyncEngine, lab: Lab, said: list[dict[str, str]]) -> float:
    """Messages a second until the last of them is on the disk."""
    begun = time.perf_counter()
    lab.rushes(said)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        counted = select(func.count()).where(MessageRow.sender != BOT)
        async with asyncio.timeout(PATIENCE):
            while True:
                if await connection.scalar(counted) == len(said):
                    return len(said) / (time.perf_counter() - begun)
                await asyncio.sleep(LOOK)


def _greeting(lab: Lab) -> None:
    times = sorted(_greeted_within(lab, f"calm{n}") for n in range(NEWCOMERS))
    middle = times[len(times) // 2]
    _tell(f"join to third step said, calm_delay 1 s, no pace, median of {NEWCOMERS}", middle)


def _greeted_within(lab: Lab, person: str) -> float:
    lab.contact(person, name=person)
    wanted = len(lab.actions("say")) + 3
    lab.joins([person], "g0")
    return _seconds(lambda: len(lab.actions("say")) >= wanted)


def _return_of_the_gateway(lab: Lab, service: Service) -> None:
    lab.kill()
    eventually(lambda: not service.ready())
    lab.start()
    _tell("gateway back to service ready again", _seconds(service.ready))


def _take_over(service: Service) -> None:
    service.kill()
    service.start()
    _tell("kill -9 of the bot to holding its account again (lease 8 s)", _seconds(service.ready))


def _seconds(condition: Callable[[], bool]) -> float:
    start = time.monotonic()
    eventually(condition, within=120)
    return time.monotonic() - start


def _tell(what: str, seconds: float) -> None:
    print(f"  {what}: {seconds:.1f} s")
