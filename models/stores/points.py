"""The ledger and the balances beside it, written in the same transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from models.ids import GroupId, MessageId, PersonId
from models.points import ANSWERED, EARNED, Balance, Entry, EntryKind, PraiseDesk, booked
from models.stores.bulk import among, columns, insert_rows
from models.stores.shelf import Shelf, vars_of
from models.tables import BalanceRow, LedgerRow, PraiseDeskRow

NAMES = tuple(Entry.__dataclass_fields__)
RANKED = (*EARNED, EntryKind.REFERRAL, EntryKind.CLAWBACK, EntryKind.DEDUCTION)
"""What a month's ranking adds up."""


class BalanceStore(Shelf[Balance]):
    row = BalanceRow
    value = Balance
    key = ("group", "person")

    async def of(self, group: GroupId, person: PersonId) -> Balance:
        return await self.get(group, person) or Balance(group=group, person=person)


class PraiseDeskStore(Shelf[PraiseDesk]):
    row = PraiseDeskRow
    value = PraiseDesk
    key = ("group",)

    async def open(self, group: GroupId) -> PraiseDesk:
        return await self.get(group) or PraiseDesk(group=group)

    async def next_due(self) -> datetime | None:
        return await self.first(PraiseDeskRow.due_at)

    async def due(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(PraiseDeskRow.due_at, now, limit)


@dataclass(frozen=True, slots=True)
class Rank:
    person: PersonId
    points: int


class LedgerStore:
    """Everything is read with what this transaction has booked already."""

    def __init__(self, connection: AsyncConnection, balances: BalanceStore) -> None:
        self._connection = connection
        self._balances = balances
        self._new: list[Entry] = []

    # Write

    async def book(self, entry: Entry) -> Entry | None:
        """Write it and move the balance: the entry as it was booked; None where its key was used
        before, and nothing has changed.

        No more is taken than is there; what is missing is recorded as the shortfall. Whoever
        books holds the group's row, so that nobody else moves the balance meanwhile.
        """
        if await self.has(entry.key):
            return None
        held = await self._balances.of(entry.group, entry.person)
        written, balance = booked(entry, held)
        self._balances.put(balance)
        self._new.append(written)
        return written

    async def flush(self) -> None:
        if self._new:
            rows = [vars_of(each, NAMES) for each in self._new]
            await insert_rows(self._connection, LedgerRow, rows)
            self._new.clear()

    # Read

    async def has(self, key: str) -> bool:
        return any(await self._where(LedgerRow.key == key, limit=1))

    async def last(
        self, group: GroupId, person: PersonId, limit: int, skip: int = 0
    ) -> list[Entry]:
        """Her newest entries, newest first, without the first `skip`."""
        return await self._where(
            LedgerRow.group == group, LedgerRow.person == person, limit=limit, skip=skip
        )

    async def earned_since(
        self, group: GroupId, person: PersonId, moment: datetime
    ) -> list[Entry]:
        """Newest first."""
        return await self._where(
            LedgerRow.group == group,
            LedgerRow.person == person,
            LedgerRow.at >= moment,
            LedgerRow.kind.in_(EARNED),
        )

    async def by_keys(self, keys: Iterable[str]) -> dict[str, Entry]:
        found = await self._where(among(LedgerRow.key, keys))
        return {each.key: each for each in found}

    async def for_referrals(
        self, groups: Collection[GroupId], person: PersonId, moment: datetime
    ) -> int:
        """How many points she got in these groups since then for whom she brought, also if they
        were taken back."""
        return await self._sum(
            among(LedgerRow.group, groups),
            LedgerRow.person == person,
            LedgerRow.kind == EntryKind.REFERRAL,
            LedgerRow.at >= moment,
        )

    async def bonuses_by(self, group: GroupId, by: PersonId, moment: datetime) -> int:
        """How many points this person has given to the group's members since then."""
        return await self._sum(
            LedgerRow.group == group,
            LedgerRow.at >= moment,
            LedgerRow.kind == EntryKind.BONUS,
            LedgerRow.by == by,
        )

    async def answers_between(
        self, group: GroupId, one: PersonId, other: PersonId, moment: datetime
    ) -> int:
        """How many answers of one of them to the other earned something since then; what was
        given before and is accepted now is not another one."""
        first = aliased(LedgerRow)
        is_upgrade = (
            select(first.id)
            .where(
                first.group == LedgerRow.group,
                first.person == LedgerRow.person,
                first.cause == LedgerRow.cause,
                first.kind.in_(ANSWERED),
                first.id < LedgerRow.id,
            )
            .exists()
        )
        found = await self._where(
            LedgerRow.group == group,
            LedgerRow.at >= moment,
            LedgerRow.kind.in_(ANSWERED),
            or_(
                (LedgerRow.person == one) & (LedgerRow.counterpart == other),
                (LedgerRow.person == other) & (LedgerRow.counterpart == one),
            ),
            ~is_upgrade,
        )
        return len(found)

    async def of_cause(self, group: GroupId, person: PersonId, cause: str) -> list[Entry]:
        return await self._where(
            LedgerRow.group == group, LedgerRow.person == person, LedgerRow.cause == cause
        )

    async def of_message(
        self, group: GroupId, message: MessageId, moment: datetime
    ) -> list[Entry]:
        """What was earned with this message since then and not taken back, newest first."""
        return await self._standing(
            LedgerRow.group == group, LedgerRow.message == message, LedgerRow.at >= moment
        )

    async def standing_since(
        self, group: GroupId, person: PersonId, moment: datetime
    ) -> list[Entry]:
        """What she has earned since then and what was not taken back, newest first."""
        return await self._standing(
            LedgerRow.group == group, LedgerRow.person == person, LedgerRow.at >= moment
        )

    async def ranking(self, group: GroupId, moment: datetime) -> list[Rank]:
        """Who earned how much in a group since then, most first; what was taken back is not
        counted."""
        await self.flush()
        points = func.sum(LedgerRow.points - LedgerRow.shortfall)
        found = await self._connection.execute(
            select(LedgerRow.person, points)
            .where(
                LedgerRow.group == group,
                LedgerRow.at >= moment,
                LedgerRow.kind.in_(RANKED),
            )
            .group_by(LedgerRow.person)
            .having(points > 0)
            .order_by(points.desc(), LedgerRow.person)
        )
        return [Rank(PersonId(person), int(total)) for person, total in found]

    async def after(self, group: GroupId, number: int) -> list[tuple[int, Entry]]:
        """The entries of a group after this one, in order, each with its number."""
        await self.flush()
        found = await self._connection.execute(
            _entries()
            .where(LedgerRow.group == group, LedgerRow.id > number)
            .order_by(LedgerRow.id)
        )
        return [(row.id, _entry(row)) for row in found]

    async def differing(self, limit: int) -> list[tuple[GroupId, PersonId, int, int]]:
        """Memberships whose balance is not the sum of their entries: group, person, balance,
        sum."""
        await self._balances.flush()
        await self.flush()
        sums = (
            select(LedgerRow.group, LedgerRow.person, func.sum(LedgerRow.points).label("total"))
            .group_by(LedgerRow.group, LedgerRow.person)
            .subquery()
        )
        group = func.coalesce(BalanceRow.group, sums.c.group)
        person = func.coalesce(BalanceRow.person, sums.c.person)
        balance = func.coalesce(BalanceRow.points, 0)
        total = func.coalesce(sums.c.total, 0)
        both = (BalanceRow.group == sums.c.group) & (BalanceRow.person == sums.c.person)
        found = await self._connection.execute(
            select(group, person, balance, total)
            .select_from(BalanceRow)
            .join(sums, both, full=True)
            .where(balance != total)
            .order_by(group, person)
            .limit(limit)
        )
        return [(GroupId(g), PersonId(p), int(b), int(t)) for g, p, b, t in found]

    async def _standing(self, *where: Any) -> list[Entry]:
        await self.flush()
        reversal = aliased(LedgerRow)
        undone = select(reversal.id).where(reversal.reverses == LedgerRow.key).exists()
        return await self._where(*where, LedgerRow.kind.in_(EARNED), ~undone)

    async def _where(self, *where: Any, limit: int | None = None, skip: int = 0) -> list[Entry]:
        await self.flush()
        newest_first = _entries().where(*where).order_by(LedgerRow.id.desc())
        found = await self._connection.execute(newest_first.limit(limit).offset(skip))
        return [_entry(row) for row in found]

    async def _sum(self, *where: Any) -> int:
        await self.flush()
        total = await self._connection.scalar(
            select(func.coalesce(func.sum(LedgerRow.points), 0)).where(*where)
        )
        return int(total or 0)


def _entries() -> Select[Any]:
    named = columns(LedgerRow)
    return select(LedgerRow.id, *(named[name].label(name) for name in NAMES))


def _entry(row: Row[Any]) -> Entry:
    given = dict(row._mapping)
    del given["id"]
    return Entry(**given | {"kind": EntryKind(given["kind"])})
