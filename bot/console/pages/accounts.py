"""Our logins: which hear and speak, and what waits for them."""

from collections.abc import Sequence
from typing import Any

from bot.console import wording
from bot.console.frame import Console, Visit, card
from bot.console.listing import Choice, Column, Listing, Row
from bot.console.tables import table

NOTHING = (
    "还没有账号。\n"
    "账号是小助手在聊天平台上的登录；在服务器上设好网关再启动，连上以后就会出现在这里。"
)
NOTE = "掉线的时候听不到也说不了；连上以后会补上没说的话。"
STATES = {"up": "在线", "deaf": "掉线"}
WHY = {
    "it was never connected": "还没连上过",
    "no process holds it": "没有服务在用它，请看看服务是不是停了",
}
ABILITIES = {
    "accepts_friends": "加好友",
    "contact_ways": "加好友的活码",
    "invites": "邀请进群",
    "join_ways": "进群的活码",
    "opens_rooms": "建群",
    "renames": "改群名",
    "shows_qr": "取群二维码",
    "hears": "听群里的话",
    "welcome_templates": "入群欢迎语",
}
CONFIRMED = "发到群里要人点一下"
CANT_HEAR = "听不到群里的话：回答问题、完成任务的积分和活跃都是未知"
TABLE = "各网关能做什么"
TABLE_NOTE = "网关是小助手连到聊天平台的路；连着账号的排在前面"
GATEWAYS = {"wecom": "企业微信官方接口", "wechaty": "Wechaty", "simulated": "模拟（演示用）"}
CAN = {
    "yes": "能",
    "no": "不能",
    "confirmed": "能，要人点一下",
    "archived": "有会话存档才能",
}
LIMITED = {"yes": "要", "no": "不用"}
"""Of what makes a gateway able to do less."""
TONES = {"yes": "good", "no": "bad", "confirmed": "warn", "archived": "warn"}


def accounts_page(console: Console) -> None:
    @console.page("/accounts")
    async def accounts(visit: Visit) -> None:
        with card("账号", NOTE):
            await Listing(
                visit,
                "/accounts",
                [
                    Column("账号", lambda row: row["id"], "id"),
                    Column("状态", lambda row: STATES[row["state"]], tone=_tone),
                    Column("从什么时候", lambda row: wording.moment(row["since"], visit.now)),
                    Column("为什么", lambda row: why(row["why"])),
                    Column("最后听到", lambda row: _heard(row, visit), "heard_at"),
                    Column("在管的群", lambda row: wording.number(row["groups"]), is_number=True),
                    Column(
                        "等着说",
                        lambda row: wording.number(row["waiting"]),
                        link=_outbox,
                        is_number=True,
                    ),
                    Column("会做", lambda row: able(row["abilities"])),
                ],
                choices=[Choice("state", "状态", STATES), Choice("q", "找账号")],
                sort="id",
                nothing=NOTHING,
                name="accounts",
            ).show()
        with card(TABLE, TABLE_NOTE, name="gateways"):
            gateways = await visit.api.get("/gateways")
            table(columns_of(gateways), rows_of(gateways), "gateways-rows")


def columns_of(gateways: Sequence[Row]) -> list[Column]:
    """A column a gateway, named with the accounts that are with it."""
    first = Column("能不能", lambda row: row["label"])
    return [first, *(_column(each) for each in gateways)]


def _column(gateway: Row) -> Column:
    name = str(gateway["name"])
    title = GATEWAYS.get(name, name)
    if gateway["accounts"]:
        title = f"{title}（{'、'.join(gateway['accounts'])}）"
    return Column(title, lambda row: said(row[name]), tone=lambda row: tone(row[name]))


def rows_of(gateways: Sequence[Row]) -> list[Row]:
    """A row an ability, with what each gateway says of it."""
    found: dict[str, Row] = {}
    for gateway in gateways:
        for each in gateway["abilities"]:
            row = found.setdefault(each["name"], {"label": each["label"]})
            row[gateway["name"]] = each
    return list(found.values())


def said(ability: Row) -> str:
    return LIMITED[ability["can"]] if ability["is_limit"] else CAN[ability["can"]]


def tone(ability: Row) -> str:
    if ability["is_limit"]:
        return "warn" if ability["can"] == "yes" else ""
    return TONES[ability["can"]]


def _tone(row: dict[str, Any]) -> str:
    return "good" if row["state"] == "up" else "bad"


def _heard(row: dict[str, Any], visit: Visit) -> str:
    return wording.moment(row["heard_at"], visit.now) or wording.UNKNOWN


def _outbox(row: dict[str, Any]) -> str:
    return f"/console/outbox?account={row['id']}&state=waiting"


def why(reason: str | None) -> str:
    """The platform's own words, where we don't know it."""
    return WHY.get(reason, reason) if reason else ""


def able(abilities: list[str]) -> str:
    """Of an account that was never connected nothing is known."""
    told = ["、".join(ABILITIES[each] for each in abilities if each in ABILITIES)]
    if "needs_confirmation" in abilities:
        told.append(CONFIRMED)
    if abilities and "hears" not in abilities:
        told.append(CANT_HEAR)
    return "；".join(filter(None, told))
