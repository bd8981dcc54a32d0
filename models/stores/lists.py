"""Lists that are read page by page: in one of some orders, each page after the last row of the
one before, so that nothing is shown twice or left out where rows come and go meanwhile."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from models.stores.bulk import columns
from models.tables import Base
from models.text import storable_in

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

BIGGEST = 2**63 - 1
MOST_COUNTED = 100_000
"""Rows; beyond it a list is longer than anybody wants to know."""


class BadCursor(ValueError):
    """It is none of this list in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`rows` selects, each column under the name it is shown by. `sorts` are the orders, by name:
    expressions that are never null; `-name` is the other way round. `key` tells rows of the same
    place apart. `filters` are what a column must be, by name; `at` is what `since` and `until` go
    by, and `words` what `q` looks into."""

    rows: Select[Any]
    key: Sequence[Column]
    sorts: Mapping[str, Column]
    default: str
    filters: Mapping[str, Column] = field(default_factory=dict)
    at: Column | None = None
    words: Sequence[Column] = ()

    def where(self, given: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """What was asked for, without what is None: one value, or any of a list."""
        return [self._clause(name, each) for name, each in given.items() if each is not None]

    def _clause(self, name: str, value: Any) -> ColumnElement[bool]:
        clause: ColumnElement[bool]
        match name:
            case "q":
                return or_(*(each.icontains(value, autoescape=True) for each in self.words))
            case "since":
                clause = self._moment >= value
            case "until":
                clause = self._moment < value
            case _:
                column = type_coerce(self.filters[name], self.filters[name].type)
                clause = column.in_(value) if isinstance(value, list) else column == value
        return clause

    @property
    def _moment(self) -> ColumnElement[Any]:
        assert self.at is not None
        return type_coerce(self.at, self.at.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page: `sort` is the name of an order, `cursor` what the page before ended with."""

    sort: str
    limit: int
    cursor: str | None = None


def rows_of(row: type[Base], names: Iterable[str]) -> Select[Any]:
    """These columns of one table."""
    return select(*(columns(row)[name].label(name) for name in names))


async def page_of(
    connection: AsyncConnection,
    listing: Listing,
    asked: Asked,
    where: Sequence[ColumnElement[bool]],
) -> tuple[Sequence[RowMapping], str | None]:
    """The rows, and the cursor of what follows them, None at the end. Raises BadCursor."""
    name = asked.sort.removeprefix("-")
    place: list[Column] = [listing.sorts[name], *listing.key]
    is_down = asked.sort.startswith("-")
    named = [each.label(f"place_{n}") for n, each in enumerate(place)]
    wanted = listing.rows.add_columns(*named).where(*where)
    if asked.cursor is not None:
        here, after = tuple_(*place), tuple_(*_read(asked.cursor, asked.sort, place))
        wanted = wanted.where(here < after if is_down else here > after)
    in_order = wanted.order_by(*(each.desc() if is_down else each for each in place))
    found = (await connection.execute(in_order.limit(asked.limit + 1))).mappings().all()
    rows = found[: asked.limit]
    if len(found) == len(rows):
        return rows, None
    return rows, _written(asked.sort, [rows[-1][f"place_{n}"] for n in range(len(place))])


async def count_of(
    connection: AsyncConnection, listing: Listing, where: Sequence[ColumnElement[bool]]
) -> int:
    """How many there are; no more than MOST_COUNTED are counted."""
    some = listing.rows.with_only_columns(literal(1), maintain_column_froms=True)
    some = some.where(*where).limit(MOST_COUNTED)
    found = await connection.scalar(select(func.count()).select_from(some.subquery()))
    return found or 0


def _written(sort: str, place: Sequence[Any]) -> str:
    values = [each.isoformat() if isinstance(each, date) else each for each in place]
    told = json.dumps([sort, *values], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read(cursor: str, sort: str, place: Sequence[Column]) -> list[ColumnElement[Any]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        sorted_by, *values = told
        if sorted_by != sort:
            raise BadCursor(f"it is of a list sorted by {sorted_by}")
        return [_bound(given, by) for given, by in zip(values, place, strict=True)]
    except BadCursor:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor("it is no cursor") from error


def _bound(given: Any, by: Column) -> ColumnElement[Any]:
    """As a value of this column; raises ValueError or TypeError."""
    kind = by.type.python_type
    if kind is datetime:
        value: Any = datetime.fromisoformat(given)
        if value.tzinfo is None:
            raise ValueError(given)
    elif kind is date:
        value = date.fromisoformat(given)
    elif type(given) is kind or (kind is float and type(given) is int):
        value = given
        if storable_in(given) != given or (kind is int and abs(given) > BIGGEST):
            raise ValueError(given)
    else:
        raise TypeError(given)
    return literal(value, by.type)
