"""Points: what was booked, who has how many, and putting right what is wrong."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Response
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from bot.http.api.knowing import known_groups, names_in
from bot.http.api.office import About, Look, Office, Once, in_group
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenChannel, GivenGroup, GivenLine, GivenPerson
from config.numbers import WHOLE
from handlers.points.adjusting import key_of
from handlers.points.policy import PointsRefused
from models.access import Holder
from models.events import EntryReversed, PointsAdjusted
from models.ids import GroupId, PersonId
from models.points import Entry, EntryKind, clawback
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import BalanceRow, GroupRow, LedgerRow
from models.text import storable

MOST_POINTS = 10_000
LONGEST_REASON = 100

Key = Annotated[str, AfterValidator(storable)]
"""Of a line of the ledger."""
Reason = Annotated[GivenLine, StringConstraints(min_length=1, max_length=LONGEST_REASON)]


class EntryView(View):
    """One line of the ledger. `by` is the person who decided it, `rules`, or an operator's name;
    `shortfall` what could not be taken, since nobody has less than nothing; `reversed` whether a
    later line, which `reverses` it, took it back. What she is called, and the note, are null for
    who may not know them."""

    id: str = Field(examples=["task:g1:wxid_9:t3"])
    at: Time
    group: str
    group_name: str
    person: str
    member_name: str | None = Field(examples=["豆豆妈"])
    kind: EntryKind
    points: int
    shortfall: int
    by: str
    note: str | None
    message: str | None
    cause: str | None
    counterpart: str | None
    reverses: str | None
    reversed: bool


class BalanceView(View):
    """What a member has in one group."""

    group: str
    group_name: str
    channel: str | None
    person: str
    member_name: str | None = Field(examples=["豆豆妈"])
    points: int


class Booked(View):
    """What was booked, and what she has now; no more is taken than is there, and `shortfall` is
    what is missing."""

    entry: EntryView
    shortfall: int
    balance: int
    volatile = frozenset({"balance"})


def _is_any(points: int) -> int:
    if not points:
        raise ValueError("it moves nothing")
    return points


class Adjustment(Given):
    points: Annotated[int, WHOLE, AfterValidator(_is_any)] = Field(
        ge=-MOST_POINTS,
        le=MOST_POINTS,
        description="Given, or below 0 taken.",
        json_schema_extra={"not": {"const": 0}},
        examples=[20, -5],
    )
    reason: Reason = Field(description="She reads it, too.", examples=["线下活动第一名"])


class Reversal(Given):
    reason: Reason = Field(description="She reads it, too.")


_later = aliased(LedgerRow)
LEDGER = Listing(
    rows=rows_of(
        LedgerRow,
        (each for each in EntryView.model_fields if each in Entry.__dataclass_fields__),
    )
    .add_columns(
        LedgerRow.key.label("id"),
        func.coalesce(GroupRow.name, "").label("group_name"),
        select(_later.id).where(_later.reverses == LedgerRow.key).exists().label("reversed"),
    )
    .join_from(LedgerRow, GroupRow, GroupRow.id == LedgerRow.group, isouter=True),
    key=[LedgerRow.id],
    sorts={"at": LedgerRow.at},
    default="-at",
    filters={
        "group": LedgerRow.group,
        "channel": GroupRow.channel,
        "person": LedgerRow.person,
        "kind": LedgerRow.kind,
    },
    at=LedgerRow.at,
)
BALANCES = Listing(
    rows=rows_of(BalanceRow, ("group", "person", "points"))
    .add_columns(func.coalesce(GroupRow.name, "").label("group_name"), GroupRow.channel)
    .join_from(BalanceRow, GroupRow, GroupRow.id == BalanceRow.group, isouter=True),
    key=[BalanceRow.group, BalanceRow.person],
    sorts={"points": BalanceRow.points, "person": BalanceRow.person},
    default="-points",
    filters={
        "group": BalanceRow.group,
        "channel": GroupRow.channel,
        "person": BalanceRow.person,
    },
)


def points_api(office: Office) -> Routes:
    api = Routes(office.door, "points")

    @api.viewer.get("/ledger", **lists(EntryView))
    async def ledger(
        holder: Asker,
        asked: Annotated[Paged, paged(LEDGER)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        person: GivenPerson | None = None,
        kind: EntryKind | None = None,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """All that was ever given and taken, newest first."""
        return await office.list(
            "ledger",
            asked,
            EntryView,
            show=_entries_for(holder),
            group=group,
            channel=channel,
            person=person,
            kind=kind,
            since=since,
            until=until,
        )

    @api.viewer.get("/ledger/{entry:id}")
    async def one(entry: Key, holder: Asker, response: Response) -> EntryView:
        return await office.one(_look(entry, holder), About(kind="entry", id=entry), response)

    @api.viewer.get("/balances", **lists(BalanceView))
    async def balances(
        holder: Asker,
        asked: Annotated[Paged, paged(BALANCES)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        person: GivenPerson | None = None,
    ) -> Any:
        """Who has how many points in which group, most first."""
        return await office.list(
            "balances",
            asked,
            BalanceView,
            show=_balances_for(holder),
            group=group,
            channel=channel,
            person=person,
        )

    @api.operator.post("/groups/{group:id}/members/{member:id}/points", status_code=201)
    async def adjust(
        group: GivenGroup, member: GivenPerson, given: Adjustment, asks: Once
    ) -> Booked:
        """Give a member points, or take some. Staff have none. Neither a monitor's budget of a
        week nor what may be earned in a day stands in the way."""
        decision = PointsAdjusted(
            at=office.now(),
            by=asks.holder.name,
            id=uuid4().hex,
            group=group,
            person=member,
            points=given.points,
            reason=given.reason,
        )
        key = key_of(decision)
        about = About(kind="entry", id=key, group=group, person=member)
        with _refused(), told_as_missing("member"):
            return await office.make(
                asks, decision, _booked(key, asks.holder), about, within=in_group(group)
            )

    @api.operator.post("/ledger/{entry:id}/reverse", status_code=201)
    async def reverse(entry: Key, given: Reversal, asks: Once) -> Booked:
        """Take it back by another line: what was earned or given goes, what was taken returns."""
        found = (await office.read(lambda facts: facts.ledger.by_keys([entry]))).get(entry)
        if found is None:
            raise About(kind="entry", id=entry).missing
        group, now = found.group, office.now()
        decision = EntryReversed(
            at=now, by=asks.holder.name, group=group, key=entry, reason=given.reason
        )
        key = clawback(found, now, asks.holder.name, given.reason).key
        about = About(kind="entry", id=key, group=group, person=found.person)
        with _refused(), told_as_missing("entry"):
            return await office.make(
                asks, decision, _booked(key, asks.holder), about, within=in_group(group)
            )

    return api


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except PointsRefused as error:
        raise Problem(409, error.english) from error


def _look(key: str, holder: Holder) -> Look[EntryView]:
    async def look(facts: Unit) -> EntryView | None:
        await facts.ledger.flush()
        found = await facts.connection.execute(LEDGER.rows.where(LedgerRow.key == key))
        shown = await _entries_for(holder)(facts, found.mappings().all())
        return shown[0] if shown else None

    return look


def _booked(key: str, holder: Holder) -> Look[Booked]:
    async def look(facts: Unit) -> Booked | None:
        entry = await _look(key, holder)(facts)
        if entry is None:
            return None
        balance = await facts.balances.of(GroupId(entry.group), PersonId(entry.person))
        return Booked(entry=entry, shortfall=entry.shortfall, balance=balance.points)

    return look


def _entries_for(holder: Holder) -> Callable[[Unit, Sequence[Row]], Awaitable[list[EntryView]]]:
    async def show(facts: Unit, rows: Sequence[Row]) -> list[EntryView]:
        known = await known_groups(holder, (row["group"] for row in rows), facts)
        names = await names_in(known, rows, facts)
        return [
            EntryView.model_validate(
                {
                    **row,
                    "member_name": names.get((row["group"], row["person"])),
                    "note": row["note"] if row["group"] in known else None,
                }
            )
            for row in rows
        ]

    return show


def _balances_for(
    holder: Holder,
) -> Callable[[Unit, Sequence[Row]], Awaitable[list[BalanceView]]]:
    async def show(facts: Unit, rows: Sequence[Row]) -> list[BalanceView]:
        known = await known_groups(holder, (row["group"] for row in rows), facts)
        names = await names_in(known, rows, facts)
        return [
            BalanceView.model_validate(
                {**row, "member_name": names.get((row["group"], row["person"]))}
            )
            for row in rows
        ]

    return show
