"""Who runs all groups, or warms them up."""

from functools import partial
from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, button, card, sure
from bot.console.listing import Action, Choice, Column, Listing

Row = dict[str, Any]
NOTHING = (
    "还没有登记同事。\n"
    "管所有群的同事登记在这里：进群不被欢迎、不算积分，小助手听他们的命令。\n"
    "只管一个群的班长不用登记，在那个群的成员里设。"
)
HOW = "在每个群里都是这个身份；只管一个群的，在那个群的成员里设"
ROLES = {
    "monitor": "班长：能管群、能用全部命令",
    "assistant": "小助手：帮班长做流程",
    "host": "氛围组：带气氛，说话不算数据",
}


def staff_page(console: Console) -> None:
    @console.page("/staff")
    async def staff(visit: Visit) -> None:
        listing = _staff(visit)
        with card("同事", HOW, name="staff"):
            if visit.may("admin"):
                with ui.element("div").classes("tools"):
                    add = partial(_add, visit, listing)
                    button("登记一位", add, "add-staff", main=True, icon="add")
            await listing.show()


def _staff(visit: Visit) -> Listing:
    async def change(row: Row) -> None:
        async def send(values: Values) -> None:
            await visit.api.change("PUT", at("staff", row["person"]), values)

        await ask(f"改「{row['person']}」的身份", [_role(row["role"])], send)

    async def take(row: Row) -> None:
        question = f"去掉「{row['person']}」？以后在群里就是普通成员，各群单独设的身份不变。"
        if await sure(question, "去掉"):
            path = at("staff", row["person"])
            await visit.attempt(lambda: visit.api.change("DELETE", path), "去掉了")

    def may(_: Row) -> bool:
        return visit.may("admin")

    return Listing(
        visit,
        "/staff",
        [
            Column("微信号", lambda row: row["person"], "person"),
            Column("身份", lambda row: wording.MEMBER_ROLES[row["role"]], "role"),
        ],
        choices=[Choice("role", "身份", {name: wording.MEMBER_ROLES[name] for name in ROLES})],
        actions=[
            Action("改身份", change, may, "change-staff"),
            Action("去掉", take, may, "take-staff"),
        ],
        sort="person",
        nothing=NOTHING,
        name="staff-table",
    )


def _role(value: str) -> Field:
    return Field("role", "身份", options=ROLES, value=value, is_needed=True)


async def _add(visit: Visit, listing: Listing) -> None:
    async def send(values: Values) -> None:
        person = values.pop("person")
        await visit.api.change("PUT", at("staff", person), values)

    who = Field("person", "微信号", is_needed=True, hint="平台上的号，群的成员表里能看到")
    if await ask("登记一位同事", [who, _role("assistant")], send, yes="登记"):
        ui.notify("登记好了", type="positive", position="top")
        await listing.refresh()
