"""What accounts are to do: ask for, claim, settle. All SQL of the errands is here.

A key that was ever used is never used again. Only the account's holder claims and settles, and
each errand it is doing carries its epoch (models/stores/leases.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.delivery import Lapsed, Parked, RetryAt, Sent, Unsure, Verdict
from models.errands import AskedErrand, Errand, ErrandKind, ErrandState, TakenErrand
from models.ids import AccountId, ErrandId, GroupId, PersonId
from models.stores.bulk import among, insert_rows
from models.stores.outbox import wake_relays
from models.tables import ErrandRow
from models.text import storable

APPROACHES = [each for each in ErrandKind if each.approaches]
_SETTLED: dict[type[Verdict], ErrandState] = {
    Sent: ErrandState.DONE,
    Unsure: ErrandState.UNSURE,
    Parked: ErrandState.FAILED,
    Lapsed: ErrandState.LAPSED,
}


class ErrandStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._asked: dict[str, dict[str, Any]] = {}
        self._soonest: datetime | None = None

    def ask(self, errand: Errand, now: datetime) -> None:
        """Do it once it is due. The same key twice is one errand."""
        self._soonest = min(self._soonest or errand.due_at, errand.due_at)
        self._asked.setdefault(
            errand.key,
            {
                "key": errand.key,
                "kind": errand.kind.value,
                "account": errand.account,
                "group": errand.group,
                "person": errand.person,
                "people": list(errand.people),
                "detail": errand.detail,
                "state": ErrandState.WAITING.value,
                "epoch": None,
                "attempts": 0,
                "asked_at": now,
                "due_at": errand.due_at,
                "lapses_at": errand.lapses_at,
                "settled_at": None,
                "reason": None,
            },
        )

    def soonest_asked(self) -> datetime | None:
        """The soonest that this transaction asked for, written by now or not."""
        return self._soonest

    # Claim

    async def take(
        self, account: AccountId, epoch: int, now: datetime, *, may_approach: bool
    ) -> TakenErrand | None:
        """The one to do now, the longest due first: from here until it is settled it may have
        been done."""
        await self._write()
        due = [ErrandRow.due_at <= now, ErrandRow.lapses_at > now]
        if not may_approach:
            due.append(ErrandRow.kind.not_in(APPROACHES))
        first = (
            select(ErrandRow.id)
            .where(ErrandRow.account == account, _is(ErrandState.WAITING), *due)
            .order_by(ErrandRow.due_at, ErrandRow.id)
            .limit(1)
            .with_for_update()
        )
        taken = await self._connection.execute(
            update(ErrandRow)
            .where(ErrandRow.id == first.scalar_subquery())
            .values(state=ErrandState.DOING, epoch=epoch, attempts=ErrandRow.attempts + 1)
            .returning(ErrandRow.__table__)
        )
        row = taken.one_or_none()
        return None if row is None else _taken(row)

    async def let_go(self, taken: TakenErrand) -> None:
        """It was not done under this epoch, and may be. Waits for whoever is still writing that
        it is."""
        await self._connection.execute(
            select(ErrandRow.id).where(ErrandRow.id == taken.id).with_for_update()
        )
        await self._connection.execute(
            update(ErrandRow)
            .where(
                ErrandRow.id == taken.id,
                _is(ErrandState.DOING),
                ErrandRow.epoch == taken.epoch,
            )
            .values(state=ErrandState.WAITING, epoch=None, attempts=ErrandRow.attempts - 1)
        )

    async def overdue(self, account: AccountId, now: datetime) -> list[TakenErrand]:
        """Those whose time has passed."""
        return await self._found(account, _is(ErrandState.WAITING), ErrandRow.lapses_at <= now)

    async def lost(self, account: AccountId, epoch: int) -> list[TakenErrand]:
        """Those that a holder of the account was doing up to this epoch."""
        return await self._found(account, _is(ErrandState.DOING), ErrandRow.epoch <= epoch)

    async def next_due(
        self, account: AccountId, now: datetime, approach_at: datetime
    ) -> datetime | None:
        """When there is something to do next; those that approach people not before
        `approach_at`."""
        await self._write()
        waiting = (ErrandRow.account == account, _is(ErrandState.WAITING))
        at = ErrandRow.due_at
        held = case((ErrandRow.kind.in_(APPROACHES), func.greatest(at, approach_at)), else_=at)
        soonest = select(func.min(held)).where(*waiting, ErrandRow.lapses_at > now)
        found: datetime | None = await self._connection.scalar(soonest)
        return found

    async def next_lapse(self, account: AccountId) -> datetime | None:
        await self._write()
        found: datetime | None = await self._connection.scalar(
            select(func.min(ErrandRow.lapses_at)).where(
                ErrandRow.account == account, _is(ErrandState.WAITING)
            )
        )
        return found

    async def approached_since(self, account: AccountId, since: datetime) -> list[datetime]:
        """When people were approached, or may have been, in order of time."""
        found = await self._connection.scalars(
            select(ErrandRow.settled_at)
            .where(
                ErrandRow.account == account,
                ErrandRow.settled_at > since,
                ErrandRow.kind.in_(APPROACHES),
                ErrandRow.state.in_((ErrandState.DONE, ErrandState.UNSURE)),
            )
            .order_by(ErrandRow.settled_at)
        )
        return [each for each in found if each is not None]

    # What was asked for

    async def last_due(
        self, account: AccountId, kind: ErrandKind, since: datetime
    ) -> datetime | None:
        """When the last of those is or was due that are not settled, or were since then."""
        await self._write()
        found: datetime | None = await self._connection.scalar(
            select(func.max(ErrandRow.due_at)).where(
                ErrandRow.account == account,
                or_(_is_unsettled(), ErrandRow.settled_at > since),
                ErrandRow.kind == kind,
            )
        )
        return found

    async def about(
        self, person: PersonId, account: AccountId, kind: ErrandKind, since: datetime
    ) -> list[AskedErrand]:
        """Those that wait or are being done, and those settled since then, in the order in which
        they were asked for."""
        await self._write()
        found = await self._connection.execute(
            select(ErrandRow.__table__)
            .where(
                ErrandRow.account == account,
                or_(_is_unsettled(), ErrandRow.settled_at > since),
                ErrandRow.kind == kind,
                ErrandRow.person == person,
            )
            .order_by(ErrandRow.id)
        )
        return [
            AskedErrand(_taken(row).errand, ErrandState(row.state), row.settled_at)
            for row in found
        ]

    async def renamings(self, groups: Iterable[GroupId]) -> dict[GroupId, str]:
        """The names that are to be given, or just are, to those of these groups that have one
        coming; the last that was asked for."""
        await self._write()
        found = await self._connection.execute(
            select(ErrandRow.group, ErrandRow.detail)
            .where(
                _is_unsettled(),
                ErrandRow.kind == ErrandKind.RENAME,
                among(ErrandRow.group, groups),
            )
            .order_by(ErrandRow.id)
        )
        return {GroupId(group): name for group, name in found if group is not None}

    async def withdraw(
        self,
        account: AccountId,
        kind: ErrandKind,
        now: datetime,
        *,
        group: GroupId | None = None,
        person: PersonId | None = None,
        detail: str | None = "",
    ) -> bool:
        """What nobody does yet is not done any more (`detail` None: whatever it is); whether there
        was such an errand."""
        await self._write()
        gone = await self._connection.execute(
            update(ErrandRow)
            .where(
                ErrandRow.account == account,
                _is(ErrandState.WAITING),
                ErrandRow.kind == kind,
                ErrandRow.group.is_not_distinct_from(group),
                ErrandRow.person.is_not_distinct_from(person),
                *([] if detail is None else [ErrandRow.detail == detail]),
            )
            .values(state=ErrandState.LAPSED, settled_at=now)
        )
        return gone.rowcount > 0

    # Settle

    async def settle(self, taken: TakenErrand, verdict: Verdict, now: datetime) -> bool:
        """False where it is not any more as it was when it was taken: somebody else does it by
        now, or has settled it."""
        waiting = taken.epoch is None
        values: dict[str, Any] = {"reason": storable(getattr(verdict, "reason", "")) or None}
        if isinstance(verdict, RetryAt):
            values |= {"state": ErrandState.WAITING, "due_at": verdict.at, "epoch": None}
        else:
            values |= {"state": _SETTLED[type(verdict)], "settled_at": now}
        done = await self._connection.execute(
            update(ErrandRow)
            .where(
                ErrandRow.id == taken.id,
                ErrandRow.state == (ErrandState.WAITING if waiting else ErrandState.DOING),
                ErrandRow.epoch.is_not_distinct_from(taken.epoch),
            )
            .values(values)
        )
        return done.rowcount > 0

    async def _found(self, account: AccountId, *where: ColumnElement[bool]) -> list[TakenErrand]:
        await self._write()
        found = await self._connection.execute(
            select(ErrandRow.__table__)
            .where(ErrandRow.account == account, *where)
            .order_by(ErrandRow.due_at, ErrandRow.id)
        )
        return [_taken(row) for row in found]

    async def flush(self) -> None:
        """At the end of the transaction."""
        await self._write()
        self._soonest = None

    async def _write(self) -> None:
        """What was asked for, in that order; those who do it are woken by the commit."""
        if not self._asked:
            return
        rows = list(self._asked.values())
        await insert_rows(self._connection, ErrandRow, rows, unless=("key",))
        for account in sorted({row["account"] for row in rows}):
            await wake_relays(self._connection, account)
        self._asked.clear()


def _is(state: ErrandState) -> ColumnElement[bool]:
    """Written into the statement, so that the planner can match the partial index."""
    return ErrandRow.state == literal(state.value, literal_execute=True)


def _is_unsettled() -> ColumnElement[bool]:
    return or_(_is(ErrandState.WAITING), _is(ErrandState.DOING))


def _taken(row: Row[Any]) -> TakenErrand:
    errand = Errand(
        key=row.key,
        kind=ErrandKind(row.kind),
        account=AccountId(row.account),
        due_at=row.due_at,
        lapses_at=row.lapses_at,
        group=GroupId(row.group_id) if row.group_id is not None else None,
        person=PersonId(row.person_id) if row.person_id is not None else None,
        people=tuple(map(PersonId, row.people)),
        detail=row.detail,
    )
    return TakenErrand(ErrandId(row.id), errand, row.attempts, row.epoch)
