"""Groups that are asked for because those of their cohort take nobody any more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.cohort import BirthWindow, Cohort
from models.ids import AccountId, GroupId


class OpeningState(StrEnum):
    """ROOM: the account is opening it by itself. ASKED: staff was asked to. OPEN: it is there.
    DROPPED: somebody decided that it is not needed; its number is free again."""

    ROOM = "room"
    ASKED = "asked"
    OPEN = "open"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The `seq`th group of a series (city, channel, birth window), by its exact `name`; "" where
    the naming rule can't write one that would be read back as this group.

    `token` leads staff to the page about it and nobody else. `due_at` is when something has to
    be done about it next: staff is reminded, or those who wait are given their places. A room
    that is dropped just while an account opens it may still come until then.
    """

    city: str
    channel: str
    birth_window: str
    seq: int
    name: str
    token: str
    state: OpeningState
    asked_at: datetime
    account: AccountId | None = None
    group: GroupId | None = None
    opened_at: datetime | None = None
    told_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def cohort(self) -> Cohort:
        return Cohort(self.city, self.channel, BirthWindow.parse(self.birth_window))

    @property
    def is_pending(self) -> bool:
        return self.state in (OpeningState.ROOM, OpeningState.ASKED)
