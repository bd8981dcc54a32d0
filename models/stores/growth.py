"""The lives of groups, who left them, when accounts were deaf, and what should be told."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.groups import DeafSpell, PastStay
from models.growth import Concern, Departure, Life, Notice
from models.ids import AccountId, GroupId, PersonId
from models.stores.bulk import among
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

    async def read(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement all that there is about these groups."""
        await self.load((group, concern) for group in groups for concern in Concern)

    async def open_of(self, group: GroupId) -> list[Notice]:
        """What is the matter with a group, in the order in which it is told."""
        await self.find(NoticeRow.group == group, NoticeRow.ended_at.is_(None))
        order = list(Concern)
        found = (each for each in self.held_of(group) if each.is_open)
        return sorted(found, key=lambda each: order.index(each.concern))

    async def open_in(self, groups: Iterable[GroupId]) -> dict[GroupId, set[Concern]]:
        """What is the matter with each of these groups, without holding any of it."""
        statement = select(NoticeRow.group, NoticeRow.concern).where(
            among(NoticeRow.group, groups), NoticeRow.ended_at.is_(None)
        )
        found: dict[GroupId, set[Concern]] = defaultdict(set)
        for group, concern in await self.connection.execute(statement):
            found[GroupId(group)].add(Concern(concern))
        return found

    async def next_telling(self) -> datetime | None:
        return await self.first(NoticeRow.due_at)

    async def due(self, now: datetime) -> list[tuple[GroupId, Concern]]:
        """What is to be told by now, the longest due first, without holding any of it."""
        found = await self.connection.execute(
            select(NoticeRow.group, NoticeRow.concern)
            .where(NoticeRow.due_at <= now)
            .order_by(NoticeRow.due_at, NoticeRow.group, NoticeRow.concern)
        )
        return [(GroupId(group), Concern(concern)) for group, concern in found]

    async def due_of(self, groups: Iterable[GroupId], now: datetime) -> list[Notice]:
        """Of these groups, which the caller has locked, what is to be told by now."""
        wanted = sorted(groups)
        await self.find(among(NoticeRow.group, wanted), NoticeRow.due_at <= now)
        found = (each for group in wanted for each in self.held_of(group))
        due = (each for each in found if each.due_at is not None and each.due_at <= now)
        return sorted(due, key=lambda each: (each.group, each.concern))


class PastStayStore(Shelf[PastStay]):
    row = PastStayRow
    value = PastStay
    key = ("group", "person", "gone_at")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._read: dict[GroupId, tuple[datetime, list[Departure]]] = {}

    def put(self, value: PastStay) -> None:
        is_new = self._held.get(self.key_of(value)) is None
        super().put(value)
        if is_new and value.group in self._read and value.gone_at > self._read[value.group][0]:
            insort(self._read[value.group][1], _departure(value), key=_at)

    async def of(self, group: GroupId, person: PersonId) -> list[PastStay]:
        await self.flush()
        return await self.find(PastStayRow.group == group, PastStayRow.person == person)

    async def ended_since(self, group: GroupId, since: datetime) -> list[PastStay]:
        await self.flush()
        return await self.find(PastStayRow.group == group, PastStayRow.gone_at > since)

    async def read(self, groups: Iterable[GroupId], since: datetime) -> None:
        """Read in one statement what `departures` will ask for."""
        unread = [each for each in groups if each not in self._read or self._read[each][0] > since]
        if not unread:
            return
        await self.flush()
        found = await self.connection.execute(
            self._select()
            .where(among(PastStayRow.group, unread), PastStayRow.gone_at > since)
            .order_by(PastStayRow.gone_at, PastStayRow.person)
        )
        self._read |= {each: (since, []) for each in unread}
        for stay in (self._value(each) for each in found.mappings()):
            self._read[stay.group][1].append(_departure(stay))

    async def departures(self, group: GroupId, since: datetime) -> Sequence[Departure]:
        """Who left the group after `since`, in order of time. Read once a transaction, however
        many leave in it."""
        await self.read([group], since)
        held_since, left = self._read[group]
        return left if held_since == since else left[bisect_right(left, since, key=_at) :]


class DeafSpellStore(Shelf[DeafSpell]):
    row = DeafSpellRow
    value = DeafSpell
    key = ("account", "since")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._read: dict[AccountId, datetime] = {}

    async def read(self, accounts: Iterable[AccountId], since: datetime) -> None:
        """Read in one statement what `between` will ask for; who asks for several times begins
        with the widest."""
        unread = [each for each in accounts if each not in self._read or self._read[each] > since]
        if unread:
            await self.find(among(DeafSpellRow.account, unread), DeafSpellRow.until > since)
            self._read |= dict.fromkeys(unread, since)

    async def between(
        self, account: AccountId, since: datetime, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """The spells that touch this time, in order, as they are; none of them overlap."""
        await self.read([account], since)
        return sorted(
            (each.since, each.until)
            for each in self.held_of(account)
            if each.since < until and each.until > since
        )


def _departure(stay: PastStay) -> Departure:
    removed = stay.left_by is not None and stay.left_by != stay.person
    return Departure(stay.gone_at, stay.left_at is not None, removed)


def _at(departure: Departure) -> datetime:
    return departure.at
