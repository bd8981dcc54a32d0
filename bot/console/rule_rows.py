"""One rule on the page: what it is, what it is for, and what it is set to, from where."""

from nicegui import ui

from bot.console import wording
from bot.console.frame import LOOK, button
from bot.console.rule_board import DEFAULT, Board
from bot.console.rule_fields import RuleField
from bot.console.schema_forms import Form, limits, short, told

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
                    self._tag = ui.label().classes("tag")
                ui.label(form.reason).classes("faint")
            with ui.element("div").classes("rule-set"):
                self._place = ui.element("div")
                self._from = ui.element("div").classes("rule-from faint")
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
        self._tell()

    def _took(self, value: object) -> None:
        self._board.draft(self._form, value)
        self._tell()

    def _missed(self, why: str) -> None:
        self._board.misread(self._form, why)
        self._tell()

    def _tell(self) -> None:
        board, form = self._board, self._form
        is_drafted = form.path in board.drafts or form.path in board.faults
        is_set = board.is_set_here(form)
        self._tag.set_text("改了，没保存" if is_drafted else "这里单独设的")
        self._tag.set_visibility(is_drafted or is_set)
        self._tag.classes(remove="warn good", add="warn" if is_drafted else "good")
        self._from.clear()
        with self._from:
            self._where_from(is_drafted=is_drafted, is_set=is_set)

    def _where_from(self, *, is_drafted: bool, is_set: bool) -> None:
        board, form = self._board, self._form
        if form.path in board.faults:
            # What is wrong stands at the field.
            ui.label(f"现在是 {short(form, board.rules[form.section][form.name])}")
        elif is_drafted:
            ui.label(f"原来是 {short(form, board.rules[form.section][form.name])}")
        elif is_set:
            ui.label(f"上一层是 {short(form, board.value_below(form))}")
        else:
            ui.label(f"来自{_layer(board.sources[form.path])}")
        if board.may_change and (found := limits(form)):
            ui.label(f"可设 {found}")
        if not board.may_change:
            return
        if is_drafted:
            button("不改了", self._forget, f"forget-{form.path}").classes("small")
        elif is_set:
            button("改回上一层的", self._unset, f"unset-{form.path}").classes("small")

    def _forget(self) -> None:
        self._board.forget(self._form)
        self._draw()

    def _unset(self) -> None:
        self._board.draft(self._form, None)
        self._draw()


def _layer(source: str) -> str:
    return "默认" if source == DEFAULT else wording.scope(source)
