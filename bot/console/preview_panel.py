"""What her changes would have made of the last days: it goes on while she looks elsewhere on the
page, and ends with it."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from nicegui import background_tasks, ui

from bot.console import previews
from bot.console.change_lines import differences
from bot.console.client import Refused
from bot.console.frame import button, card, empty, trouble
from bot.console.previews import NEW, OLD
from bot.console.rule_board import Board
from bot.console.schema_forms import Change

NOTHING = (
    "还没有改动可以试。\n"
    "先在「设置」里改几条规则，再来这里：把最近几天真的发生过的事，按现在的规则和改了以后的规则"
    "各重放一遍，看看群里会多说还是少说、新人要等多久。不会真的发出去，也什么都不会留下。"
)
WHILE = "可以先去看别的，跑完了这里会有结果。"
HOW = "把最近几天真的发生过的事各重放一遍，不会真的发出去。"
DAYS = {1: "最近 1 天", 3: "最近 3 天", 7: "最近 7 天", 14: "最近 14 天", 30: "最近 30 天"}
GROUPS = {1: "1 个群", 5: "最多 5 个群", 20: "最多 20 个群"}
CHART_KINDS = ("messages", "posts")


class PreviewPanel:
    """`running` hears how far it is, None when it is not running."""

    def __init__(self, board: Board, running: Callable[[float | None], None]) -> None:
        self._board, self._running = board, running
        self._task: asyncio.Task[None] | None = None
        self._days, self._groups = 3, 5

    def show(self) -> None:
        self._asked = ui.element("div").classes("page-parts")
        self._told = ui.element("div").classes("page-parts").props("aria-live=polite")
        ui.context.client.on_delete(self.stop)
        self._board.heard.append(self._ask)
        self._ask()

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def begin(self) -> None:
        """Anew, where it runs already."""
        self.stop()
        self._told.clear()
        with self._told:
            running = self._run(self._board.changes, self._board.patch)
            self._task = background_tasks.create(running, context=self._told)
        self._ask()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # What is asked

    def _ask(self) -> None:
        self._asked.clear()
        with self._asked:
            if self.is_running:
                return
            if not self._board.drafts:
                if not self._told.default_slot.children:
                    with card():
                        empty(NOTHING)
                return
            with card("要试的改动", HOW):
                differences(self._board.changes)
                self._choices()

    def _choices(self) -> None:
        def days(event: Any) -> None:
            self._days = event.value

        def groups(event: Any) -> None:
            self._groups = event.value

        with ui.element("div").classes("asked below"):
            for options, value, changed, name in (
                (DAYS, self._days, days, "days"),
                (GROUPS, self._groups, groups, "groups"),
            ):
                ui.select(options, value=value, on_change=changed).props(
                    f"dense outlined options-dense data-testid=preview-{name}"
                    f" aria-label={'重放多久' if name == 'days' else '重放几个群'}"
                )
            button(
                "开始预览", self.begin, "preview-begin", main=True, icon="play_arrow"
            ).set_enabled(not self._board.faults)

    # While it runs

    async def _run(self, changes: Sequence[Change], patch: Mapping[str, Any]) -> None:
        self._running(0)
        bounds = {"days": self._days, "groups": self._groups}
        asked: dict[str, Any] = {"scope": self._board.scope, "set": patch, **bounds}
        try:
            found = await self._replayed(asked)
        except Refused as why:
            self._end()
            trouble(previews.refused(why))
        else:
            self._end()
            self._result(found, changes)

    async def _replayed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refused, be it that a line in between tells so."""
        with card("正在重放", WHILE, name="preview-running"):
            bar = ui.linear_progress(0, show_value=False).props("instant-feedback aria-label=进度")
            where = ui.label("正在找最近发生的事……").classes("faint")
            button("停下", self._cancel, "preview-stop").classes("below")
        api, now = self._board.visit.api, self._board.visit.now
        found: dict[str, Any] = {}
        async with aclosing(api.lines("/rules/preview", asked)) as told:
            async for line in told:
                found = json.loads(line)
                if "done" in found:
                    done, name = previews.progress(found, now)
                    bar.set_value(done)
                    where.set_text(f"{name}，{done:.0%}")
                    self._running(done)
        if "detail" in found:
            raise Refused(found["status"], found)
        return found

    def _cancel(self) -> None:
        self.stop()
        self._end()
        with self._told:
            empty("停下了，什么都没有留下。")

    def _end(self) -> None:
        """What comes of it stands where its progress did."""
        self._task = None
        self._running(None)
        self._told.clear()
        self._ask()

    # What came of it

    def _result(self, found: Mapping[str, Any], changes: Sequence[Change]) -> None:
        visit = self._board.visit
        with card("预览的结果", previews.extent(found, visit.now), name="preview-result"):
            differences(changes)
            with ui.element("div").classes("two"):
                for chart, name in zip(
                    previews.by_day(found, is_dark=visit.is_dark), CHART_KINDS, strict=True
                ):
                    ui.echart(chart).classes("chart tall").props(f"data-testid=chart-{name}")
            with ui.element("div").classes("two"):
                old, new = found["old"], found["new"]
                _table("合计", previews.figures(old, new), "preview-figures")
                _table("说的话", previews.said(old["said"], new["said"]), "preview-said")
            with ui.element("div").classes("faint left-out"):
                ui.label("没有重放、或者和当时不完全一样的：")
                with ui.element("ul"):
                    for each in previews.left_out(found):
                        with ui.element("li"):
                            ui.label(each)


def _table(title: str, rows: Sequence[previews.Row], name: str) -> None:
    """Figures side by side."""
    with ui.element("table").classes("side-by-side").props(f"data-testid={name}"):
        with ui.element("thead"), ui.element("tr"):
            for head in (title, OLD, NEW, "差"):
                with ui.element("th").props("scope=col"):
                    ui.label(head)
        with ui.element("tbody"):
            for what, *values in rows:
                with ui.element("tr"):
                    with ui.element("th").props("scope=row"):
                        ui.label(what)
                    for value in values:
                        with ui.element("td"):
                            ui.label(value)
