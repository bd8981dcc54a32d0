"""The ledger and the balances beside it, written in the same transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from models.ids import GroupId, MessageId, PersonId
from models.points import ANSWERED, EARNED, Balance, Entry, EntryKind, PraiseDesk, booked
from models.stores.bulk import among, columns, insert_rows
from models.stores.driver import Row, fetch
from models.stores.shelf import Shelf, vars_of
from models.tables import BalanceRow, LedgerRow, PraiseDeskRow
from models.tables.base import Utc

NAMES = tuple(Entry.__dataclass_fields__)
Membership = tuple[GroupId, PersonId]
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


@dataclass(slots=True)
class Page:
    """All entries of a membership since a moment, oldest first; `upgrades` are the keys of those
    that add to what an answer had earned before."""

    since: datetime
    entries: list[Entry] = field(default_factory=list)
    upgrades: set[str] = field(default_factory=set)


class LedgerStore:
    """Everything is read with what this transaction has booked already."""

    def __init__(self, connection: AsyncConnection, balances: BalanceStore) -> None:
        self._connection = connection
        self._balances = balances
        self._new: list[Entry] = []
        self._pages: dict[Membership, Page] = {}

    # Write

    async def book(self, entry: Entry, since: datetime | None = None) -> Entry | None:
        """Write it and move the balance: the entry as it was booked; None where its key was used
        before, and nothing has changed. `since`: before that it can't have been used.

        No more is taken than is there; what is missing is recorded as the shortfall. Whoever
        books holds the group's row, so that nobody else moves the balance meanwhile.
        """
        member = (entry.group, entry.person)
        page = self._page(member, since)
        if page is None:
            was_booked = await self.has(entry.key)
        else:
            was_booked = any(each.key == entry.key for each in page.entries)
        if was_booked:
            return None
        held = await self._balances.of(*member)
        written, balance = booked(entry, held)
        self._balances.put(balance)
        self._new.append(written)
        if page is None:
            self._pages.pop(member, None)
        else:
            if entry.kind in ANSWERED and _answers(page, entry.cause):
                page.upgrades.add(entry.key)
            page.entries.append(written)
        return written

    async def flush(self) -> None:
        if self._new:
            rows = [vars_of(each, NAMES) for each in self._new]
            await insert_rows(self._connection, LedgerRow, rows)
            self._new.clear()

    # Read

    async def read(self, members: Collection[Membership], since: datetime) -> None:
        """Read in one statement what will be asked of these since then."""
        unread = sorted(each for each in set(members) if self._page(each, since) is None)
        if not unread:
            return
        await self.flush()
        groups, people = zip(*unread, strict=True)
        asked = {"groups": list(groups), "people": list(people), "since": since}
        self._pages |= {each: Page(since) for each in unread}
        for row in await fetch(self._connection, _pages(), asked):
            entry = _entry(row)
            page = self._pages[entry.group, entry.person]
            page.entries.append(entry)
            if row["adds"]:
                page.upgrades.add(entry.key)

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
        """Oldest first."""
        page = await self._read_page((group, person), moment)
        return [each for each in page.entries if each.kind in EARNED and each.at >= moment]

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
        await self.read([(group, one), (group, other)], moment)
        pages = ((self._pages[group, one], other), (self._pages[group, other], one))
        return sum(
            each.kind in ANSWERED
            and each.counterpart == counterpart
            and each.at >= moment
            and each.key not in page.upgrades
            for page, counterpart in pages
            for each in page.entries
        )

    async def of_answer(
        self, group: GroupId, person: PersonId, cause: str, since: datetime | None
    ) -> list[Entry]:
        """What an answer has earned. `since`: before that it can't have earned anything."""
        page = self._page((group, person), since)
        if page is not None:
            return _answers(page, cause)
        return await self._where(
            LedgerRow.group == group,
            LedgerRow.person == person,
            LedgerRow.cause == cause,
            LedgerRow.kind.in_(ANSWERED),
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
        asked = {"of_group": group, "number": number}
        found = await fetch(self._connection, _after(), asked)
        return [(row["id"], _entry(row)) for row in found]

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

    def _page(self, member: Membership, since: datetime | None) -> Page | None:
        """If it goes back so far."""
        page = self._pages.get(member)
        return page if page and since and page.since <= since else None

    async def _read_page(self, member: Membership, since: datetime) -> Page:
        await self.read([member], since)
        return self._pages[member]

    async def _standing(self, *where: Any) -> list[Entry]:
        await self.flush()
        reversal = aliased(LedgerRow)
        undone = select(reversal.id).where(reversal.reverses == LedgerRow.key).exists()
        return await self._where(*where, LedgerRow.kind.in_(EARNED), ~undone)

    async def _where(self, *where: Any, limit: int | None = None, skip: int = 0) -> list[Entry]:
        await self.flush()
        newest_first = _entries().where(*where).order_by(LedgerRow.id.desc())
        found = await self._connection.execute(newest_first.limit(limit).offset(skip))
        return [_entry(row) for row in found.mappings()]

    async def _sum(self, *where: Any) -> int:
        await self.flush()
        total = await self._connection.scalar(
            select(func.coalesce(func.sum(LedgerRow.points), 0)).where(*where)
        )
        return int(total or 0)


@cache
def _pages() -> Select[Any]:
    """The entries of `:people` in `:groups` since `:since`, and which of them are upgrades."""
    pairs = (bindparam(name, type_=ARRAY(Text)) for name in ("groups", "people"))
    given = func.unnest(*pairs).table_valued("group", "person", name="wanted")
    wanted = given.render_derived()
    since: BindParameter[datetime] = bindparam("since", type_=Utc())
    adds = and_(LedgerRow.kind == EntryKind.ACCEPTED, _is_upgrade())
    return (
        _entries()
        .add_columns(adds.label("adds"))
        .where(
            LedgerRow.group == wanted.c.group,
            LedgerRow.person == wanted.c.person,
            LedgerRow.at >= since,
        )
        .order_by(LedgerRow.id)
    )


@cache
def _after() -> Select[Any]:
    of_group: BindParameter[str] = bindparam("of_group", type_=Text)
    later = LedgerRow.id > bindparam("number", type_=BigInteger)
    return _entries().where(LedgerRow.group == of_group, later).order_by(LedgerRow.id)


def _answers(page: Page, cause: str | None) -> list[Entry]:
    return [each for each in page.entries if each.kind in ANSWERED and each.cause == cause]


def _is_upgrade() -> ColumnElement[bool]:
    """Whether the same answer had earned something before."""
    first = aliased(LedgerRow)
    return (
        select(first.id)
        .where(
            first.group == LedgerRow.group,
            first.person == LedgerRow.person,
            first.cause == LedgerRow.cause,
            among(first.kind, ANSWERED),
            first.id < LedgerRow.id,
        )
        .exists()
    )


def _entries() -> Select[Any]:
    named = columns(LedgerRow)
    return select(LedgerRow.id, *(named[name].label(name) for name in NAMES))


def _entry(row: Row) -> Entry:
    given = {name: row[name] for name in NAMES}
    return Entry(**given | {"kind": EntryKind(given["kind"])})
