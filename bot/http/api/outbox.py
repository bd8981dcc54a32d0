"""The outbox: every message that was promised, what became of it, and what people decide."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field, Strict
from sqlalchemy import BindParameter, ColumnElement, bindparam, select

from bot.http.api.office import About, Asks, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import (
    Absent,
    GivenChannel,
    GivenGroup,
    GivenPerson,
    GivenText,
    Number,
    PathId,
)
from handlers.outbox.policy import PromiseRefused
from models.access import Holder
from models.delivery import State
from models.events import (
    PromiseCancelled,
    PromiseDecision,
    PromiseHurried,
    PromiseResolved,
    PromiseRetried,
)
from models.groups import Group
from models.ids import GroupId, OutboxId, PersonId
from models.messages import Kind
from models.scopes import EVERYWHERE
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, OutboxRow


class AttachmentView(View):
    """A picture (`link` null: `image` is its address), or a card that leads to `link`."""

    image: str | None
    link: str | None
    title: str


class NotedPromise(View):
    """Where one message stands. `state` is held (an earlier step of its round comes first),
    waiting, paused (its group is), sending, proposed (a person is asked to say it, or to let it be
    said, as part of the `proposal`), and in the end sent, unsure (it may have been said; counted
    as said), parked (refused) or lapsed (not said any more), for a `reason`. `step` is its place
    in its `round`. It is said between `due_at` and `lapses_at`."""

    id: int
    account: str
    group: str | None = Field(description="Null: it is for one person, who is `to`.")
    to: str | None
    kind: Kind
    round: int | None
    step: int
    state: State
    attempts: int
    promised_at: Time
    due_at: Time
    lapses_at: Time
    settled_at: Time | None
    reason: str | None = Field(examples=["the group does not let us speak"])
    proposal: str | None


class PromiseView(NotedPromise):
    """A message and what it says. What is said calls people by name: with its `mentions`, and the
    `key` by which it is said but once, it is told to operators of its group and to admins; what
    is said in private to admins alone. Null to others."""

    group_name: str | None
    key: str | None
    text: str | None
    mentions: list[str] | None
    attachment: AttachmentView | None
    # It is written anew for those who are there when it is said.
    volatile = frozenset({"group_name", "key", "text", "mentions", "attachment"})


class Resolution(Given):
    said: Annotated[bool, Strict()] = Field(
        description="true: it was said. false: it was not, and may be tried again."
    )


COLUMNS = [*NotedPromise.model_fields, "key", "text", "mentions", "attachment"]
OUTBOX = Listing(
    rows=rows_of(OutboxRow, COLUMNS),
    key=[OutboxRow.id],
    sorts={"id": OutboxRow.id, "due_at": OutboxRow.due_at},
    default="-id",
    filters={
        "account": OutboxRow.account,
        "group": OutboxRow.group,
        "person": OutboxRow.to,
        "kind": OutboxRow.kind,
        "proposal": OutboxRow.proposal,
    },
    at=OutboxRow.promised_at,
)


def outbox_api(office: Office) -> Routes:
    api = Routes(office.door, "outbox")

    @api.viewer.get("/outbox", **lists(PromiseView))
    async def outbox(
        holder: Asker,
        asked: Annotated[Paged, paged(OUTBOX)],
        account: GivenText | Absent = None,
        group: GivenGroup | Absent = None,
        channel: GivenChannel | Absent = None,
        person: Annotated[GivenPerson | Absent, Query(description="To whom it is.")] = None,
        state: Annotated[list[State] | Absent, Query(description="Any of these.")] = None,
        kind: Annotated[list[Kind] | Absent, Query(description="Any of these.")] = None,
        proposal: Annotated[PathId | Absent, Query(description="That it is part of.")] = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """All that was ever promised, the newest first; `since` and `until` go by when it was.
        What is to be said next: `?state=waiting&sort=due_at`; what wants a person:
        `?state=parked&state=unsure`."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[PromiseView]:
            groups = await _groups(facts, rows)
            return [_message(each, groups, holder) for each in rows]

        return await office.list(
            "outbox",
            asked,
            PromiseView,
            *_where(channel, state),
            show=show,
            account=account,
            group=group,
            person=person,
            kind=kind,
            proposal=proposal,
            since=since,
            until=until,
        )

    @api.viewer.get("/outbox/{message}")
    async def one(message: Number, holder: Asker, response: Response) -> PromiseView:
        return await office.one(_read(message, holder), _about(message), response)

    async def decide(decision: PromiseDecision, asks: Asks) -> PromiseView:
        """What is noted of it is where it stands, and not what it says."""
        number = decision.message
        known = await office.read(_stand(number))
        about = _about(number, known)
        within = in_group(GroupId(known.group)) if known and known.group else EVERYWHERE
        try:
            await office.edit(asks, decision, _stand(number), about, within=within)
        except PromiseRefused as error:
            raise Problem(409, str(error)) from error
        decided = await office.read(_read(number, asks.holder))
        if decided is None:
            raise about.missing
        return decided

    @api.operator.post("/outbox/{message}/cancel")
    async def cancel(message: Number, asks: Edits) -> PromiseView:
        """It is not said, if it is not being said already, and what follows is as where its time
        passes: a post is given up, the round of a welcome is not said, and those whom it was for
        are greeted with the next one."""
        by = asks.holder.name
        event = PromiseCancelled(at=office.now(), by=by, message=OutboxId(message))
        return await decide(event, asks)

    @api.operator.post("/outbox/{message}/send-now")
    async def send_now(message: Number, asks: Edits) -> PromiseView:
        """It is due now, ahead of its hour or of its next attempt. Quiet hours, the daily budget
        and the account's pace still hold."""
        by = asks.holder.name
        event = PromiseHurried(at=office.now(), by=by, message=OutboxId(message))
        return await decide(event, asks)

    @api.operator.post("/outbox/{message}/retry")
    async def retry(message: Number, asks: Edits) -> PromiseView:
        """What was refused is tried again, as if it were new: the cause was mended. Not where
        something else has come in its place: a welcome, a reminder, a post, news of points."""
        by = asks.holder.name
        event = PromiseRetried(at=office.now(), by=by, message=OutboxId(message))
        return await decide(event, asks)

    @api.operator.post("/outbox/{message}/resolve")
    async def resolve(message: Number, given: Resolution, asks: Edits) -> PromiseView:
        """Somebody looked in the group whether what is unsure was said. It is sent then, or
        parked, and may be retried."""
        event = PromiseResolved(
            at=office.now(), by=asks.holder.name, message=OutboxId(message), said=given.said
        )
        return await decide(event, asks)

    return api


