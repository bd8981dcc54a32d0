"""Points: an append-only ledger, and the balance of each membership beside it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from models.ids import GroupId, MessageId, PersonId


class EntryKind(StrEnum):
    """Why points were given or taken. ACCEPTED is a whole answer or what a given one lacked;
    REFERRAL is for somebody whom she brought and who stayed; it is not earned by the day.
    CLAWBACK takes back an earlier entry; SPENT and RETURNED are a redemption and its lapse."""

    GIVEN = "answer.given"
    ACCEPTED = "answer.accepted"
    TASK = "task"
    BONUS = "bonus"
    DEDUCTION = "deduction"
    REFERRAL = "referral"
    CLAWBACK = "clawback"
    SPENT = "spent"
    RETURNED = "returned"


EARNED = (EntryKind.GIVEN, EntryKind.ACCEPTED, EntryKind.TASK, EntryKind.BONUS)
"""What counts towards what a member may earn in a day, and towards her rank."""
ANSWERED = (EntryKind.GIVEN, EntryKind.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger. `key` is never used twice. `by` is the person who decided it, RULES,
    or an operator's name. `message` is what was said for it; `cause` names the question, task or
    redemption, or begins with OFFICE; `counterpart` is whom it helped. `shortfall` is what could
    not be taken, since a balance is never below zero. `reverses` is the key of the entry that a
    clawback takes back.
    """

    key: str
    group: GroupId
    person: PersonId
    kind: EntryKind
    points: int
    at: datetime
    by: str
    message: MessageId | None = None
    cause: str | None = None
    counterpart: PersonId | None = None
    note: str = ""
    shortfall: int = 0
    reverses: str | None = None

    @property
    def is_of_office(self) -> bool:
        """Whether an operator decided it, and nobody in the group."""
        return self.cause is not None and self.cause.startswith(OFFICE)


RULES = "rules"
OFFICE = "office:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a membership has; always the sum of its entries."""

    group: GroupId
    person: PersonId
    points: int = 0


def booked(entry: Entry, balance: Balance) -> tuple[Entry, Balance]:
    """The entry as it can be booked, and the balance after it: no more is taken than is there,
    and what is missing is recorded."""
    moved = max(entry.points, -balance.points)
    return (
        replace(entry, points=moved, shortfall=moved - entry.points),
        replace(balance, points=balance.points + moved),
    )


def clawback(entry: Entry, now: datetime, by: str, why: str) -> Entry:
    """What takes an entry back."""
    return replace(
        entry,
        key=f"clawback:{entry.key}",
        kind=EntryKind.CLAWBACK,
        points=-entry.points,
        at=now,
        by=by,
        note=why,
        counterpart=None,
        reverses=entry.key,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PraiseDesk:
    """When a group hears next who earned points. `told` is the number of the last entry that was
    told of; `telling` that of the last one in what is promised and not said yet, during which
    nothing else is due."""

    group: GroupId
    told: int = 0
    telling: int | None = None
    said_at: datetime | None = None
    due_at: datetime | None = None
