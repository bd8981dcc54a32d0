"""The texts: in which words each message is said, and what that looks like in a chat."""

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

from nicegui import ui

from bot.console import wording
from bot.console.changes_bar import ChangesBar
from bot.console.frame import Console, Visit, card
from bot.console.rule_board import DEFAULT, Board
from bot.console.rule_rows import TEXTS, rules_look
from bot.console.schema_forms import Form
from bot.console.scope_choice import ScopeChoice, asked_scope, no_such_scope, scope_name
from bot.console.text_editor import TextEditor

HOW = (
    "双花括号里的词说出来时换成真的，比如 {{ city }} 换成「杭州」；"
    "{% if monitor %}…{% else %}…{% endif %} 是有班长时说前面的，没有时说后面的。"
)
READ_ONLY = "你可以看，改要请负责这里的运营。"


def texts_page(console: Console) -> None:
    @console.page("/texts")
    async def texts(visit: Visit) -> None:
        await TextsPage(visit).show()


class TextsPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._board = Board(visit, asked_scope(visit))
        self._uses: Mapping[str, Mapping[str, str]] = {}
        self._open: set[str] = {"welcome"}

    async def show(self) -> None:
        board = self._board
        rules_look()
        found, is_there = await asyncio.gather(
            self._visit.api.find("/texts", scope=board.scope), board.find()
        )
        if not is_there:
            no_such_scope("/texts")
            return
        self._uses = {each["name"]: each["uses"] for each in found["items"]}
        with card(await scope_name(self._visit, board.scope), name="scope"):
            await ScopeChoice(self._visit, "/texts", board.scope).show()
        ui.label(HOW if board.may_change else READ_ONLY).classes("faint")
        self._place = ui.element("div").classes("page-parts")
        await self._draw()
        history = f"/console/rules?tab=history&scope={quote(board.scope, safe='')}"
        ui.link("谁改过、撤销改动，在「规则」页的历史里", history).classes("faint")
        if board.may_change:
            ChangesBar(board, self._draw, self._draw)

    async def _draw(self) -> None:
        self._place.clear()
        (section,) = (each for each in self._board.sections if each.name == TEXTS)
        with self._place:
            for form in section.forms:
                await self._fold(form)

    async def _fold(self, form: Form) -> None:
        """What it says is asked for when it is unfolded."""

        async def unfold(*, is_open: bool) -> None:
            (self._open.add if is_open else self._open.discard)(form.name)
            if is_open and not fold.default_slot.children:
                with fold:
                    await TextEditor(self._board, form, self._uses[form.name]).show()

        is_open = form.name in self._open
        source = self._board.sources[form.path]
        where = "" if source == DEFAULT else f"（来自{wording.scope(source)}）"
        fold = ui.expansion(
            form.title,
            caption=f"{form.reason}{where}",
            value=is_open,
            on_value_change=lambda event: unfold(is_open=event.value),
        )
        fold.classes("part rules-part").props(f"data-testid=fold-{form.name}")
        if is_open:
            await unfold(is_open=True)
