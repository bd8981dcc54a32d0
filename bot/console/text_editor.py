"""One text as it is written, beside what it comes to say."""

import json
from collections.abc import Mapping
from functools import partial

from nicegui import ui

from bot.console import text_tries, wording
from bot.console.client import Refused
from bot.console.frame import button, empty
from bot.console.rule_board import Board
from bot.console.rule_rows import RuleState
from bot.console.schema_forms import Form
from models.scopes import group_of

INSERT = """
const field = document.querySelector('[data-testid="write-{0}"]');
field.focus();
document.execCommand("insertText", false, {1});
"""


class TextEditor:
    """`uses` are the words that it may use, with an example of each."""

    def __init__(self, board: Board, form: Form, uses: Mapping[str, str]) -> None:
        self._board, self._form, self._uses = board, form, uses
        self._tries = 0

    async def show(self) -> None:
        template = self._board.value(self._form)
        with ui.element("div").classes("text").props(f"data-testid=text-{self._form.name}"):
            with ui.element("div").classes("text-edit"):
                self._place = ui.element("div")
                self._fault = ui.label().classes("after-trouble").props("role=alert")
                self._state = RuleState(self._board, self._form, self._redraw)
                self._usable()
            with ui.element("div").classes("chat").props("aria-live=polite") as self._chat:
                pass
        self._write()
        await self._try(template)

    def _write(self) -> None:
        self._place.clear()
        template = self._board.value(self._form)
        with self._place:
            if not self._board.may_change:
                ui.label(template).classes("template")
                return
            self._field = ui.textarea(
                value=template, on_change=lambda event: self._written(event.value or "")
            )
            self._field.props(
                f"outlined autogrow debounce=400 data-testid=write-{self._form.name}"
                f" aria-label={self._form.title}"
            ).classes("w-full")

    def _usable(self) -> None:
        with ui.element("div").classes("uses faint"):
            ui.label("能用的：")
            for name, example in self._uses.items():
                word = f"{{{{ {name} }}}}"
                what = f"{text_tries.USES.get(name, name)}，比如 {example}"
                if self._board.may_change:
                    made = button(word, partial(self._insert, word), f"use-{name}")
                    made.classes("small").tooltip(what)
                else:
                    ui.label(word).tooltip(what)

    def _insert(self, word: str) -> None:
        """Where the cursor is."""
        ui.run_javascript(INSERT.format(self._form.name, json.dumps(word)))

    async def _redraw(self) -> None:
        """With another template than was typed."""
        self._write()
        await self._try(self._board.value(self._form))

    # What it says

    async def _written(self, template: str) -> None:
        fault = await self._try(template)
        if fault is None:
            self._board.draft(self._form, template)
        elif fault:
            self._board.misread(self._form, fault)
        self._state.tell()

    async def _try(self, template: str) -> str | None:
        """What is wrong with it; empty where something else was typed meanwhile."""
        self._tries += 1
        mine = self._tries
        asked = {
            "name": self._form.name,
            "template": template,
            "group": group_of(self._board.scope),
        }
        try:
            tried = await self._board.visit.api.post("/texts/preview", asked)
        except Refused as why:
            return self._tell(wording.refused(why), [])
        if mine != self._tries:
            return ""
        if found := tried["fault"]:
            return self._tell(text_tries.fault(found["problem"], found["line"], template), [])
        return self._tell("", text_tries.said(tried))

    def _tell(self, fault: str, said: list[text_tries.Said]) -> str | None:
        self._fault.set_text(fault)
        self._fault.set_visibility(bool(fault))
        self._chat.clear()
        with self._chat:
            if fault:
                empty("改好以后，这里会看到它说出来是什么样。")
            for each in said:
                with ui.element("div").classes("said"):
                    ui.label(each.where).classes("faint")
                    ui.label(each.words).classes("bubble").props("data-testid=says")
        return fault or None
