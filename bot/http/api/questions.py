"""Questions that members asked, and who answered them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field
from sqlalchemy import RowMapping, case

from bot.http.api.knowing import may_read, names_of
from bot.http.api.office import About, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import GivenChannel, GivenGroup, GivenPerson, GivenText
from handlers.questions.handler import NotOpen
from models.access import Holder
from models.events import QuestionClosed
from models.ids import GroupId, MessageId, PersonId
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import AnswerRow, GroupRow, QuestionRow

State = Literal["open", "answered", "closed"]


class QuestionState(View):
    """What becomes of a question, without what anybody said. Closed is one that nobody answered
    and nobody waits for any more: it is too old, was recalled, its asker left, or somebody closed
    it. `brought_at` is when the monitor was told of it."""

    group: str
    id: str
    state: State
    asked_at: Time
    answered_at: Time | None
    closed_at: Time | None
    brought_at: Time | None


class QuestionView(QuestionState):
    """`text` and `asker_name` are null for who may not read them; the text is forgotten like that
    of any message."""

    group_name: str
    channel: str | None
    asker: str
    asker_name: str | None = Field(None, examples=["杭州-孕36周-豆豆"])
    text: str | None = Field(examples=["孕晚期晚上总醒怎么办呀"])
    volatile = frozenset({"group_name", "channel", "asker", "asker_name", "text", "answers"})


class AnswerView(View):
    """A message that answers. It is accepted by the asker's thanks or by somebody in charge, and
    withdrawn where it was recalled."""

    id: str
    helper: str
    helper_name: str | None
    text: str | None
    said_at: Time
    accepted_at: Time | None
    withdrawn_at: Time | None


class QuestionWithAnswers(QuestionView):
    answers: list[AnswerView]


QUESTIONS = Listing(
    rows=rows_of(
        QuestionRow,
        ("group", "id", "asker", "text", "asked_at", "answered_at", "closed_at", "brought_at"),
    )
    .add_columns(
        GroupRow.name.label("group_name"),
        GroupRow.channel.label("channel"),
        case(
            (QuestionRow.answered_at.is_not(None), "answered"),
            (QuestionRow.closed_at.is_not(None), "closed"),
            else_="open",
        ).label("state"),
    )
    .join(GroupRow, GroupRow.id == QuestionRow.group),
    key=[QuestionRow.group, QuestionRow.id],
    sorts={"asked_at": QuestionRow.asked_at},
    default="-asked_at",
    filters={
        "group": QuestionRow.group,
        "channel": GroupRow.channel,
        "person": QuestionRow.asker,
    },
    at=QuestionRow.asked_at,
)
IN_STATE = {
    "open": (QuestionRow.answered_at.is_(None), QuestionRow.closed_at.is_(None)),
    "answered": (QuestionRow.answered_at.is_not(None),),
    "closed": (QuestionRow.answered_at.is_(None), QuestionRow.closed_at.is_not(None)),
}


def questions_api(office: Office) -> Routes:
    api = Routes(office.door, "questions")

    @api.viewer.get("/questions", **lists(QuestionView))
    async def questions(
        asked: Annotated[Paged, paged(QUESTIONS)],
        holder: Asker,
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        state: State | None = None,
        person: GivenPerson | None = None,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """The newest first. `person` is who asked; `since` and `until` are about when."""

        async def show(facts: Unit, rows: Sequence[RowMapping]) -> list[QuestionView]:
            return await _shown(rows, holder, facts)

        return await office.list(
            "questions",
            asked,
            QuestionView,
            *(IN_STATE[state] if state else ()),
            show=show,
            group=group,
            channel=channel,
            person=person,
            since=since,
            until=until,
        )

    @api.viewer.get("/groups/{group:id}/questions/{question:id}")
    async def one(
        group: GivenGroup, question: GivenText, holder: Asker, response: Response
    ) -> QuestionWithAnswers:
        """One of a group, with its answers, the oldest first."""
        look = _with_answers(group, MessageId(question), holder)
        return await office.one(look, _about(group, question), response)

    @api.operator.post("/groups/{group:id}/questions/{question:id}/close")
    async def close(group: GivenGroup, question: GivenText, asks: Edits) -> QuestionState:
        """Nobody needs to answer it any more; whoever does is thanked as ever."""
        id_ = MessageId(question)
        known = await office.read(lambda facts: facts.questions.get(group, id_))
        event = QuestionClosed(at=office.now(), by=asks.holder.name, group=group, question=id_)
        about = _about(group, question, known.asker if known else None)
        try:
            return await office.edit(asks, event, _look(group, id_), about, within=in_group(group))
        except NotOpen as error:
            raise Problem(409, str(error)) from error

    return api


def _about(group: GroupId, question: str, asker: PersonId | None = None) -> About:
    return About(kind="question", id=f"{group}/{question}", group=group, person=asker)


async def _row(group: GroupId, question: MessageId, facts: Unit) -> RowMapping | None:
    found = await facts.connection.execute(
        QUESTIONS.rows.where(QuestionRow.group == group, QuestionRow.id == question)
    )
    row: RowMapping | None = found.mappings().first()
    return row


def _look(group: GroupId, question: MessageId) -> Look[QuestionState]:
    async def look(facts: Unit) -> QuestionState | None:
        row = await _row(group, question, facts)
        return QuestionState.model_validate(row) if row else None

    return look


def _with_answers(
    group: GroupId, question: MessageId, holder: Holder
) -> Look[QuestionWithAnswers]:
    async def look(facts: Unit) -> QuestionWithAnswers | None:
        row = await _row(group, question, facts)
        if row is None:
            return None
        (shown,) = await _shown([row], holder, facts)
        is_read = may_read(holder, group, row["channel"])
        answers = await _answers(group, question, facts, is_read=is_read)
        return QuestionWithAnswers(**shown.model_dump(), answers=answers)

    return look


async def _shown(rows: Sequence[RowMapping], holder: Holder, facts: Unit) -> list[QuestionView]:
    read = [each for each in rows if may_read(holder, each["group"], each["channel"])]
    names = await names_of([(each["group"], each["asker"]) for each in read], facts)
    hidden = {"text": None, "asker_name": None}
    return [
        QuestionView.model_validate(
            {**row, "asker_name": names.get((row["group"], row["asker"]))}
            if may_read(holder, row["group"], row["channel"])
            else {**row, **hidden}
        )
        for row in rows
    ]


async def _answers(
    group: GroupId, question: MessageId, facts: Unit, *, is_read: bool
) -> list[AnswerView]:
    found = await facts.answers.find(AnswerRow.group == group, AnswerRow.question == question)
    names = await names_of([(group, each.helper) for each in found], facts) if is_read else {}
    texts = await facts.talk.texts(group, [each.id for each in found]) if is_read else {}
    return [
        AnswerView(
            id=each.id,
            helper=each.helper,
            helper_name=names.get((group, each.helper)),
            text=texts.get(each.id),
            said_at=each.said_at,
            accepted_at=each.accepted_at,
            withdrawn_at=each.withdrawn_at,
        )
        for each in sorted(found, key=lambda each: (each.said_at, each.id))
    ]
