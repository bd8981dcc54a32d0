"""What proposals are for, for those who look at them. Only read here."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.groups import Standing
from models.ids import AccountId, GroupId, PersonId
from models.proposals import Means, Proposal
from models.stores.bulk import among
from models.tables import GroupRow, MemberRow, NewcomerRow, OutboxRow, OwnerPageRow

Owner = tuple[AccountId, PersonId]


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Those of a round who have not been greeted, and since when the first of them waits."""

    people: int
    since: datetime | None


class ProposedStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def groups(self, proposals: Collection[Proposal]) -> dict[str, list[GroupId]]:
        """Those of each by its key, in order: those that its messages are for, or, of a welcome
        to be applied, all that are its owner's."""
        keys = [each.key for each in proposals]
        found = await self._connection.execute(
            select(OutboxRow.proposal, OutboxRow.group)
            .where(among(OutboxRow.proposal, keys), OutboxRow.group.is_not(None))
            .distinct()
            .order_by(OutboxRow.group)
        )
        groups: dict[str, list[GroupId]] = defaultdict(list)
        for key, group in found:
            groups[str(key)].append(GroupId(str(group)))
        templates = [each for each in proposals if each.means is Means.TEMPLATE]
        owned = await self.owned({each.owner for each in templates})
        for each in templates:
            groups[each.key] = groups[each.key] or owned.get((each.account, each.owner), [])
        return groups

    async def owned(self, owners: Collection[PersonId]) -> dict[Owner, list[GroupId]]:
        """Groups of ours by whose room they are, in order."""
        if not owners:
            return {}
        found = await self._connection.execute(
            select(GroupRow.account, GroupRow.owner, GroupRow.id)
            .where(among(GroupRow.owner, owners), GroupRow.standing == Standing.OURS)
            .order_by(GroupRow.id)
        )
        owned: dict[Owner, list[GroupId]] = defaultdict(list)
        for account, owner, group in found:
            owned[AccountId(account), PersonId(str(owner))].append(GroupId(group))
        return owned

    async def newcomers(self, keys: Collection[str]) -> dict[str, Newcomers]:
        """Of rounds that wait to be pasted."""
        rounds = (
            select(OutboxRow.proposal, OutboxRow.group.label("room"), OutboxRow.round)
            .where(among(OutboxRow.proposal, keys), OutboxRow.round.is_not(None))
            .distinct()
            .subquery()
        )
        found = await self._connection.execute(
            select(rounds.c.proposal, func.count(), func.min(NewcomerRow.waiting_since))
            .join(
                NewcomerRow,
                (NewcomerRow.group == rounds.c.room) & (NewcomerRow.round == rounds.c.round),
            )
            .where(NewcomerRow.here, NewcomerRow.waiting_since.is_not(None))
            .group_by(rounds.c.proposal)
        )
        return {key: Newcomers(people, since) for key, people, since in found}

    async def names(self, people: Collection[PersonId]) -> dict[PersonId, str]:
        """What those are called who are in any of our rooms."""
        found = await self._connection.execute(
            select(MemberRow.person, func.max(MemberRow.name))
            .where(among(MemberRow.person, people), MemberRow.name != "")
            .group_by(MemberRow.person)
        )
        return {PersonId(person): name for person, name in found}

    async def tokens(self, people: Collection[PersonId]) -> dict[Owner, str]:
        """Of the pages of these owners."""
        found = await self._connection.execute(
            select(OwnerPageRow.account, OwnerPageRow.owner, OwnerPageRow.token).where(
                among(OwnerPageRow.owner, people)
            )
        )
        return {(AccountId(account), PersonId(owner)): token for account, owner, token in found}
