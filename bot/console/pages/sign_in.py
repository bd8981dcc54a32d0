"""Signing in: a token is traded for a cookie by the browser itself."""

import json

from fastapi import Request
from nicegui import ui

from bot.console.frame import DARK, button, head

TOLD = {
    201: "",
    401: "这个令牌不对，或者已经停用了。请向管理员要一个新的",
    429: "试得太多了，请过几分钟再来",
}
OTHERWISE = "现在登录不了，请过一会儿再试"
HOME = "/console"


def sign_in_page() -> None:
    @ui.page("/console/sign-in", title="登录 · 群助")
    async def sign_in(request: Request) -> None:
        head(is_dark={"1": True, "0": False}.get(request.cookies.get(DARK, "")))
        following = _ours(request.query_params.get("next", ""))

        async def enter() -> None:
            token = json.dumps(field.value.strip())
            status = await ui.run_javascript(f"return await qunzhuSignIn({token})", timeout=10)
            why = TOLD.get(status, OTHERWISE)
            if why:
                field.props(f'error error-message="{why}"')
            else:
                ui.navigate.to(following)

        with ui.element("main").classes("door"), ui.element("section").classes("part"):
            ui.label("群助").classes("brand")
            field = ui.input("令牌", password=True).props(
                "outlined autofocus autocomplete=current-password data-testid=token"
            )
            field.on("keydown.enter", enter)
            button("登录", enter, "sign-in", main=True)
            ui.label(
                "没有令牌？请管理员在「令牌」页发一个，或在服务器上运行 python -m bot token；"
                "演示的令牌在它启动时打印"
            ).classes("faint")


def _ours(address: str) -> str:
    """Nowhere but within the console."""
    return address if address == HOME or address.startswith(f"{HOME}/") else HOME
