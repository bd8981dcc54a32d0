"""The database, the gateway or the clock fails the service, which stays up and says so."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults.cutter import Cutter, Side
from tests.faults.promises import Evidence
from tests.faults.server import Server
from tests.faults.service import eventually
from tests.faults.stage import Stage, every_promise_is_kept

BEFORE, BETWEEN, AFTERWARDS = 1.5, 0.2, 2.0
"""Seconds of bustle on either side of an outage, and between two looks during it."""
NOTICED_WITHIN = 60.0
SET_BACK = "the clock was set back"


@dataclass(slots=True)
class Outage:
    """`told` is what `/readyz` said in the middle of it, `figures` what `/metrics` did;
    `troubles` the lines of the log that told of it; `back_after` the seconds from its end to being
    ready again."""

    told: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    back_after: float = 0.0
    evidence: Evidence | None = None


class Outages:
    """One service through all of them, each with people going on. After each all is well again
    by itself, and every promise kept, or it fails."""

    def __init__(self, folder: Path, server: Server, seed: int) -> None:
        self._server = server
        self._cutter = Cutter(server.port)
        self._stage = Stage(folder, server.url_at(self._cutter.port), seed)
        self._ahead = folder / "ahead"
        self._ahead.write_text("0")
        words = ("-m", "tests.faults.jumping", str(self._ahead))
        self._service = self._stage.service(words=words)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for each in (self._cutter, self._stage.lab, self._service):
            self._open.enter_context(each)
        self._stage.open(self._service)
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def database_dies(self, seconds: float) -> Outage:
        """With kill -9, and is away for so long."""
        with self._outage() as outage:
            with self._stage.bustle():
                time.sleep(BEFORE)
                self._server.kill()
                self._lasts(seconds, outage)
            self._server.start()
        return outage

    def commits_are_cut(self, times: int) -> Outage:
        """The line breaks on them, on either side."""
        with self._outage() as outage, self._stage.bustle():
            for _ in range(times):
                side: Side = self._stage.rng.choice(["before", "after"])
                self._cutter.cut(side)
                eventually(lambda: self._cutter.is_done)
                time.sleep(self._stage.rng.uniform(0, BETWEEN))
        return outage

    def gateway_dies(self, seconds: float) -> Outage:
        """With kill -9; while it is away some join."""
        with self._outage() as outage:
            with self._stage.bustle():
                time.sleep(BEFORE)
            self._stage.lab.kill()
            for room in self._stage.community.rooms:
                self._stage.community.join_unheard(room)
            self._lasts(seconds, outage)
            self._stage.lab.start()
        return outage

    def gateway_freezes(self, seconds: float) -> Outage:
        """With SIGSTOP."""
        with self._outage() as outage:
            with self._stage.bustle():
                time.sleep(BEFORE)
            self._stage.lab.freeze()
            self._lasts(seconds, outage)
            self._stage.lab.thaw()
        return outage

    def clock_jumps(self, seconds: float) -> Outage:
        """Ahead, from one moment to the next, and stays so."""
        self._stage.clock_jumped = True
        with self._outage() as outage, self._stage.bustle():
            time.sleep(BEFORE)
            self._set(seconds)
            time.sleep(BEFORE)
        return outage

    def clock_is_set_back(self) -> Outage:
        """To the right time, when all is said: what is promised for later is for later. So is the
        next round of a group that was greeted in the time that is to come again: nobody joins."""
        self._stage.community.is_open = False
        with self._outage() as outage:
            before = len(self._service.troubles())
            self._set(0)
            with self._stage.bustle():
                eventually(
                    lambda: any(SET_BACK in each for each in self._service.troubles()[before:]),
                    within=NOTICED_WITHIN,
                )
        self._stage.community.is_open = True
        return outage

    def _set(self, ahead: float) -> None:
        new = self._ahead.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self._ahead)

    @contextmanager
    def _outage(self) -> Iterator[Outage]:
        outage = Outage()
        before = len(self._service.troubles())
        yield outage
        over = time.monotonic()
        self._service.becomes_ready()
        outage.back_after = time.monotonic() - over
        with self._stage.bustle():
            time.sleep(AFTERWARDS)
        outage.evidence = every_promise_is_kept(self._stage)
        outage.troubles = self._service.troubles()[before:]
        assert self._service.is_running

    def _lasts(self, seconds: float, outage: Outage) -> None:
        """And is noticed meanwhile."""
        end = time.monotonic() + seconds
        eventually(lambda: not self._service.ready(), within=NOTICED_WITHIN)
        outage.told, outage.figures = self._service.readiness(), self._service.metrics()
        time.sleep(max(0.0, end - time.monotonic()))
