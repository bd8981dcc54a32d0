"""The library, programmes, posts, and learned hours."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from sys import intern

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models.cohort import Stage
from models.content import Item, LearnedHours, Post, PostState, Programme
from models.ids import AccountId, GroupId
from models.locks import LIBRARY_CHANGES
from models.phase import Phase
from models.stores.bulk import among, is_just, update_rows
from models.stores.driver import Row
from models.stores.shelf import THOSE, Shelf, vars_of
from models.tables import GroupRow, ItemRow, LearnedHoursRow, PostRow, ProgrammeRow

ON_ITS_WAY = (PostState.PLANNED, PostState.HANDED, PostState.PROMISED)
"""Their items may yet be said, so nothing else may say them."""
IS_EMPTY = is_just(PostRow.state, PostState.EMPTY)
SAID = (PostState.POSTED, PostState.PROMISED)
OVERNIGHT = timedelta(days=1)
NOT_WITHDRAWN = (ItemRow.withdrawn_at.is_(None),)
GIVEN = (PostRow.group == THOSE, PostRow.day >= bindparam("since"), PostRow.given != [])
ASTRAY = 20
"""Days by which a slot may be used before another one that was said earlier: what is planned for
two weeks from now may be said today, and the monitor says yesterday's tonight."""
MAY_CHANGE = [each.name for each in fields(Programme) if each.name != "group"]


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
        await self.find_once("library", NOT_WITHDRAWN)
        found = (each for each in self.held() if each.withdrawn_at is None)
        return sorted(found, key=lambda each: each.id)

    def _value(self, row: Row) -> Item:
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
        self._read: dict[GroupId, Programme] = {}
        """As they stand in the database."""
        self._anew: datetime | None = None
        """What `plan_anew` set in this transaction."""

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

    async def plan_anew(self, today: date, now: datetime, changed: Collection[str]) -> None:
        """Now is the time of those groups that have a slot today, not over, which is empty or for
        which one of these items is planned, or that have no plan at all. The groups are not
        locked, so nothing else of them is read or written.

        Their programmes are, by a statement of its own: what a transaction that was waited for
        has planned is seen only by the next one."""
        await self.flush()
        programmes = (
            select(ProgrammeRow.group)
            .where(ProgrammeRow.plan_at.is_not(None))
            .order_by(ProgrammeRow.group)
            .with_for_update(key_share=True)
        )
        await self.connection.execute(select(func.count()).select_from(programmes.subquery()))
        to_come = PostRow.day == today, PostRow.closes_at > now
        empty = select(PostRow.group).where(*to_come, IS_EMPTY)
        planned = select(PostRow.group).where(
            *to_come,
            # What is planned has a due time, by whose index it is found.
            PostRow.due_at.is_not(None),
            PostRow.state == PostState.PLANNED,
            among(PostRow.item, changed),
        )
        await self._plan_at(
            now,
            ProgrammeRow.plan_at.is_not(None),
            or_(
                ProgrammeRow.planned_on.is_(None),
                ProgrammeRow.planned_on < today,
                ProgrammeRow.group.in_(empty),
                ProgrammeRow.group.in_(planned) if changed else literal(False),
            ),
        )

    async def plan_again(self, group: GroupId | None, now: datetime) -> None:
        """Now is the time of this group, or of all; what is theirs otherwise is left alone."""
        await self.flush()
        wanting = (
            select(ProgrammeRow.group)
            .where(
                ProgrammeRow.plan_at.is_not(None),
                ProgrammeRow.group == group if group is not None else literal(True),
            )
            .order_by(ProgrammeRow.group)
            .with_for_update(key_share=True)
        )
        await self._plan_at(now, ProgrammeRow.group.in_(wanting))

    async def _plan_at(self, now: datetime, *which: ColumnElement[bool]) -> None:
        await self.connection.execute(update(ProgrammeRow).where(*which).values(plan_at=now))
        self._forget()
        self._anew = now

    def soonest(self, due: str) -> datetime | None:
        times = (super().soonest(due), self._anew)
        return min((at for at in times if at is not None), default=None)

    @property
    def has_changed(self) -> bool:
        return super().has_changed or self._anew is not None

    async def flush(self) -> None:
        """Only what changed: what a group has had is long, and others set when it is planned."""
        alike: dict[tuple[str, ...], list[Programme]] = defaultdict(list)
        for key in sorted(self._changed):
            programme = self._changed[key]
            if (known := self._read.get(programme.group)) is not None:
                del self._changed[key]
                alike[_differences(known, programme)].append(programme)
            self._read[programme.group] = programme
        for names, programmes in alike.items():
            if names:
                rows = [vars_of(each, ("group", *names)) for each in programmes]
                await update_rows(self.connection, ProgrammeRow, self.key, rows)
                self._first.clear()
        await super().flush()
        self._anew = None

    def _forget(self) -> None:
        """What is held may be out of date."""
        self._held.clear()
        self._by_first.clear()
        self._found.clear()
        self._first.clear()
        self._read.clear()

    def _value(self, row: Row) -> Programme:
        programme = super()._value(row)
        programme = replace(programme, seen=tuple(map(intern, programme.seen)))
        self._read.setdefault(programme.group, programme)
        return programme


