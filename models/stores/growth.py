"""The lives of groups, who left them, when accounts were deaf, and what should be told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from models.groups import DeafSpell, PastStay
from models.growth import Life, Notice
from models.ids import AccountId, GroupId
from models.stores.shelf import Shelf
from models.tables import DeafSpellRow, LifeRow, NoticeRow, PastStayRow


class LifeStore(Shelf[Life]):
    row = LifeRow
    value = Life
    key = ("group",)

    async def next_look(self) -> datetime | None:
        return await self.first(LifeRow.look_at)

    async def to_look_at(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(LifeRow.look_at, now, limit)


class NoticeStore(Shelf[Notice]):
    row = NoticeRow
    value = Notice
    key = ("group", "concern")

    async def next_telling(self) -> datetime | None:
        return await self.first(NoticeRow.due_at)

    async def due(self, now: datetime, limit: int) -> list[Notice]:
        """What is to be told by now, the longest due first."""
        due = (
            select(NoticeRow.group, NoticeRow.concern)
            .where(NoticeRow.due_at <= now)
            .order_by(NoticeRow.due_at, NoticeRow.group, NoticeRow.concern)
            .limit(limit)
        )
        keys = [(each[0], each[1]) for each in await self.connection.execute(due)]
        await self.load(keys)
        found = (self._held.get(key) for key in keys)
        return [
            each
            for each in found
            if each is not None and each.due_at is not None and each.due_at <= now
        ]


class PastStayStore(Shelf[PastStay]):
    row = PastStayRow
    value = PastStay
    key = ("group", "person", "gone_at")

    async def gone_since(self, group: GroupId, since: datetime) -> list[datetime]:
        """When people left the group, after `since`, in order of time."""
        await self.flush()
        found = await self.connection.scalars(
            select(PastStayRow.gone_at)
            .where(PastStayRow.group == group, PastStayRow.gone_at > since)
            .order_by(PastStayRow.gone_at)
        )
        return list(found)

    async def count_since(self, groups: Iterable[GroupId], since: datetime) -> dict[GroupId, int]:
        """How many left each of these groups after `since`."""
        await self.flush()
        found = await self.connection.execute(
            select(PastStayRow.group, func.count())
            .where(PastStayRow.group.in_(list(groups)), PastStayRow.gone_at > since)
            .group_by(PastStayRow.group)
        )
        return {GroupId(group): count for group, count in found}


class DeafSpellStore(Shelf[DeafSpell]):
    row = DeafSpellRow
    value = DeafSpell
    key = ("account", "since")

    async def between(
        self, account: AccountId, since: datetime, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """The spells that touch this time, in order, as they are; none of them overlap."""
        await self.find(
            DeafSpellRow.account == account,
            DeafSpellRow.since < until,
            DeafSpellRow.until > since,
        )
        return sorted(
            (each.since, each.until)
            for each in self.held_of(account)
            if each.since < until and each.until > since
        )

    async def deaf_for(self, account: AccountId, since: datetime, until: datetime) -> timedelta:
        """For how long of this time nothing was heard."""
        spells = await self.between(account, since, until)
        lengths = (min(end, until) - max(start, since) for start, end in spells)
        return sum(lengths, timedelta(0))
