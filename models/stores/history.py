"""What happened in groups lately, read for somebody who wants to run it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.groups import Origin, Standing
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.people import Role
from models.stores.bulk import among
from models.tables import (
    DeafSpellRow,
    GroupRow,
    MemberRow,
    MessageRow,
    NewcomerRow,
    PastStayRow,
    StaffRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """`ended_at` is None while she is there."""

    group: GroupId
    person: PersonId
    origin: Origin
    began_at: datetime | None
    ended_at: datetime | None
    inviter: PersonId | None
    left_by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a member is called, and what she is; `reminded_at` is when she was last asked for
    another nickname, and `fits` whether the one she has will do."""

    name: str
    nickname: str
    role: Role
    fits: bool
    reminded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    group: GroupId
    id: MessageId
    sender: PersonId
    text: str
    mentions: Sequence[PersonId]
    quotes: MessageId | None
    said_at: datetime


class HistoryStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def groups(self, scope: str, most: int) -> tuple[list[GroupId], int]:
        """Groups of ours to which a scope applies, and how many of them there are. Where there
        are more than `most`, a sample that is the same each time."""
        where = [GroupRow.standing == Standing.OURS, *_in_scope(scope)]
        of = await self._connection.scalar(select(func.count()).where(*where))
        drawn = func.md5(GroupRow.id.concat(literal(scope)))
        found = await self._connection.scalars(
            select(GroupRow.id).where(*where).order_by(drawn).limit(most)
        )
        return [GroupId(each) for each in found], of or 0

    async def counts(
        self, groups: Sequence[GroupId], since: datetime
    ) -> dict[GroupId, tuple[int, int]]:
        """How many messages each has of which the text is known, and how many others."""
        known = func.count(MessageRow.text)
        found = await self._connection.execute(
            select(MessageRow.chat, known, func.count() - known)
            .where(among(MessageRow.chat, groups), MessageRow.said_at > since)
            .group_by(MessageRow.chat)
        )
        return {GroupId(chat): (texts, others) for chat, texts, others in found}

    async def messages(self, groups: Sequence[GroupId], since: datetime) -> list[Message]:
        """Those of which the text is known, in order of time."""
        row = MessageRow
        found = await self._connection.execute(
            select(row.chat, row.id, row.sender, row.text, row.mentions, row.quotes, row.said_at)
            .where(among(row.chat, groups), row.said_at > since, row.text.is_not(None))
            .order_by(row.said_at, row.chat, row.id)
        )
        return [
            Message(
                group=GroupId(chat),
                id=MessageId(id_),
                sender=PersonId(sender),
                text=text or "",
                mentions=[PersonId(each) for each in mentions],
                quotes=MessageId(quotes) if quotes else None,
                said_at=said_at,
            )
            for chat, id_, sender, text, mentions, quotes, said_at in found
        ]

    async def stays(self, groups: Sequence[GroupId], since: datetime) -> list[Stay]:
        """All that had not ended by `since`."""
        present = select(
            *(MemberRow.group, MemberRow.person, MemberRow.origin, MemberRow.seen_at),
            *(literal(None), MemberRow.inviter, literal(None)),
        ).where(among(MemberRow.group, groups), MemberRow.present)
        past = select(
            *(PastStayRow.group, PastStayRow.person, PastStayRow.origin, PastStayRow.seen_at),
            *(PastStayRow.gone_at, PastStayRow.inviter, PastStayRow.left_by),
        ).where(among(PastStayRow.group, groups), PastStayRow.gone_at > since)
        rows = [*await self._connection.execute(present), *await self._connection.execute(past)]
        return [_stay(*each) for each in rows]

    async def faces(
        self, groups: Sequence[GroupId], since: datetime
    ) -> dict[tuple[GroupId, PersonId], Face]:
        """Of those who are there or were there since."""
        row, newcomer = MemberRow, NewcomerRow
        found = await self._connection.execute(
            select(
                *(row.group, row.person, row.name, row.nickname, row.role),
                *(newcomer.fits, newcomer.reminded_at),
            )
            .join(
                newcomer,
                (newcomer.group == row.group) & (newcomer.person == row.person),
                isouter=True,
            )
            .where(among(row.group, groups), or_(row.present, row.gone_at > since))
        )
        return {
            (GroupId(group), PersonId(person)): Face(
                name=name,
                nickname=nickname,
                role=Role(role),
                fits=fits is not False,
                reminded_at=reminded_at,
            )
            for group, person, name, nickname, role, fits, reminded_at in found
        }

    async def staff(self) -> dict[PersonId, Role]:
        found = await self._connection.execute(select(StaffRow.person, StaffRow.role))
        return {PersonId(person): Role(role) for person, role in found}

    async def deaf(self, account: AccountId, since: datetime) -> list[tuple[datetime, datetime]]:
        found = await self._connection.execute(
            select(DeafSpellRow.since, DeafSpellRow.until)
            .where(DeafSpellRow.account == account, DeafSpellRow.until > since)
            .order_by(DeafSpellRow.since)
        )
        return [(begun, ended) for begun, ended in found]


def _in_scope(scope: str) -> list[ColumnElement[bool]]:
    kind, _, name = scope.partition(":")
    match kind:
        case "channel":
            return [GroupRow.channel == name]
        case "cohort":
            of = (GroupRow.city, GroupRow.channel, GroupRow.birth_window)
            return [part == given for part, given in zip(of, name.split("~"), strict=True)]
        case "group":
            return [GroupRow.id == name]
    return []


def _stay(
    group: str,
    person: str,
    origin: str,
    began_at: Any,
    ended_at: Any,
    inviter: Any,
    left_by: Any,
) -> Stay:
    return Stay(
        group=GroupId(group),
        person=PersonId(person),
        origin=Origin(origin),
        began_at=began_at,
        ended_at=ended_at,
        inviter=inviter,
        left_by=left_by,
    )
