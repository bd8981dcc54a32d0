"""Tables that open in Excel: CSV with the mark by which it knows UTF-8."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fastapi import Response

from config.daily import ZONE

BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

Cell = str | int | float | None


def guarded(text: str) -> str:
    """So that Excel takes it for a text: who names herself `=...` must not have it computed."""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


def cell(value: Any) -> Cell:
    """Times as in Asia/Shanghai."""
    match value:
        case datetime():
            return value.astimezone(ZONE).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case bool():
            return str(value).lower()
        case None | int() | float():
            return value
        case _:
            return str(value)


def csv_head(columns: Sequence[str]) -> str:
    return "\ufeff" + csv_lines([columns])


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """What is not known is empty."""
    table = io.StringIO(newline="")
    lines = csv.writer(table, lineterminator="\r\n")
    lines.writerows([_written(each) for each in row] for row in rows)
    return table.getvalue()


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    return csv_head(columns) + csv_lines(rows)


def csv_answer(name: str, table: str) -> Response:
    """To be kept as a file; `name` is plain ASCII, without its ending."""
    return Response(
        table,
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _written(cell: Cell) -> Cell:
    return guarded(cell) if isinstance(cell, str) else cell
