"""What every page of the console stands in: who looks, where she is, how she gets elsewhere."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from bot.clock import Clock
from bot.console import wording
from bot.console.client import UNKNOWN, Client, Refused
from bot.http.door import COOKIE

log = logging.getLogger(__name__)

DARK = "qunzhu_dark"
"""The cookie that tells whether she looks at dark pages, so that charts are drawn for them."""
LOOK = Path(__file__).with_name("look")
STYLE = (LOOK / "console.css").read_text("utf-8")
SCRIPT = (LOOK / "console.js").read_text("utf-8")

Build = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation: `least` is who sees it."""

    path: str
    name: str
    icon: str
    least: str = "viewer"


PLACES = (
    Place("", "今天", "wb_sunny"),
    Place("/groups", "群", "groups"),
    Place("/calendar", "日历", "calendar_month"),
    Place("/content", "内容库", "library_books"),
    Place("/questions", "问题", "contact_support"),
    Place("/points", "积分", "stars"),
    Place("/rewards", "福利", "redeem"),
    Place("/codes", "入口活码", "qr_code_2"),
    Place("/rules", "规则", "tune"),
    Place("/texts", "话术", "chat"),
    Place("/outbox", "发件箱", "outbox"),
    Place("/proposals", "待确认", "touch_app"),
    Place("/accounts", "账号", "smartphone"),
    Place("/staff", "同事", "badge", "admin"),
    Place("/dead-letters", "失败的事件", "report_problem", "admin"),
    Place("/audit", "操作记录", "history", "admin"),
    Place("/tokens", "令牌", "vpn_key", "admin"),
)
ACCESS = ("viewer", "operator", "admin")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at a page."""

    api: Client
    who: dict[str, Any]
    now: datetime
    is_dark: bool
    query: dict[str, str]

    def may(self, role: str) -> bool:
        """Whether her token has at least this role; which groups it reaches the API knows."""
        return ACCESS.index(self.who["role"]) >= ACCESS.index(role)

    async def attempt(self, deed: Callable[[], Awaitable[Any]], done: str = "") -> bool:
        """Do what a button says; whether it worked. She is told either way."""
        try:
            await deed()
        except Refused as why:
            ui.notify(wording.refused(why), type="negative", position="top", timeout=8000)
            return False
        if done:
            ui.notify(done, type="positive", position="top")
        return True


class Console:
    def __init__(self, app: FastAPI, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def page(self, path: str) -> Callable[[Build], Build]:
        """A page at `/console` and this path, for who is signed in: its function gets the visit,
        and what the path names."""

        def register(build: Build) -> Build:
            ui.page(f"/console{path}", title="群助")(self._guarded(build, path))
            return build

        return register

    def _guarded(self, build: Build, path: str) -> Callable[[Request], Awaitable[Response | None]]:
        async def show(request: Request) -> Response | None:
            visit = await self._arrive(request)
            if visit is None:
                here = quote(str(request.url.path), safe="")
                return RedirectResponse(f"/console/sign-in?next={here}")
            with _frame(visit, path):
                try:
                    await build(visit, **request.path_params)
                except Refused as why:
                    trouble(wording.refused(why))
            return None

        return show

    async def _arrive(self, request: Request) -> Visit | None:
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        client = Client(self._app, cookie, str(request.base_url).rstrip("/"))
        try:
            who = await client.get("/session")
        except Refused as why:
            if why.status == UNKNOWN:
                return None
            raise
        return Visit(
            client,
            who,
            self._clock.now(),
            request.cookies.get(DARK) == "1",
            dict(request.query_params),
        )


def head(*, is_dark: bool | None) -> None:
    """`is_dark` is None where the browser is to decide."""
    ui.add_css(STYLE)
    ui.add_head_html(f"<script>{SCRIPT}</script>")
    ui.dark_mode(is_dark)
    ui.colors(primary="#07854b", positive="#07854b", negative="#b3261e", warning="#9a5b00")


@contextmanager
def _frame(visit: Visit, path: str) -> Iterator[None]:
    head(is_dark=visit.is_dark)
    here = _place_of(path)
    drawer = ui.left_drawer(value=None, bordered=True).classes("nav")
    with drawer.props("width=168 breakpoint=900") as nav:
        ui.link("群助", "/console").classes("brand")
        for each in PLACES:
            if visit.may(each.least):
                _entry(each, is_here=each is here)
    with ui.header(bordered=True).classes("top"):
        _icon("menu", "菜单", nav.toggle).classes("menu")
        name = ui.label(here.name if here else "").classes("where")
        name.props("role=heading aria-level=1")
        ui.space()
        _icon("dark_mode", "深色或浅色", lambda: ui.run_javascript("qunzhuDark()"))
        with ui.button(visit.who["name"], icon="person").props("flat dense no-caps"), ui.menu():
            ui.label(_reach(visit)).classes("reach")
            ui.menu_item("退出登录", partial(_sign_out, visit))
    with ui.element("main").classes("page"):
        yield


def _icon(icon: str, name: str, do: Callable[[], Any]) -> ui.button:
    return ui.button(icon=icon, on_click=do).props(f"flat round dense aria-label={name}")


def _entry(place: Place, *, is_here: bool) -> None:
    with ui.link(target=f"/console{place.path}").classes("place" + (" here" if is_here else "")):
        ui.icon(place.icon)
        ui.label(place.name)


def _place_of(path: str) -> Place | None:
    """The longest that the path begins with."""
    found = [each for each in PLACES if path == each.path or path.startswith(f"{each.path}/")]
    return max(found, key=lambda each: len(each.path), default=None)


def _reach(visit: Visit) -> str:
    scopes = "、".join(visit.who["scopes"])
    role = wording.ROLES[visit.who["role"]]
    return f"{role}：{scopes}" if scopes else role


async def _sign_out(visit: Visit) -> None:
    if await visit.attempt(lambda: visit.api.change("DELETE", "/session")):
        ui.navigate.to("/console/sign-in")


# Pieces that pages are made of


@contextmanager
def card(title: str = "", note: str = "", name: str = "") -> Iterator[ui.element]:
    """A part of a page, with a heading."""
    with (
        ui.element("section").classes("part").props(f"data-testid={name}" if name else "") as part
    ):
        if title:
            with ui.element("div").classes("part-head"):
                with ui.element("h2"):
                    ui.label(title)
                if note:
                    ui.label(note).classes("faint")
        yield part


def empty(text: str) -> None:
    """Where there is nothing yet: what would stand here, and how it comes about."""
    ui.label(text).classes("empty")


def trouble(text: str) -> None:
    with ui.element("section").classes("part trouble").props("role=alert"):
        ui.icon("error_outline")
        ui.label(text)


def button(
    text: str, do: Callable[[], Any], name: str = "", *, main: bool = False, icon: str = ""
) -> ui.button:
    made = ui.button(text, on_click=do, icon=icon or None, color="primary" if main else None)
    return made.props(
        f"no-caps dense {'unelevated' if main else 'outline'} data-testid={name}"
    ).classes("act")


async def sure(question: str, yes: str) -> bool:
    """She is asked before what can't be undone."""
    with ui.dialog() as asked, ui.card():
        ui.label(question)
        with ui.row().classes("answers"):
            button("取消", lambda: asked.submit(False))
            button(yes, lambda: asked.submit(True), "yes", main=True)
    return bool(await answer_of(asked))


async def answer_of(dialog: ui.dialog) -> Any:
    """What she answers, None where she closes it (Escape does), or leaves the page."""
    answer = await dialog
    if not dialog.is_deleted:
        dialog.delete()
    return answer
