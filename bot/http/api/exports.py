"""What an export of a person looks like: a list of rows a section, read off the tables.

It can't be written out by hand without leaving something out one day: whoever adds a column in
which a person may stand adds it to TRACES, and with it to the export.
"""

from datetime import date
from types import GenericAlias
from typing import Any

from pydantic import BaseModel, Field, create_model
from sqlalchemy import Boolean, Date, Double, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from bot.http.api.views import Time
from models.stores.bulk import columns
from models.stores.people import TRACES, Trace
from models.tables.base import Utc


def _told(kind: TypeEngine[Any]) -> Any:
    """How a value of this type is told."""
    match kind:
        case Utc():
            return Time
        case Date():
            return date
        case Boolean():
            return bool
        case Integer():
            return int
        case Double():
            return float
        case JSONB():
            return Any
        case _:
            return str


def _row(trace: Trace) -> type[BaseModel]:
    """A row of a section, as the store tells it."""
    of_row = columns(trace.row)
    names = trace.shows or list(of_row.keys())
    fields: dict[str, Any] = {name: (_told(of_row[name].type) | None, ...) for name in names}
    title = "".join(each.title() for each in trace.section.split("_"))
    return create_model(f"Exported{title}", **fields)


def _export() -> type[BaseModel]:
    sections: dict[str, Any] = {
        each.section: (GenericAlias(list, _row(each)), ...) for each in TRACES
    }
    return create_model(
        "Export",
        __doc__="All that is kept of one person, by what it is.",
        person=(str, Field(examples=["wxid_doudou7"])),
        groups=(dict[str, str], Field(description="The names of the groups that are told of.")),
        **sections,
    )


EXPORT = _export()
