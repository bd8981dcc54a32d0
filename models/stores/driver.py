"""Statements that are made with every event, handed to the driver.

SQLAlchemy writes them, once. To have it carry them out, too, costs three times what PostgreSQL and
asyncpg take for it (docs/figures.md), and a lone message needs thirty of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import CompoundSelect, RowMapping, Select
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any] | RowMapping
"""By the names of the columns."""
Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | UpdateBase
Process = Callable[[Any], Any] | None

DIALECT = registry.load("postgresql.asyncpg")()

DOUBLE = 701
"""Of all types only numbers ask what PostgreSQL calls them; ours are doubles."""

_prepared: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
"""By connection of the driver and text."""


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as the driver takes it: its parameters in their order, each with what it is if
    nobody says otherwise."""

    text: str
    parameters: tuple[tuple[str, Any, Process], ...]

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        found = ((given.get(name, other), process) for name, other, process in self.parameters)
        return [process(value) if process else value for value, process in found]


async def fetch(
    connection: AsyncConnection, statement: Statement, given: Mapping[str, Any]
) -> Sequence[Row]:
    """The rows. The statement is one that is built once and kept.

    Raises what SQLAlchemy would. The first of a transaction is left to SQLAlchemy, which begins
    it then.
    """
    sync = connection.sync_connection
    driver = sync.connection.driver_connection if sync is not None else None
    if driver is None or not driver.is_in_transaction():
        done = await connection.execute(statement, given)
        return done.mappings().all() if done.returns_rows else []
    written = _written(statement)
    try:
        prepared = _prepared.setdefault(driver, {})
        if written.text not in prepared:
            prepared[written.text] = await driver.prepare(written.text)
        rows: Sequence[Row] = await prepared[written.text].fetch(*written.arguments(given))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        # Prepared for a table that was changed since, it is of no use on this connection any more.
        is_lost = driver.is_closed() or isinstance(error, asyncpg.InvalidCachedStatementError)
        if is_lost:
            await connection.invalidate()
        raise DBAPIError(
            written.text, None, error, hide_parameters=True, connection_invalidated=is_lost
        ) from error
    return rows


@lru_cache(maxsize=1000)
def _written(statement: Statement) -> Written:
    for each in statement.exported_columns:
        # Else what the driver reads would not be what SQLAlchemy makes of it.
        assert _impl(each.type).result_processor(DIALECT, DOUBLE) is None, each
    compiled = statement.compile(dialect=DIALECT)
    text = str(compiled)
    assert "[POSTCOMPILE_" not in text, f"its text is not the same each time: {text}"
    return Written(
        text=text,
        parameters=tuple(
            (name, compiled.params[name], _impl(compiled.binds[name].type).bind_processor(DIALECT))
            for name in compiled.positiontup or ()
        ),
    )


def _impl(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(DIALECT)
