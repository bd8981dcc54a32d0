"""From what to what, as it is shown before something is saved."""

from collections.abc import Sequence
from difflib import ndiff
from typing import Any

from nicegui import ui

from bot.console.schema_forms import Change, Form, told

UNSET = "不单独设"
KINDS = {"- ": "before", "+ ": "after", "  ": "faint"}
"""How ndiff begins a line, and how it looks."""


def differences(changes: Sequence[Change]) -> None:
    """A line each; of longer texts the lines that are different."""
    with ui.element("div").classes("changes").props("data-testid=differences"):
        for each in changes:
            with ui.element("div").classes("change"):
                ui.label(each.form.title).classes("changed")
                before, after = (_value(each.form, value) for value in (each.before, each.after))
                if "\n" in before or "\n" in after:
                    _lines(before, after)
                else:
                    ui.label(before).classes("before")
                    ui.label("→").props("aria-label=改成")
                    ui.label(after).classes("after")


def _value(form: Form, value: Any) -> str:
    return UNSET if value is None else told(form, value)


def _lines(before: str, after: str) -> None:
    with ui.element("div").classes("in-lines"):
        for each in ndiff(before.strip().splitlines(), after.strip().splitlines()):
            if each[:2] in KINDS:
                ui.label(each[2:] or " ").classes(KINDS[each[:2]])
