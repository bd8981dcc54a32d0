"""How saying it can go: the three ways it fails, what becomes of the message, and where it
stands.

DeliveryError
  NotSent     it surely did not arrive; trying again is safe
    Withheld  we did not try
  MaybeSent   it may have arrived; trying again might say it twice
  Refused     it never will arrive
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DeliveryError(Exception):
    """Base of every failure to deliver."""


class NotSent(DeliveryError):
    """It surely did not arrive; trying again is safe. `after` if the gateway told us how long."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Withheld(NotSent):
    """We did not try, for a reason that is not the message's: it need not wait for another try."""


class MaybeSent(DeliveryError):
    """It may have arrived: the line was lost, or time ran out, after we spoke."""


class Refused(DeliveryError):
    """It never will arrive: a kicked bot, a dissolved group, a forbidden text."""


@dataclass(frozen=True, slots=True)
class Sent:
    pass


@dataclass(frozen=True, slots=True)
class RetryAt:
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Parked:
    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Counted as said and never repeated; shown to people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Its time passed, or nobody is left to hear it."""

    reason: str


Verdict = Sent | RetryAt | Parked | Unsure | Lapsed


class State(StrEnum):
    """HELD: an earlier step of its round comes first. PAUSED: it was due while its group is
    paused. PROPOSED: a person is asked to say it, or to let it be said (models/proposals.py).
    UNSURE counts as said."""

    HELD = "held"
    WAITING = "waiting"
    PAUSED = "paused"
    SENDING = "sending"
    PROPOSED = "proposed"
    SENT = "sent"
    UNSURE = "unsure"
    PARKED = "parked"
    LAPSED = "lapsed"
