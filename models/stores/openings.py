"""The series of groups, and those of them that were asked for."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from models.cohort import BirthWindow, Cohort
from models.groups import Standing
from models.ids import AccountId
from models.openings import Opening, OpeningState
from models.stores.shelf import Shelf
from models.tables import GroupRow, OpeningRow

PLACES, NUMBERS = 0, 1
"""Seeds of the advisory locks of a cohort, so that the two are not the same."""
IS_PENDING = or_(OpeningRow.state == OpeningState.ROOM, OpeningRow.state == OpeningState.ASKED)
PENDING = (IS_PENDING,)
OPEN = (OpeningRow.state == OpeningState.OPEN,)


class OpeningStore(Shelf[Opening]):
    row = OpeningRow
    value = Opening
    key = ("city", "channel", "birth_window", "seq")

    async def take_turns(self, cohort: Cohort) -> None:
        """Nobody else fills the groups of this cohort until this transaction ends. To be asked for
        before any of them is locked."""
        await self._take_turn(cohort, PLACES)

    async def number_in_turn(self, cohort: Cohort) -> None:
        """Nobody else numbers the groups of this cohort until this transaction ends."""
        await self._take_turn(cohort, NUMBERS)

    async def of(self, cohort: Cohort) -> list[Opening]:
        """All that there were, locked, by their numbers."""
        await self._locked(*_is_of(cohort))
        found = (each for each in self.held() if each.cohort == cohort)
        return sorted(found, key=lambda each: each.seq)

    async def pending_named(self, name: str) -> Opening | None:
        """Locked."""
        await self._locked(OpeningRow.name == name, IS_PENDING)
        found = (each for each in self.held() if each.name == name and each.is_pending)
        return next(found, None)

    async def by_token(self, token: str) -> Opening | None:
        """For those who only look."""
        found = await self.find(OpeningRow.token == token)
        return found[0] if found else None

    async def asked_since(self, moment: datetime) -> int:
        """How many groups were asked for since then, of all cohorts."""
        await self.flush()
        asked = select(func.count()).where(OpeningRow.asked_at > moment)
        return await self.connection.scalar(asked) or 0

    async def names_of(self, cohort: Cohort) -> list[str]:
        """Of the groups that belong to it, whatever their standing, and of those whose name may
        say so."""
        named = and_(_holds(cohort.city), _holds(cohort.channel))
        belongs = and_(
            GroupRow.city == cohort.city,
            GroupRow.channel == cohort.channel,
            GroupRow.birth_window == str(cohort.window),
        )
        found = await self.connection.scalars(
            select(GroupRow.name).where(or_(belongs, named)).order_by(GroupRow.name)
        )
        return list(found)

    async def numbers_asked_for(self, cohort: Cohort, *, besides: AccountId) -> set[int]:
        """Without locking anything; and without a group that this account's platform opens, since
        that is the one which is to get the number."""
        await self.flush()
        opens_it = and_(
            OpeningRow.state == OpeningState.ROOM, OpeningRow.account.is_not_distinct_from(besides)
        )
        found = await self.connection.scalars(
            select(OpeningRow.seq).where(*_is_of(cohort), IS_PENDING, not_(opens_it))
        )
        return set(found)

    async def accounts_near(self, cohort: Cohort) -> list[AccountId]:
        """Those that have groups of its channel, those with groups of its own first."""
        is_own = and_(GroupRow.city == cohort.city, GroupRow.birth_window == str(cohort.window))
        own, all_ = func.count().filter(is_own), func.count()
        found = await self.connection.scalars(
            select(GroupRow.account)
            .where(GroupRow.channel == cohort.channel, GroupRow.standing == Standing.OURS)
            .group_by(GroupRow.account)
            .order_by(own.desc(), all_.desc(), GroupRow.account)
        )
        return [AccountId(each) for each in found]

    # What is due

    async def next_asking(self) -> datetime | None:
        """When something is to be done about a group that is not there yet."""
        return await self.first(OpeningRow.due_at, PENDING)

    async def to_ask_for(self, now: datetime, limit: int) -> list[Opening]:
        """Locked, without those that somebody else holds; the longest due first."""
        await self._locked(IS_PENDING, OpeningRow.due_at <= now, limit=limit, skips=True)
        due = (each for each in self.held() if each.is_pending)
        found = [(each.due_at, each) for each in due if each.due_at and each.due_at <= now]
        return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].name))]

    async def next_giving(self) -> datetime | None:
        """When those who wait for a group are to get their places in it."""
        return await self.first(OpeningRow.due_at, OPEN)

    async def cohorts_to_give(self, now: datetime, limit: int) -> list[Cohort]:
        """Whose turn that is, the longest due first; nothing of them is held or locked."""
        found = await self.connection.execute(
            select(OpeningRow.city, OpeningRow.channel, OpeningRow.birth_window)
            .where(OpeningRow.state == OpeningState.OPEN, OpeningRow.due_at <= now)
            .order_by(OpeningRow.due_at, OpeningRow.name)
            .limit(limit)
        )
        return [Cohort(city, of, BirthWindow.parse(window)) for city, of, window in found]

    async def _take_turn(self, cohort: Cohort, seed: int) -> None:
        if (cohort, seed) in self._found:
            return
        self._found.add((cohort, seed))
        await self.connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(cohort), seed)))
        )

    async def _locked(
        self, *where: ColumnElement[bool], limit: int | None = None, skips: bool = False
    ) -> None:
        """What is held was read before the lock, so it is read anew unless it was changed here."""
        await self.flush()
        statement = (
            self._select()
            .where(*where)
            .order_by(OpeningRow.due_at, OpeningRow.name)
            .limit(limit)
            .with_for_update(skip_locked=skips)
        )
        found = await self.connection.execute(statement)
        for each in map(self._value, found.mappings()):
            self._keep(self.key_of(each), each)


def _is_of(cohort: Cohort) -> list[ColumnElement[bool]]:
    return [
        OpeningRow.city == cohort.city,
        OpeningRow.channel == cohort.channel,
        OpeningRow.birth_window == str(cohort.window),
    ]


def _holds(part: str) -> ColumnElement[bool]:
    return func.strpos(GroupRow.name, part) > 0
