"""What points are spent on, and what is to be handed over."""

from functools import partial
from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, button, card
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.pages.redemptions import redemptions

NOTHING = "还没有福利。\n福利是妈妈们用积分换的东西，比如试用装、体检券。点「新福利」放上第一个。"
HANDED = "先发快过期的；让她报兑换码，找到再发"
SCOPE = "everywhere 是所有群；也可以 channel:渠道名、group:群号"


def rewards_page(console: Console) -> None:
    @console.page("/rewards")
    async def rewards(visit: Visit) -> None:
        with card("等着发的", HANDED, name="handing-over"):
            await redemptions(visit).show()
        listing = _rewards(visit)
        with card("福利", name="rewards"):
            if visit.may("operator"):
                button("新福利", partial(_offer, visit, listing), "offer", main=True, icon="add")
            await listing.show()


def _rewards(visit: Visit) -> Listing:
    async def change(row: dict[str, Any]) -> None:
        await _change(visit, row)

    return Listing(
        visit,
        "/rewards",
        [
            Column("福利", lambda row: row["name"], "name"),
            Column("积分", lambda row: wording.number(row["cost"]), "cost", is_number=True),
            Column("还剩", lambda row: _stock(row["stock"]), is_number=True),
            Column("每人限", lambda row: _limit(row["limit_each"]), is_number=True),
            Column("哪里能换", lambda row: wording.scope(row["scope"])),
            Column("到期", lambda row: wording.moment(row["valid_until"], visit.now)),
            Column("", _state, tone=lambda row: "warn" if row["withdrawn"] else ""),
        ],
        choices=[Choice("q", "找福利")],
        actions=[Action("改", change, lambda _: visit.may("operator"), "edit")],
        sort="cost",
        nothing=NOTHING,
    )


def _stock(stock: int | None) -> str:
    return "不限" if stock is None else wording.number(stock)


def _limit(limit: int | None) -> str:
    return "不限" if limit is None else wording.number(limit)


def _state(row: dict[str, Any]) -> str:
    return "已下架" if row["withdrawn"] else ""


def _fields(row: dict[str, Any]) -> list[Field]:
    until = row.get("valid_until")
    return [
        Field("name", "名字", value=row.get("name"), is_needed=True),
        Field("cost", "要多少积分", "number", value=row.get("cost"), is_needed=True),
        Field("stock", "一共几份", "number", value=row.get("stock"), hint="不填就是不限"),
        Field("limit_each", "每人限几份", "number", value=row.get("limit_each")),
        Field("scope", "哪里能换", value=row.get("scope", "everywhere"), hint=SCOPE),
        Field("valid_until", "到什么时候", "moment", value=until and until[:16]),
    ]


async def _offer(visit: Visit, listing: Listing) -> None:
    async def send(values: Values) -> None:
        await visit.api.post("/rewards", values)

    if await ask("新福利", _fields({}), send, yes="放上去"):
        ui.notify("放上去了，妈妈们现在就能换", type="positive", position="top")
        await listing.refresh()


async def _change(visit: Visit, row: dict[str, Any]) -> None:
    path = at("rewards", row["id"])
    known, tag = await visit.api.tagged(path)
    states = {"false": "能换", "true": "下架"}
    state = str(known["withdrawn"]).lower()

    async def send(values: Values) -> None:
        withdrawn = values.pop("withdrawn") == "true"
        await visit.api.change("PATCH", path, values | {"withdrawn": withdrawn}, tag=tag)

    fields = [*_fields(known), Field("withdrawn", "状态", options=states, value=state)]
    await ask(f"改「{known['name']}」", fields, send)
