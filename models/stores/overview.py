"""What waits for somebody at this moment, counted."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    RowMapping,
    Select,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute, aliased

from config.rules import Rules
from models.content import PostState
from models.delivery import State
from models.groups import Standing
from models.growth import Concern
from models.proposals import ProposalState
from models.stores.community import IS_MONITOR, IS_UNTOLD
from models.tables import (
    AccountRow,
    GroupRow,
    ItemRow,
    MemberRow,
    NoticeRow,
    OutboxRow,
    PostRow,
    ProposalRow,
    QuestionRow,
    RuleLayerRow,
)

Counts = Mapping[str, int]
Statement = Select[*tuple[Any, ...]]
DEFAULT = Rules()


class OverviewStore:
    """Of all groups, or those of one channel."""

    def __init__(self, connection: AsyncConnection, channel: str | None = None) -> None:
        self._connection = connection
        self._channel = channel

    async def groups(self) -> Counts:
        """Those of ours, and of them those that are paused, without a monitor, or with an account
        that is not told what members say."""
        has_monitor = exists().where(MemberRow.group == GroupRow.id, IS_MONITOR, MemberRow.present)
        found = await self._connection.execute(
            select(
                func.count().label("ours"),
                func.count().filter(GroupRow.paused_at.is_not(None)).label("paused"),
                func.count().filter(~has_monitor).label("without_monitor"),
                func.count().filter(IS_UNTOLD).label("untold"),
            ).where(GroupRow.standing == Standing.OURS, *self._of_channel())
        )
        return _counts(found.mappings().one())

    async def concerns(self) -> dict[Concern, int]:
        """How many groups need somebody for each."""
        statement = (
            select(NoticeRow.concern, func.count())
            .where(NoticeRow.ended_at.is_(None))
            .group_by(NoticeRow.concern)
        )
        found = await self._connection.execute(self._within(statement, NoticeRow.group))
        return {Concern(each[0]): each[1] for each in found}

    async def outbox(self, since: datetime) -> Counts:
        """What waits to be said, or for a person to let it be said, or what was refused, or may
        not have arrived, since then."""
        waiting = select(func.count()).where(OutboxRow.state == _literal(State.WAITING))
        proposed = select(func.count()).where(OutboxRow.state == _literal(State.PROPOSED))
        unsaid = (
            select(OutboxRow.state, func.count())
            .where(
                OutboxRow.state.in_([_literal(State.PARKED), _literal(State.UNSURE)]),
                OutboxRow.settled_at >= since,
            )
            .group_by(OutboxRow.state)
        )
        of_state = await self._connection.execute(self._within(unsaid, OutboxRow.group))
        found = {each[0]: each[1] for each in of_state}
        return {
            "waiting": await self._count(self._within(waiting, OutboxRow.group)),
            "proposed": await self._count(self._within(proposed, OutboxRow.group)),
            "parked": found.get(State.PARKED, 0),
            "unsure": found.get(State.UNSURE, 0),
        }

    async def confirmations(self, since: datetime) -> Counts:
        """What owners are asked for now, and what nobody did in time, since then. Of one channel:
        what is for a group of it."""
        is_open = ProposalRow.state == ProposalState.OPEN
        lapsed = ProposalRow.state == ProposalState.LAPSED
        statement = select(
            func.count().filter(is_open).label("open"),
            func.count().filter(lapsed, ProposalRow.settled_at >= since).label("lapsed"),
        ).where(is_open | lapsed)
        if self._channel is not None:
            theirs = (
                select(OutboxRow.proposal)
                .join(GroupRow, GroupRow.id == OutboxRow.group)
                .where(OutboxRow.proposal.is_not(None), *self._of_channel())
            )
            statement = statement.where(ProposalRow.key.in_(theirs))
        found = await self._connection.execute(statement)
        return _counts(found.mappings().one())

    async def questions(self, asked_before: datetime) -> Counts:
        """Those that nobody answered yet; overdue are those that are older than that."""
        statement = select(
            func.count().label("open"),
            func.count().filter(QuestionRow.asked_at < asked_before).label("overdue"),
        ).where(QuestionRow.closed_at.is_(None), QuestionRow.answered_at.is_(None))
        found = await self._connection.execute(self._within(statement, QuestionRow.group))
        return _counts(found.mappings().one())

    async def accounts(self) -> Counts:
        """Those that hear, and those that don't."""
        is_up = AccountRow.up_at.is_not(None) & AccountRow.down_why.is_(None)
        statement = select(
            func.count().filter(is_up).label("up"), func.count().filter(~is_up).label("deaf")
        )
        if self._channel is not None:
            theirs = select(GroupRow.account).where(
                GroupRow.standing == Standing.OURS, *self._of_channel()
            )
            statement = statement.where(AccountRow.id.in_(theirs))
        found = await self._connection.execute(statement)
        return _counts(found.mappings().one())

    async def unapproved(self, today: date, tomorrow: date, now: datetime) -> Mapping[date, int]:
        """The posts of these days that wait for somebody's approval, where the rules ask for it:
        of tomorrow, those that are planned already."""
        ours = (
            select(GroupRow.id)
            .select_from(GroupRow)
            .where(GroupRow.standing == Standing.OURS, *self._of_channel())
        )
        # The rules are looked up once a group, the items once each, and not once a post.
        asking = _where_approval_is_asked_for(ours).cte("asking").prefix_with("MATERIALIZED")
        planned = (
            select(PostRow.day.label("day"), PostRow.item.label("item"), func.count().label("n"))
            .join(asking, asking.c.id == PostRow.group)
            .where(
                PostRow.state == _literal(PostState.PLANNED),
                PostRow.day.in_([today, tomorrow]),
                PostRow.closes_at > now,
                PostRow.approved_by.is_(None),
            )
            .group_by(PostRow.day, PostRow.item)
            .cte("planned")
            .prefix_with("MATERIALIZED")
        )
        found = await self._connection.execute(
            select(planned.c.day, func.sum(planned.c.n))
            .join(ItemRow, ItemRow.id == planned.c.item)
            .where(ItemRow.approved_by.is_(None), ItemRow.withdrawn_at.is_(None))
            .group_by(planned.c.day)
        )
        return {each[0]: int(each[1]) for each in found}

    def _of_channel(self) -> list[ColumnElement[bool]]:
        return [] if self._channel is None else [GroupRow.channel == self._channel]

    def _within(self, statement: Statement, group: InstrumentedAttribute[Any]) -> Statement:
        if self._channel is None:
            return statement
        whole = statement.select_from(group.parent.class_)
        return whole.join(GroupRow, GroupRow.id == group).where(*self._of_channel())

    async def _count(self, statement: Select[Any]) -> int:
        return await self._connection.scalar(statement) or 0


def _literal(value: str) -> ColumnElement[str]:
    """Written into the statement, so that the planner can match the partial index."""
    return literal(str(value), literal_execute=True)


def _counts(row: RowMapping) -> Counts:
    return {str(name): count for name, count in row.items()}


def _where_approval_is_asked_for(statement: Statement) -> Statement:
    """By the rule `content.approval` of the lowest layer that says anything of it."""
    cohort = func.concat_ws("~", GroupRow.city, GroupRow.channel, GroupRow.birth_window)
    scopes: tuple[ColumnElement[Any], ...] = (
        "group:" + GroupRow.id,
        "cohort:" + cohort,
        "channel:" + GroupRow.channel,
        literal("everywhere"),
    )
    layers = [aliased(RuleLayerRow) for _ in scopes]
    for layer, scope in zip(layers, scopes, strict=True):
        statement = statement.outerjoin(layer, layer.scope == scope)
    asked = [cast(each.overrides["content"]["approval"].astext, Boolean) for each in layers]
    return statement.where(func.coalesce(*asked, DEFAULT.content.approval))
