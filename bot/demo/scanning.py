"""`/demo/scan/...`: where the codes of simulated rooms lead, and of the simulated account. It is
what WeChat would show: a group to join, somebody to add."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.demo import markup
from bot.demo.cast import Awkward
from bot.demo.chats import Said
from bot.demo.codes import SCAN
from bot.demo.doorway import LONGEST_HELLO, Arriving, Doorway
from bot.http.entry.forms import read_form
from bot.http.entry.safety import comes_from_us
from bot.http.visitors import cookie_of, new_cookie, set_cookie, visitor_of
from models.ids import GroupId

MOST = 4_000
"""Bytes of a form."""


def scan_pages(doorway: Doorway) -> APIRouter:
    pages = APIRouter(prefix=SCAN, include_in_schema=False)

    @pages.get("/g/{group}")
    async def see_group(group: str, request: Request) -> HTMLResponse:
        found = await doorway.group(GroupId(group))
        if found is None:
            return _page(request, "scan_gone", status=404)
        arriving = await doorway.arriving(visitor_of(_cookie(request)))
        return _page(request, "scan_group", group=found, **_who(arriving))

    @pages.post("/g/{group}")
    async def join(group: str, request: Request) -> Response:
        if not comes_from_us(request, "") or await doorway.group(GroupId(group)) is None:
            return _page(request, "scan_gone", status=404)
        try:
            await doorway.join(GroupId(group), visitor_of(_cookie(request)))
        except Awkward as why:
            return _page(request, "scan_gone", why=str(why), status=409)
        return _back(request)

    @pages.get("/u/{account}")
    async def see_account(account: str, request: Request) -> HTMLResponse:
        arriving = await doorway.arriving(visitor_of(_cookie(request)))
        said = [each for each in arriving.said if isinstance(each, Said)]
        return _page(request, "scan_account", said=said, longest=LONGEST_HELLO, **_who(arriving))

    @pages.post("/u/{account}")
    async def befriend(account: str, request: Request) -> Response:
        if not comes_from_us(request, ""):
            return _page(request, "scan_gone", status=404)
        form = await read_form(request, MOST)
        await doorway.befriend(visitor_of(_cookie(request)), form["hello"])
        return _back(request)

    return pages


def _cookie(request: Request) -> str:
    """Hers; or the one she is given, if she has none yet."""
    if not hasattr(request.state, "cookie"):
        request.state.cookie = cookie_of(request) or new_cookie()
    cookie: str = request.state.cookie
    return cookie


def _who(arriving: Arriving) -> dict[str, Any]:
    return {
        "called": arriving.name,
        "ticket": (arriving.visitor and arriving.visitor.ticket) or "",
        "person": arriving.person,
        "groups": arriving.groups,
    }


def _page(request: Request, look: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    page = HTMLResponse(markup.page(look, **values), status, {"Cache-Control": "no-store"})
    set_cookie(page, _cookie(request), request)
    return page


def _back(request: Request) -> RedirectResponse:
    back = RedirectResponse(request.url.path, status_code=303)
    set_cookie(back, _cookie(request), request)
    return back
