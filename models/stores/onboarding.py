"""Newcomers and greeting desks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import GroupId, PersonId, RoundId
from models.onboarding import Desk, Newcomer
from models.stores.community import LONG_AGO
from models.stores.driver import fetch
from models.stores.shelf import OF_GROUP, THOSE, Key, Shelf
from models.tables import DeskRow, NewcomerRow

OF_THOSE = NewcomerRow.group == THOSE
WAITING = (OF_THOSE, NewcomerRow.waiting_since.is_not(None))
UNFIT = (OF_THOSE, NewcomerRow.here, ~NewcomerRow.fits, NewcomerRow.greeted_at.is_not(None))
OF_ROUND = (NewcomerRow.group == OF_GROUP, NewcomerRow.round == bindparam("number"))
NEXT_DUE = select(
    select(func.min(DeskRow.due_at)).scalar_subquery().label("due"),
    select(func.min(DeskRow.remind_at)).scalar_subquery().label("remind"),
)


class NewcomerStore(Shelf[Newcomer]):
    """Each list is read once a transaction: the group is locked, so nobody else adds to it."""

    row = NewcomerRow
    value = Newcomer
    key = ("group", "person")

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._waiting: dict[GroupId, dict[PersonId, Newcomer]] = defaultdict(dict)

    async def those(self, group: GroupId, people: Iterable[PersonId]) -> list[Newcomer]:
        """These people, without those of whom nothing is known."""
        keys = [(group, person) for person in people]
        await self.load(keys)
        found = [await self.get(*key) for key in keys]
        return [each for each in found if each is not None]

    async def read_waiting(self, groups: Iterable[GroupId]) -> None:
        """Read in one statement what `waiting` will ask for."""
        await self.find_among("waiting", groups, WAITING)

    async def waiting(self, group: GroupId) -> list[Newcomer]:
        """In no particular order."""
        await self.read_waiting([group])
        return list(self._waiting[group].values())

    async def of_round(self, group: GroupId, number: RoundId) -> list[Newcomer]:
        await self.find_once((group, number), OF_ROUND, of_group=group, number=number)
        return self._those(group, lambda each: each.round == number and each.here)

    async def unfit(self, group: GroupId) -> list[Newcomer]:
        """Greeted, still here, and with a nickname that does not fit."""
        await self.find_among("unfit", [group], UNFIT)
        return self._those(
            group, lambda each: each.here and not each.fits and each.greeted_at is not None
        )

    async def concerned(self, person: PersonId) -> list[Newcomer]:
        """Where she waits, or may be asked for her nickname."""
        return await self.find(
            NewcomerRow.person == person,
            NewcomerRow.waiting_since.is_not(None) | (NewcomerRow.here & ~NewcomerRow.fits),
        )

    def _keep(self, key: Key, value: Newcomer) -> None:
        """Who waits is asked with every join, so it is not searched for among all."""
        super()._keep(key, value)
        if value.is_waiting:
            self._waiting[value.group][value.person] = value
        else:
            self._waiting[value.group].pop(value.person, None)

    def _those(self, group: GroupId, are: Callable[[Newcomer], bool]) -> list[Newcomer]:
        found = (each for each in self.held_of(group) if are(each))
        return sorted(found, key=lambda each: (each.waiting_since or LONG_AGO, each.person))


class DeskStore(Shelf[Desk]):
    row = DeskRow
    value = Desk
    key = ("group",)

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._next_due: tuple[datetime | None, datetime | None] | None = None

    async def open(self, group: GroupId) -> Desk:
        return await self.get(group) or Desk(group=group)

    async def rounds_due(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(DeskRow.due_at, now, limit)

    async def reminders_due(self, now: datetime, limit: int) -> list[GroupId]:
        return await self.due_groups(DeskRow.remind_at, now, limit)

    async def with_something_due(self) -> list[GroupId]:
        """In order, so that all who lock them do it in the same order."""
        statement = (
            select(DeskRow.group)
            .where(DeskRow.due_at.is_not(None) | DeskRow.remind_at.is_not(None))
            .order_by(DeskRow.group)
        )
        return [GroupId(each) for each in await self.connection.scalars(statement)]

    async def next_round(self) -> datetime | None:
        """When a round of any group is due next."""
        return (await self._next())[0]

    async def next_reminder(self) -> datetime | None:
        return (await self._next())[1]

    async def flush(self) -> None:
        if self._changed:
            self._next_due = None
        await super().flush()

    def soonest_change(self) -> datetime | None:
        """The soonest of what became due in this transaction."""
        times: Sequence[datetime | None] = [
            at for desk in self._changed.values() for at in (desk.due_at, desk.remind_at)
        ]
        return min((each for each in times if each is not None), default=None)

    async def _next(self) -> tuple[datetime | None, datetime | None]:
        """Both at once, and again only after a desk was written."""
        if self._next_due is None:
            (found,) = await fetch(self.connection, NEXT_DUE, {})
            self._next_due = (found["due"], found["remind"])
        return self._next_due
