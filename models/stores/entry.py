"""Entry codes, who scanned them, and the places that are kept for them."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ARRAY, Integer, Text, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.cohort import BirthWindow, Cohort
from models.entry import EntryCode, Visitor
from models.groups import Standing
from models.ids import Code, GroupId, PersonId, VisitorId
from models.locks import TICKETS
from models.stores.bulk import among, insert_rows
from models.stores.shelf import THOSE, Key, Shelf, vars_of
from models.tables import EntryCodeRow, GroupRow, VisitorRow

IS_AWAITED = and_(
    VisitorRow.group.is_not(None),
    or_(VisitorRow.joined_at.is_(None), VisitorRow.left_at.is_not(None)),
)
OF_PEOPLE = (VisitorRow.person == THOSE,)
AWAITED = (VisitorRow.group == THOSE, IS_AWAITED)


class CodeExists(ValueError):
    """There is such a code already, or one of this member for this channel."""


class EntryCodeStore(Shelf[EntryCode]):
    row = EntryCodeRow
    value = EntryCode
    key = ("code",)

    async def lock(self, code: Code) -> EntryCode | None:
        """As it is now, and as nobody else can change it until this transaction ends."""
        await self.flush()
        locked = self._select().where(EntryCodeRow.code == code).with_for_update()
        for each in (await self.connection.execute(locked)).mappings():
            self._keep((code,), self._value(each))
        return await self.get(code)

    async def add(self, code: EntryCode) -> None:
        """A new one; raises CodeExists, also where somebody adds the same at this moment."""
        added = await self.connection.execute(
            insert(EntryCodeRow).values(vars_of(code, self._names)).on_conflict_do_nothing()
        )
        if not added.rowcount:
            raise CodeExists(code.code)
        self._keep(self.key_of(code), code)


class Seats:
    """Since when places are kept in the groups that were asked about, and whose they are."""

    def __init__(self) -> None:
        self._given: dict[GroupId, list[datetime]] = {}
        self._of: dict[VisitorId, tuple[GroupId, datetime]] = {}

    def knows(self, group: GroupId) -> bool:
        return group in self._given

    def open(self, group: GroupId) -> None:
        self._given[group] = []

    def take(self, group: GroupId, visitor: VisitorId, at: datetime) -> None:
        insort(self._given[group], at)
        self._of[visitor] = group, at

    def move(self, visitor: Visitor) -> None:
        """She has the place that she has now, and no other."""
        if visitor.id in self._of:
            group, at = self._of.pop(visitor.id)
            given = self._given[group]
            del given[bisect_left(given, at)]
        if visitor.group in self._given and visitor.is_awaited and visitor.placed_at is not None:
            self.take(visitor.group, visitor.id, visitor.placed_at)

    def count(self, group: GroupId, since: datetime, without: VisitorId) -> int:
        """How many were given after `since`, to others."""
        given = self._given[group]
        hers = self._of.get(without)
        is_hers = hers is not None and hers[0] == group and hers[1] > since
        return len(given) - bisect_right(given, since) - is_hers


class VisitorStore(Shelf[Visitor]):
    """Reading a visitor by her id locks her: a browser's requests take turns, in several
    processes. What finds her by something else only looks; `lock` before she is changed."""

    row = VisitorRow
    value = Visitor
    key = ("id",)
    locks = True

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._seats = Seats()
        self._of_group: defaultdict[GroupId, set[VisitorId]] = defaultdict(set)
        self._of_person: defaultdict[PersonId, set[VisitorId]] = defaultdict(set)
        self._tickets: dict[str, bool] = {}

    async def lock(self, visitor: VisitorId) -> Visitor | None:
        """As she is now, and as nobody else can change her until this transaction ends."""
        if (visitor,) not in self._changed:
            self._held.pop((visitor,), None)
        return await self.get(visitor)

    async def meet(self, visitors: Iterable[Visitor]) -> None:
        """Those who are not there yet are from now on; who is, stays as she is. Of one who came
        twice the first time counts."""
        given: dict[VisitorId, Visitor] = {}
        for each in visitors:
            given.setdefault(each.id, each)
        await self.load((each,) for each in given)
        new = [given[each] for each in sorted(given) if self._held[(each,)] is None]
        if not new:
            return
        # Somebody else may have met them at this moment: then it is theirs that counts.
        rows = [vars_of(each, self._names) for each in new]
        await insert_rows(self.connection, VisitorRow, rows, unless=self.key)
        for each in new:
            del self._held[(each.id,)]
        await self.load((each.id,) for each in new)

    async def cohorts_of(self, visitors: Iterable[VisitorId]) -> set[Cohort]:
        """Only looked at: nobody is held or locked that was not before."""
        wanted = set(visitors)
        if not wanted:
            return set()
        held = (self._held.get((each,)) for each in wanted)
        cohorts = {each.cohort for each in held if each is not None and each.cohort is not None}
        unread = wanted - {key for (key,) in self._held}
        if not unread:
            return cohorts
        found = await self.connection.execute(
            select(VisitorRow.city, VisitorRow.channel, VisitorRow.birth_window).where(
                among(VisitorRow.id, unread), VisitorRow.birth_window.is_not(None)
            )
        )
        return cohorts | {
            Cohort(city, channel, BirthWindow.parse(window))
            for city, channel, window in found
            if city and channel and window
        }

    # Places in groups

    async def read_seats(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `seats` will ask for; these groups are locked."""
        unread = sorted(each for each in groups if not self._seats.knows(each))
        if not unread:
            return
        await self.flush()
        found = await self.connection.execute(
            select(VisitorRow.group, VisitorRow.id, VisitorRow.placed_at).where(
                among(VisitorRow.group, unread), IS_AWAITED, VisitorRow.placed_at.is_not(None)
            )
        )
        for group in unread:
            self._seats.open(group)
        for of_group, visitor, at in found:
            if of_group and at:
                self._seats.take(GroupId(of_group), VisitorId(visitor), at)

    async def seats(self, group: GroupId, since: datetime, without: VisitorId) -> int:
        """How many places were given after `since` to those who have not joined yet, apart from
        one visitor."""
        await self.read_seats([group])
        return self._seats.count(group, since, without)

    async def waiting(self, cohort: Cohort, limit: int) -> list[VisitorId]:
        """Those who wait for a group, the longest waiting first, without holding them."""
        await self.flush()
        found = await self.connection.scalars(
            select(VisitorRow.id)
            .where(
                VisitorRow.city == cohort.city,
                VisitorRow.channel == cohort.channel,
                VisitorRow.birth_window == str(cohort.window),
                VisitorRow.waiting_since.is_not(None),
            )
            .order_by(VisitorRow.waiting_since, VisitorRow.answered_at, VisitorRow.id)
            .limit(limit)
        )
        return [VisitorId(each) for each in found]

    async def count_waiting(self, cohort: Cohort) -> int:
        """How many have no place yet because no group of the cohort has one."""
        await self.flush()
        found = await self.connection.scalar(
            select(func.count()).where(
                VisitorRow.city == cohort.city,
                VisitorRow.channel == cohort.channel,
                VisitorRow.birth_window == str(cohort.window),
                VisitorRow.waiting_since.is_not(None),
                VisitorRow.group.is_(None),
                VisitorRow.joined_at.is_(None),
            )
        )
        return found or 0

    async def cohorts_waiting(self, now: datetime, limit: int) -> list[Cohort]:
        """Those that somebody waits for and that have a group of ours; others at each moment,
        where there are more, so that none keeps the rest from having their turn."""
        await self.flush()
        parts = (VisitorRow.city, VisitorRow.channel, VisitorRow.birth_window)
        has_group = exists().where(
            GroupRow.city == VisitorRow.city,
            GroupRow.channel == VisitorRow.channel,
            GroupRow.birth_window == VisitorRow.birth_window,
            GroupRow.standing == Standing.OURS,
        )
        turn = func.md5(func.concat_ws("~", *parts, now.isoformat()))
        found = await self.connection.execute(
            select(*parts)
            .where(VisitorRow.waiting_since.is_not(None), has_group)
            .group_by(*parts)
            .order_by(turn)
            .limit(limit)
        )
        return [
            Cohort(city, channel, BirthWindow.parse(window))
            for city, channel, window in found
            if city and channel and window
        ]

    # Who she is in the chat

    async def read_people(self, people: Iterable[PersonId]) -> None:
        """Read in one statement what `of_person` will ask for."""
        await self.find_among("person", people, OF_PEOPLE)

    async def of_person(self, person: PersonId) -> list[Visitor]:
        """Whoever is known to be this person, in the order in which they answered."""
        await self.read_people([person])
        found = (self._held.get((each,)) for each in self._of_person[person])
        hers = [each for each in found if each is not None and each.person == person]
        return sorted(hers, key=lambda each: (each.answered_at or each.scanned_at, each.id))

    async def read_awaited(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `awaited_in` will ask for."""
        await self.find_among("awaited", groups, AWAITED)

    async def awaited_in(self, group: GroupId) -> list[Visitor]:
        """Those who were given a place in the group and have not taken it, kept or not."""
        await self.read_awaited([group])
        found = (self._held.get((each,)) for each in sorted(self._of_group[group]))
        return [
            each for each in found if each is not None and each.group == group and each.is_awaited
        ]

    async def coming_by(self, code: Code, cohort: Cohort, limit: int) -> list[Visitor]:
        """Those who answered by the code, belong to the cohort, and are in no group: they have a
        place in one of it, or wait for one."""
        await self.flush()
        found = await self.find(
            VisitorRow.code == code,
            VisitorRow.city == cohort.city,
            VisitorRow.channel == cohort.channel,
            VisitorRow.birth_window == str(cohort.window),
            or_(VisitorRow.waiting_since.is_not(None), IS_AWAITED),
            limit=limit,
        )
        coming = (each for each in found if each.is_awaited or each.waiting_since is not None)
        return sorted(coming, key=lambda each: each.id)

    async def holder_of(self, ticket: str) -> VisitorId | None:
        """Whose it is, live or not; she is neither held nor locked."""
        await self.flush()
        found = await self.connection.scalar(
            select(VisitorRow.id).where(VisitorRow.ticket == ticket)
        )
        return VisitorId(found) if found is not None else None

    async def with_ticket(self, ticket: str) -> Visitor | None:
        """Whose it is, live or not; locked."""
        found = await self.holder_of(ticket)
        visitor = await self.lock(found) if found is not None else None
        return visitor if visitor is not None and visitor.ticket == ticket else None

    # Tickets

    async def try_tickets(self, tickets: Iterable[str]) -> None:
        """Learn which of these are nobody's, and keep others from giving them out meanwhile.

        Nobody waits: one that somebody else is just giving out counts as taken.
        """
        untried = sorted({each for each in tickets if each not in self._tickets})
        if not untried:
            return
        await self.flush()
        given = func.unnest(cast(untried, ARRAY(Text))).column_valued("ticket")
        ours = func.pg_try_advisory_xact_lock(TICKETS, cast(given, Integer))
        locked = set(await self.connection.scalars(select(given).where(ours)))
        # Afterwards, so that it sees what the last holder of the lock committed.
        taken = set(
            await self.connection.scalars(
                select(VisitorRow.ticket).where(among(VisitorRow.ticket, locked))
            )
        )
        self._tickets |= {each: each in locked - taken for each in untried}

    async def free_ticket(self, candidates: Iterable[str]) -> str | None:
        """The first that is nobody's; it is not offered again."""
        for each in candidates:
            await self.try_tickets([each])
            if self._tickets[each]:
                self._tickets[each] = False
                return each
        return None

    # Forgetting

    async def to_forget(self, before: datetime, limit: int) -> list[VisitorId]:
        """Of whom more is known than figures need, and who answered before then and never joined,
        or left before then."""
        is_not_in = or_(VisitorRow.joined_at.is_(None), VisitorRow.left_at <= before)
        found = await self.connection.scalars(
            select(VisitorRow.id)
            .where(VisitorRow.day.is_not(None), VisitorRow.answered_at <= before, is_not_in)
            .order_by(VisitorRow.id)
            .limit(limit)
        )
        return [VisitorId(each) for each in found]

    async def with_lapsed_tickets(self, now: datetime, limit: int) -> list[VisitorId]:
        found = await self.connection.scalars(
            select(VisitorRow.id)
            .where(VisitorRow.ticket.is_not(None), VisitorRow.ticket_until <= now)
            .order_by(VisitorRow.ticket_until, VisitorRow.id)
            .limit(limit)
        )
        return [VisitorId(each) for each in found]

    # How

    def _keep(self, key: Key, value: Visitor) -> None:
        super()._keep(key, value)
        self._seats.move(value)
        if value.group is not None:
            self._of_group[value.group].add(value.id)
        if value.person is not None:
            self._of_person[value.person].add(value.id)
