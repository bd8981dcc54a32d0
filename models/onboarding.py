"""Where each newcomer, and each group's greeting desk, stands."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import GroupId, PersonId, RoundId


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Waiting (no round), promised (round, still waiting), or greeted (no longer waiting).

    `here` is false once she has left. `fits` is the judgement of the nickname on the day it was
    set.
    """

    group: GroupId
    person: PersonId
    here: bool = True
    waiting_since: datetime | None = None
    round: RoundId | None = None
    greeted_at: datetime | None = None
    fits: bool = False
    reminders: int = 0
    reminded_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        return self.waiting_since is not None and self.round is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One group's greeting: when the next round and the next reminder are due.

    `chosen_at` is when the people of the last round were chosen, `said_at` when it was said.
    While a round or a reminder is promised and not settled (`greeting`, `reminding`), no other
    one is due. `held_until` keeps us from knocking again at once where we were refused. `hurried`:
    the monitor asked for the next round not to wait out a peak.
    """

    group: GroupId
    rounds: int = 0
    greeting: bool = False
    chosen_at: datetime | None = None
    said_at: datetime | None = None
    held_until: datetime | None = None
    hurried: bool = False
    due_at: datetime | None = None
    notices: int = 0
    reminding: bool = False
    remind_at: datetime | None = None
