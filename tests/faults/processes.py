"""Several processes on one database: one dies, or is stopped and wakes."""

import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.promises import Evidence
from tests.faults.service import UNTIL_READY, Service, eventually
from tests.faults.stage import Stage, every_promise_is_kept

TAKEN_OVER_WITHIN = 10.0
LOOKED_FOR = 60.0
"""On a machine that is busy with other things."""
ASKED = 8
SAYING_TAKES = 0.4
"""Seconds, so that it dies with something on its lips."""
ONE_BY_ONE = {"delivery": {"group_gap": 0.1}}
LONGEST_LIFE = 3.0


@dataclass(frozen=True, slots=True)
class Handover:
    """`after` are the seconds from each death, or stop, to another's holding the account."""

    evidence: Evidence
    after: list[float]


def one_dies(folder: Path, database: str, *, deaths: int, seed: int) -> Handover:
    """Of three that share two accounts out, and comes back as one who stands by; the other
    account's process is left alone, and goes on."""
    stage, other = Stage(folder, database, seed, "east"), Stage(folder, database, seed, "west")
    pair = [stage.service("first"), stage.service("second")]
    alone = other.service("third")
    after: list[float] = []
    with ExitStack() as all_:
        for each in (stage.lab, other.lab, pair[0], alone):
            all_.enter_context(each)
        other.community.gather()
        stage.open(pair[0])
        all_.enter_context(pair[1])
        for each in (alone, pair[1]):
            each.becomes_ready()
        with stage.bustle(), other.bustle():
            for _ in range(deaths):
                time.sleep(stage.rng.uniform(0, LONGEST_LIFE))
                holder, heir = _in_order(pair)
                holder.kill()
                stage.note_in_flight()
                after.append(_held_after(heir))
                holder.start()
                holder.becomes_ready()
        assert alone.holds()
        evidence = every_promise_is_kept(stage, other)
    return Handover(evidence, after)


def one_dies_in_the_middle(folder: Path, database: str, *, seed: int) -> Handover:
    """Of a row of answers, with one on its lips; the other one goes on."""
    stage = Stage(folder, database, seed)
    pair = [stage.service("first"), stage.service("second")]
    with stage.lab, pair[0], pair[1]:
        stage.open(pair[0])
        pair[1].becomes_ready()
        pair[0].patch("everywhere", ONE_BY_ONE)
        stage.lab.slows("sendText", SAYING_TAKES)
        room = stage.community.rooms[0]
        for _ in range(ASKED):
            stage.community.give(room, f"{room}-regular0")
        holder, heir = _in_order(pair)
        eventually(lambda: stage.lab.count("sendText") >= 3)
        holder.kill()
        stage.note_in_flight()
        after = [_held_after(heir)]
        evidence = every_promise_is_kept(stage)
    return Handover(evidence, after)


def one_is_stopped(
    folder: Path, database: str, *, stops: int, seconds: float, seed: int
) -> Handover:
    """For so long, and then wakes: another one holds its account by then, and it says nothing."""
    stage = Stage(folder, database, seed)
    pair = [stage.service("first"), stage.service("second")]
    after: list[float] = []
    with stage.lab, pair[0], pair[1]:
        stage.open(pair[0])
        pair[1].becomes_ready()
        with stage.bustle():
            for _ in range(stops):
                time.sleep(stage.rng.uniform(0, LONGEST_LIFE))
                holder, heir = _in_order(pair)
                stopped = time.monotonic()
                holder.signal(signal.SIGSTOP)
                stage.note_in_flight()
                after.append(_held_after(heir))
                time.sleep(max(0.0, stopped + seconds - time.monotonic()))
                holder.signal(signal.SIGCONT)
                # A gateway that refused a second client is asked anew after up to 30 s.
                heir.becomes_ready()
                # It learns that it lost the account when it would renew its lease. On a machine
                # so busy that the other one lost it in turn, it may be its own again.
                eventually(lambda: not all(each.holds() for each in pair))
        evidence = every_promise_is_kept(stage)
    return Handover(evidence, after)


def _in_order(pair: Sequence[Service]) -> tuple[Service, Service]:
    """Who holds the account, and who stands by."""
    eventually(lambda: any(each.holds() for each in pair), within=UNTIL_READY)
    first, second = pair
    return (first, second) if first.holds() else (second, first)


def _held_after(heir: Service) -> float:
    began = time.monotonic()
    eventually(heir.holds, within=LOOKED_FOR)
    return time.monotonic() - began
