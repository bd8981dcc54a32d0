"""Lists over HTTP: what may be asked of each, alike everywhere."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator
from sqlalchemy import ColumnElement, RowMapping

from bot.http.api.tables import Cell, Format, cell, csv_head, csv_lines
from bot.http.api.views import Page, V, View
from bot.http.problems import Problem
from bot.http.values import Absent, Moment
from bot.transactions import Transactions
from models.stores.lists import Asked, BadCursor, Listing, count_of, page_of
from models.stores.unit import Unit
from models.text import storable

MOST = 500
"""Rows of a page."""
A_PIECE = 1_000
"""Rows of a table that are read at once."""

Row = RowMapping
Show = Callable[[Unit, Sequence[Row]], Awaitable[list[V]]]
"""Rows as they are told, where more than the row is needed."""
T = TypeVar("T", bound=View)

Q = Annotated[
    str, AfterValidator(storable), Query(max_length=100, description="Words that it holds.")
]
Since = Annotated[Moment, Query(description="From this moment on.")]
Until = Annotated[Moment, Query(description="Before this moment.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """What was asked of a list, but for what it holds."""

    listing: Listing
    page: Asked
    counts: bool
    format: Format


def paged(listing: Listing) -> Any:
    """The parameters that all lists have, as a dependency: `asked: Annotated[Paged,
    paged(REWARDS)]`."""
    names = sorted(listing.sorts)
    pattern = f"^-?({'|'.join(names)})$"

    def read(
        sort: Annotated[
            str,
            Query(
                pattern=pattern,
                description=f"By {', '.join(names)}; with - before it, the other way round.",
            ),
        ] = listing.default,
        cursor: Annotated[
            str | Absent,
            Query(
                max_length=2_000,
                description="The `next` of the page before, of the same list and order.",
            ),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
        count: Annotated[bool, Query(description="Whether to tell how many there are.")] = False,
        table: Annotated[
            Format, Query(alias="format", description="csv: all of it, as a table for Excel.")
        ] = Format.JSON,
    ) -> Paged:
        page = Asked(sort=sort, limit=limit, cursor=cursor)
        return Paged(listing=listing, page=page, counts=count, format=table)

    return Depends(read)


def lists(view: type[View]) -> dict[str, Any]:
    """What a route that lists says of its answers: `@api.viewer.get("/rewards", **lists(...))`"""
    csv = {"schema": {"type": "string"}}
    page = Page.__class_getitem__(view)
    return {"response_model": page, "responses": {200: {"content": {"text/csv": csv}}}}


async def listed(
    transactions: Transactions,
    name: str,
    asked: Paged,
    view: type[T],
    *where: ColumnElement[bool],
    show: Show[T] | Absent = None,
    filters: Mapping[str, Any],
) -> Page[T] | Response:
    """One page, or all of it as a table called `name`."""
    clauses = [*where, *asked.listing.where(filters)]

    async def as_told(facts: Unit, rows: Sequence[Row]) -> list[T]:
        return await show(facts, rows) if show else [view.model_validate(each) for each in rows]

    async def one(page: Asked) -> tuple[list[T], str | None]:
        async def work(facts: Unit) -> tuple[list[T], str | None]:
            rows, following = await page_of(facts.connection, asked.listing, page, clauses)
            return await as_told(facts, rows), following

        return await transactions.read(work)

    try:
        if asked.format is Format.CSV:
            page = Asked(sort=asked.page.sort, limit=A_PIECE, cursor=asked.page.cursor)
            first = await one(page)
            return _table(name, view, first, page.sort, one)
        items, following = await one(asked.page)
    except BadCursor as error:
        fault = {"field": "cursor", "problem": str(error), "value": asked.page.cursor}
        detail = "there is no such page; begin again without a cursor"
        raise Problem(404, detail, errors=[fault]) from error
    total = None
    if asked.counts:
        total = await transactions.read(
            lambda facts: count_of(facts.connection, asked.listing, clauses)
        )
    return Page(items=items, next=following, total=total)


def _table(
    name: str,
    view: type[T],
    first: tuple[list[T], str | None],
    sort: str,
    more: Callable[[Asked], Awaitable[tuple[list[T], str | None]]],
) -> Response:
    names = list(view.model_fields)

    async def pieces() -> AsyncIterator[str]:
        yield csv_head(names)
        items, following = first
        yield csv_lines(_cells(each, names) for each in items)
        while following is not None:
            items, following = await more(Asked(sort=sort, limit=A_PIECE, cursor=following))
            yield csv_lines(_cells(each, names) for each in items)

    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(pieces(), media_type="text/csv", headers=disposition)


def _cells(view: View, names: Sequence[str]) -> list[Cell]:
    told = view.model_dump()
    return [_cell(told[name]) for name in names]


def _cell(value: Any) -> Cell:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cell(value)
