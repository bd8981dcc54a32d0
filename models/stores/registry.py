"""Who filled in the form, for those who may see what they told. Only read here."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from models.cohort import BirthWindow, Cohort
from models.entry import Visitor
from models.ids import GroupId
from models.stores.entry import IS_AWAITED
from models.stores.shelf import Shelf
from models.tables import MemberRow, VisitorRow


class Progress(StrEnum):
    """How far she has come: she waits for a group, has a place in one, or joined it, whether or
    not she left it."""

    WAITING = "waiting"
    PLACED = "placed"
    JOINED = "joined"


IS: dict[Progress, ColumnElement[bool]] = {
    Progress.WAITING: and_(
        VisitorRow.waiting_since.is_not(None),
        VisitorRow.group.is_(None),
        VisitorRow.joined_at.is_(None),
    ),
    Progress.PLACED: IS_AWAITED,
    Progress.JOINED: VisitorRow.joined_at.is_not(None),
}


def is_in(group: GroupId) -> ColumnElement[bool]:
    """She has a place in it, or joined it."""
    return or_(and_(VisitorRow.group == group, IS_AWAITED), VisitorRow.joined_in == group)


class RegistryStore(Shelf[Visitor]):
    row = VisitorRow
    value = Visitor
    key = ("id",)

    async def awaited_in(self, group: GroupId, since: datetime, limit: int) -> list[Visitor]:
        """Who was given a place in the group since then, told her name, and has not joined; the
        newest first."""
        awaited = [
            VisitorRow.group == group,
            IS_AWAITED,
            VisitorRow.placed_at >= since,
            VisitorRow.name != "",
        ]
        return await self._newest(VisitorRow.placed_at, awaited, limit)

    async def joined_in(self, group: GroupId, limit: int) -> list[Visitor]:
        """Who is in the group and is known to have filled in the form; the newest first."""
        present = select(MemberRow.person).where(MemberRow.group == group, MemberRow.present)
        joined = [
            VisitorRow.person.in_(present),
            VisitorRow.joined_in == group,
            VisitorRow.name != "",
        ]
        return await self._newest(VisitorRow.joined_at, joined, limit)

    async def waiting(self) -> dict[Cohort, int]:
        """How many wait for a group of each cohort."""
        parts = (VisitorRow.city, VisitorRow.channel, VisitorRow.birth_window)
        found = await self.connection.execute(
            select(*parts, func.count()).where(IS[Progress.WAITING]).group_by(*parts)
        )
        return {
            Cohort(city, channel, BirthWindow.parse(window)): count
            for city, channel, window, count in found
            if city and channel and window
        }

    async def _newest(
        self,
        by: InstrumentedAttribute[Any],
        where: Sequence[ColumnElement[bool]],
        limit: int,
    ) -> list[Visitor]:
        statement = self._select().where(*where).order_by(by.desc(), VisitorRow.id).limit(limit)
        found = await self.connection.execute(statement)
        return [each for each in self._hold(found.mappings()) if each is not None]
