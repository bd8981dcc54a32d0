"""Who may come in, as what: tokens are given out here, and taken back."""

from functools import partial
from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, answer_of, button, card, sure
from bot.console.listing import Action, Choice, Column, Listing

NOTHING = "还没有令牌。"
HOW = "一个人一个令牌，谁改了什么就记得清楚；不用了就收回。"
SCOPES = "运营要填：channel:渠道名 或 group:群号，一行一个"


def tokens_page(console: Console) -> None:
    @console.page("/tokens")
    async def tokens(visit: Visit) -> None:
        listing = _tokens(visit)
        with card("令牌", HOW):
            button("发一个新令牌", partial(_issue, visit, listing), "issue", main=True, icon="add")
            await listing.show()


def _tokens(visit: Visit) -> Listing:
    async def revoke(row: dict[str, Any]) -> None:
        question = f"收回「{row['name']}」的令牌？用它登录的人马上就出去了。"
        if await sure(question, "收回"):
            await visit.attempt(
                lambda: visit.api.change("DELETE", at("tokens", row["id"])), "收回了"
            )

    return Listing(
        visit,
        "/tokens",
        [
            Column("谁的", lambda row: row["name"], "name"),
            Column("权限", lambda row: wording.ROLES[row["role"]]),
            Column("能改哪些群", lambda row: "、".join(map(wording.scope, row["scopes"]))),
            Column("发的", lambda row: wording.moment(row["created_at"], visit.now), "created_at"),
            Column("最近用过", lambda row: _used(row, visit), "used_at"),
            Column("到期", lambda row: wording.moment(row["expires_at"], visit.now)),
            Column("", _state, tone=lambda row: "bad" if row["revoked_at"] else ""),
        ],
        choices=[Choice("q", "找名字"), Choice("role", "权限", wording.ROLES)],
        actions=[Action("收回", revoke, lambda row: row["revoked_at"] is None, "revoke")],
        sort="-created_at",
        nothing=NOTHING,
        name="tokens",
    )


def _used(row: dict[str, Any], visit: Visit) -> str:
    return wording.moment(row["used_at"], visit.now) or "没用过"


def _state(row: dict[str, Any]) -> str:
    return "已收回" if row["revoked_at"] else ""


async def _issue(visit: Visit, listing: Listing) -> None:
    made: dict[str, Any] = {}

    async def send(values: Values) -> None:
        scopes = [each.strip() for each in (values.pop("scopes") or "").splitlines()]
        operators = {"scopes": [each for each in scopes if each]}
        given = values | (operators if values["role"] == "operator" else {})
        made.update(await visit.api.post("/tokens", given))

    fields = [
        Field("name", "谁的", hint="改动会署这个名字", is_needed=True),
        Field("role", "权限", options=wording.ROLES, value="viewer", is_needed=True),
        Field("scopes", "能改哪些群", "lines", hint=SCOPES),
        Field("expires_at", "到什么时候", "moment", hint="不填就一直有效"),
    ]
    if await ask("发一个新令牌", fields, send, yes="发"):
        await _show_once(made)
        await listing.refresh()


async def _show_once(made: dict[str, Any]) -> None:
    with ui.dialog().props("persistent") as shown, ui.card().classes("ask"):
        ui.label(f"「{made['name']}」的令牌只显示这一次，请马上发给本人：")
        ui.label(made["token"]).classes("secret").props("data-testid=secret")
        with ui.row().classes("answers"):
            button("复制", lambda: ui.clipboard.write(made["token"]))
            button("好了", lambda: shown.submit(True), "done", main=True)
    await answer_of(shown)