def _differences(before: Programme, after: Programme) -> tuple[str, ...]:
    return tuple(name for name in MAY_CHANGE if getattr(before, name) != getattr(after, name))


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

    async def read_given(self, groups: Collection[GroupId], today: date) -> None:
        """Read in one statement what `given_in` will ask for."""
        await self.find_among(("given", today), groups, GIVEN, since=today - OVERNIGHT)

    async def given_in(self, group: GroupId, today: date) -> list[Post]:
        """Those for which the group's monitor was handed something lately, said or not."""
        await self.read_given([group], today)
        since = today - OVERNIGHT
        found = (each for each in self.held_of(group) if each.given and each.day >= since)
        return sorted(found, key=_in_order)

    async def handed_in(self, group: GroupId, today: date) -> list[Post]:
        """What the group's monitor has been given and not said yet."""
        given = await self.given_in(group, today)
        return [each for each in given if each.state is PostState.HANDED]

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

    async def read_last_said(self, groups: Collection[GroupId]) -> None:
        """Read in one statement what `last_said` will ask for."""
        if not groups:
            return
        await self.flush()
        given = func.unnest(cast(sorted(groups), ARRAY(Text))).table_valued("id", name="given")
        each = given.render_derived()
        said = (PostRow.group == each.c.id, PostRow.state.in_(SAID))
        # Group by group from the last slots, along the key: an old group has posted much.
        newest = select(PostRow.day).where(*said).order_by(PostRow.day.desc()).limit(1).lateral()
        last = (
            self._select()
            .where(*said, PostRow.day >= newest.c.day - ASTRAY)
            .order_by(
                func.coalesce(PostRow.posted_at, PostRow.said_at).desc(),
                PostRow.day.desc(),
                PostRow.slot.desc(),
            )
            .limit(1)
            .lateral("last")
        )
        found = await self.connection.execute(
            select(last).select_from(each.join(newest, literal(True)).join(last, literal(True)))
        )
        self._hold(found.mappings())

    def last_said(self, group: GroupId) -> Post | None:
        """What was posted last in a group that was read, or is just being said."""
        said = (each for each in self.held_of(group) if each.state in SAID)
        return max(
            said, key=lambda each: (each.posted_at or each.said_at, _in_order(each)), default=None
        )

    async def is_skipped(self, group: GroupId, item: str) -> bool:
        """Whether somebody decided that the group does not get this item, and it never did."""
        await self.flush()
        found = await self.find(PostRow.group == group, PostRow.item == item)
        states = {each.state for each in found}
        return PostState.SKIPPED in states and PostState.POSTED not in states

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
        self._first.clear()

    def of_rows(self, rows: Iterable[Row]) -> list[Post]:
        """As they were read, in the same order."""
        return [self._value(row) for row in rows]

    def _value(self, row: Row) -> Post:
        post = super()._value(row)
        return replace(post, given=tuple(post.given))


def _within(posts: Iterable[Post], first: date, last: date) -> list[Post]:
    return sorted((each for each in posts if first <= each.day <= last), key=_in_order)


def _in_order(post: Post) -> tuple[date, int]:
    return post.day, post.slot


class LearnedHoursStore(Shelf[LearnedHours]):
    row = LearnedHoursRow
    value = LearnedHours
    key = ("cohort", "stage")

    def _value(self, row: Row) -> LearnedHours:
        learned = super()._value(row)
        return replace(learned, shares=tuple(learned.shares))
