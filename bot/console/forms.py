"""Dialogs that ask for a few things and send them on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from bot.console import wording
from bot.console.client import Refused
from bot.console.frame import answer_of, button

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is the API's. `options` (value -> what it is called) make it a choice; `kind` is
    text, lines, number, date or moment; `hint` stands below it. What is left empty is null, or
    not sent at all where `is_left_out`."""

    name: str
    title: str
    kind: str = "text"
    options: Mapping[str, str] | None = None
    hint: str = ""
    value: Any = None
    is_needed: bool = False
    is_left_out: bool = False


async def ask(
    title: str,
    fields: Sequence[Field],
    send: Callable[[Values], Awaitable[Any]],
    *,
    yes: str = "保存",
    note: str = "",
) -> bool:
    """Whether it was sent and taken. What is wrong is told beside its field, and nothing that was
    filled in is lost."""
    with ui.dialog().props("no-backdrop-dismiss") as opened, ui.card().classes("ask"):
        with ui.element("h2"):
            ui.label(title)
        if note:
            ui.label(note).classes("faint")
        inputs = {each.name: _input(each) for each in fields}
        trouble = ui.label().classes("after-trouble").props("role=alert")
        trouble.set_visibility(False)

        async def submit() -> None:
            for each in fields:
                inputs[each.name].props(remove="error error-message")
            try:
                await send(_values(fields, inputs))
            except Refused as why:
                _tell(why, inputs, trouble)
            except Misfilled as fault:
                inputs[fault.name].props(f'error error-message="{fault}"')
            else:
                opened.submit(True)

        with ui.row().classes("answers"):
            button("取消", lambda: opened.submit(False), "cancel")
            button(yes, submit, "send", main=True)
    return bool(await answer_of(opened))


class Misfilled(Exception):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


def _input(field: Field) -> ValueElement[Any]:
    props = f"outlined dense stack-label data-testid=field-{field.name}"
    if field.hint:
        props += f' hint="{field.hint}"'
    made: ValueElement[Any]
    if field.options is not None:
        made = ui.select(dict(field.options), label=field.title, value=field.value)
        made.props(props + ("" if field.is_needed else " clearable"))
    elif field.kind == "lines":
        made = ui.textarea(field.title, value=field.value or "").props(f"{props} autogrow")
    elif field.kind == "number":
        made = ui.number(field.title, value=field.value).props(props)
    else:
        kinds = {"date": "date", "moment": "datetime-local"}
        made = ui.input(field.title, value=field.value or "")
        made.props(f"{props} type={kinds.get(field.kind, 'text')}")
    return made.classes("w-full")


def _values(fields: Sequence[Field], inputs: Mapping[str, ValueElement[Any]]) -> Values:
    """As the API takes them; raises Misfilled."""
    values: Values = {}
    for each in fields:
        value = _value(each, inputs[each.name].value)
        if value is None and each.is_needed:
            raise Misfilled(each.name, "这里要填")
        if value is not None or not each.is_left_out:
            values[each.name] = value
    return values


def _value(field: Field, given: Any) -> Any:
    if given in (None, ""):
        return None
    if field.kind == "number":
        return int(given) if float(given).is_integer() else given
    if field.kind == "moment":
        return f"{given}:00+08:00" if len(given) == len("2026-03-02T20:00") else given
    return given.strip() if isinstance(given, str) and field.kind == "text" else given


def _tell(why: Refused, inputs: Mapping[str, ValueElement[Any]], trouble: ui.label) -> None:
    """Beside the fields that are not as they should be, and the rest below them all."""
    rest = []
    for each in why.errors:
        name = str(each.get("field", "")).rsplit(".", 1)[-1]
        if name in inputs:
            problem = str(each.get("problem", "")).replace('"', "'")
            inputs[name].props(f'error error-message="{problem}"')
        else:
            rest.append(each)
    if rest or not why.errors:
        trouble.set_text(wording.refused(why))
        trouble.set_visibility(True)
