"""What she changed and has not saved yet, at the bottom of the page; a look at it before it is."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from bot.console import wording
from bot.console.change_lines import differences
from bot.console.client import Refused
from bot.console.frame import button
from bot.console.rule_board import Board
from bot.console.schema_forms import refusal

CHANGED_MEANWHILE = 412
GUARD = "window.onbeforeunload = {0} ? (event) => event.preventDefault() : null"
Deed = Callable[[], Awaitable[None]]


class ChangesBar:
    """`saved` is done after it is saved, and `redraw` where what is drafted was let go; `preview`
    has a button where there is one."""

    def __init__(
        self,
        board: Board,
        saved: Deed,
        redraw: Deed,
        preview: Callable[[], None] | None = None,
    ) -> None:
        self._board, self._saved, self._redraw, self._preview = board, saved, redraw, preview
        self._guarded = False
        with ui.element("div").classes("bar").props("data-testid=changes role=status") as bar:
            self._bar = bar
            self._told = ui.label()
            ui.space()
            button("放弃", self._forget, "forget")
            if preview:
                self._look = button("预览", preview, "preview", icon="insights")
            self._save = button("保存…", self._ask, "save", main=True)
        board.heard.append(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        drafts, faults = len(self._board.drafts), len(self._board.faults)
        parts = [f"改了 {drafts} 处，还没保存"] if drafts else []
        parts += [f"{faults} 处填得不对"] if faults else []
        self._told.set_text("；".join(parts))
        self._bar.set_visibility(bool(parts))
        self._save.set_enabled(bool(drafts) and not faults)
        if self._preview:
            self._look.set_enabled(bool(drafts) and not faults)
        if self._guarded != bool(parts):
            self._guarded = bool(parts)
            ui.run_javascript(GUARD.format(str(self._guarded).lower()))

    async def _forget(self) -> None:
        self._board.forget()
        await self._redraw()

    async def _ask(self) -> None:
        with ui.dialog() as opened, ui.card().classes("ask wide"):
            with ui.element("h2"):
                ui.label("保存前看一眼")
            differences(self._board.changes)
            trouble = ui.label().classes("after-trouble").props("role=alert")
            trouble.set_visibility(False)

            async def save() -> None:
                try:
                    await self._board.save()
                except Refused as why:
                    trouble.set_text(await self._trouble(why))
                    trouble.set_visibility(True)
                else:
                    opened.submit(True)

            with ui.row().classes("answers"):
                button("再想想", lambda: opened.submit(False), "cancel")
                button("保存", save, "send", main=True)
        is_saved = await opened
        opened.delete()
        if is_saved:
            ui.notify("保存了，马上生效", type="positive", position="top")
            await self._saved()

    async def _trouble(self, why: Refused) -> str:
        if why.status == CHANGED_MEANWHILE:
            await self._board.load()
            await self._redraw()
            return wording.refused(why)
        return "\n".join(refusal(why, self._board.forms, self._board.scope))
