"""The pages as HTML: every value is encoded, and style and script come along with each page, so
that one answer is all that a slow phone waits for."""

from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.http.entry.safety import headers_for

LOOK = Path(__file__).with_name("look")
STYLE = (LOOK / "style.css").read_text("utf-8").strip()
SCRIPT = (LOOK / "copy.js").read_text("utf-8").strip()
HEADERS = headers_for(STYLE, SCRIPT)

_pages = Environment(
    loader=FileSystemLoader(LOOK),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
# Both are ours, and hold nothing that anybody gave us.
_pages.globals |= {"style": Markup(STYLE), "script": Markup(SCRIPT)}


def page(template: str, /, status: int = 200, **shown: Any) -> Response:
    made = _pages.get_template(f"{template}.html").render(shown)
    return HTMLResponse(made, status, HEADERS)


def notice(
    status: int, heading: str, *lines: str, link: str = "", label: str = "", retry: int = 0
) -> Response:
    """A page that says one thing; `link` is where to go on, `retry` after how many seconds it is
    worth another try."""
    made = page("notice", status, heading=heading, lines=lines, link=link, label=label)
    if retry:
        made.headers["Retry-After"] = str(retry)
    return made


def onward(path: str) -> Response:
    """To a page of ours, to be looked at and not sent to again."""
    return RedirectResponse(path, 303, HEADERS)


def unknown_code() -> Response:
    return notice(
        404,
        "没有找到这个入口",
        "可能是链接没有复制完整，或者二维码缺了一角。",
        "再扫一次码试试；还不行，就问问给你码的人。",
    )


def closed_code() -> Response:
    return notice(
        410,
        "这个入口已经关闭了",
        "从这里不能再进群。",
        "找给你码的人，要一个新的就好。",
    )


def nowhere_yet() -> Response:
    return notice(
        503,
        "群还在准备",
        "这里的妈妈群马上就开，现在还没有能选的城市。",
        "过一两天再扫这个码试试，或者问问给你码的人。",
    )


def no_page(status: int) -> Response:
    return notice(status, "这里没有页面", "可能是链接没有复制完整，再扫一次码或者回到群里点一次。")


def unknown_opening() -> Response:
    return notice(404, "没有找到这个页面", "链接可能没有复制完整，从小助手的私信里再点一次。")


def unknown_owner() -> Response:
    return notice(404, "没有找到这个页面", "链接可能没有复制完整，从企业微信的消息里再点一次。")


def too_many(seconds: int) -> Response:
    minutes = -(-seconds // 60)
    wait = f"{seconds} 秒" if seconds < 60 else f"{minutes} 分钟"
    return notice(
        429,
        "现在人有点多",
        f"请过 {wait}再试一次，不会耽误你进群。",
        retry=seconds,
    )


def too_busy() -> Response:
    return notice(
        503,
        "系统忙，请稍等一下",
        "过几秒刷新就好。如果你刚交了信息，可能已经收到了，不用重新填。",
        retry=5,
    )


def our_fault() -> Response:
    return notice(
        500, "出了点问题", "是我们这边的问题，已经记下了。过一会儿再试，或者问问给你码的人。"
    )


def bad_form(status: int) -> Response:
    reason = {
        408: "网络太慢，没有收完整。",
        413: "内容太大了，收不下。",
        415: "这个页面只收自己的表格。",
    }
    return notice(status, "没有收到", reason.get(status, "内容读不出来。"), "请返回再试一次。")


def strange_form(back: str) -> Response:
    return notice(
        403,
        "请重新打开一次",
        "这张表放得太久了，或者不是从我们的页面交上来的，为了安全没有收。",
        link=back,
        label="重新打开",
    )


def no_cookie(back: str) -> Response:
    return notice(
        400,
        "还差一步",
        "浏览器没有记住这个页面，所以认不出是你。无痕模式或者关掉了 Cookie 时会这样。",
        "请在微信里重新扫码打开，再填一次就好。",
        link=back,
        label="重新打开",
    )
