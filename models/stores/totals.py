"""What days came to: counted from everything that happened in them, and kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from config.daily import midnight
from models.groups import Standing
from models.ids import AccountId
from models.points import EARNED, EntryKind
from models.stores.activity import MEMBERS
from models.stores.shelf import Shelf
from models.tables import (
    ActivityRow,
    DayTotalRow,
    GroupRow,
    JoinRow,
    LedgerRow,
    LifeRow,
    PastStayRow,
    PostRow,
    QuestionRow,
)
from models.totals import DayTotal, Watched

A_DAY = timedelta(days=1)
GIVEN = (*EARNED, EntryKind.REFERRAL, EntryKind.CLAWBACK)
CHANNEL = func.coalesce(GroupRow.channel, "")

_is_in_time = QuestionRow.answered_at.is_not(None) & or_(
    QuestionRow.brought_at.is_(None),
    # Nobody had to be told of it.
    QuestionRow.brought_at == QuestionRow.asked_at,
    QuestionRow.answered_at <= QuestionRow.brought_at,
)


class TotalStore(Shelf[DayTotal]):
    row = DayTotalRow
    value = DayTotal
    key = ("day", "channel")

    async def of_days(self, first: date, last: date, channel: str | None) -> list[DayTotal]:
        """Of all channels, or one."""
        where = [] if channel is None else [DayTotalRow.channel == channel]
        return await self.find(DayTotalRow.day.between(first, last), *where)

    async def first_missing(self, first: date, last: date) -> date | None:
        """The first day that was not counted yet."""
        await self.flush()
        known = await self.connection.scalars(
            select(DayTotalRow.day).distinct().where(DayTotalRow.day.between(first, last))
        )
        days = {first + n * A_DAY for n in range((last - first).days + 1)}
        return min(days - set(known), default=None)

    async def watched(self) -> list[Watched]:
        """The groups that are ours, by channel and account."""
        found = await self.connection.execute(
            select(CHANNEL, GroupRow.account, func.count(), func.min(LifeRow.since))
            .join(LifeRow, LifeRow.group == GroupRow.id)
            .where(GroupRow.standing == Standing.OURS)
            .group_by(CHANNEL, GroupRow.account)
        )
        return [
            Watched(channel, AccountId(account), groups, since)
            for channel, account, groups, since in found
        ]

    async def count(self, day: date) -> dict[str, dict[str, int]]:
        """What it came to, by channel: the figures by their names. Each is found through an index
        of times, so it costs what the day held, however long before it began."""
        counted: dict[str, dict[str, int]] = defaultdict(dict)
        for names, statement in _counts(midnight(day), midnight(day + A_DAY)).items():
            for channel, *values in await self.connection.execute(statement):
                counted[channel] |= {
                    name: int(value or 0) for name, value in zip(names, values, strict=True)
                }
        return counted


def _counts(start: datetime, end: datetime) -> Mapping[Sequence[str], Select[Any]]:
    return {
        ("joined",): _by_channel(JoinRow.group, JoinRow.seen_at, start, end, func.count()),
        ("gone",): _by_channel(PastStayRow.group, PastStayRow.gone_at, start, end, func.count()),
        ("messages",): _by_channel(
            ActivityRow.group, ActivityRow.hour, start, end, func.sum(ActivityRow.messages)
        ).where(ActivityRow.role.in_(MEMBERS)),
        ("asked", "answered"): _by_channel(
            QuestionRow.group,
            QuestionRow.asked_at,
            start,
            end,
            func.count(),
            func.count().filter(_is_in_time),
        ),
        ("said",): _by_channel(PostRow.group, PostRow.posted_at, start, end, func.count()),
        ("points",): _by_channel(
            LedgerRow.group, LedgerRow.at, start, end, func.sum(LedgerRow.points)
        ).where(LedgerRow.kind.in_(GIVEN)),
    }


def _by_channel(
    group: InstrumentedAttribute[str],
    at: InstrumentedAttribute[Any],
    start: datetime,
    end: datetime,
    *figures: ColumnElement[Any],
) -> Select[Any]:
    return (
        select(CHANNEL, *figures)
        .select_from(GroupRow)
        .join(group.parent.class_, group == GroupRow.id)
        .where(at >= start, at < end)
        .group_by(CHANNEL)
    )
