"""The library, programmes, posts, and learned hours."""

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from sys import intern

from sqlalchemy import RowMapping, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.cohort import Stage
from models.content import Item, LearnedHours, Post, PostState, Programme
from models.ids import AccountId, GroupId
from models.locks import LIBRARY_CHANGES
from models.phase import Phase
from models.stores.bulk import among, update_rows
from models.stores.shelf import Shelf, vars_of
from models.tables import GroupRow, ItemRow, LearnedHoursRow, PostRow, ProgrammeRow

ON_ITS_WAY = (PostState.PLANNED, PostState.HANDED, PostState.PROMISED)
"""Their items may yet be said, so nothing else may say them."""
OVERNIGHT = timedelta(days=1)
WITHOUT_SEEN = [each.name for each in fields(Programme) if each.name != "seen"]


class ItemStore(Shelf[Item]):
    row = ItemRow
    value = Item
    key = ("id",)

    async def take_turns(self) -> None:
        """Nobody else changes the library until this transaction ends. To be asked for before
        any item is read."""
        await self.connection.execute(text(f"SELECT pg_advisory_xact_lock({LIBRARY_CHANGES})"))

    async def library(self) -> list[Item]:
        """All that is not withdrawn, in the order of the ids."""
        await self.find_once("library", ItemRow.withdrawn_at.is_(None))
        found = (each for each in self.held() if each.withdrawn_at is None)
        return sorted(found, key=lambda each: each.id)

    async def withdrawn(self) -> list[Item]:
        """What was in the library once, in the order of the ids."""
        await self.find(ItemRow.withdrawn_at.is_not(None))
        found = (each for each in self.held() if each.withdrawn_at is not None)
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

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._seen: dict[GroupId, tuple[str, ...]] = {}
        """As it stands in the database."""

    async def next_plan(self) -> datetime | None:
        return await self.first(ProgrammeRow.plan_at)

    async def due(self, now: datetime, limit: int) -> dict[AccountId, list[GroupId]]:
        """Groups whose day is to be planned, by their account: those of as many accounts as are
        within the limit, and of one in any case."""
        counts = await self.connection.execute(
            select(GroupRow.account, func.count())
            .join(ProgrammeRow, ProgrammeRow.group == GroupRow.id)
            .where(ProgrammeRow.plan_at <= now)
            .group_by(GroupRow.account)
            .order_by(GroupRow.account)
        )
        found: dict[AccountId, list[GroupId]] = {}
        for account, count in counts:
            limit -= count
            if found and limit < 0:
                break
            found[AccountId(account)] = []
        if not found:
            return found
        groups = await self.connection.execute(
            select(GroupRow.account, ProgrammeRow.group)
            .join(ProgrammeRow, ProgrammeRow.group == GroupRow.id)
            .where(ProgrammeRow.plan_at <= now, GroupRow.account.in_(list(found)))
            .order_by(ProgrammeRow.group)
        )
        for account, group in groups:
            found[AccountId(account)].append(GroupId(group))
        return found

    async def wanting(self, today: date, now: datetime) -> list[Programme]:
        """Those of groups that have an empty slot today which is not over, or no plan at all."""
        empty = select(PostRow.group).where(
            PostRow.day == today, PostRow.state == PostState.EMPTY, PostRow.closes_at > now
        )
        return await self.find(
            ProgrammeRow.plan_at.is_not(None),
            or_(
                ProgrammeRow.planned_on.is_(None),
                ProgrammeRow.planned_on < today,
                ProgrammeRow.group.in_(empty),
            ),
        )

    async def flush(self) -> None:
        """What a group has had is long, and only written where it changed."""
        changed = [self._changed[key] for key in sorted(self._changed)]
        if lean := [each for each in changed if self._seen.get(each.group) == each.seen]:
            rows = [vars_of(each, WITHOUT_SEEN) for each in lean]
            await update_rows(self.connection, ProgrammeRow, self.key, rows)
            self._first.clear()
            for each in lean:
                del self._changed[self.key_of(each)]
        await super().flush()
        self._seen |= {each.group: each.seen for each in changed}

    def _value(self, row: RowMapping) -> Programme:
        programme = super()._value(row)
        programme = replace(programme, seen=tuple(map(intern, programme.seen)))
        self._seen[programme.group] = programme.seen
        return programme


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
        return _within(self.held_of(group), first, last)

    async def of_groups(
        self, groups: Iterable[GroupId], first: date, last: date
    ) -> dict[GroupId, list[Post]]:
        """The same of many groups."""
        wanted = sorted(groups)
        await self.find(among(PostRow.group, wanted), PostRow.day >= first, PostRow.day <= last)
        return {group: _within(self.held_of(group), first, last) for group in wanted}

    async def read_ahead(self, groups: Collection[GroupId], today: date) -> None:
        """Read in one statement what `ahead` will ask for."""
        unread = sorted(each for each in groups if (each, "ahead", today) not in self._found)
        if not unread:
            return
        on_its_way = PostRow.state.in_(ON_ITS_WAY) & (PostRow.day >= today - OVERNIGHT)
        await self.find(among(PostRow.group, unread), or_(PostRow.day >= today, on_its_way))
        self._found |= {(each, "ahead", today) for each in unread}

    async def ahead(self, group: GroupId, today: date) -> list[Post]:
        """A group's posts from today on, and those of the night that are still on their way."""
        await self.read_ahead([group], today)
        found = (
            each
            for each in self.held_of(group)
            if each.day >= today or (each.day >= today - OVERNIGHT and each.state in ON_ITS_WAY)
        )
        return sorted(found, key=_in_order)

    async def due_of(self, groups: Collection[GroupId], now: datetime) -> list[Post]:
        """Of these groups, which the caller has locked, what is due by now."""
        await self.find(among(PostRow.group, groups), PostRow.due_at <= now)
        found = (each for group in groups for each in self.held_of(group))
        due = (each for each in found if each.due_at is not None and each.due_at <= now)
        return sorted(due, key=lambda each: (each.due_at or now, each.group, *_in_order(each)))

    async def handed_in(self, group: GroupId, today: date) -> list[Post]:
        """What the group's monitor has been given and not said yet."""
        await self.find_once(
            (group, "handed", today),
            PostRow.group == group,
            PostRow.day >= today - OVERNIGHT,
            PostRow.state == PostState.HANDED,
        )
        found = (each for each in self.held_of(group) if each.state is PostState.HANDED)
        return sorted(found, key=_in_order)

    async def booked(
        self, accounts: Collection[AccountId], day: date
    ) -> dict[AccountId, list[Post]]:
        """What each account is to say on a day, as planned so far."""
        await self.flush()
        found = await self.find(
            among(PostRow.account, accounts), PostRow.day == day, PostRow.state.in_(ON_ITS_WAY)
        )
        booked: dict[AccountId, list[Post]] = {account: [] for account in accounts}
        for each in sorted(found, key=lambda each: (each.group, *_in_order(each))):
            booked[each.account].append(each)
        return booked

    async def last_said(self, group: GroupId) -> Post | None:
        """What was posted last, or is just being said."""
        await self.flush()
        said = func.coalesce(PostRow.posted_at, PostRow.said_at)
        statement = (
            self._select()
            .where(
                PostRow.group == group,
                PostRow.state.in_([PostState.POSTED, PostState.PROMISED]),
            )
            .order_by(said.desc(), PostRow.day.desc(), PostRow.slot.desc())
            .limit(1)
        )
        found = self._hold((await self.connection.execute(statement)).mappings())
        return found[0] if found else None

    async def remove(self, post: Post) -> None:
        """It was planned and is not any more."""
        await self.flush()
        key = self.key_of(post)
        await self.connection.execute(
            delete(PostRow).where(
                PostRow.group == post.group, PostRow.day == post.day, PostRow.slot == post.slot
            )
        )
        self._held[key] = None
        self._by_first[post.group].pop(key, None)

    async def posted_since(self, since: datetime, limit: int) -> list[Post]:
        """What was posted, in any group, the newest first."""
        statement = (
            self._select()
            .where(PostRow.posted_at >= since)
            .order_by(PostRow.posted_at.desc(), PostRow.group, PostRow.day, PostRow.slot)
            .limit(limit)
        )
        found = await self.connection.execute(statement)
        return [each for each in self._hold(found.mappings()) if each is not None]


def _within(posts: Iterable[Post], first: date, last: date) -> list[Post]:
    return sorted((each for each in posts if first <= each.day <= last), key=_in_order)


def _in_order(post: Post) -> tuple[date, int]:
    return post.day, post.slot


class LearnedHoursStore(Shelf[LearnedHours]):
    row = LearnedHoursRow
    value = LearnedHours
    key = ("cohort", "stage")

    def _value(self, row: RowMapping) -> LearnedHours:
        learned = super()._value(row)
        return replace(learned, shares=tuple(learned.shares))
