"""The bot dies at random instants, under load."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.promises import Evidence
from tests.faults.service import Service
from tests.faults.stage import Stage, every_promise_is_kept

WHILE_STARTING = 0.15
"""The share of kills that come before it is ready again."""
LONGEST_LIFE = 5.0
SAYING_TAKES = 0.1
"""Seconds, so that many die with something on their lips."""
LONGEST_START = 12.0
"""It takes over from its predecessor when that one's lease has run out (8 s)."""


JUDGED_AFTER = 25
"""Kills, each time: who breaks a promise is found the same hour."""


@dataclass(frozen=True, slots=True)
class Deaths:
    """So far. `back_after` are the seconds from a kill to being ready again, in order."""

    kills: int
    evidence: Evidence
    back_after: list[float]


def die_at_random(folder: Path, database: str, *, kills: int, seed: int) -> Iterator[Deaths]:
    """One service and one community through all of them, judged now and then."""
    stage = Stage(folder, database, seed)
    back_after: list[float] = []
    with stage.lab, stage.service() as service:
        stage.open(service)
        stage.lab.slows("sendText", SAYING_TAKES)
        for done in range(0, kills, JUDGED_AFTER):
            some = min(JUDGED_AFTER, kills - done)
            with stage.bustle():
                back_after += _die(some, stage, service)
            yield Deaths(done + some, every_promise_is_kept(stage), sorted(back_after))
        assert service.stop() == 0


def _die(kills: int, stage: Stage, service: Service) -> Iterator[float]:
    """How soon it is ready again, where that is waited for, as in the end."""
    died: float | None = None
    for _ in range(kills):
        if died is not None and stage.rng.random() < WHILE_STARTING:
            time.sleep(stage.rng.uniform(0, LONGEST_START))
        else:
            service.becomes_ready()
            if died is not None:
                yield time.monotonic() - died
            time.sleep(stage.rng.uniform(0, LONGEST_LIFE))
        service.kill()
        died = time.monotonic()
        stage.note_in_flight()
        service.start()
    service.becomes_ready()
    if died is not None:
        yield time.monotonic() - died
