"""Tasks: what a monitor asks her group to do, and who did it."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import GroupId, MessageId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Numbered within its group. Members respond with the `keyword`, or, without one, by
    quoting the task: the command (`message`, "" where it was not typed in chat) or its
    announcement (`announced`, a promise's key). `by` is the person who typed it, or whose
    decision it was.
    """

    group: GroupId
    number: int
    title: str
    keyword: str | None
    points: int
    by: PersonId
    message: MessageId
    announced: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResponse:
    """A member did it; once a member and task."""

    group: GroupId
    task: int
    person: PersonId
    at: datetime
