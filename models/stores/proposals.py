"""What people are asked to say, or to let be said."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from models.delivery import State
from models.ids import AccountId, GroupId, PersonId
from models.proposals import Means, OwnerPage, Proposal, ProposalState
from models.stores.outbox import SAID
from models.stores.shelf import Shelf
from models.tables import OutboxRow, OwnerPageRow, ProposalRow

PENDING = (
    ProposalRow.state.in_([ProposalState.GATHERING, ProposalState.HANDING, ProposalState.OPEN]),
)


class ProposalStore(Shelf[Proposal]):
    """Only the account's holder, and (of what she pastes) its owner, change a proposal: whoever
    does holds it by `locked`."""

    row = ProposalRow
    value = Proposal
    key = ("key",)

    async def locked(self, key: str) -> Proposal | None:
        """As it is now, and nobody else's until the transaction ends."""
        found = await self._locked(ProposalRow.key == key)
        return found[0] if found else None

    async def gathering(self, account: AccountId) -> list[Proposal]:
        return await self._locked(
            ProposalRow.account == account, ProposalRow.state == ProposalState.GATHERING
        )

    async def due(self, account: AccountId, now: datetime, limit: int) -> list[Proposal]:
        """Those that somebody has to look at, the longest due first."""
        found = await self._locked(
            ProposalRow.account == account, *PENDING, ProposalRow.due_at <= now, limit=limit
        )
        return sorted(found, key=lambda each: (each.due_at or now, each.key))

    async def next_due(self, account: AccountId) -> datetime | None:
        await self.flush()
        due = select(func.min(ProposalRow.due_at))
        return await self.connection.scalar(due.where(ProposalRow.account == account, *PENDING))

    async def pending_of(self, owner: PersonId) -> list[Proposal]:
        """What she is asked for, the oldest first."""
        found = await self.find(
            ProposalRow.owner == owner, ProposalRow.state == ProposalState.OPEN
        )
        return sorted(found, key=lambda each: (each.made_at, each.key))

    async def known(self, account: AccountId, since: datetime) -> set[str]:
        """What the platform calls those that it took in since then."""
        await self.flush()
        found = await self.connection.scalars(
            select(ProposalRow.platform_id).where(
                ProposalRow.account == account,
                ProposalRow.handed_at >= since,
                ProposalRow.platform_id.is_not(None),
            )
        )
        return {each for each in found if each is not None}

    async def received(self, groups: Collection[GroupId], since: datetime) -> dict[GroupId, int]:
        """How many mass sends each group has got since then, or may still get."""
        each_send = (
            select(OutboxRow.group.label("room"), OutboxRow.proposal)
            .join(ProposalRow, ProposalRow.key == OutboxRow.proposal)
            .where(
                OutboxRow.group.in_(list(groups)),
                ProposalRow.means == Means.GROUP_SEND,
                ProposalRow.made_at >= since,
                OutboxRow.state.in_([State.PROPOSED, *SAID]),
            )
            .distinct()
            .subquery()
        )
        found = await self.connection.execute(
            select(each_send.c.room, func.count()).group_by(each_send.c.room)
        )
        return {GroupId(group): count for group, count in found}

    async def _locked(
        self, *where: ColumnElement[bool], limit: int | None = None
    ) -> list[Proposal]:
        """What is held was read before the lock, so it is read anew."""
        await self.flush()
        statement = self._select().where(*where).order_by(ProposalRow.key).limit(limit)
        found = await self.connection.execute(statement.with_for_update())
        proposals = [self._value(each) for each in found.mappings()]
        for each in proposals:
            self._keep(self.key_of(each), each)
        return proposals


class OwnerPageStore(Shelf[OwnerPage]):
    row = OwnerPageRow
    value = OwnerPage
    key = ("account", "owner")

    async def by_token(self, token: str) -> OwnerPage | None:
        found = await self.find(OwnerPageRow.token == token)
        return found[0] if found else None
