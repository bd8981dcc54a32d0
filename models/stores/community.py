"""Accounts, groups, members, joins and staff."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.groups import Account, Group, Member, Standing
from models.ids import AccountId, GroupId, PersonId
from models.people import Role
from models.stores.bulk import insert_rows, upsert_rows
from models.stores.shelf import Shelf
from models.tables import AccountRow, GroupRow, JoinRow, MemberRow, StaffRow

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class AccountStore(Shelf[Account]):
    row = AccountRow
    value = Account
    key = ("id",)


class GroupStore(Shelf[Group]):
    """Reading a group locks it: whoever changes anything about a group holds its row, so events,
    ticks and decisions in several processes take turns."""

    row = GroupRow
    value = Group
    key = ("id",)
    locks = True

    async def peek(self, group: GroupId) -> Group | None:
        """Without locking it: for those who only look."""
        found = await self.find(GroupRow.id == group)
        return found[0] if found else None

    async def lock_free(self, groups: Iterable[GroupId]) -> list[Group]:
        """Lock those that nobody else holds; the others can wait for the next tick."""
        statement = (
            self._select()
            .where(GroupRow.id.in_(list(groups)))
            .order_by(GroupRow.id)
            .with_for_update(key_share=True, skip_locked=True)
        )
        found = await self.connection.execute(statement)
        return [group for group in self._hold(found.mappings()) if group is not None]

    async def ours(self, account: AccountId) -> list[GroupId]:
        statement = select(GroupRow.id).where(
            GroupRow.account == account, GroupRow.standing == Standing.OURS
        )
        return [GroupId(each) for each in await self.connection.scalars(statement)]


class MemberStore(Shelf[Member]):
    row = MemberRow
    value = Member
    key = ("group", "person")

    async def present(self, group: GroupId) -> list[Member]:
        await self.find_once((group, "present"), MemberRow.group == group, MemberRow.present)
        return sorted(
            (each for each in self.held_of(group) if each.present),
            key=lambda each: each.person,
        )

    async def monitor(self, group: GroupId) -> Member | None:
        """The group's monitor; the longest known where there are several."""
        await self.find_once(
            (group, "monitor"), MemberRow.group == group, MemberRow.role == Role.MONITOR
        )
        monitors = [
            each for each in self.held_of(group) if each.role is Role.MONITOR and each.present
        ]
        return min(
            monitors, key=lambda each: (each.seen_at or LONG_AGO, each.person), default=None
        )

    async def stays_of(self, person: PersonId) -> list[Member]:
        """Her memberships of groups she is in now, in the order of the groups."""
        await self.find(MemberRow.person == person, MemberRow.present)
        found = (each for each in self.held() if each.person == person and each.present)
        return sorted(found, key=lambda each: each.group)

    async def sizes(self, after: GroupId, limit: int) -> list[tuple[GroupId, int]]:
        """How many are present in the groups that are ours, in the order of the groups."""
        await self.flush()
        found = await self.connection.execute(
            select(GroupRow.id, func.count(MemberRow.person))
            .join(MemberRow, (MemberRow.group == GroupRow.id) & MemberRow.present, isouter=True)
            .where(GroupRow.id > after, GroupRow.standing == Standing.OURS)
            .group_by(GroupRow.id)
            .order_by(GroupRow.id)
            .limit(limit)
        )
        return [(GroupId(group), size) for group, size in found]


class JoinStore:
    """The log of joins: appended to, and read by group and time."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._new: list[tuple[GroupId, PersonId, datetime]] = []
        self._read: dict[GroupId, tuple[datetime, list[datetime]]] = {}

    def add(self, group: GroupId, person: PersonId, seen_at: datetime) -> None:
        self._new.append((group, person, seen_at))
        if group in self._read and seen_at > self._read[group][0]:
            insort(self._read[group][1], seen_at)

    async def after(self, group: GroupId, moment: datetime | None) -> list[datetime]:
        """When people joined, after `moment` or ever, in order of time."""
        since = moment or LONG_AGO
        if group not in self._read or self._read[group][0] > since:
            written = await self._connection.scalars(
                select(JoinRow.seen_at).where(JoinRow.group == group, JoinRow.seen_at > since)
            )
            new = (at for of, _, at in self._new if of == group and at > since)
            self._read[group] = since, sorted([*written, *new])
        held_since, times = self._read[group]
        if held_since < since:
            times = times[bisect_right(times, since) :]
            self._read[group] = since, times
        return times

    async def flush(self) -> None:
        if self._new:
            names = ("group", "person", "seen_at")
            rows = [dict(zip(names, each, strict=True)) for each in self._new]
            await insert_rows(self._connection, JoinRow, rows)
            self._new.clear()


class StaffStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._roles: dict[PersonId, Role] | None = None

    async def role(self, person: PersonId) -> Role | None:
        """The role that a person has in every group, if any."""
        if self._roles is None:
            rows = await self._connection.execute(select(StaffRow.person, StaffRow.role))
            self._roles = {PersonId(each): Role(role) for each, role in rows}
        return self._roles.get(person)

    async def in_charge(self) -> PersonId | None:
        """Whom to tell where a group has no monitor."""
        await self.role(PersonId(""))
        leading = (Role.MONITOR, Role.ASSISTANT)
        found = [each for each, role in (self._roles or {}).items() if role in leading]
        return min(found, default=None)

    async def give(self, person: PersonId, role: Role) -> None:
        rows = [{"person": person, "role": role}]
        await upsert_rows(self._connection, StaffRow, ["person"], rows)
        self._roles = None
