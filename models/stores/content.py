"""The library, programmes, posts, and learned hours."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import RowMapping, func, select

from models.cohort import Stage
from models.content import Item, LearnedHours, Post, PostState, Programme
from models.ids import AccountId, GroupId
from models.phase import Phase
from models.stores.shelf import Shelf
from models.tables import ItemRow, LearnedHoursRow, PostRow, ProgrammeRow


class ItemStore(Shelf[Item]):
    row = ItemRow
    value = Item
    key = ("id",)

    async def library(self) -> list[Item]:
        """All that is not withdrawn, in the order of the ids."""
        await self.find_once("library", ItemRow.withdrawn_at.is_(None))
        found = (each for each in self.held() if each.withdrawn_at is None)
        return sorted(found, key=lambda each: each.id)

    def _value(self, row: RowMapping) -> Item:
        item = super()._value(row)
        return replace(
            item,
            stages=tuple(map(Stage, item.stages)),
            phases=tuple(map(Phase, item.phases)),
            cities=tuple(item.cities),
            channels=tuple(item.channels),
        )


class ProgrammeStore(Shelf[Programme]):
    row = ProgrammeRow
    value = Programme
    key = ("group",)

    async def next_plan(self) -> datetime | None:
        return await self.first(ProgrammeRow.plan_at)

    def _value(self, row: RowMapping) -> Programme:
        programme = super()._value(row)
        return replace(programme, seen=tuple(programme.seen))


class PostStore(Shelf[Post]):
    row = PostRow
    value = Post
    key = ("group", "day", "slot")

    async def next_due(self) -> datetime | None:
        return await self.first(PostRow.due_at)

    async def groups_due(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(PostRow.due_at, now, limit)

    async def of_days(self, group: GroupId, first: date, last: date) -> list[Post]:
        """A group's posts of these days, both included, in order."""
        await self.find(PostRow.group == group, PostRow.day >= first, PostRow.day <= last)
        found = (each for each in self.held_of(group) if first <= each.day <= last)
        return sorted(found, key=lambda each: (each.day, each.slot))

    async def taken(self, account: AccountId, day: date) -> dict[int, int]:
        """How many posts are planned for an account in each slot of a day."""
        await self.flush()
        found = await self.connection.execute(
            select(PostRow.slot, func.count())
            .where(
                PostRow.account == account,
                PostRow.day == day,
                PostRow.state.in_([PostState.PLANNED, PostState.HANDED, PostState.PROMISED]),
            )
            .group_by(PostRow.slot)
        )
        return dict(found.tuples())


class LearnedHoursStore(Shelf[LearnedHours]):
    row = LearnedHoursRow
    value = LearnedHours
    key = ("cohort", "stage")

    def _value(self, row: RowMapping) -> LearnedHours:
        learned = super()._value(row)
        return replace(learned, shares=tuple(learned.shares))
