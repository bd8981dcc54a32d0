"""A table is taken into the library: tried first, and told row by row what is wrong."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from bot.console import library, wording
from bot.console.client import Refused
from bot.console.frame import Console, Visit, button, card, trouble
from bot.console.listing import CELL

LIST, EXPORT = "/console/content", "/api/v1/content-table"
HOW = (
    "CSV 表格，一行一条，第一行是列名，至少要有「种类」和「正文」。\n"
    "先导出现在的内容库，在 Excel 里改好或加行，再导进来最省事；编号一样的会改，没有的会加，"
    "表里没写到的不动。"
)
ONLY_ADMINS = "只有管理员能导入内容。"
LARGEST = 20_000_000
PATH = "/content-table"
LEFT = "可以离开这一页，会接着做完，结果看操作记录"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of what the API tells: how far it is, and at last what came of it."""

    checked: int = 0
    of: int = 0
    counts: Mapping[str, int] | None = None
    refused: Refused | None = None

    @property
    def share(self) -> float:
        return self.checked / self.of if self.of else 0


def step(line: str) -> Step:
    told = json.loads(line)
    if "checked" in told:
        return Step(told["checked"], told["of"])
    if "status" in told:
        return Step(refused=Refused(told["status"], told))
    return Step(counts=told)


def outcome(counts: Mapping[str, int]) -> str:
    parts = [("added", "新增"), ("changed", "改动"), ("unchanged", "不变")]
    return "，".join(f"{word} {counts[name]} 条" for name, word in parts)


def faults(refused: Refused) -> list[dict[str, Any]]:
    """By row, as Excel numbers them."""
    return [
        {
            "n": n,
            "row": f"第 {each['row']} 行",
            "column": library.COLUMNS.get(each["column"], each["column"]),
            "says": each["says"],
        }
        for n, each in enumerate(refused.errors)
        if "row" in each
    ]


def faults_told(refused: Refused) -> str:
    """`nothing was taken in; faults: 150, the first 100 here`"""
    found = faults(refused)
    many = refused.detail.partition("faults: ")[2].partition(",")[0]
    told = f"有 {many or len(found)} 处要改，什么都还没有导入"
    more = many.isdecimal() and int(many) > len(found)
    return f"{told}；先列出前 {len(found)} 处" if more else told


def content_import_page(console: Console) -> None:
    @console.page("/content/import")
    async def take_in(visit: Visit) -> None:
        ui.link("← 内容库", LIST).classes("faint")
        if not visit.may("admin"):
            trouble(ONLY_ADMINS)
            return
        with card("用表格导入", name="import"):
            ui.label(HOW).classes("empty")
            ui.link("导出现在的内容库", EXPORT).props("download").classes("faint")
            Import(visit).show()


class Import:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._table = b""

    def show(self) -> None:
        self._chosen = ui.upload(
            label="选一个 CSV 文件，先试一遍，不会马上导入",
            auto_upload=True,
            max_files=1,
            max_file_size=LARGEST,
            on_upload=self._given,
            on_rejected=lambda: ui.notify("文件太大了，请分几次导入", type="negative"),
        )
        self._chosen.props("accept=.csv,text/csv flat bordered data-testid=table")
        self._chosen.classes("w-full")
        self._place = ui.element("div").classes("steps").props("aria-live=polite")

    async def _given(self, event: events.UploadEventArguments) -> None:
        self._table = await event.file.read()
        self._chosen.reset()
        self._place.clear()
        with self._place:
            ui.label(f"「{event.file.name}」").classes("faint")
            await self._run(dry_run=True)

    async def _take_in(self) -> None:
        self._place.clear()
        with self._place:
            await self._run(dry_run=False)

    async def _run(self, *, dry_run: bool) -> None:
        note = ui.label("正在看一遍表格……" if dry_run else f"正在导入……{LEFT}")
        bar = ui.linear_progress(0, show_value=False).props("aria-label=进度")
        last = Step()
        try:
            async for each in self._steps(dry_run=dry_run):
                last = each
                if each.of and not bar.is_deleted:
                    bar.set_value(each.share)
                    note.set_text(f"看过 {each.checked} / {each.of} 行")
        except Refused as why:
            last = Step(refused=why)
        if not self._place.is_deleted:
            bar.delete()
            note.delete()
            self._told(last, dry_run=dry_run)

    async def _steps(self, *, dry_run: bool) -> AsyncIterator[Step]:
        path = f"{PATH}?dry_run=true" if dry_run else PATH
        async for line in self._visit.api.lines(path, table=self._table):
            yield step(line)

    def _told(self, last: Step, *, dry_run: bool) -> None:
        if last.refused is not None:
            _show_faults(last.refused)
        elif last.counts is not None and not dry_run:
            ui.label(f"导入好了：{outcome(last.counts)}").props("data-testid=outcome")
            ui.link("去内容库看看", LIST)
        elif last.counts is not None:
            ui.label(f"表格没有问题。导入后：{outcome(last.counts)}").props("data-testid=outcome")
            if last.counts["added"] or last.counts["changed"]:
                button("导入", self._take_in, "take-in", main=True)
            else:
                ui.label("和现在的内容库一样，不用导入").classes("faint")


def _show_faults(refused: Refused) -> None:
    found = faults(refused)
    if not found:
        trouble(wording.refused(refused))
        return
    trouble(f"{faults_told(refused)}。改好以后再选一次文件。")
    columns = [
        {"name": name, "label": label, "field": name, "align": "left", "classes": width}
        for name, label, width in (
            ("row", "行", "short"),
            ("column", "列", "short"),
            ("says", "怎么改", ""),
        )
    ]
    table = ui.table(columns=columns, rows=found, row_key="n", pagination=0).classes("rows")
    table.props("flat dense hide-pagination data-testid=faults").add_slot("body-cell", CELL)
