"""The library over HTTP: what may be posted, one by one or as a table."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute
from starlette.datastructures import UploadFile

from bot import content
from bot.http.api.office import About, Asks, Edits, Look, Office
from bot.http.api.paging import Paged, Q, lists, paged
from bot.http.api.progress import NDJSON, Steps, told
from bot.http.api.routes import Routes
from bot.http.api.tables import csv_answer
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem, told_as_missing
from bot.http.values import PathId
from config.daily import ZONE
from handlers.content.cells import Fault
from handlers.content.items import Changes, Draft, Id
from handlers.content.sheet import MOST_FAULTS, Reading
from models.cohort import Stage
from models.content import ContentKind, Item, Voice
from models.events import ItemApproved, ItemsPut, ItemWithdrawn
from models.phase import Phase
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import ItemRow

LARGEST = 20_000_000
"""Bytes of a table."""
TABLES = ("", "text/csv", "text/plain", "application/csv", "application/octet-stream")
EXCEL = "application/vnd.ms-excel"
"""What browsers on a machine with Excel call a CSV file."""

_TABLE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "properties": {"file": _TABLE["schema"]}}}
_BODY = {"requestBody": {"content": {"text/csv": _TABLE, "multipart/form-data": _FORM}}}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


class ItemView(View):
    """One entry of the library. What is empty or null fits everything. An item that is withdrawn
    is not posted any more."""

    id: str = Field(examples=["folic-acid"])
    kind: ContentKind
    text: str = Field(examples=["{{ city }}的妈妈们，叶酸每天400微克"])
    voice: Voice
    image: str | None
    link: str | None
    title: str
    stages: tuple[Stage, ...]
    phases: tuple[Phase, ...]
    from_week: int | None
    to_week: int | None
    cities: tuple[str, ...]
    channels: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    weight: int
    source: str
    approved_by: str | None
    withdrawn_at: Time | None


class Imported(View):
    """What a table changed, or (`dry_run`) would change: how many items are new, are otherwise,
    and stay as they are."""

    dry_run: bool
    added: int
    changed: int
    unchanged: int


class ItemsById(View):
    """Those of a table, as the audit log has them before and after."""

    items: dict[str, ItemView]


class Progress(View):
    """A line of the answer as NDJSON, before the last: how many rows are done."""

    checked: int
    of: int


_IMPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Imported,
        "content": {
            NDJSON: {
                "schema": {
                    "type": "string",
                    "description": "A line each: `checked` of how many rows, and at last what "
                    "the answer would be as JSON, or a problem's status, detail and errors.",
                }
            }
        },
    },
    413: {"description": "The table is too large."},
    415: {"description": "It is no table."},
}

LIBRARY = Listing(
    rows=rows_of(ItemRow, ItemView.model_fields),
    key=[ItemRow.id],
    sorts={"id": ItemRow.id, "kind": ItemRow.kind},
    default="id",
    filters={"kind": ItemRow.kind},
    words=[ItemRow.id, ItemRow.title, ItemRow.text, ItemRow.source],
)


def content_api(office: Office) -> Routes:
    api = Routes(office.door, "content")

    @api.viewer.get("/content", **lists(ItemView))
    async def items(
        asked: Annotated[Paged, paged(LIBRARY)],
        kind: ContentKind | None = None,
        stage: Annotated[Stage | None, Query(description="What fits it.")] = None,
        phase: Annotated[Phase | None, Query(description="What fits it.")] = None,
        approved: Annotated[bool | None, Query(description="By anybody.")] = None,
        withdrawn: Annotated[bool, Query(description="Those instead.")] = False,
        q: Q | None = None,
    ) -> Any:
        """The library."""
        where = [ItemRow.withdrawn_at.is_not(None) == withdrawn]
        where += [_fits(ItemRow.stages, stage)] if stage else []
        where += [_fits(ItemRow.phases, phase)] if phase else []
        where += [] if approved is None else [ItemRow.approved_by.is_not(None) == approved]
        return await office.list("content", asked, ItemView, *where, kind=kind, q=q)

    @api.viewer.get("/content-table", response_class=Response, responses=_CSV)
    async def export() -> Response:
        """All of it as a table that opens in Excel, and can be taken in again."""
        today = office.now().astimezone(ZONE).date()
        return csv_answer(f"content-{today}", await content.table(office.transactions))

    @api.admin.post("/content-table", openapi_extra=_BODY, responses=_IMPORTED)
    async def take_in(
        request: Request,
        holder: Asker,
        dry_run: Annotated[bool, Query(description="Only tell what it would change.")] = False,
    ) -> Response:
        """Take in a table, all of it or, where anything is wrong, nothing.

        Items that are not in the table stay. Faults are told by row and column, in Chinese. With
        `Accept: application/x-ndjson` it tells how far it is, and at last the same answer, a
        line each.
        """
        reading = Reading(await _table_in(request))

        async def steps() -> Steps:
            async for checked in content.checked(reading):
                yield Progress(checked=checked, of=reading.of)
            if reading.faults:
                raise _refused(reading.faults)
            yield await put_all(reading.items, Asks(holder=holder), dry_run=dry_run)

        return await told(request, steps())

    @api.admin.post("/content/{item:id}/approve")
    async def approve(item: PathId, asks: Edits) -> ItemView:
        """It may be posted also where the rule `content.approval` is set."""
        event = ItemApproved(at=office.now(), by=asks.holder.name, item=item)
        with told_as_missing("item"):
            return await office.edit(asks, event, _held(item), _about(item))

    @api.viewer.get("/content/{item:id}")
    async def one(item: PathId, response: Response) -> ItemView:
        """Also one that was withdrawn."""
        return await office.one(_look(item), _about(item), response)

    @api.admin.put("/content/{item:id}", responses={201: {"model": ItemView}})
    async def put(item: Id, draft: Draft, response: Response, asks: Edits) -> ItemView:
        """It is like this from now on; 201 where it was not there. An approval lasts as long as
        the item says the same."""
        known = await office.read(lambda facts: facts.items.get(item))
        given = draft.as_item(item)
        event = ItemsPut(at=office.now(), by=asks.holder.name, items=[given])
        made = await office.make(asks, event, _held(item), _about(item), action="item_put")
        if known is None or known.withdrawn_at is not None:
            response.status_code = 201
        return made

    @api.admin.delete("/content/{item:id}", status_code=204)
    async def withdraw(item: PathId, asks: Edits) -> None:
        """It is not posted any more."""
        event = ItemWithdrawn(at=office.now(), by=asks.holder.name, item=item)
        with told_as_missing("item"):
            await office.remove(asks, event, _held(item), _about(item))

    async def put_all(items: Sequence[Item], asks: Asks, *, dry_run: bool) -> Imported:
        """What that changed, or would."""
        changes = await office.read(lambda facts: content.changes_by(items, facts))
        if changes.differing and not dry_run:
            given = [each for each in items if each.id in changes.differing]
            event = ItemsPut(at=office.now(), by=asks.holder.name, items=given)
            about = About(kind="library", id="table")
            await office.edit(asks, event, _those(given), about, action="table_taken_in")
        return _told(changes, dry_run=dry_run)

    return api


def _about(item: str) -> About:
    return About(kind="item", id=item)


def _look(item: str) -> Look[ItemView]:
    async def look(facts: Unit) -> ItemView | None:
        known = await facts.items.get(item)
        return ItemView.model_validate(known) if known else None

    return look


def _held(item: str) -> Look[ItemView]:
    """As it is, and as nobody else changes it meanwhile, not even by a table."""

    async def look(facts: Unit) -> ItemView | None:
        await facts.items.take_turns()
        return await _look(item)(facts)

    return look


def _those(items: Sequence[Item]) -> Look[ItemsById]:
    async def look(facts: Unit) -> ItemsById:
        await facts.items.take_turns()
        await facts.items.load((each.id,) for each in items)
        known = [await facts.items.get(each.id) for each in items]
        return ItemsById(items={each.id: ItemView.model_validate(each) for each in known if each})

    return look


def _fits(column: InstrumentedAttribute[list[str]], value: str) -> ColumnElement[bool]:
    return or_(column == [], column.contains([value]))


async def _table_in(request: Request) -> bytes:
    """The body, or the file of a form."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        _must_be_small(int(request.headers.get("Content-Length", LARGEST + 1)))
        async with request.form(max_files=1) as form:
            for given in form.values():
                if isinstance(given, UploadFile):
                    return await given.read()
        raise Problem(422, "the form holds no file")
    if kind not in (*TABLES, EXCEL):
        raise Problem(415, f"send the table as text/csv, or a form with a file, not as {kind}")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        _must_be_small(len(body))
    return bytes(body)


def _must_be_small(size: int) -> None:
    if size > LARGEST:
        raise Problem(413, f"a table has at most {LARGEST} bytes; divide it")


def _refused(faults: Sequence[Fault]) -> Problem:
    shown = f", the first {MOST_FAULTS} here" if len(faults) > MOST_FAULTS else ""
    return Problem(
        422,
        f"nothing was taken in; faults: {len(faults)}{shown}",
        errors=[asdict(each) for each in sorted(faults)[:MOST_FAULTS]],
    )


def _told(changes: Changes, *, dry_run: bool) -> Imported:
    return Imported(dry_run=dry_run, **changes.counts)
