"""The library over HTTP: what may be posted, one by one or as a table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from bot import content
from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.api.progress import Steps, told
from bot.http.door import Door
from bot.http.problems import Problem, told_as_missing
from bot.transactions import Transactions
from config.daily import ZONE
from handlers.content.cells import Fault
from handlers.content.items import TABLE, Changes, Draft, Id
from handlers.content.sheet import MOST_FAULTS, Reading
from models.access import Access, Holder
from models.cohort import Stage
from models.content import ContentKind, Item
from models.events import Decision, ItemApproved, ItemsPut, ItemWithdrawn
from models.phase import Phase
from models.stores.unit import Unit

LARGEST = 20_000_000
"""Bytes of a table."""
TABLES = ("", "text/csv", "text/plain", "application/csv", "application/octet-stream")
EXCEL = "application/vnd.ms-excel"
"""What browsers on a machine with Excel call a CSV file."""

_TABLE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "properties": {"file": _TABLE["schema"]}}}
_BODY = {"requestBody": {"content": {"text/csv": _TABLE, "multipart/form-data": _FORM}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


def content_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(prefix="/content", tags=["content"])
    viewer = Depends(door.needs(Access.VIEWER))
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    async def decide(event: Decision) -> None:
        with told_as_missing("item"):
            await dispatcher.decide(event, clock.now())

    @api.get("", dependencies=[viewer])
    async def items(
        kind: ContentKind | None = None,
        stage: Annotated[Stage | None, Query(description="What fits it.")] = None,
        phase: Annotated[Phase | None, Query(description="What fits it.")] = None,
        q: Annotated[str, Query(max_length=100, description="Part of its words, or id.")] = "",
        approved: Annotated[bool | None, Query(description="By anybody.")] = None,
        withdrawn: Annotated[bool, Query(description="Those instead.")] = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> list[dict[str, Any]]:
        """In the order of their ids."""
        found = await transactions.read(lambda facts: _library(facts, withdrawn=withdrawn))
        wanted = [
            each
            for each in found
            if kind in (None, each.kind)
            and (stage is None or not each.stages or stage in each.stages)
            and (phase is None or not each.phases or phase in each.phases)
            and (approved is None or approved is bool(each.approved_by))
            and _speaks_of(each, q)
        ]
        return [asdict(each) for each in wanted[offset : offset + limit]]

    @api.get(f"/{TABLE}", dependencies=[viewer], response_class=Response, responses=_CSV)
    async def export() -> Response:
        """All of it as a table that opens in Excel, and can be taken in again."""
        today = clock.now().astimezone(ZONE).date()
        return Response(
            await content.table(transactions),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="content-{today}.csv"'},
        )

    @api.post("/import", openapi_extra=_BODY)
    async def take_in(
        request: Request,
        holder: Admin,
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
                yield {"checked": checked, "of": reading.of}
            if reading.faults:
                raise _refused(reading.faults)
            changes = await content.take_in(
                reading.items,
                transactions,
                dispatcher,
                by=holder.name,
                now=clock.now(),
                dry_run=dry_run,
            )
            yield _told(changes, dry_run=dry_run)

        return await told(request, steps())

    @api.post("/{item:path}/approve")
    async def approve(item: Id, holder: Admin) -> dict[str, Any]:
        """It may be posted also where the rule `content.approval` is set."""
        await decide(ItemApproved(at=clock.now(), by=holder.name, item=item))
        return await transactions.read(lambda facts: _one(facts, item))

    @api.get("/{item:path}", dependencies=[viewer])
    async def one(item: Id) -> dict[str, Any]:
        """Also one that was withdrawn."""
        return await transactions.read(lambda facts: _one(facts, item))

    @api.put("/{item:path}")
    async def put(item: Id, draft: Draft, response: Response, holder: Admin) -> dict[str, Any]:
        """It is like this from now on; 201 where it was not there. An approval lasts as long as
        the item says the same."""
        known = await transactions.read(lambda facts: facts.items.get(item))
        await decide(ItemsPut(at=clock.now(), by=holder.name, items=[draft.as_item(item)]))
        if known is None or known.withdrawn_at is not None:
            response.status_code = 201
        return await transactions.read(lambda facts: _one(facts, item))

    @api.delete("/{item:path}", status_code=204)
    async def withdraw(item: Id, holder: Admin) -> None:
        """It is not posted any more."""
        await decide(ItemWithdrawn(at=clock.now(), by=holder.name, item=item))

    return api


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


def _told(changes: Changes, *, dry_run: bool) -> dict[str, Any]:
    return {"dry_run": dry_run, **changes.counts}


def _speaks_of(item: Item, words: str) -> bool:
    told = (item.id, item.title, item.text, item.source)
    return any(words.casefold() in each.casefold() for each in told)


async def _library(facts: Unit, *, withdrawn: bool) -> list[Item]:
    if not withdrawn:
        return await facts.items.library()
    return await facts.items.withdrawn()


async def _one(facts: Unit, item: str) -> dict[str, Any]:
    known = await facts.items.get(item)
    if known is None:
        raise Problem(404, f"there is no item {item}")
    return asdict(known)
