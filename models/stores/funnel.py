"""What came of scans, counted by what one asks for: a person once, however often she scanned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Interval,
    Label,
    RowMapping,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from config.daily import ZONE
from models.ids import Code
from models.tables import EntryCodeRow, VisitorRow
from models.tables.base import Utc

WEEK, MONTH = timedelta(days=7), timedelta(days=28)


class By(StrEnum):
    """What a line of the funnel is about. A referrer is one of a channel."""

    CODE = "code"
    CHANNEL = "channel"
    REFERRER = "referrer"
    CITY = "city"
    WINDOW = "window"
    DAY = "day"


ABOUT: Mapping[By, Sequence[str]] = {
    By.CODE: ("code", "channel", "referrer", "member"),
    By.CHANNEL: ("channel",),
    By.REFERRER: ("channel", "referrer", "member"),
    By.CITY: ("city",),
    By.WINDOW: ("window",),
    By.DAY: ("day",),
}
"""How a line says what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many people scanned, answered, saw how to get in, joined; and of those who joined long
    enough ago (`of_7`, `of_28`), and of whom it is known, how many had not left by then."""

    scans: int = 0
    surveys: int = 0
    shown: int = 0
    joined: int = 0
    of_7: int = 0
    there_7: int = 0
    of_28: int = 0
    there_28: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """`about` says what it counts; what is not known of those people is None."""

    about: Mapping[str, Any]
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """`totals` count all; `cut` are the lines that there are beyond these."""

    lines: Sequence[Line]
    totals: Counts
    cut: int = 0


COUNTS = tuple(each.name for each in fields(Counts))
_HER_DAY = cast(
    func.timezone(literal(ZONE.key, literal_execute=True), VisitorRow.scanned_at), Date
)
_HERS: dict[str, ColumnElement[Any]] = {
    "code": VisitorRow.code.expression,
    "city": VisitorRow.city.expression,
    "window": VisitorRow.birth_window.expression,
    "day": _HER_DAY,
}
"""What is known of a visitor; the rest of it is her code's."""
_OF_CODE: dict[str, ColumnElement[Any]] = {
    "channel": EntryCodeRow.channel.expression,
    "referrer": func.nullif(EntryCodeRow.referrer, literal("", literal_execute=True)),
    "member": EntryCodeRow.member.expression,
}


class FunnelStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def counted(
        self,
        by: By,
        now: datetime,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        channel: str | None = None,
        code: Code | None = None,
        limit: int | None = None,
    ) -> Funnel:
        """Of those whose first scan was in this time, no more lines than `limit`. They are in
        order of the day, otherwise the largest first, those of whom it is not known last."""
        where = _of(since, until, channel, code)
        ranked = _ranked(by, _counted(by, now, where), limit)
        total, *rows = (await self._connection.execute(ranked)).mappings()
        return Funnel(
            lines=[Line({name: row[name] for name in ABOUT[by]}, _as_counts(row)) for row in rows],
            totals=_as_counts(total),
            cut=total["among"] - 1 - len(rows),
        )


def _as_counts(row: RowMapping) -> Counts:
    return Counts(**{name: row[name] for name in COUNTS})


def _ranked(by: By, counted: Select[Any], limit: int | None) -> Select[Any]:
    """The totals first; `among` is how many rows there are in all."""
    all_ = counted.subquery()
    names = [all_.c[name] for name in ABOUT[by]]
    by_size = [names[0].is_(None), all_.c.scans.desc()]
    return (
        select(all_, func.count().over().label("among"))
        .order_by(
            all_.c.is_total.desc(),
            *([] if by is By.DAY else by_size),
            *(each.nulls_first() for each in names),
        )
        .limit(limit + 1 if limit is not None else None)
    )


def _counted(by: By, now: datetime, where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Visitors are counted by what is their own, and those few counts are put together by what
    is their codes': joining a million of them with their codes takes four times as long."""
    own = [name for name in ABOUT[by] if name in _HERS] or ["code"]
    counted = _of_visitors(own, now, where)
    source: FromClause = counted
    if by in (By.CODE, By.CHANNEL, By.REFERRER):
        source = counted.outerjoin(EntryCodeRow, EntryCodeRow.code == counted.c.code)
    about = [
        (counted.c[name] if name in _HERS else _OF_CODE[name]).label(name) for name in ABOUT[by]
    ]
    parts = [each.element for each in about]
    added = [
        func.coalesce(cast(func.sum(counted.c[name]), BigInteger), 0).label(name)
        for name in COUNTS
    ]
    return (
        select(*about, func.grouping(parts[0]).label("is_total"), *added)
        .select_from(source)
        .group_by(func.grouping_sets(tuple_(*parts), tuple_()))
    )


def _of_visitors(
    own: Sequence[str], now: datetime, where: Sequence[ColumnElement[bool]]
) -> Subquery:
    parts = [_HERS[name] for name in own]
    named = [part.label(name) for part, name in zip(parts, own, strict=True)]
    return select(*named, *_counts(now)).where(*where).group_by(*parts).subquery()


def _of(
    since: datetime | None, until: datetime | None, channel: str | None, code: Code | None
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if since is not None:
        where.append(VisitorRow.scanned_at >= since)
    if until is not None:
        where.append(VisitorRow.scanned_at < until)
    if channel is not None:
        of_channel = select(EntryCodeRow.code).where(EntryCodeRow.channel == channel)
        where.append(VisitorRow.code.in_(of_channel))
    if code is not None:
        where.append(VisitorRow.code == code)
    return where


def _counts(now: datetime) -> list[Label[Any]]:
    counts = {
        "scans": func.count(),
        "surveys": func.count(VisitorRow.answered_at),
        "shown": func.count(VisitorRow.shown_at),
        "joined": func.count(VisitorRow.joined_at),
        "of_7": func.count().filter(_is_known(WEEK, now)),
        "there_7": func.count().filter(_is_known(WEEK, now), _is_there(WEEK)),
        "of_28": func.count().filter(_is_known(MONTH, now)),
        "there_28": func.count().filter(_is_known(MONTH, now), _is_there(MONTH)),
    }
    return [each.label(name) for name, each in counts.items()]


def _is_known(span: timedelta, now: datetime) -> ColumnElement[bool]:
    """Whether so long has passed since she joined, and we were still told of her by then."""
    told = or_(
        VisitorRow.erased_at.is_(None),
        VisitorRow.left_at.is_not(None),
        VisitorRow.erased_at >= _over(span),
    )
    return and_(VisitorRow.joined_at <= now - span, told)


def _is_there(span: timedelta) -> ColumnElement[bool]:
    """She left later than that, if at all."""
    return or_(VisitorRow.left_at.is_(None), VisitorRow.left_at >= _over(span))


def _over(span: timedelta) -> ColumnElement[datetime]:
    return VisitorRow.joined_at.op("+", return_type=Utc())(literal(span, Interval()))
