"""One rule on the page: what it is, what it is for, and what it is set to, from where."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from bot.console import wording
from bot.console.frame import LOOK, button
from bot.console.rule_board import DEFAULT, Board
from bot.console.rule_fields import RuleField
from bot.console.schema_forms import Form, hint, short, told

TEXTS = "texts"
"""The section that has a page of its own."""
DRAFTED, SET_HERE = "改了，没保存", "这里单独设的"
STYLE = (LOOK / "rules.css").read_text("utf-8")


def rules_look() -> None:
    """What these pages look like, beyond what all do."""
    ui.add_css(STYLE)


class RuleRow:
    def __init__(self, board: Board, form: Form) -> None:
        self._board, self._form = board, form
        with ui.element("div").classes("rule").props(f"data-testid=rule-{form.path}"):
            with ui.element("div").classes("rule-told"):
                with ui.element("div").classes("rule-name"):
                    ui.label(form.title)
                    tag = ui.label().classes("tag")
                ui.label(form.reason).classes("faint")
            with ui.element("div").classes("rule-set"):
                self._place = ui.element("div")
                self._state = RuleState(board, form, self._draw, tag)
        self._draw()

    def _draw(self) -> None:
        """With the value that she wants, or that is."""
        board, form = self._board, self._form
        self._place.clear()
        with self._place:
            if board.may_change:
                RuleField(form, board.value(form), self._took, self._missed)
            else:
                ui.label(told(form, board.value(form))).classes("rule-value")

    def _took(self, value: object) -> None:
        self._board.draft(self._form, value)
        self._state.tell()

    def _missed(self, why: str) -> None:
        self._board.misread(self._form, why)
        self._state.tell()


class RuleState:
    """Where the value comes from, and the way back; `redraw` where it became another."""

    def __init__(
        self, board: Board, form: Form, redraw: Callable[[], object], tag: ui.label | None = None
    ) -> None:
        self._board, self._form, self._redraw, self._tag = board, form, redraw, tag
        self._place = ui.element("div").classes("rule-from faint")
        self.tell()

    def tell(self) -> None:
        board, form = self._board, self._form
        is_drafted = form.path in board.drafts or form.path in board.faults
        is_set = board.is_set_here(form)
        self._place.clear()
        with self._place:
            tag = self._tag or ui.label().classes("tag")
            tag.set_text(DRAFTED if is_drafted else SET_HERE)
            tag.set_visibility(is_drafted or is_set)
            tag.classes(remove="warn good", add="warn" if is_drafted else "good")
            ui.label(self._where_from(is_drafted=is_drafted, is_set=is_set))
            if board.may_change:
                self._ways_back(is_drafted=is_drafted, is_set=is_set)

    def _where_from(self, *, is_drafted: bool, is_set: bool) -> str:
        board, form = self._board, self._form
        in_force = short(form, board.rules[form.section][form.name])
        if form.path in board.faults:
            return f"现在是 {in_force}"
        if is_drafted:
            return f"原来是 {in_force}"
        if is_set:
            return f"上一层是 {short(form, board.value_below(form))}"
        source = board.sources[form.path]
        return f"来自{'默认' if source == DEFAULT else wording.scope(source)}"

    def _ways_back(self, *, is_drafted: bool, is_set: bool) -> None:
        path = self._form.path
        if self._form.section != TEXTS and (found := hint(self._form)):
            ui.label(found)
        if is_drafted:
            button("不改了", self._forget, f"forget-{path}").classes("small")
        elif is_set:
            button("改回上一层的", self._unset, f"unset-{path}").classes("small")

    async def _forget(self) -> None:
        self._board.forget(self._form)
        await self._back()

    async def _unset(self) -> None:
        self._board.draft(self._form, None)
        await self._back()

    async def _back(self) -> None:
        if isinstance(drawing := self._redraw(), Awaitable):
            await drawing
        self.tell()
