"""One entry code: its link, its QR, its poster, and what came of it."""

from functools import partial
from typing import Any
from urllib.parse import quote

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.facts import facts, figures
from bot.console.frame import Console, Visit, button, card, empty
from bot.console.pages.codes import COUNTS, SECTIONS, edit_code, turn_code, whose
from bot.console.quick import tabs

Row = dict[str, Any]
GONE = "没有这个活码。可能是链接抄错了，回「活码」里找一找。"
CLOSED = "停用着，扫了进不来，海报和二维码也看不到；点「重开」就都回来了。"
MADE = "做好了！海报可以直接印，链接可以直接发。"


def code_page(console: Console) -> None:
    @console.page("/codes/{code}")
    async def one(visit: Visit, code: str) -> None:
        tabs(SECTIONS, "")
        known = await visit.api.find(at("entry-codes", code))
        if known is None:
            with card():
                empty(GONE)
            return
        with ui.element("div").classes("two"):
            _about(visit, known)
            _poster(known)


def _about(visit: Visit, code: Row) -> None:
    with card(f"{whose(code)}的活码", name="code"), ui.element("div").classes("stack"):
        if visit.query.get("made"):
            ui.label(MADE).classes("tag good").props("role=status")
        figures([(wording.field(name), wording.number(code[name]), "") for name in COUNTS])
        _link(code["link"])
        facts(
            [
                ("渠道", code["channel"]),
                ("城市", code["city"] or "在表里问妈妈"),
                ("海报标题", code["headline"] or "用海报自带的"),
                ("海报样子", wording.TEMPLATES[code["template"]]),
                (
                    "谁做的",
                    f"{code['created_by']}，{wording.moment(code['created_at'], visit.now)}",
                ),
                ("状态", "停用" if code["closed_at"] else "能扫"),
            ]
        )
        with ui.element("div").classes("tools"):
            if visit.may("operator"):
                _deeds(visit, code)
            ui.link("看漏斗", f"/console/codes/funnel?by=day&code={quote(code['code'])}")


def _deeds(visit: Visit, code: Row) -> None:
    async def edit() -> None:
        if await edit_code(visit, code["code"]):
            _again(code)

    async def turn() -> None:
        if await turn_code(visit, code):
            _again(code)

    button("改", edit, "edit-code", icon="edit")
    button("重开" if code["closed_at"] else "停用", turn, "turn-code")


def _again(code: Row) -> None:
    ui.navigate.to(f"/console{at('codes', code['code'])}")


def _link(link: str) -> None:
    with ui.element("div").classes("tools link-line"):
        ui.link(link, link, new_tab=True).props("data-testid=code-link")
        button("复制链接", partial(_copy, link), "copy-link", icon="content_copy")


def _copy(link: str) -> None:
    ui.clipboard.write(link)
    ui.notify("复制好了", type="positive", position="top")


def _poster(code: Row) -> None:
    with card("海报和二维码", name="poster"):
        if code["closed_at"]:
            empty(CLOSED)
            return
        with ui.element("div").classes("pictures"):
            _picture(code["poster"], f"{whose(code)}的海报", "poster-picture")
            _picture(code["qr"], f"{whose(code)}的二维码", "qr-picture")
        with ui.element("div").classes("tools"):
            _download("下载海报", code["poster"], f"海报-{whose(code)}.png", is_main=True)
            _download("下载二维码", code["qr"], f"二维码-{whose(code)}.png")


def _picture(address: str, told: str, name: str) -> None:
    made = ui.element("img").classes(name).props(f"data-testid={name}")
    made.props["src"], made.props["alt"] = address, told


def _download(title: str, address: str, file: str, *, is_main: bool = False) -> None:
    made = ui.link(title, address).classes("download" + (" main" if is_main else ""))
    made.props["download"] = file
