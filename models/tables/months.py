"""Tables that grow with what is said are stored by the month, and a month leaves as a whole.

Whatever belongs to no month that was opened in advance is kept in the rest: all of it on a
virtual clock, and nothing in a service that runs.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, event

from models.tables.base import Base
from models.tables.community import MessageRow
from models.tables.growth import SpeakerRow

REST = "rest"


@dataclass(frozen=True, slots=True)
class Monthly:
    """A table, and the column by which its rows belong to a month."""

    row: type[Base]
    column: str

    @property
    def table(self) -> str:
        return str(self.row.__tablename__)

    @property
    def rest(self) -> str:
        return f"{self.table}_{REST}"


MONTHLY = (Monthly(MessageRow, "seen_at"), Monthly(SpeakerRow, "hour"))


def _make_rest(table: Table, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql(
        f"CREATE TABLE {table.name}_{REST} PARTITION OF {table.name} DEFAULT"
    )


for _each in MONTHLY:
    event.listen(_each.row.__table__, "after_create", _make_rest)
