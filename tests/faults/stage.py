"""A community on a lab gateway and a database, and whether every promise to it is kept."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.gateways import wechaty_account
from tests.faults import written
from tests.faults.load import Bustle, Community, furnish
from tests.faults.promises import Evidence, breaches, together
from tests.faults.service import RUN, Service
from tests.gateways.wechaty.lab.lab import Lab

A_SECOND = 12.0
"""Deeds of the community: some 200,000 messages a day in three groups."""
SETTLED_WITHIN = 90.0
"""Seconds since anything last changed; on a busy machine much may wait to be handled and said."""
LONGEST = 15 * 60.0
SHOWN = 40


class Stage:
    """One account. What is being said as somebody dies is noted by `note_in_flight`."""

    def __init__(self, folder: Path, database: str, seed: int, token: str = "lab") -> None:
        self.rng = random.Random(seed)
        self.lab = Lab(folder / token, token=token)
        self.in_flight: set[int] = set()
        self.clock_jumped = False
        self._folder = folder
        self._database = database
        self.community = Community(self.lab, self.rng, token)

    def service(self, name: str = "bot", words: Sequence[str] = RUN) -> Service:
        return Service(self._folder, self._database, self.lab, name, words)

    def open(self, service: Service) -> None:
        """The community is there, the service knows it and all is set up."""
        self.community.gather()
        furnish(service)

    def bustle(self, a_second: float = A_SECOND) -> Bustle:
        return Bustle(self.community, a_second)

    def note_in_flight(self) -> None:
        self.in_flight |= written.being_said(self._database, wechaty_account(self.lab.token))

    def written(self) -> written.Written:
        return written.read(self._database)

    def evidence(self) -> Evidence:
        """Read in this order, so that nothing is heard that is not written down yet."""
        said = self.lab.actions("say")
        rooms = self.lab.state()["rooms"]
        return Evidence(
            deeds=list(self.community.deeds),
            said=said,
            inside={room: frozenset(rooms[room]["members"]) for room in self.community.rooms},
            written=self.written(),
            in_flight=frozenset(self.in_flight),
            jumped=self.clock_jumped,
        )


def every_promise_is_kept(*stages: Stage, within: float = SETTLED_WITHIN) -> Evidence:
    """Once what is still to be said had its time; fails with what is broken."""
    began = changed = time.monotonic()
    last: list[str] = []
    while True:
        looked = time.monotonic()
        evidence = together([each.evidence() for each in stages])
        if not (found := breaches(evidence)):
            return evidence
        now = time.monotonic()
        if found != last:
            last, changed = found, now
        if now > changed + within or now > began + LONGEST:
            raise AssertionError("\n".join([f"{len(found)} broken:", *found[:SHOWN]]))
        # As long as it took, so that those who are looked at get on.
        time.sleep(max(0.5, now - looked))


def summary(evidence: Evidence) -> dict[str, int]:
    """What it came to, in figures."""
    took = evidence.written.messages
    spoken = [each for each in evidence.deeds if each.message]
    states = Counter(each.state for each in evidence.written.outbox)
    return {
        "deeds": len(evidence.deeds),
        "messages": len(spoken),
        "messages not heard": sum((each.room, each.message) not in took for each in spoken),
        "deaf spells": max(map(len, evidence.written.deaf.values()), default=0),
        "promised": len(evidence.written.outbox),
        **{state: states[state] for state in ("sent", "unsure", "lapsed", "parked")},
        "in flight at a death": len(evidence.in_flight),
        "heard in WeChat": len(evidence.said),
    }
