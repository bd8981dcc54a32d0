"""How one gets into groups, and to be a friend of accounts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, or_, select

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
from models.ways import AccountCard, Way


class WayStore(Shelf[Way]):
    """Whoever changes a group's way holds the lock on the group."""

    row = WayRow
    value = Way
    key = ("group",)

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

    async def groups_of(self, channel: str) -> list[GroupId]:
        """Of ours, in order."""
        statement = (
            select(GroupRow.id)
            .where(GroupRow.channel == channel, GroupRow.standing == Standing.OURS)
            .order_by(GroupRow.id)
        )
        return [GroupId(each) for each in await self.connection.scalars(statement)]

    async def lacking(self, account: AccountId, now: datetime) -> list[GroupId]:
        """The account's groups whose way is looked at later, and which have none that is worth
        anything now; in order."""
        await self.flush()
        is_nothing = WayRow.content.is_(None) & WayRow.image.is_(None)
        statement = (
            select(WayRow.group)
            .join(GroupRow, GroupRow.id == WayRow.group)
            .where(
                GroupRow.account == account,
                WayRow.due_at > now,
                or_(is_nothing, WayRow.valid_until <= now),
            )
            .order_by(WayRow.group)
        )
        return [GroupId(each) for each in await self.connection.scalars(statement)]


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
