"""Questions and answers, tasks, and KOCs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, CompoundSelect, Text, bindparam, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import GroupId, MessageId, PersonId
from models.kocs import KocTerm
from models.questions import Answer, Question, QuestionDesk
from models.stores.bulk import columns, rows_by
from models.stores.driver import fetch
from models.stores.shelf import OF_GROUP, OF_PERSON, THOSE, Key, Shelf
from models.tables import (
    AnswerRow,
    KocTermRow,
    QuestionDeskRow,
    QuestionRow,
    TaskResponseRow,
    TaskRow,
)
from models.tables.base import Utc
from models.tasks import Task, TaskResponse

LIVE = (QuestionRow.group == OF_GROUP, QuestionRow.closed_at.is_(None))
ASKED_BY = (*LIVE, QuestionRow.asker == OF_PERSON)
TO_ASKER = (
    AnswerRow.group == OF_GROUP,
    AnswerRow.asker == OF_PERSON,
    AnswerRow.said_at >= bindparam("since", type_=Utc()),
)
UNCLOSED = (TaskRow.closed_at.is_(None),)
OPEN = (TaskRow.group == THOSE, *UNCLOSED)

NEWEST = 8
"""Of a group's live questions: further back nobody scrolls to answer again what was answered."""


class QuestionStore(Shelf[Question]):
    """Live are those that are not closed, answered or not. Of these a message is about the newest,
    about those that wait for an answer, or about what it points at: the others are not read."""

    row = QuestionRow
    value = Question
    key = ("group", "id")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._live: dict[GroupId, dict[MessageId, Question]] = defaultdict(dict)

    async def read_live(self, groups: Iterable[GroupId]) -> None:
        """Hold those that a message may be about."""
        unread = [group for group in groups if (group, "live") not in self._found]
        self._found |= {(group, "live") for group in unread}
        if unread:
            wanted = _newest_and_waiting(tuple(self._names))
            self._hold(await fetch(self.connection, wanted, {"groups": unread}))

    def held_live(self, group: GroupId) -> Mapping[MessageId, Question]:
        """Those that were read, by their ids."""
        return self._live[group]

    async def live_of(self, group: GroupId, asker: PersonId) -> list[Question]:
        """What she asked, oldest first."""
        await self.find_once((group, "asker", asker), ASKED_BY, of_group=group, of_person=asker)
        return [each for each in self._in_order(group) if each.asker == asker]

    async def live_in(self, group: GroupId) -> list[Question]:
        """All, oldest first."""
        await self.find_once((group, "all"), LIVE, of_group=group)
        return self._in_order(group)

    async def open_in(self, group: GroupId) -> list[Question]:
        """The live ones that nobody has answered yet, oldest first."""
        await self.read_live([group])
        return [each for each in self._in_order(group) if each.is_open]

    def _in_order(self, group: GroupId) -> list[Question]:
        return sorted(self._live[group].values(), key=lambda each: (each.asked_at, each.id))

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


@cache
def _newest_and_waiting(names: tuple[str, ...]) -> CompoundSelect[Any]:
    """Of the groups in `:groups`; those that are both come twice."""
    given = func.unnest(bindparam("groups", type_=ARRAY(Text)))
    wanted = given.table_valued("group", name="given").render_derived()
    live = select(*(columns(QuestionRow)[name].label(name) for name in names)).where(
        QuestionRow.group == wanted.c.group, QuestionRow.closed_at.is_(None)
    )
    newest = live.order_by(QuestionRow.asked_at.desc()).limit(NEWEST).lateral("newest")
    waiting = live.where(QuestionRow.answered_at.is_(None)).lateral("waiting")
    of_each = (select(part).join_from(wanted, part, literal(True)) for part in (newest, waiting))
    return union_all(*of_each)


class AnswerStore(Shelf[Answer]):
    row = AnswerRow
    value = Answer
    key = ("group", "id")

    def open(self, group: GroupId, question: MessageId) -> None:
        """Nobody can have answered it yet."""
        self._found.add(("to", group, question))

    async def read_to(self, questions: Iterable[tuple[GroupId, MessageId]]) -> None:
        """Read in one statement what `to_question` will ask for."""
        unread = sorted(each for each in set(questions) if ("to", *each) not in self._found)
        self._found |= {("to", *each) for each in unread}
        if unread:
            key = ("group", "question")
            self._hold(await rows_by(self.connection, self.row, self._names, key, unread))

    async def read_said(self, said: Iterable[tuple[GroupId, PersonId, str]]) -> None:
        """Read in one statement what `same_as` will ask for, of answers that these people may give
        in words of these fingerprints."""
        unread = sorted(each for each in set(said) if ("said", *each) not in self._found)
        self._found |= {("said", *each) for each in unread}
        if unread:
            key = ("group", "helper", "fingerprint")
            self._hold(await rows_by(self.connection, self.row, self._names, key, unread))

    async def to_question(self, group: GroupId, question: MessageId) -> list[Answer]:
        """Not those that were withdrawn; oldest first."""
        await self.read_to([(group, question)])
        return self._among(group, lambda each: each.question == question)

    async def to_asker(self, group: GroupId, asker: PersonId, since: datetime) -> list[Answer]:
        """What was answered to her since then, oldest first."""
        await self.find_once(
            (group, "asker", asker), TO_ASKER, of_group=group, of_person=asker, since=since
        )
        return self._among(group, lambda each: each.asker == asker and each.said_at >= since)

    async def same_as(self, answer: Answer, since: datetime) -> list[Answer]:
        """Earlier ones by the same person with the same words, since then."""
        await self.read_said([(answer.group, answer.helper, answer.fingerprint)])
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
        await self.find_among("open", groups, OPEN)

    async def open_in(self, group: GroupId) -> list[Task]:
        """In the order of their numbers."""
        await self.read_open([group])
        found = (each for each in self.held_of(group) if each.closed_at is None)
        return sorted(found, key=lambda each: each.number)

    async def next_number(self, group: GroupId) -> int:
        written = await self.connection.scalar(
            select(func.max(TaskRow.number)).where(TaskRow.group == group)
        )
        return max([written or 0, *(each.number for each in self.held_of(group))]) + 1

    async def next_close(self) -> datetime | None:
        return await self.first(TaskRow.closes_at, UNCLOSED)

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
