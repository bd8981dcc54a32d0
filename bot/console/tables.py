"""A small table of what a page has read already."""

from collections.abc import Sequence

from nicegui import ui

from bot.console.listing import CELL, Column, Row, cells


def table(columns: Sequence[Column], rows: Sequence[Row], name: str) -> None:
    """All of these rows, in their order."""
    heads = [
        {
            "name": f"c{at}",
            "label": each.title,
            "field": f"c{at}",
            "align": "right" if each.is_number else "left",
        }
        for at, each in enumerate(columns)
    ]
    shown = [{"n": n, **cells(columns, row)} for n, row in enumerate(rows)]
    made = ui.table(columns=heads, rows=shown, row_key="n", pagination=0)
    made.props(f"flat dense hide-pagination data-testid={name}").classes("rows")
    made.add_slot("body-cell", CELL)
