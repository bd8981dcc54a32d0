"""Rewards and redemptions."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import insert

from models.ids import GroupId, PersonId
from models.rewards import Redemption, RedemptionState, Reward
from models.stores.bulk import is_just
from models.stores.shelf import Shelf, vars_of
from models.tables import RedemptionRow, RewardRow

READY = (is_just(RedemptionRow.state, RedemptionState.READY),)


class RewardExists(Exception):
    """There is a reward with this id already."""


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

    async def add(self, reward: Reward) -> None:
        """A new one; raises RewardExists, also where somebody adds the same at this moment."""
        added = await self.connection.execute(
            insert(RewardRow)
            .values(vars_of(reward, self._names))
            .on_conflict_do_nothing(index_elements=[RewardRow.id])
        )
        if not added.rowcount:
            raise RewardExists(reward.id)
        self._keep(self.key_of(reward), reward)

    async def of_scopes(self, scopes: Collection[str]) -> list[Reward]:
        """All that is or ever was offered there, in the order of their ids, without locking."""
        await self.find(RewardRow.scope.in_(sorted(scopes)))
        found = (each for each in self.held() if each.scope in scopes)
        return sorted(found, key=lambda each: each.id)


class RedemptionStore(Shelf[Redemption]):
    row = RedemptionRow
    value = Redemption
    key = ("group", "code")

    async def of_person(self, group: GroupId, person: PersonId) -> list[Redemption]:
        """All she ever redeemed in this group, oldest first."""
        await self.find(RedemptionRow.group == group, RedemptionRow.person == person)
        found = (each for each in self.held_of(group) if each.person == person)
        return sorted(found, key=lambda each: (each.at, each.code))

    async def newest(
        self, group: GroupId, state: RedemptionState | None, limit: int
    ) -> list[Redemption]:
        """What was redeemed in this group, newest first."""
        wanted = self._select().where(RedemptionRow.group == group)
        if state is not None:
            wanted = wanted.where(RedemptionRow.state == state)
        newest_first = wanted.order_by(RedemptionRow.at.desc(), RedemptionRow.code)
        return await self._read(newest_first.limit(limit))

    async def next_lapse(self) -> datetime | None:
        return await self.first(RedemptionRow.lapses_at, READY)

    async def groups_to_lapse(self, now: datetime, limit: int) -> list[GroupId]:
        """Groups with codes whose time has passed and whose points were not returned yet."""
        found = await self.connection.scalars(
            select(RedemptionRow.group)
            .where(_overdue(now))
            .distinct()
            .order_by(RedemptionRow.group)
            .limit(limit)
        )
        return [GroupId(each) for each in found]

    async def overdue(self, group: GroupId, now: datetime, limit: int) -> list[Redemption]:
        """Those of a group, the oldest first. Read when its row is locked: a code may be handed
        over meanwhile."""
        oldest_first = (
            self._select()
            .where(RedemptionRow.group == group, _overdue(now))
            .order_by(RedemptionRow.lapses_at, RedemptionRow.code)
        )
        found = await self._read(oldest_first.limit(limit))
        return [each for each in found if each.state is RedemptionState.READY]

    async def _read(self, wanted: Select[Any]) -> list[Redemption]:
        found = await self.connection.execute(wanted)
        return [each for each in self._hold(found.mappings()) if each is not None]


def _overdue(now: datetime) -> ColumnElement[bool]:
    return (RedemptionRow.state == RedemptionState.READY) & (RedemptionRow.lapses_at <= now)
