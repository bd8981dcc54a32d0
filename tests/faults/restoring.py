"""A back-up is restored as docs/operations.md says, after more was said."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.promises import Evidence
from tests.faults.server import Server
from tests.faults.service import ROOT
from tests.faults.stage import Stage, every_promise_is_kept
from tests.gateways.wechaty.lab.lab import Action

BEFORE, AFTERWARDS = 3.0, 3.0
LISTENED = 10.0
"""Seconds after the restart: as often as anything that is due is looked at."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`lost` is what had been said after the back-up; `again` what the restored service said
    when nobody had asked it anything."""

    lost: list[Action]
    again: list[Action]
    evidence: Evidence


def restored(folder: Path, server: Server, *, seed: int) -> Restored:
    stage = Stage(folder, server.url, seed)
    file = folder / "qunzhu.dump"
    with stage.lab, stage.service() as service:
        stage.open(service)
        with stage.bustle():
            time.sleep(BEFORE)
            server.back_up(file)
            saved = len(stage.lab.actions("say"))
            time.sleep(AFTERWARDS)
        evidence = every_promise_is_kept(stage)
        assert service.stop() == 0
        before = stage.lab.actions("say")
        server.restore(file)
        server.execute(statements())
        service.start()
        service.becomes_ready()
        time.sleep(LISTENED)
        again = stage.lab.actions("say")[len(before) :]
        assert service.stop() == 0
    return Restored(before[saved:], again, evidence)


def statements() -> str:
    """What the guide says to run before the first start."""
    guide = (ROOT / "docs" / "operations.md").read_text()
    after = guide.split("Before the first start:\n\n", 1)[1]
    block = re.match(r"(?:    .*\n)+", after)
    assert block
    return block[0]
