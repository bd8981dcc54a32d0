"""The rules: what is in force where and why, what a change would do, and taking it back."""

from nicegui import ui

from bot.console.changes_bar import ChangesBar
from bot.console.frame import Console, Visit, card, empty, trouble
from bot.console.layer_history import history
from bot.console.preview_panel import PreviewPanel
from bot.console.rule_board import Board
from bot.console.rule_rows import TEXTS, RuleRow, rules_look
from bot.console.schema_forms import Section
from bot.console.scope_choice import (
    LayersThatSet,
    ScopeChoice,
    asked_scope,
    no_such_scope,
    scope_name,
)

LEFT_OUT = "这一层和它下面的设置有矛盾，现在整层没有生效。把有矛盾的改回上一层的，就又生效了。"
READ_ONLY = "你可以看，改要请负责这里的运营。"


def rules_page(console: Console) -> None:
    @console.page("/rules")
    async def rules(visit: Visit) -> None:
        await RulesPage(visit).show()


class RulesPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._board = Board(visit, asked_scope(visit))
        self._open: set[str] = set()
        self._words = ""

    async def show(self) -> None:
        board = self._board
        rules_look()
        if not await board.find():
            no_such_scope("/rules")
            return
        choice = ScopeChoice(self._visit, "/rules", board.scope)
        with card(await scope_name(self._visit, board.scope), name="scope"):
            await choice.show()
            self._layers = LayersThatSet(self._visit, choice)
            await self._layers.refresh()
        if board.scope in board.left_out:
            trouble(LEFT_OUT)
        if not board.may_change:
            ui.label(READ_ONLY).classes("faint")
        with ui.tabs().props("align=left no-caps dense active-color=primary") as self._tabs:
            ui.tab("settings", "设置").props("data-testid=tab-settings")
            if board.may_change:
                self._preview_tab = ui.tab("preview", "预览").props("data-testid=tab-preview")
            ui.tab("history", "历史").props("data-testid=tab-history")
        first = "history" if self._visit.query.get("tab") == "history" else "settings"
        with ui.tab_panels(self._tabs, value=first).classes("panels").props("keep-alive"):
            await self._panels()
        if board.may_change:
            ChangesBar(board, self._again, self._redraw, self._to_preview)

    async def _panels(self) -> None:
        with ui.tab_panel("settings"):
            search = ui.input("找规则", on_change=lambda event: self._find(event.value or ""))
            search.props("dense outlined clearable debounce=200 data-testid=find-rule")
            search.classes("find")
            self._place = ui.element("div").classes("page-parts")
            self._draw()
        if self._board.may_change:
            with ui.tab_panel("preview"):
                self._preview = PreviewPanel(self._board, self._running)
                self._preview.show()
        with ui.tab_panel("history"), card():
            self._history = history(self._board, self._again)
            await self._history.show()

    async def _again(self) -> None:
        """After it was changed."""
        await self._board.load()
        self._draw()
        await self._history.refresh()
        await self._layers.refresh()

    async def _redraw(self) -> None:
        self._draw()

    # Rules

    def _find(self, words: str) -> None:
        self._words = words.strip().casefold()
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        sections = [each for each in self._board.sections if each.name != TEXTS]
        with self._place:
            if self._words:
                self._found(sections)
                return
            for each in sections:
                self._fold(each)
            address = f"/console/texts?scope={self._board.scope}"
            ui.link("欢迎语、群规这些话怎么说，在「话术」页改", address).classes("faint")

    def _found(self, sections: list[Section]) -> None:
        rows = 0
        for section in sections:
            forms = [
                form
                for form in section.forms
                if self._words in f"{form.title} {form.reason} {form.path}".casefold()
            ]
            if forms:
                with card(section.title):
                    for form in forms:
                        RuleRow(self._board, form)
            rows += len(forms)
        if not rows:
            empty(f"没有叫「{self._words}」的规则。可以换个词，比如「欢迎」「间隔」「积分」。")

    def _fold(self, section: Section) -> None:
        """Built when it is unfolded: there are a hundred rules, and she wants one."""

        def unfold(is_open: bool) -> None:
            (self._open.add if is_open else self._open.discard)(section.name)
            if is_open and not fold.default_slot.children:
                with fold:
                    for form in section.forms:
                        RuleRow(self._board, form)

        set_here = self._board.set_here(section)
        caption = section.about + (f" 这里单独设了 {set_here} 条。" if set_here else "")
        fold = ui.expansion(
            section.title, caption=caption, on_value_change=lambda event: unfold(event.value)
        )
        fold.classes("part rules-part").props(f"data-testid=section-{section.name}")
        if section.name in self._open:
            fold.open()

    # Previews

    def _to_preview(self) -> None:
        self._tabs.set_value("preview")

    def _running(self, done: float | None) -> None:
        self._preview_tab.props(f'label="预览{"" if done is None else f" {done:.0%}"}"')
