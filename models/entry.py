"""Before she is in a group: entry codes, who scanned them, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from models.cohort import BirthWindow, Cohort
from models.ids import AccountId, Code, GroupId, PersonId, VisitorId


class Template(StrEnum):
    """How a poster looks, and in whose name it speaks."""

    MOTHER = "mother"
    HOSPITAL = "hospital"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCode:
    """A permanent way in (`/j/{code}`), which leads to whichever group is recruiting now.

    It belongs to a `channel`, and often to a `referrer`, as she is called; a `member` where that
    is one of ours, who asked for it in `group`. Where `city` is given, nobody is asked for hers.
    `closed_at`: it leads nowhere any more, and says so.
    """

    code: Code
    channel: str
    city: str | None = None
    referrer: str = ""
    member: PersonId | None = None
    group: GroupId | None = None
    headline: str = ""
    template: Template = Template.MOTHER
    created_at: datetime
    created_by: str
    closed_at: datetime | None = None


class Baby(StrEnum):
    """What the day is that she told: when it is due, or when it was born."""

    DUE = "due"
    BORN = "born"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What she told of herself, checked. `consent` is the version of the text she agreed to."""

    baby: Baby
    day: date
    city: str
    name: str
    consent: str


OVERDUE = timedelta(days=21)
"""So long after its due date a baby may not be born yet; later, it is taken to be."""


class MatchedBy(StrEnum):
    """How we know that somebody who joined is who filled in the form."""

    TICKET = "ticket"
    NICKNAME = "nickname"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody on her way in, from the scan of a code to what became of it; one a browser.

    `id` is the digest of her cookie, or a tombstone once she is forgotten. `code` is the one by
    which she answered, and until then the one that she scanned first. `scanned_at` is her first
    scan ever. `city` and `birth_window` stay when the rest of her answers is forgotten: figures
    are made of them. `ticket` is six digits, hers alone for as long as it lasts.

    From `waiting_since` on she waits for a group to be opened; from `placed_at` on a place in
    `group` is kept for her, which is None again once she left it; `shown_at` is when she first
    saw how to get into one. `person` is who showed us her ticket in chat, through `account`, or
    who was matched when she joined. `joined_in` is the group she joined; `left_at` when she left
    it, None where she came back. From `erased_at` on nobody can tell whether she is still there.
    """

    id: VisitorId
    code: Code
    scanned_at: datetime
    answered_at: datetime | None = None
    channel: str | None = None
    city: str | None = None
    birth_window: str | None = None
    baby: Baby | None = None
    day: date | None = None
    name: str = ""
    consent: str | None = None
    ticket: str | None = None
    ticket_until: datetime | None = None
    waiting_since: datetime | None = None
    group: GroupId | None = None
    placed_at: datetime | None = None
    shown_at: datetime | None = None
    person: PersonId | None = None
    account: AccountId | None = None
    joined_in: GroupId | None = None
    joined_at: datetime | None = None
    matched_by: MatchedBy | None = None
    left_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def has_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_known(self) -> bool:
        """Whether what she told is still kept."""
        return self.day is not None

    @property
    def has_joined(self) -> bool:
        return self.joined_at is not None

    @property
    def is_in(self) -> bool:
        """She joined a group and did not leave it, as far as we saw."""
        return self.joined_at is not None and self.left_at is None

    @property
    def is_awaited(self) -> bool:
        """A place was given to her that she has not taken, whether or not it is still kept."""
        return self.group is not None and self.placed_at is not None and not self.is_in

    @property
    def cohort(self) -> Cohort | None:
        if self.city and self.channel and self.birth_window:
            return Cohort(self.city, self.channel, BirthWindow.parse(self.birth_window))
        return None


FORGOTTEN: Mapping[str, Any] = {
    "baby": None,
    "day": None,
    "name": "",
    "consent": None,
    "ticket": None,
    "ticket_until": None,
    "waiting_since": None,
    "group": None,
    "placed_at": None,
    "person": None,
    "account": None,
}
"""What is not needed for figures: all that tells who she is, and the place that was kept."""


def forgotten(visitor: Visitor) -> Visitor:
    """What figures need of her."""
    return replace(visitor, **FORGOTTEN)
