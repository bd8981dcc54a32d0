"""Many rows in one statement: arrays in, `unnest`ed by the server.

Measured on two cores, one such statement a table and batch carries about 1.5 times what
executemany does, and a hundred times what a commit a row does (docs/figures.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    DateTime,
    Select,
    SQLColumnExpression,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from models.stores.driver import Row, fetch
from models.tables import Base
from models.tables.base import Utc

Values = Mapping[str, Any]
"""Of a row to be written, by the names of its attributes."""
LARGE = 1_000
"""So many rows are worth a statement of their own that leaves out the columns nobody fills: to
send an array takes its time, even of nothing."""


def columns(row: type[Base]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """By attribute name."""
    return row.__mapper__.c


async def insert_rows(
    connection: AsyncConnection,
    row: type[Base],
    rows: Sequence[Values],
    *,
    unless: Sequence[str] | None = None,
) -> None:
    """`unless` a row with the same values of these columns is there already."""
    names = tuple(rows[0])
    statement = _insert(row, names, tuple(unless) if unless is not None else None)
    await fetch(connection, statement, _arrays(names, rows))


async def upsert_rows(
    connection: AsyncConnection, row: type[Base], key: Sequence[str], rows: Sequence[Values]
) -> None:
    """All other columns are overwritten where the key is there already."""
    names = tuple(rows[0])
    given = names if len(rows) < LARGE else tuple(_given_any(names, rows))
    await fetch(connection, _upsert(row, names, given, tuple(key)), _arrays(given, rows))


async def update_rows(
    connection: AsyncConnection, row: type[Base], key: Sequence[str], rows: Sequence[Values]
) -> None:
    """Only these columns, of rows that are there."""
    names = tuple(rows[0])
    await fetch(connection, _update(row, names, tuple(key)), _arrays(names, rows))


async def add_rows(
    connection: AsyncConnection,
    row: type[Base],
    key: Sequence[str],
    rows: Sequence[Values],
    added: Sequence[str],
) -> list[tuple[Any, ...]]:
    """Where the key is there already the numbers in `added` are added to those that are there.
    Returns the keys of the rows that were not there before, as far as the first of the numbers
    tells, which is never 0: they hold just what was added."""
    names = tuple(rows[0])
    statement = _add(row, names, tuple(key), tuple(added))
    written = await fetch(connection, statement, _arrays(names, rows))
    given = {tuple(each[name] for name in key): each[added[0]] for each in rows}
    totals = ((tuple(of), total) for *of, total in (each.values() for each in written))
    return [of for of, total in totals if total == given[of]]


async def rows_by(
    connection: AsyncConnection,
    row: type[Base],
    names: Sequence[str],
    key: Sequence[str],
    keys: Sequence[tuple[Any, ...]],
    *,
    locks: bool = False,
) -> Sequence[Row]:
    """The rows with these keys, by attribute names; locked in the order of the key."""
    statement = _select(row, tuple(names), tuple(key), locks)
    values = {name: [each[n] for each in keys] for n, name in enumerate(key)}
    return await fetch(connection, statement, values)


def among(column: SQLColumnExpression[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether it is one of these, however many they are: as one array, where `in_` would bind
    each by itself."""
    return column == func.any(cast(sorted(values), ARRAY(Text)))


def is_just(column: SQLColumnExpression[str], value: StrEnum) -> ColumnElement[bool]:
    """Written into the statement, so that the planner can match a partial index."""
    return column == literal_column(f"'{value.value}'")


# Building a statement costs more than sending it, so each is built once.


@cache
def _insert(row: type[Base], names: tuple[str, ...], unless: tuple[str, ...] | None) -> Insert:
    table = _given(row, names)
    statement = insert(row).from_select(
        [columns(row)[name] for name in names], select(*(table.c[name] for name in names))
    )
    if unless is None:
        return statement
    return statement.on_conflict_do_nothing(index_elements=[columns(row)[name] for name in unless])


def _given_any(names: Iterable[str], rows: Sequence[Values]) -> Iterator[str]:
    return (name for name in names if any(each[name] is not None for each in rows))


@cache
def _upsert(
    row: type[Base], names: tuple[str, ...], given: tuple[str, ...], key: tuple[str, ...]
) -> Insert:
    """Columns that are not given become null."""
    statement = _insert(row, given, None)
    changed = {
        columns(row)[name]: statement.excluded[columns(row)[name].name]
        for name in names
        if name not in key
    }
    return statement.on_conflict_do_update(
        index_elements=[columns(row)[name] for name in key], set_=changed
    )


@cache
def _update(row: type[Base], names: tuple[str, ...], key: tuple[str, ...]) -> Update:
    given = _given(row, names)
    changed = {columns(row)[name]: given.c[name] for name in names if name not in key}
    return (
        update(row).values(changed).where(*(columns(row)[name] == given.c[name] for name in key))
    )


@cache
def _add(
    row: type[Base], names: tuple[str, ...], key: tuple[str, ...], added: tuple[str, ...]
) -> ReturningInsert[Any]:
    statement = _insert(row, names, None)
    total = {
        columns(row)[name].name: columns(row)[name] + statement.excluded[columns(row)[name].name]
        for name in added
    }
    of_key = [columns(row)[name] for name in key]
    upsert = statement.on_conflict_do_update(index_elements=of_key, set_=total)
    return upsert.returning(*of_key, columns(row)[added[0]])


@cache
def _select(
    row: type[Base], names: tuple[str, ...], key: tuple[str, ...], locks: bool
) -> Select[Any]:
    wanted = _given(row, key)
    statement = select(*(columns(row)[name].label(name) for name in names)).where(
        *(columns(row)[name] == wanted.c[name] for name in key)
    )
    if not locks:
        return statement
    in_order = statement.order_by(*(columns(row)[name] for name in key))
    return in_order.with_for_update(key_share=True, of=row)


def _given(row: type[Base], names: tuple[str, ...]) -> TableValuedAlias:
    """The rows as a table `given`, each column an array named like the attribute."""
    arrays = (
        bindparam(name, type_=ARRAY(_plain(columns(row)[name].type), dimensions=1))
        for name in names
    )
    return func.unnest(*arrays).table_valued(*names, name="given").render_derived()


def _arrays(names: tuple[str, ...], rows: Sequence[Values]) -> dict[str, list[Any]]:
    return {name: [each[name] for each in rows] for name in names}


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """A type as an array can carry it: without a collation, without our own conversion."""
    if isinstance(kind, Text):
        return Text()
    return DateTime(timezone=True) if isinstance(kind, Utc) else kind
