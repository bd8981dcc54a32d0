"""The service on the Wechaty team's own gateway: how soon it greets, and how soon it is back.

python -m tests.bench.spine
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot import migrations
from bot.postgres import embedded_url
from models.database import open_engine
from tests.faults.service import Service, eventually
from tests.gateways.wechaty.lab.lab import Lab

ROOM = "杭州·2026年12-2月·妇幼·01"
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
BURST = 20_000


def main() -> None:
    with _service() as (lab, service):
        _greeting(lab)
        _return_of_the_gateway(lab, service)
        _take_over(service)
        _burst(lab, service)


def _greeting(lab: Lab) -> None:
    times = sorted(_greeted_within(lab, f"calm{n}") for n in range(5))
    _tell("join to third step said, calm_delay 1 s, no pace", times[2], "s (median of 5)")


def _greeted_within(lab: Lab, person: str) -> float:
    lab.contact(person, name=person)
    wanted = len(lab.actions("say")) + 3
    lab.joins([person], "r1")
    return _seconds(lambda: len(lab.actions("say")) >= wanted)


def _return_of_the_gateway(lab: Lab, service: Service) -> None:
    lab.kill()
    eventually(lambda: not service.ready())
    lab.start()
    _tell("gateway back to service ready again", _seconds(service.ready), "s")


def _take_over(service: Service) -> None:
    service.kill()
    service.start()
    _tell(
        "kill -9 of the bot to holding its account again (lease 8 s)", _seconds(service.ready), "s"
    )


def _burst(lab: Lab, service: Service) -> None:
    before = service.memory()
    lab.burst("ming", "r1", BURST)
    took = _seconds(lambda: service.events("MessageReceived") >= BURST)
    _tell(f"{BURST} messages from the gateway, stored", BURST / took, "messages/s")
    _tell("memory before and after them", before / 1e6, f"MB, {service.memory() / 1e6:.0f} MB")


@contextmanager
def _service() -> Iterator[tuple[Lab, Service]]:
    with tempfile.TemporaryDirectory(prefix="qunzhu-bench-") as name:
        folder = Path(name)
        url = asyncio.run(_database(folder))
        with Lab(folder) as lab, Service(folder, url, lab) as service:
            lab.room("r1", ROOM, members=["ming"])
            eventually(service.ready)
            service.patch("everywhere", RULES)
            yield lab, service


async def _database(folder: Path) -> str:
    url = await embedded_url(folder, "bench")
    engine = open_engine(url)
    await migrations.upgrade(engine)
    await engine.dispose()
    return url


def _seconds(condition: Callable[[], bool]) -> float:
    start = time.monotonic()
    eventually(condition, within=120)
    return time.monotonic() - start


def _tell(what: str, figure: float, unit: str) -> None:
    print(f"{what}: {figure:.1f} {unit}")


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores")
    main()
