"""Rewards and redemptions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from models.ids import GroupId, PersonId
from models.rewards import Redemption, RedemptionState, Reward
from models.stores.shelf import Shelf
from models.tables import RedemptionRow, RewardRow


class RewardStore(Shelf[Reward]):
    """Stock is shared by groups, so those who buy in different groups take turns at the reward's
    row. A group's row is always locked before."""

    row = RewardRow
    value = Reward
    key = ("id",)
    locks = True

    async def lock(self, reward: str) -> Reward | None:
        """As it is now, and as nobody else can change it until this transaction ends."""
        if (reward,) not in self._changed:
            self._held.pop((reward,), None)
        return await self.get(reward)

    async def offered(self, scopes: Collection[str], now: datetime) -> list[Reward]:
        """What may be chosen from, cheapest first, without locking it; sold out or not."""
        found = await self.find(
            RewardRow.scope.in_(sorted(scopes)),
            ~RewardRow.withdrawn,
            RewardRow.valid_until.is_(None) | (RewardRow.valid_until > now),
        )
        return sorted(found, key=lambda each: (each.cost, each.name, each.id))


class RedemptionStore(Shelf[Redemption]):
    row = RedemptionRow
    value = Redemption
    key = ("group", "code")

    async def of_person(self, group: GroupId, person: PersonId) -> list[Redemption]:
        """All she ever redeemed in this group, oldest first."""
        await self.find(RedemptionRow.group == group, RedemptionRow.person == person)
        found = (each for each in self.held_of(group) if each.person == person)
        return sorted(found, key=lambda each: (each.at, each.code))

    async def next_lapse(self) -> datetime | None:
        await self.flush()
        return await self.connection.scalar(
            select(func.min(RedemptionRow.lapses_at)).where(
                RedemptionRow.state == RedemptionState.READY
            )
        )

    async def lapsed(self, now: datetime, limit: int) -> list[Redemption]:
        """Those whose time has passed and whose points were not returned yet."""
        return await self.find(
            RedemptionRow.state == RedemptionState.READY,
            RedemptionRow.lapses_at <= now,
            limit=limit,
        )
