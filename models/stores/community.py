"""Accounts, groups, members, joins and staff."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Select,
    Text,
    bindparam,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models.cohort import BirthWindow, Cohort
from models.groups import Ability, Account, Group, Member, Standing
from models.growth import Neighbour
from models.ids import AccountId, GroupId, PersonId
from models.people import Role
from models.stores.bulk import among, columns, insert_rows, is_just, rows_by, upsert_rows
from models.stores.driver import Row, fetch
from models.stores.shelf import THOSE, Shelf
from models.tables import AccountRow, GroupRow, JoinRow, MemberRow, StaffRow

LONG_AGO = datetime.min.replace(tzinfo=UTC)
IS_UNTOLD = GroupRow.account.in_(
    select(AccountRow.id).where(
        func.jsonb_array_length(AccountRow.abilities) > 0,
        ~AccountRow.abilities.contains([Ability.HEARS.value]),
    )
)
"""A group whose account is not told what members say (`Account.hears`)."""
IS_MONITOR = is_just(MemberRow.role, Role.MONITOR)
PRESENT = (MemberRow.group == THOSE, MemberRow.present)
MONITORS = (MemberRow.group == THOSE, IS_MONITOR)
STAYS = (MemberRow.person == THOSE, MemberRow.present)


@dataclass(slots=True)
class Turn:
    """Whose turn a tick is: not of the groups `without`. `had` are those that had it."""

    without: frozenset[GroupId] = frozenset()
    had: set[GroupId] = field(default_factory=set)


class AccountStore(Shelf[Account]):
    row = AccountRow
    value = Account
    key = ("id",)

    def _value(self, row: Row) -> Account:
        account = super()._value(row)
        return replace(account, abilities=tuple(account.abilities))


class GroupStore(Shelf[Group]):
    """Reading a group locks it: whoever changes anything about a group holds its row, so events,
    ticks and decisions in several processes take turns."""

    row = GroupRow
    value = Group
    key = ("id",)
    locks = True

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.turn = Turn()

    async def peek(self, group: GroupId) -> Group | None:
        """Without locking it: for those who only look."""
        found = await self.find(GroupRow.id == group)
        return found[0] if found else None

    async def peek_at(self, groups: Iterable[GroupId]) -> list[Group]:
        """The same of many."""
        return await self.find(among(GroupRow.id, groups))

    async def lock_free(self, groups: Iterable[GroupId]) -> list[Group]:
        """Lock those that nobody else holds and whose turn it is; the others can wait for the next
        tick."""
        wanted = sorted(set(groups) - self.turn.without)
        found = await fetch(self.connection, _free(tuple(self._names)), {"ids": wanted})
        free = [group for group in self._hold(found) if group is not None]
        self.turn.had.update(each.id for each in free)
        return free

    async def beside(self, groups: Iterable[Group]) -> dict[GroupId, list[Neighbour]]:
        """The other groups of ours of the same cohort as each, in order; none where that is
        unknown. Only looked at: they are neither held nor locked."""
        cohorts = {
            each.id: (cohort.city, cohort.channel, str(cohort.window))
            for each in groups
            if (cohort := each.cohort) is not None
        }
        if not cohorts:
            return {}
        await self.flush()
        key = ("city", "channel", "birth_window")
        names = ("id", "name", "members", "standing", *key)
        wanted = sorted(set(cohorts.values()))
        found = await rows_by(self.connection, GroupRow, names, key, wanted)
        of_cohort: dict[tuple[str, ...], list[Neighbour]] = defaultdict(list)
        for row in sorted(found, key=lambda row: row["id"]):
            if row["standing"] == Standing.OURS:
                neighbour = Neighbour(GroupId(row["id"]), row["name"], row["members"])
                of_cohort[tuple(row[name] for name in key)].append(neighbour)
        return {
            group: [each for each in of_cohort[cohort] if each.id != group]
            for group, cohort in cohorts.items()
        }

    async def cohorts(self, after: str = "", limit: int | None = None) -> list[Cohort]:
        """Those that groups of ours belong to, in the order of their names."""
        await self.flush()
        parts = (GroupRow.city, GroupRow.channel, GroupRow.birth_window)
        name = func.concat_ws("~", *parts)
        found = await self.connection.execute(
            select(*parts, name)
            .distinct()
            .where(
                GroupRow.standing == Standing.OURS,
                *(each.is_not(None) for each in parts),
                name > after,
            )
            .order_by(name)
            .limit(limit)
        )
        return [
            Cohort(city, channel, BirthWindow.parse(window))
            for city, channel, window, _ in found
            if city and channel and window
        ]

    async def of_cohort(self, cohort: Cohort) -> list[Group]:
        """The groups of ours that belong to it, in order, without locking them: for those who
        only look."""
        await self.find(
            GroupRow.city == cohort.city,
            GroupRow.channel == cohort.channel,
            GroupRow.birth_window == str(cohort.window),
            GroupRow.standing == Standing.OURS,
        )
        found = (each for each in self.held() if each.is_ours and each.cohort == cohort)
        return sorted(found, key=lambda each: each.id)

    def has_locked(self, cohort: Cohort) -> bool:
        return (cohort, "locked") in self._found

    async def lock_cohorts(self, cohorts: Iterable[Cohort]) -> None:
        """Lock the groups of ours that belong to these, in order; once a transaction."""
        unread = [each for each in cohorts if not self.has_locked(each)]
        if not unread:
            return
        await self.flush()
        key = (GroupRow.city, GroupRow.channel, GroupRow.birth_window)
        wanted = [(each.city, each.channel, str(each.window)) for each in unread]
        found = await self.connection.scalars(
            select(GroupRow.id).where(tuple_(*key).in_(wanted), GroupRow.standing == Standing.OURS)
        )
        await self.load((each,) for each in found)
        self._found |= {(each, "locked") for each in unread}

    def held_of_cohort(self, cohort: Cohort) -> list[Group]:
        """Those of them that are ours and belong to it still, in order."""
        of_cohort = (cohort.city, cohort.channel, str(cohort.window))
        found = (
            each
            for each in self.held()
            if (each.city, each.channel, each.birth_window) == of_cohort and each.is_ours
        )
        return sorted(found, key=lambda each: each.id)

    async def cities(self) -> list[str]:
        """Those that groups of ours are in, in the order of their names."""
        await self.flush()
        found = await self.connection.scalars(
            select(GroupRow.city)
            .distinct()
            .where(GroupRow.standing == Standing.OURS, GroupRow.city.is_not(None))
            .order_by(GroupRow.city)
        )
        return [each for each in found if each]

    async def ours(self, account: AccountId) -> list[GroupId]:
        statement = select(GroupRow.id).where(
            GroupRow.account == account, GroupRow.standing == Standing.OURS
        )
        return [GroupId(each) for each in await self.connection.scalars(statement)]


@cache
def _free(names: tuple[str, ...]) -> Select[Any]:
    """Of the groups `:ids`, locked, those that nobody else holds."""
    return (
        select(*(columns(GroupRow)[name].label(name) for name in names))
        .where(GroupRow.id == func.any(bindparam("ids", type_=ARRAY(Text))))
        .order_by(GroupRow.id)
        .with_for_update(key_share=True, skip_locked=True)
    )


class MemberStore(Shelf[Member]):
    row = MemberRow
    value = Member
    key = ("group", "person")

    async def present(self, group: GroupId) -> list[Member]:
        await self.find_among("present", [group], PRESENT)
        return sorted(
            (each for each in self.held_of(group) if each.present),
            key=lambda each: each.person,
        )

    async def read_monitors(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `monitor` will ask for."""
        await self.find_among("monitor", groups, MONITORS)

    async def monitor(self, group: GroupId) -> Member | None:
        """The group's monitor; the longest known where there are several."""
        await self.read_monitors([group])
        monitors = [
            each for each in self.held_of(group) if each.role is Role.MONITOR and each.present
        ]
        return min(
            monitors, key=lambda each: (each.seen_at or LONG_AGO, each.person), default=None
        )

    async def read_stays(self, people: Iterable[PersonId]) -> None:
        """Read in one statement what `stays_of` will ask for."""
        await self.find_among("stays", people, STAYS)

    async def stays_of(self, person: PersonId) -> list[Member]:
        """Her memberships of groups she is in now, in the order of the groups."""
        await self.read_stays([person])
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

    async def read(self, groups: Iterable[GroupId], since: datetime) -> None:
        """Read in one statement what `after` will ask for."""
        times: dict[GroupId, list[datetime]] = {
            each: [] for each in groups if each not in self._read or self._read[each][0] > since
        }
        if not times:
            return
        written = await self._connection.execute(
            select(JoinRow.group, JoinRow.seen_at).where(
                among(JoinRow.group, times), JoinRow.seen_at > since
            )
        )
        new = ((group, at) for group, _, at in self._new if group in times and at > since)
        for group, at in [*written, *new]:
            times[GroupId(group)].append(at)
        self._read |= {group: (since, sorted(joined)) for group, joined in times.items()}

    async def after(self, group: GroupId, moment: datetime | None) -> list[datetime]:
        """When people joined, after `moment` or ever, in order of time."""
        since = moment or LONG_AGO
        await self.read([group], since)
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

    async def people(self) -> list[PersonId]:
        """Everyone who runs groups, in order."""
        await self.role(PersonId(""))
        found = (self._roles or {}).items()
        return sorted(each for each, role in found if role.is_staff and role is not Role.BOT)

    async def give(self, person: PersonId, role: Role) -> None:
        """`member`: she has none any more."""
        if role is Role.MEMBER:
            await self._connection.execute(delete(StaffRow).where(StaffRow.person == person))
            self._roles = None
            return
        rows = [{"person": person, "role": role}]
        await upsert_rows(self._connection, StaffRow, ["person"], rows)
        self._roles = None
