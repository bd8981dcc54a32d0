"""How one gets into groups, and to be a friend of accounts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.groups import Ability, Standing
from models.ids import AccountId, GroupId, PersonId
from models.stores.bulk import among
from models.stores.shelf import Shelf
from models.tables import (
    AccountCardRow,
    AccountRow,
    EntryCodeRow,
    GroupRow,
    MemberRow,
    WayRow,
)
from models.tables.base import Utc
from models.ways import AccountCard, Way, WayKind

IS_OURS = GroupRow.standing == literal(Standing.OURS.value, literal_execute=True)
"""Written into the statement, so that the planner can match the partial index."""


class WayStore(Shelf[Way]):
    """Whoever changes a group's way holds the lock on the group."""

    row = WayRow
    value = Way
    key = ("group",)

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._made_due: datetime | None = None

    @property
    def has_changed(self) -> bool:
        return super().has_changed or self._made_due is not None

    async def flush(self) -> None:
        await super().flush()
        self._made_due = None

    async def next_look(self) -> datetime | None:
        return await self.first(WayRow.due_at)

    async def to_look_at(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(WayRow.due_at, now, limit)

    async def open_channels(self, channels: Iterable[str]) -> set[str]:
        """Those of these to whose groups an entry code leads."""
        statement = select(EntryCodeRow.channel).where(
            among(EntryCodeRow.channel, set(channels)), EntryCodeRow.closed_at.is_(None)
        )
        return set(await self.connection.scalars(statement.distinct()))

    async def look_at_channel(self, channel: str, now: datetime) -> None:
        """All groups of ours of the channel, soon; however many there are, none is held."""
        await self.flush()
        ours = (
            select(GroupRow.id, literal(WayKind.ROOM_QR.value), literal(now, Utc()), literal(""))
            .add_columns(literal(now, Utc()))
            .where(GroupRow.channel == channel, IS_OURS)
            .order_by(GroupRow.id)
        )
        columns = [WayRow.group, WayRow.kind, WayRow.got_at, WayRow.by, WayRow.due_at]
        await self.connection.execute(
            insert(WayRow)
            .from_select(columns, ours)
            .on_conflict_do_update(index_elements=[WayRow.group], set_={"due_at": now})
        )
        self._forget(now)

    async def look_at_lacking(self, account: AccountId, now: datetime) -> None:
        """The account's groups whose way is looked at later, and which have none that is worth
        anything now, soon."""
        await self.flush()
        is_nothing = WayRow.content.is_(None) & WayRow.image.is_(None)
        await self.connection.execute(
            update(WayRow)
            .where(
                WayRow.group.in_(select(GroupRow.id).where(GroupRow.account == account)),
                WayRow.due_at > now,
                or_(is_nothing, WayRow.valid_until <= now),
            )
            .values(due_at=now)
        )
        self._forget(now)

    def soonest(self, due: str) -> datetime | None:
        return min(filter(None, [self._made_due, super().soonest(due)]), default=None)

    def _forget(self, now: datetime) -> None:
        """What was read before rows were changed past it."""
        self._made_due = now
        self._held.clear()
        self._by_first.clear()
        self._found.clear()
        self._first.clear()


class AccountCardStore(Shelf[AccountCard]):
    row = AccountCardRow
    value = AccountCard
    key = ("account",)

    async def wanted(self, before: datetime) -> list[AccountId]:
        """The accounts that are up and accept friends, and whose card is missing or was got before
        then; none as long as no entry code leads anywhere."""
        await self.flush()
        statement = (
            select(AccountRow.id)
            .join(AccountCardRow, AccountCardRow.account == AccountRow.id, isouter=True)
            .where(
                AccountRow.up_at.is_not(None),
                AccountRow.down_why.is_(None),
                AccountRow.abilities.contains([Ability.ACCEPTS_FRIENDS.value]),
                or_(AccountCardRow.got_at.is_(None), AccountCardRow.got_at < before),
                exists().where(EntryCodeRow.closed_at.is_(None)),
            )
            .order_by(AccountRow.id)
        )
        return [AccountId(each) for each in await self.connection.scalars(statement)]

    async def name_of(self, person: PersonId) -> str:
        """What an account's person is called in the groups it is in; "" where nobody knows."""
        found = await self.connection.scalar(
            select(MemberRow.name)
            .where(MemberRow.person == person, MemberRow.name != "")
            .order_by(MemberRow.present.desc(), MemberRow.group)
            .limit(1)
        )
        return found or ""
