"""What came of scans, from the code to four weeks in the group."""

from typing import Any

from nicegui import events, ui

from bot.console import funnels, wording
from bot.console.client import Refused
from bot.console.facts import figures
from bot.console.frame import Console, Visit, card, empty, trouble
from bot.console.listing import Column
from bot.console.pages.codes import SECTIONS
from bot.console.quick import Quick, tabs
from bot.console.tables import table

NOTHING = (
    "这段时间没有人扫码。\n"
    "有人扫了活码，这里就一步步数：几位扫了、填了表、看到了群、进了群、后来还在。"
)
HOW = "一个人只算一次，算在她第一次扫码那天"
MOST = 200
"""Lines of the table; the exported one has up to ten thousand."""
Changed = events.ValueChangeEventArguments[Any]


def funnel_page(console: Console) -> None:
    @console.page("/codes/funnel")
    async def funnel(visit: Visit) -> None:
        tabs(SECTIONS, "/console/codes/funnel")
        with card("漏斗", HOW, name="funnel"):
            await Funnel(visit).show()


class Funnel:
    def __init__(self, visit: Visit) -> None:
        query = visit.query
        self._visit = visit
        self._by = query.get("by", "day") if query.get("by") in funnels.BY else "day"
        self._days = query["days"] if query.get("days") in funnels.DAYS else "30"
        self._within = {name: query.get(name, "") for name in ("channel", "code")}

    async def show(self) -> None:
        with ui.element("div").classes("tools"):
            Quick(funnels.DAYS, self._days, self._of_days, "最近几天", "days")
            Quick(funnels.BY, self._by, self._by_what, "怎么分", "by")
        with ui.element("div").classes("asked"):
            for name, title in (("channel", "只看渠道"), ("code", "只看活码")):
                self._ask(name, title)
            ui.space()
            self._export = ui.link("导出表格").classes("faint").props("download")
            self._export.props("data-testid=export")
        self._place = ui.element("div").classes("stack")
        await self._refresh()

    def _ask(self, name: str, title: str) -> None:
        async def changed(event: Changed) -> None:
            self._within[name] = (event.value or "").strip()
            await self._refresh()

        props = f"dense outlined clearable debounce=400 data-testid=ask-{name}"
        ui.input(title, value=self._within[name], on_change=changed).props(props)

    async def _of_days(self, days: str) -> None:
        self._days = days
        await self._refresh()

    async def _by_what(self, by: str) -> None:
        self._by = by
        await self._refresh()

    async def _refresh(self) -> None:
        asked = {"by": self._by, "since": funnels.since(self._days, self._visit.now)}
        asked |= self._within
        self._export.props["href"] = funnels.table_address(asked)
        self._export.update()
        self._place.clear()
        with self._place:
            try:
                found = await self._visit.api.get("/funnel", limit=MOST, **asked)
            except Refused as why:
                trouble(wording.refused(why))
                return
            self._show(found)

    def _show(self, found: dict[str, Any]) -> None:
        rows, by = found["rows"], self._by
        if not rows:
            empty(NOTHING)
            return
        figures(funnels.figures(found["totals"]))
        drawn = ui.echart(funnels.bars(by, rows, is_dark=self._visit.is_dark)).classes("chart")
        drawn.props["role"], drawn.props["aria-label"] = "img", f"{funnels.BY[by]}的漏斗"
        table(_columns(by), rows, "funnel-table")
        if found["cut"]:
            ui.label(f"还有 {found['cut']:,} 行没列出来，导出的表格里有").classes("faint")


def _columns(by: str) -> list[Column]:
    shares = {name: title for name, (title, _) in funnels.STAYED.items()}
    return [
        Column(funnels.BY[by].removeprefix("按"), lambda row: funnels.name_of(by, row)),
        *(_number(name) for name in funnels.STEPS),
        _share("joined", "进群率"),
        *(_share(name, title) for name, title in shares.items()),
    ]


def _number(name: str) -> Column:
    return Column(wording.field(name), lambda row: wording.number(row[name]), is_number=True)


def _share(name: str, title: str) -> Column:
    return Column(title, lambda row: wording.share(row["shares"][name]), is_number=True)
