"""Questions and answers, tasks, and KOCs."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import GroupId, MessageId, PersonId
from models.kocs import KocTerm
from models.questions import Answer, Question, QuestionDesk
from models.stores.shelf import Key, Shelf
from models.tables import (
    AnswerRow,
    KocTermRow,
    QuestionDeskRow,
    QuestionRow,
    TaskResponseRow,
    TaskRow,
)
from models.tasks import Task, TaskResponse


class QuestionStore(Shelf[Question]):
    """Live are those that are not closed, answered or not: they are asked for with every message,
    so they are not searched for among all."""

    row = QuestionRow
    value = Question
    key = ("group", "id")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._live: dict[GroupId, dict[MessageId, Question]] = defaultdict(dict)

    async def read_live(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `live_in` will ask for."""
        unread = [group for group in groups if (group, "live") not in self._found]
        self._found |= {(group, "live") for group in unread}
        if unread:
            await self.find(QuestionRow.group.in_(unread), QuestionRow.closed_at.is_(None))

    def has_live(self, group: GroupId) -> bool:
        """Once they were read."""
        return bool(self._live[group])

    async def live_in(self, group: GroupId) -> list[Question]:
        """Oldest first."""
        await self.read_live([group])
        return sorted(self._live[group].values(), key=lambda each: (each.asked_at, each.id))

    async def open_in(self, group: GroupId) -> list[Question]:
        """The live ones that nobody has answered yet, oldest first."""
        return [each for each in await self.live_in(group) if each.is_open]

    async def stale(self, asked_before: datetime, limit: int) -> list[Question]:
        """Live ones that are older than this."""
        return await self.find(
            QuestionRow.asked_at < asked_before, QuestionRow.closed_at.is_(None), limit=limit
        )

    async def forget(self, asked_before: datetime, limit: int) -> None:
        """Drop the texts of old ones."""
        for each in await self.find(
            QuestionRow.asked_at < asked_before, QuestionRow.text.is_not(None), limit=limit
        ):
            self.put(replace(each, text=None))

    def _keep(self, key: Key, value: Question) -> None:
        super()._keep(key, value)
        if value.closed_at is None:
            self._live[value.group][value.id] = value
        else:
            self._live[value.group].pop(value.id, None)


class AnswerStore(Shelf[Answer]):
    row = AnswerRow
    value = Answer
    key = ("group", "id")

    async def to_question(self, group: GroupId, question: MessageId) -> list[Answer]:
        """Not those that were withdrawn; oldest first."""
        await self.find_once(
            (group, "question", question),
            AnswerRow.group == group,
            AnswerRow.question == question,
        )
        return self._among(group, lambda each: each.question == question)

    async def to_asker(self, group: GroupId, asker: PersonId, since: datetime) -> list[Answer]:
        """What was answered to her since then, oldest first."""
        await self.find_once(
            (group, "asker", asker),
            AnswerRow.group == group,
            AnswerRow.asker == asker,
            AnswerRow.said_at >= since,
        )
        return self._among(group, lambda each: each.asker == asker and each.said_at >= since)

    async def same_as(self, answer: Answer, since: datetime) -> list[Answer]:
        """Earlier ones by the same person with the same words, since then."""
        await self.find(
            AnswerRow.group == answer.group,
            AnswerRow.helper == answer.helper,
            AnswerRow.fingerprint == answer.fingerprint,
            AnswerRow.said_at >= since,
        )
        return self._among(
            answer.group,
            lambda each: (
                each.helper == answer.helper
                and each.fingerprint == answer.fingerprint
                and each.said_at >= since
                and each.id != answer.id
            ),
            withdrawn=True,
        )

    async def since(self, group: GroupId, moment: datetime) -> list[Answer]:
        """All that still stand, oldest first."""
        await self.find(AnswerRow.group == group, AnswerRow.said_at >= moment)
        return self._among(group, lambda each: each.said_at >= moment)

    def _among(
        self, group: GroupId, are: Callable[[Answer], bool], *, withdrawn: bool = False
    ) -> list[Answer]:
        found = (
            each
            for each in self.held_of(group)
            if are(each) and (withdrawn or each.withdrawn_at is None)
        )
        return sorted(found, key=lambda each: (each.said_at, each.id))


class QuestionDeskStore(Shelf[QuestionDesk]):
    row = QuestionDeskRow
    value = QuestionDesk
    key = ("group",)

    async def open(self, group: GroupId) -> QuestionDesk:
        return await self.get(group) or QuestionDesk(group=group)

    async def next_due(self) -> datetime | None:
        return await self.first(QuestionDeskRow.due_at)

    async def due(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(QuestionDeskRow.due_at, now, limit)


class TaskStore(Shelf[Task]):
    row = TaskRow
    value = Task
    key = ("group", "number")

    async def read_open(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `open_in` will ask for."""
        unread = [group for group in groups if (group, "open") not in self._found]
        self._found |= {(group, "open") for group in unread}
        if unread:
            await self.find(TaskRow.group.in_(unread), TaskRow.closed_at.is_(None))

    async def open_in(self, group: GroupId) -> list[Task]:
        """In the order of their numbers."""
        await self.find_once((group, "open"), TaskRow.group == group, TaskRow.closed_at.is_(None))
        found = (each for each in self.held_of(group) if each.closed_at is None)
        return sorted(found, key=lambda each: each.number)

    async def next_number(self, group: GroupId) -> int:
        written = await self.connection.scalar(
            select(func.max(TaskRow.number)).where(TaskRow.group == group)
        )
        return max([written or 0, *(each.number for each in self.held_of(group))]) + 1

    async def next_close(self) -> datetime | None:
        return await self.first(TaskRow.closes_at, TaskRow.closed_at.is_(None))

    async def groups_to_close(self, now: datetime, limit: int) -> list[GroupId]:
        found = await self.connection.scalars(
            select(TaskRow.group)
            .where(TaskRow.closed_at.is_(None), TaskRow.closes_at <= now)
            .distinct()
            .order_by(TaskRow.group)
            .limit(limit)
        )
        return [GroupId(each) for each in found]


class TaskResponseStore(Shelf[TaskResponse]):
    row = TaskResponseRow
    value = TaskResponse
    key = ("group", "task", "person")

    async def to(self, task: Task) -> list[TaskResponse]:
        """In the order in which they came."""
        await self.find(TaskResponseRow.group == task.group, TaskResponseRow.task == task.number)
        found = (each for each in self.held_of(task.group) if each.task == task.number)
        return sorted(found, key=lambda each: (each.at, each.person))


class KocTermStore(Shelf[KocTerm]):
    row = KocTermRow
    value = KocTerm
    key = ("group", "person")

    async def next_end(self) -> datetime | None:
        return await self.first(KocTermRow.until)

    async def groups_to_end(self, now: datetime, limit: int) -> list[GroupId]:
        """Where terms are over of which nothing has been made yet, in the order of the groups."""
        found = await self.connection.scalars(
            select(KocTermRow.group)
            .where(KocTermRow.until <= now)
            .distinct()
            .order_by(KocTermRow.group)
            .limit(limit)
        )
        return [GroupId(each) for each in found]

    async def ended(self, group: GroupId, now: datetime) -> list[KocTerm]:
        """Those terms of a group, the longest over first."""
        await self.find(KocTermRow.group == group, KocTermRow.until <= now)
        over = [
            (each.until, each.person, each)
            for each in self.held_of(group)
            if each.until is not None and each.until <= now
        ]
        return [each for _, _, each in sorted(over, key=lambda term: term[:2])]
