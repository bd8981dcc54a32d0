"""What is asked for, in dialogs and on pages: fields, what stands in them, and what is wrong."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from bot.console import reasons, wording
from bot.console.client import Refused
from bot.console.frame import answer_of, button
from bot.console.picking import Source, picker

Values = dict[str, Any]
Input = ValueElement[Any]
BETWEEN = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is the API's. `options` (value -> what it is called) make it a choice, or, of kind
    several, a choice of any of them; `source` lets her look for it, and `called` is what its
    value is called. `kind` is text, lines, number, date, moment, several or names (one line,
    separated by 、); `hint` stands below it. What is left empty is null, or not sent at all where
    `is_left_out`."""

    name: str
    title: str
    kind: str = "text"
    options: Mapping[str, str] | None = None
    hint: str = ""
    value: Any = None
    is_needed: bool = False
    is_left_out: bool = False
    source: Source | None = None
    called: str = ""


class Misfilled(Exception):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


class Form:
    """Built where it is made."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._inputs = {each.name: _input(each) for each in fields}

    def on_change(self, do: Callable[[], Any]) -> None:
        for each in self._inputs.values():
            each.on_value_change(do)

    def values(self) -> Values:
        """As the API takes them; raises Misfilled."""
        values: Values = {}
        for each in self._fields:
            value = _value(each, self._inputs[each.name].value)
            if value is None and each.is_needed:
                raise Misfilled(each.name, "这里要填")
            if value is not None or not each.is_left_out:
                values[each.name] = value
        return values

    def clear(self) -> None:
        """Of what was wrong."""
        for each in self._inputs.values():
            each.props(remove="error error-message")

    def tell(self, fault: Misfilled) -> None:
        self._mark(fault.name, str(fault))

    def tell_refused(self, why: Refused) -> str:
        """Beside the fields that are not as they should be; what belongs to none is returned."""
        rest = []
        for each in why.errors:
            found = [part for part in str(each.get("field")).split(".") if part in self._inputs]
            if found:
                self._mark(found[0], reasons.problem(each))
            else:
                rest.append(each)
        return wording.refused(why) if rest or not why.errors else ""

    def _mark(self, name: str, problem: str) -> None:
        told = problem.replace('"', "'")
        self._inputs[name].props(f'error error-message="{told}"')


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
        form = Form(fields)
        trouble = ui.label().classes("after-trouble").props("role=alert")
        trouble.set_visibility(False)

        async def submit() -> None:
            form.clear()
            trouble.set_visibility(False)
            try:
                await send(form.values())
            except Misfilled as fault:
                form.tell(fault)
            except Refused as why:
                told = form.tell_refused(why)
                trouble.set_text(told)
                trouble.set_visibility(bool(told))
            else:
                opened.submit(True)

        with ui.row().classes("answers"):
            button("取消", lambda: opened.submit(False), "cancel")
            button(yes, submit, "send", main=True)
    return bool(await answer_of(opened))


def _input(field: Field) -> Input:
    props = f"outlined dense stack-label data-testid=field-{field.name}"
    if field.hint:
        props += f' hint="{field.hint}"'
    return _made(field, props).classes("w-full")


def _made(field: Field, props: str) -> Input:
    if field.source is not None:
        return picker(field.title, field.source, field.value, field.called).props(props)
    if field.options is not None:
        several = field.kind == "several"
        made = ui.select(
            dict(field.options), label=field.title, value=field.value, multiple=several
        )
        chips = " use-chips" if several else ""
        return made.props(props + chips + ("" if field.is_needed else " clearable"))
    if field.kind == "lines":
        lines = ui.textarea(field.title, value=field.value or "")
        return lines.props(f"{props} autogrow")
    if field.kind == "number":
        return ui.number(field.title, value=field.value).props(props)
    kinds = {"date": "date", "moment": "datetime-local"}
    told = "、".join(field.value or ()) if field.kind == "names" else field.value or ""
    text = ui.input(field.title, value=told)
    return text.props(f"{props} type={kinds.get(field.kind, 'text')}")


def _value(field: Field, given: Any) -> Any:
    if field.kind == "several":
        return list(given or ())
    if field.kind == "names":
        return [each.strip() for each in BETWEEN.split(given or "") if each.strip()]
    if given in (None, ""):
        return None
    if field.kind == "number":
        return int(given) if float(given).is_integer() else given
    if field.kind == "moment":
        return f"{given}:00+08:00" if len(given) == len("2026-03-02T20:00") else given
    return given.strip() if isinstance(given, str) and field.kind == "text" else given
