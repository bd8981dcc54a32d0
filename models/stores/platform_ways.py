"""What a platform keeps for us: ways into groups, ways to staff, welcomes."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.cohort import Cohort
from models.ids import AccountId, Code, GroupId
from models.platform_ways import ContactWay, JoinWay, WelcomeTemplate
from models.stores.driver import Row
from models.stores.shelf import Shelf
from models.tables import AccountRow, ContactWayRow, JoinWayRow, WelcomeTemplateRow


class JoinWayStore(Shelf[JoinWay]):
    """Whoever changes a way that is there holds it by `locked` or `to_look_at`; a new one is made
    under the turn of its cohort (models/stores/openings.py)."""

    row = JoinWayRow
    value = JoinWay
    key = ("account", "city", "channel", "birth_window", "code")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._made_due: datetime | None = None

    async def next_look(self) -> datetime | None:
        return await self.first(JoinWayRow.due_at)

    async def locked(self, account: AccountId, cohort: Cohort, code: Code) -> JoinWay | None:
        where = [JoinWayRow.account == account, *_is_of(cohort), JoinWayRow.code == code]
        found = await self._locked(self._select().where(*where).with_for_update())
        return found[0] if found else None

    async def to_look_at(self, now: datetime, limit: int) -> list[JoinWay]:
        """Locked, without those that somebody else holds; the longest due first."""
        due = self._select().where(JoinWayRow.due_at <= now)
        ordered = due.order_by(JoinWayRow.due_at, JoinWayRow.code).limit(limit)
        return await self._locked(ordered.with_for_update(skip_locked=True))

    async def of(self, cohort: Cohort, code: Code) -> list[JoinWay]:
        """On whichever account, for those who only look."""
        found = await self.find(*_is_of(cohort), JoinWayRow.code == code)
        return sorted(found, key=lambda each: each.account)

    async def opener(self, cohort: Cohort) -> AccountId | None:
        """An account that is up and whose platform opens the next group of the cohort by itself
        once a way into it is scanned and nothing that it leads to has room."""
        await self.flush()
        found = await self.connection.scalar(
            select(JoinWayRow.account)
            .join(AccountRow, AccountRow.id == JoinWayRow.account)
            .where(
                *_is_of(cohort),
                JoinWayRow.base_name != "",
                or_(JoinWayRow.content.is_not(None), JoinWayRow.image.is_not(None)),
                AccountRow.up_at.is_not(None),
                AccountRow.down_why.is_(None),
            )
            .order_by(JoinWayRow.account)
            .limit(1)
        )
        return AccountId(found) if found is not None else None

    async def look_at(self, cohort: Cohort, now: datetime) -> None:
        """All ways into the cohort, soon: where they lead may have changed."""
        await self.flush()
        changed = await self.connection.execute(
            update(JoinWayRow)
            .where(*_is_of(cohort), or_(JoinWayRow.due_at.is_(None), JoinWayRow.due_at > now))
            .values(due_at=now)
        )
        if changed.rowcount:
            self._made_due = now
            self._held.clear()
            self._by_first.clear()
            self._first.clear()

    def soonest(self, due: str) -> datetime | None:
        return min(filter(None, [self._made_due, super().soonest(due)]), default=None)

    async def _locked(self, statement: Select[tuple[object, ...]]) -> list[JoinWay]:
        """What is held was read before the lock, so it is read anew."""
        await self.flush()
        found = await self.connection.execute(statement)
        ways = [self._value(each) for each in found.mappings()]
        for each in ways:
            self._keep(self.key_of(each), each)
        return ways

    def _value(self, row: Row) -> JoinWay:
        way = super()._value(row)
        return replace(way, groups=tuple(map(GroupId, way.groups)))


class ContactWayStore(Shelf[ContactWay]):
    row = ContactWayRow
    value = ContactWay
    key = ("account", "code")
    locks = True

    async def next_look(self) -> datetime | None:
        return await self.first(ContactWayRow.due_at)

    async def to_look_at(self, now: datetime, limit: int) -> list[ContactWay]:
        """The longest due first; the others wait for the next beat."""
        await self.flush()
        found = await self.connection.execute(
            self._select()
            .where(ContactWayRow.due_at <= now)
            .order_by(ContactWayRow.due_at, ContactWayRow.code)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ways = [self._value(each) for each in found.mappings()]
        for each in ways:
            self._keep(self.key_of(each), each)
        return ways

    async def peek(self, account: AccountId, code: Code) -> ContactWay | None:
        """For those who only look."""
        found = await self.find(ContactWayRow.account == account, ContactWayRow.code == code)
        return found[0] if found else None


class WelcomeTemplateStore(Shelf[WelcomeTemplate]):
    row = WelcomeTemplateRow
    value = WelcomeTemplate
    key = ("account", "name")
    locks = True

    async def of(self, account: AccountId) -> list[WelcomeTemplate]:
        """Locked, by their names."""
        await self.flush()
        found = await self.connection.execute(
            self._select()
            .where(WelcomeTemplateRow.account == account)
            .order_by(WelcomeTemplateRow.name)
            .with_for_update()
        )
        kept = [self._value(each) for each in found.mappings()]
        for each in kept:
            self._keep(self.key_of(each), each)
        return kept


def _is_of(cohort: Cohort) -> list[ColumnElement[bool]]:
    return [
        JoinWayRow.city == cohort.city,
        JoinWayRow.channel == cohort.channel,
        JoinWayRow.birth_window == str(cohort.window),
    ]
