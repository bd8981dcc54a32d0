"""What an account does other than speak: promised like a message, done by its holder.

An errand that may have been done is not done again, and whoever asked for it is told how it went.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.ids import AccountId, ErrandId, GroupId, PersonId


class ErrandKind(StrEnum):
    """ACCEPT: a friend request (`detail` is its id). INVITE: `person` into `group`. ROOM_QR:
    fetch the code of `group`. OWN_QR: the account's own. OPEN_ROOM: named `detail`, with
    `people`. RENAME: `group`, which is called `detail` from then on. JOIN_WAY, CONTACT_WAY,
    WELCOME_TEMPLATE: make it, or make it as it is wanted (models/platform_ways.py)."""

    ACCEPT = "accept"
    INVITE = "invite"
    ROOM_QR = "room_qr"
    OWN_QR = "own_qr"
    OPEN_ROOM = "open_room"
    RENAME = "rename"
    JOIN_WAY = "join_way"
    CONTACT_WAY = "contact_way"
    WELCOME_TEMPLATE = "welcome_template"

    @property
    def approaches(self) -> bool:
        """Whether it is something that accounts are banned for when they do it in rows."""
        return self in (ErrandKind.ACCEPT, ErrandKind.INVITE)


class ErrandState(StrEnum):
    """DOING: from here on it may have been done. UNSURE: it may have been, and counts as done.
    FAILED: it surely was not. LAPSED: its time passed."""

    WAITING = "waiting"
    DOING = "doing"
    DONE = "done"
    UNSURE = "unsure"
    FAILED = "failed"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """`key` makes asking for it twice the same as asking once."""

    key: str
    kind: ErrandKind
    account: AccountId
    due_at: datetime
    lapses_at: datetime
    group: GroupId | None = None
    person: PersonId | None = None
    people: tuple[PersonId, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AskedErrand:
    """One that was asked for, and what has become of it."""

    errand: Errand
    state: ErrandState
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakenErrand:
    """One as it was found. `attempts` counts the present one; `epoch` is the lease under which it
    is being done, None where nobody does it."""

    id: ErrandId
    errand: Errand
    attempts: int
    epoch: int | None = None
