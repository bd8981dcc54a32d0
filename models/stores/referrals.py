"""Who brought whom."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, func, literal, or_, select, text, union, values
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text

from models.entry import EntryCode
from models.groups import Standing
from models.ids import Code, GroupId, PersonId, VisitorId
from models.locks import REFERRALS_JUDGED
from models.referrals import Alike, Referral
from models.stores.bulk import among
from models.stores.shelf import Shelf, vars_of
from models.tables import (
    EntryCodeRow,
    GroupRow,
    MemberRow,
    PastStayRow,
    ReferralRow,
    VisitorRow,
)

CLOCKS_APART = timedelta(seconds=2)
"""The platform's times are in whole seconds, and its clock is not quite ours."""


class ReferralStore(Shelf[Referral]):
    """Whoever writes one holds the group's row."""

    row = ReferralRow
    value = Referral
    key = ("group", "person")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._beginnings: dict[PersonId, datetime] = {}

    # Who is new

    async def read_beginnings(self, people: Iterable[PersonId]) -> None:
        """Read in one statement what `was_here` will ask for."""
        unread = sorted(each for each in set(people) if (each, "began") not in self._found)
        if not unread:
            return
        self._found |= {(each, "began") for each in unread}
        found = await self.connection.execute(
            union(
                *(
                    select(
                        row.person,
                        func.least(row.seen_at, row.joined_at, row.gone_at, row.left_at),
                    ).where(among(row.person, unread))
                    for row in (MemberRow, PastStayRow)
                )
            )
        )
        for person, began in found:
            if began is not None:
                self.note_beginning(PersonId(person), began)

    def note_beginning(self, person: PersonId, began: datetime) -> None:
        """Of a stay in whichever group, that may not be written yet."""
        self._beginnings[person] = min(began, self._beginnings.get(person, began))

    async def was_here(self, person: PersonId, before: datetime) -> bool:
        """Whether she was in any group of ours before the stay that began then."""
        await self.read_beginnings([person])
        first = self._beginnings.get(person)
        return first is not None and first < before - CLOCKS_APART

    # Judging

    async def take_turns(self) -> None:
        """Nobody else judges until this transaction ends: what one person gets in a month is
        limited over all her groups. To be asked for before any group is locked."""
        lock = text(f"SELECT pg_advisory_xact_lock({REFERRALS_JUDGED})")
        await self.connection.execute(lock)

    async def next_due(self) -> datetime | None:
        return await self.first(ReferralRow.due_at)

    async def peek_due(self, now: datetime, limit: int) -> list[Referral]:
        """As they are, and not held: they may change until their groups are locked."""
        found = await self.connection.execute(
            self._select()
            .where(ReferralRow.due_at <= now)
            .order_by(ReferralRow.due_at, ReferralRow.group, ReferralRow.person)
            .limit(limit)
        )
        return [self._value(row) for row in found.mappings()]

    async def home(
        self, person: PersonId, preferred: GroupId | None, channel: str | None = None
    ) -> GroupId | None:
        """The group of ours in which she gets points: this one if she is there, or another of the
        channel, which is that of the group where none is given."""
        own = select(GroupRow.channel).where(GroupRow.id == preferred).scalar_subquery()
        found = await self.connection.scalar(
            select(MemberRow.group)
            .join(GroupRow, GroupRow.id == MemberRow.group)
            .where(
                MemberRow.person == person,
                MemberRow.present,
                GroupRow.standing == Standing.OURS,
                or_(MemberRow.group == preferred, GroupRow.channel == (channel or own)),
            )
            .order_by(func.coalesce(MemberRow.group == preferred, False).desc(), MemberRow.group)
            .limit(1)
        )
        return GroupId(found) if found is not None else None

    async def beside(self, referral: Referral) -> list[Referral]:
        """Others of the same person or browser, and those of who brought her."""
        await self.flush()
        people = {referral.person, referral.referrer} - {None}
        of_either = [among(ReferralRow.person, sorted(filter(None, people)))]
        if referral.visitor is not None:
            of_either.append(ReferralRow.visitor == referral.visitor)
        found = await self.find(or_(*of_either))
        return [each for each in found if self.key_of(each) != self.key_of(referral)]

    async def above(self, person: PersonId) -> set[PersonId]:
        """Who brought her, who brought those, and so on, by link or by invitation."""
        await self.flush()
        up = select(literal(person, Text).collate("C").label("person")).cte("up", recursive=True)
        by = values(named("by", Text), name="brought").data(
            [(ReferralRow.by_link,), (ReferralRow.by_platform,)]
        )
        brought = by.lateral()
        up = up.union(
            select(brought.c.by)
            .select_from(up)
            .join(ReferralRow, ReferralRow.person == up.c.person)
            .join(brought, brought.c.by.is_not(None))
        )
        found = await self.connection.scalars(select(up.c.person))
        return {PersonId(each) for each in found} - {person}

    async def alike(self, visitor: VisitorId) -> tuple[str, list[Alike]]:
        """What she is called, and others who told the same city and day."""
        await self.flush()
        other = aliased(VisitorRow)
        credited = (
            select(ReferralRow.person)
            .where(ReferralRow.visitor == other.id, ReferralRow.credited.is_not(None))
            .exists()
        )
        same = and_(
            other.day == VisitorRow.day, other.city == VisitorRow.city, other.id != VisitorRow.id
        )
        found = await self.connection.execute(
            select(VisitorRow.name, other.id, other.person, other.name, credited)
            .join(other, same, isouter=True)
            .where(VisitorRow.id == visitor, VisitorRow.day.is_not(None))
        )
        rows = found.all()
        others = [
            Alike(PersonId(person) if person else None, name, was_credited)
            for _, id_, person, name, was_credited in rows
            if id_ is not None
        ]
        return (rows[0][0] if rows else ""), others

    async def homes(self, person: PersonId) -> list[GroupId]:
        """Where she ever got points for somebody."""
        await self.flush()
        found = await self.connection.scalars(
            select(ReferralRow.credited_in).distinct().where(ReferralRow.credited == person)
        )
        return sorted(GroupId(each) for each in found if each is not None)

    # Her own link

    async def own_code(self, code: EntryCode) -> Code:
        """The one that the member has for the channel: this, unless there is one, also where
        another process makes one at this moment."""
        assert code.member is not None
        given = vars_of(code, EntryCode.__dataclass_fields__)
        await self.connection.execute(
            insert(EntryCodeRow)
            .values(given)
            .on_conflict_do_nothing(
                index_elements=[EntryCodeRow.member, EntryCodeRow.channel],
                index_where=EntryCodeRow.member.is_not(None),
            )
        )
        found = await self.connection.scalar(
            select(EntryCodeRow.code).where(
                EntryCodeRow.member == code.member, EntryCodeRow.channel == code.channel
            )
        )
        return Code(found or code.code)

    # Looking

    async def brought_by(self, people: Collection[PersonId]) -> list[Referral]:
        """Whom these brought, by link or by invitation, in the order in which they joined."""
        await self.flush()
        found = await self.find(
            or_(among(ReferralRow.by_link, people), among(ReferralRow.by_platform, people))
        )
        return sorted(found, key=lambda each: (each.joined_at, each.group, each.person))
