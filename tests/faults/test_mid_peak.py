"""The service as it is run, on the Wechaty team's own gateway, with deaths in mid-peak."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.service import Service, eventually
from tests.gateways.wechaty.lab.lab import Action, Lab

ROOM = "杭州·2026年12-2月·妇幼·01"
QUICK = {
    "onboarding": {
        "calm_delay": 1,
        "min_gap": 1,
        "peak_interval": 3,
        "surge_interval": 4,
        "quiet_hours": "00:00-00:00",
    },
    "delivery": {"group_gap": 0.1, "jitter": 0.1, "per_minute": 600},
}
Greeted = Callable[[], Counter[str]]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def greeted(lab: Lab) -> Counter[str]:
    """How often each was welcomed."""
    return Counter(_welcomes(lab.actions("say")))


def mothers(first: int, last: int) -> list[str]:
    return [f"mother{n:02}" for n in range(first, last)]


async def test_nobody_is_missed_or_greeted_twice_whoever_dies_in_mid_peak(
    tmp_path: Path, database: str, lab: Lab
) -> None:
    await asyncio.to_thread(_mid_peak, tmp_path, database, lab)


def _mid_peak(folder: Path, database: str, lab: Lab) -> None:
    everyone = mothers(0, 40)
    with lab, Service(folder, database, lab) as service:
        lab.room("r1", ROOM, members=["ming", "hua"])
        for each in everyone:
            lab.contact(each, name=each)
        eventually(service.ready)
        service.patch("everywhere", QUICK)

        lab.joins(everyone[:1], "r1")
        eventually(lambda: len(lab.actions("say")) == 3)

        for each in everyone[1:15]:
            lab.joins([each], "r1")
        service.kill()
        before = greeted(lab)
        for each in everyone[15:20]:
            lab.joins([each], "r1")
        service.start()
        eventually(lambda: set(everyone[:20]) == greeted(lab).keys())

        service.patch("everywhere", {"onboarding": {"calm_delay": 2, "surge_interval": 5}})
        for each in everyone[20:30]:
            lab.joins([each], "r1")
        lab.kill()
        for each in everyone[30:40]:
            lab.joins_meanwhile(each, "r1")
        lab.start()
        eventually(lambda: set(everyone) == greeted(lab).keys())
        total = greeted(lab)
        assert before <= total
        assert service.stop() == 0
    assert total == Counter(everyone), "each exactly once"


def _welcomes(actions: list[Action]) -> list[str]:
    return [p for a in actions if (a.text or "").startswith("欢迎") for p in a.mentions]
