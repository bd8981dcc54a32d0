"""The library: what may be posted, found, and approved."""

from typing import Any

from nicegui import ui

from bot.console import library, wording
from bot.console.client import at
from bot.console.frame import Console, Visit, card
from bot.console.listing import Action, Choice, Column, Listing

NOTHING = (
    "没有这样的内容。\n"
    "内容库里放着小助手和班长要发的干货、湿货和互动；可以一条条写，也可以用表格一次导入。"
)
HOW = "每条写明给谁看，小助手按群的孕周和阶段挑着发"
APPROVED = {"true": "审过的", "false": "没审的"}
WITHDRAWN = {"true": "撤下的"}
EXPORT = "/api/v1/content-table"
NEW, IMPORT = "/console/content/new", "/console/content/import"


def content_page(console: Console) -> None:
    @console.page("/content")
    async def content(visit: Visit) -> None:
        with card("内容库", HOW):
            with ui.element("div").classes("doors"):
                if visit.may("admin"):
                    _door("写一条", NEW, "add", "new-item", main=True)
                    _door("用表格导入", IMPORT, "upload", "import")
                door = _door("导出整个内容库", EXPORT, "download", "export-all")
                door.props("download")
            await _items(visit).show()


def item_page(item: str) -> str:
    return f"/console{at('content', 'items', item)}"


def _door(text: str, target: str, icon: str, name: str, *, main: bool = False) -> ui.link:
    with ui.link(target=target).classes("door-link" + (" main" if main else "")) as made:
        ui.icon(icon)
        ui.label(text)
    return made.props(f"data-testid={name}")


def _items(visit: Visit) -> Listing:
    async def approve(row: dict[str, Any]) -> None:
        await visit.attempt(
            lambda: visit.api.post(f"{at('content', row['id'])}/approve"),
            f"「{library.called(row)}」审过了",
        )

    def waits(row: dict[str, Any]) -> bool:
        return visit.may("admin") and not row["approved_by"] and not row["withdrawn_at"]

    return Listing(
        visit,
        "/content",
        [
            Column("内容", library.called, "id", link=lambda row: item_page(row["id"])),
            Column("种类", lambda row: wording.KINDS[row["kind"]], "kind"),
            Column("给谁看", library.for_whom),
            Column("谁来说", lambda row: wording.VOICES[row["voice"]]),
            Column("权重", lambda row: wording.number(row["weight"]), is_number=True),
            Column("审核", library.approval, tone=library.tone),
        ],
        choices=[
            Choice("q", "找内容"),
            Choice("kind", "种类", wording.KINDS),
            Choice("stage", "适合的阶段", wording.STAGES),
            Choice("phase", "适合的群阶段", wording.PHASES),
            Choice("approved", "审核", APPROVED),
            Choice("withdrawn", "撤下的", WITHDRAWN),
        ],
        actions=[Action("审核通过", approve, waits, "approve")],
        sort="id",
        counts=True,
        nothing=NOTHING,
        name="content",
    )
