"""Many rows in one statement: arrays in, `unnest`ed by the server.

Measured on two cores, one such statement a table and batch carries about 1.5 times what
executemany does, and a hundred times what a commit a row does (docs/figures.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Select, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from models.tables import Base
from models.tables.base import Utc

Row = Mapping[str, Any]


def columns(row: type[Base]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """By attribute name."""
    return row.__mapper__.c


def given(row: type[Base], names: Sequence[str], rows: Sequence[Row]) -> TableValuedAlias:
    """The rows as a table `given`, with its columns named like the attributes."""
    arrays = (
        bindparam(
            None,
            [each[name] for each in rows],
            ARRAY(_plain(columns(row)[name].type), dimensions=1),
        )
        for name in names
    )
    return func.unnest(*arrays).table_valued(*names, name="given").render_derived()


def insert_rows(row: type[Base], rows: Sequence[Row]) -> Insert:
    names = list(rows[0])
    table = given(row, names, rows)
    return insert(row).from_select(
        [columns(row)[name] for name in names], select(*(table.c[name] for name in names))
    )


def upsert_rows(row: type[Base], key: Iterable[str], rows: Sequence[Row]) -> Insert:
    """All other columns are overwritten where the key is there already."""
    statement = insert_rows(row, rows)
    key_names = set(key)
    changed = {
        columns(row)[name]: statement.excluded[columns(row)[name].name]
        for name in rows[0]
        if name not in key_names
    }
    return statement.on_conflict_do_update(
        index_elements=[columns(row)[name] for name in key_names], set_=changed
    )


def select_by(
    row: type[Base], names: Iterable[str], key: Sequence[str], keys: Sequence[tuple[Any, ...]]
) -> Select[Any]:
    """The rows with these keys, their columns labelled by attribute name."""
    wanted = given(row, key, [dict(zip(key, each, strict=True)) for each in keys])
    matches = (columns(row)[name] == wanted.c[name] for name in key)
    return select(*(columns(row)[name].label(name) for name in names)).where(*matches)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """A type as an array can carry it: without a collation, without our own conversion."""
    if isinstance(kind, Text):
        return Text()
    return DateTime(timezone=True) if isinstance(kind, Utc) else kind
