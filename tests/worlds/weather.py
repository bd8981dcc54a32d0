"""What goes wrong in a world, and how often: drawn from its seed.

Not everything goes wrong in every world (swarm testing): half of the troubles are left out of
each, so that some do not hide what others would show.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from random import Random

from tests.worlds.history import History


class Trouble(StrEnum):
    """The way to the database, the account's line, the platform, the beats, and ourselves."""

    STATEMENT_LOST = "the database's line is lost in mid-transaction"
    RACE_LOST = "the transaction loses a race"
    COMMIT_LOST = "the database's line is lost before the commit"
    ANSWER_LOST = "the database's line is lost after the commit"
    DATABASE_AWAY = "the database is away"
    DIES_BEFORE_COMMIT = "the process dies before the commit"
    DIES_AFTER_COMMIT = "the process dies after the commit"

    NOT_SENT = "it surely was not sent"
    REFUSED = "it was refused"
    CUT_UNSAID = "the line is cut before it was said"
    CUT_SAID = "the line is cut after it was said"
    SLOW = "the gateway is slow"
    DIES_BEFORE_SEND = "the process dies before it was said"
    DIES_AFTER_SEND = "the process dies after it was said"
    STOPS = "the process is stopped as it is about to say it"

    UNTOLD = "the platform forgets to tell"
    TOLD_TWICE = "the platform tells twice"
    TOLD_LATE = "the platform tells late"
    HALF_LIST = "the platform shows half a list"
    UNSEEN = "the room can't be looked at"
    LINE_LOST = "the account's line is lost"
    DIES = "the process dies"

    BEAT_LATE = "a beat comes late"
    BEAT_TWICE = "a beat comes twice"
    BEAT_MISSED = "a beat does not come"


USUAL = {
    Trouble.STATEMENT_LOST: 0.001,
    Trouble.RACE_LOST: 0.001,
    Trouble.COMMIT_LOST: 0.01,
    Trouble.ANSWER_LOST: 0.03,
    Trouble.DATABASE_AWAY: 0.003,
    Trouble.DIES_BEFORE_COMMIT: 0.005,
    Trouble.DIES_AFTER_COMMIT: 0.005,
    Trouble.NOT_SENT: 0.1,
    Trouble.REFUSED: 0.05,
    Trouble.CUT_UNSAID: 0.05,
    Trouble.CUT_SAID: 0.05,
    Trouble.SLOW: 0.15,
    Trouble.DIES_BEFORE_SEND: 0.03,
    Trouble.DIES_AFTER_SEND: 0.03,
    Trouble.STOPS: 0.03,
    Trouble.UNTOLD: 0.05,
    Trouble.TOLD_TWICE: 0.1,
    Trouble.TOLD_LATE: 0.1,
    Trouble.HALF_LIST: 0.1,
    Trouble.UNSEEN: 0.1,
    Trouble.LINE_LOST: 0.03,
    Trouble.DIES: 0.02,
    Trouble.BEAT_LATE: 0.3,
    Trouble.BEAT_TWICE: 0.2,
    Trouble.BEAT_MISSED: 0.2,
}
"""How often it happens where it can, in a world that has it."""


class Weather:
    def __init__(self, rng: Random, history: History) -> None:
        self._rng = rng
        self._history = history
        self._rates = {each: usual * rng.choice((0, 0, 0.5, 2)) for each, usual in USUAL.items()}
        self.struck: Counter[Trouble] = Counter()
        self._is_still = True

    def breaks(self) -> None:
        """From now on it goes wrong."""
        self._is_still = False

    def clears_up(self) -> None:
        """Nothing goes wrong any more."""
        self._is_still = True

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing goes wrong meanwhile."""
        before, self._is_still = self._is_still, True
        try:
            yield
        finally:
            self._is_still = before

    def strikes(self, trouble: Trouble, whom: str = "") -> bool:
        if not self.is_due(trouble):
            return False
        self._history.tell(f"! {trouble}{': ' if whom else ''}{whom}")
        return True

    def is_due(self, trouble: Trouble) -> bool:
        """Whether it strikes; untold, for what is no matter by itself."""
        rate = self.rate(trouble)
        does = rate > 0 and self._rng.random() < rate
        self.struck[trouble] += does
        return does

    def rate(self, trouble: Trouble) -> float:
        return 0 if self._is_still else self._rates[trouble]

    def some(self, least: timedelta, most: timedelta) -> timedelta:
        """How long something takes: mostly nearer to the least."""
        return least + (most - least) * self._rng.random() ** 3
