"""Questions that members asked, and who answered them."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import GroupId, MessageId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Open until it is answered or closed (too old, or recalled). `brought_at` is when the
    monitor was told of it. The text is forgotten like that of any message."""

    group: GroupId
    id: MessageId
    asker: PersonId
    text: str | None
    asked_at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    brought_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A message that answers. `question` is unknown where the monitor accepted what nobody was
    seen to ask. `fingerprint` tells whether the same was said before."""

    group: GroupId
    id: MessageId
    helper: PersonId
    question: MessageId | None
    asker: PersonId | None
    said_at: datetime
    fingerprint: str
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDesk:
    """When a group's monitor is told next of questions that nobody answered."""

    group: GroupId
    brought_at: datetime | None = None
    due_at: datetime | None = None