def _about(number: int, known: NotedPromise | None = None) -> About:
    return About(
        kind="message",
        id=str(number),
        group=GroupId(known.group) if known and known.group else None,
        person=PersonId(known.to) if known and known.to else None,
    )


def _where(channel: str | None, states: list[State] | None) -> list[ColumnElement[bool]]:
    """The states are written into the statement, so that the planner can match the indexes of
    those that are looked for."""
    where: list[ColumnElement[bool]] = []
    if channel is not None:
        where.append(OutboxRow.group.in_(select(GroupRow.id).where(GroupRow.channel == channel)))
    if states:
        named = sorted({each.value for each in states})
        given: BindParameter[Any] = bindparam(
            "states", named, expanding=True, literal_execute=True
        )
        where.append(OutboxRow.state.in_(given))
    return where


def _stand(number: int) -> Look[NotedPromise]:
    async def look(facts: Unit) -> NotedPromise | None:
        row = await _row(facts, number)
        return NotedPromise.model_validate(row) if row is not None else None

    return look


def _read(number: int, holder: Holder) -> Look[PromiseView]:
    async def look(facts: Unit) -> PromiseView | None:
        row = await _row(facts, number)
        if row is None:
            return None
        return _message(row, await _groups(facts, [row]), holder)

    return look


async def _row(facts: Unit, number: int) -> Row | None:
    found = await facts.connection.execute(OUTBOX.rows.where(OutboxRow.id == number))
    row: Row | None = found.mappings().first()
    return row


async def _groups(facts: Unit, rows: Sequence[Row]) -> dict[GroupId, Group]:
    named = {GroupId(each["group"]) for each in rows if each["group"] is not None}
    return {each.id: each for each in await facts.groups.peek_at(named)} if named else {}


def _message(row: Row, groups: dict[GroupId, Group], holder: Holder) -> PromiseView:
    group = groups.get(row["group"])
    scope = in_group(row["group"]) if row["group"] is not None else EVERYWHERE
    covers = holder.covers(scope, group)
    told = dict(row) | {"group_name": group.name if group else None}
    if not covers:
        told |= {"key": None, "text": None, "mentions": None, "attachment": None}
    return PromiseView.model_validate(told)
