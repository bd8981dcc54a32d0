"""Entry codes: the permanent ways in, and the groups that are to be opened behind them."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, button, card, sure
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.quick import tabs

Row = dict[str, Any]
SECTIONS = {
    "/console/codes": "活码",
    "/console/codes/funnel": "漏斗",
    "/console/codes/referrals": "谁带来的",
}
NOTHING = (
    "还没有活码。\n"
    "活码是一个永远有效的二维码：扫进来填好预产期，就带到正在招人的同月龄群里。\n"
    "给每位护士、每家门店各做一个，才知道人是谁带来的。点「做一个活码」开始。"
)
NO_OPENINGS = (
    "现在没有要建的群。\n"
    "有妈妈扫了码、她那个月龄段却没有能进的群时，这里会写出该建的群名和有几位在等。"
)
HOW = "一个人一个码，永远有效，后面接哪个群由小助手安排"
RECENT = timedelta(days=28)
MOST_COUNTED = 2000
COUNTS = ("scans", "surveys", "shown", "joined")


def codes_page(console: Console) -> None:
    @console.page("/codes")
    async def codes(visit: Visit) -> None:
        counted = await _counted(visit)
        listing, openings = _codes(visit, counted), _openings(visit)
        tabs(SECTIONS, "/console/codes")
        with card("活码", HOW, name="codes"):
            if visit.may("operator"):
                with ui.element("div").classes("tools"):
                    button("做一个活码", partial(_make, visit), "make-code", main=True, icon="add")
            await listing.show()
        with card("要建的群", "有妈妈在等，建好了才能进", name="openings"):
            await openings.show()


async def _counted(visit: Visit) -> dict[str, Row]:
    """What came of each code lately, by code; one of which nothing is known is not in it."""
    since = (visit.now - RECENT).isoformat()
    came = await visit.api.get("/funnel", by="code", since=since, limit=MOST_COUNTED)
    return {each["code"]: each for each in came["rows"] if each["code"]}


def _codes(visit: Visit, counted: Mapping[str, Row]) -> Listing:
    async def edit(row: Row) -> None:
        await edit_code(visit, row["code"])

    async def turn(row: Row) -> None:
        await turn_code(visit, row)

    return Listing(
        visit,
        "/entry-codes",
        [
            Column("谁的", whose, link=_page),
            Column("渠道", lambda row: row["channel"], "channel"),
            Column("城市", lambda row: row["city"] or "问妈妈"),
            *(_count(name, counted) for name in COUNTS),
            Column("做的", lambda row: wording.moment(row["created_at"], visit.now), "created_at"),
            Column("", _state, tone=lambda row: "warn" if row["closed_at"] else ""),
        ],
        choices=[
            Choice("q", "找活码"),
            Choice("channel", "渠道"),
            Choice("city", "城市"),
            Choice("open", "状态", {"true": "能扫", "false": "停用"}),
            Choice("members", "谁的", {"false": "同事和门店的", "true": "妈妈自己的"}, "false"),
        ],
        actions=[
            Action("改", edit, lambda _: visit.may("operator"), "edit-code"),
            Action("停用", turn, lambda row: _may_turn(visit, row, is_open=True), "close-code"),
            Action("重开", turn, lambda row: _may_turn(visit, row, is_open=False), "reopen-code"),
        ],
        sort="-created_at",
        nothing=NOTHING,
        name="codes-table",
    )


def whose(row: Row) -> str:
    """Whose it is, as far as that may be told; else what it is for."""
    if row["referrer"]:
        return str(row["referrer"])
    return "一位妈妈" if row["member"] else f"{row['channel']}通用"


def _count(name: str, counted: Mapping[str, Row]) -> Column:
    title = f"近28天{wording.field(name)}"
    return Column(
        title,
        lambda row: wording.number(counted.get(row["code"], {}).get(name, 0)),
        is_number=True,
    )


def _page(row: Row) -> str:
    return f"/console{at('codes', row['code'])}"


def _state(row: Row) -> str:
    return "停用" if row["closed_at"] else ""


def _may_turn(visit: Visit, row: Row, *, is_open: bool) -> bool:
    return visit.may("operator") and (row["closed_at"] is None) is is_open


# Making and changing them


def _poster_fields(row: Row) -> list[Field]:
    return [
        Field("referrer", "谁的", value=row.get("referrer"), hint="护士、店长的称呼，印在海报上"),
        Field("headline", "海报标题", value=row.get("headline"), hint="不填就用海报自带的"),
        Field(
            "template",
            "海报样子",
            options=wording.TEMPLATES,
            value=row.get("template", "mother"),
            is_needed=True,
        ),
    ]


async def _make(visit: Visit) -> None:
    made: Row = {}

    async def send(values: Values) -> None:
        given = {name: each for name, each in values.items() if each is not None}
        made.update(await visit.api.post("/entry-codes", given))

    fields = [
        Field("channel", "渠道", is_needed=True, hint="和群的渠道一样，比如 妇幼"),
        Field("city", "城市", hint="不填就在表里问妈妈"),
        *_poster_fields({}),
    ]
    note = "渠道和城市印出去就不能改了，其余随时能改。"
    if await ask("做一个活码", fields, send, yes="做好", note=note):
        ui.navigate.to(f"/console{at('codes', made['code'])}?made=1")


async def edit_code(visit: Visit, code: str) -> bool:
    known, tag = await visit.api.tagged(at("entry-codes", code))

    async def send(values: Values) -> None:
        await visit.api.change("PATCH", at("entry-codes", code), values, tag=tag)

    note = "已经印出去的海报还是原来的样子。"
    return await ask(f"改「{whose(known)}」的活码", _poster_fields(known), send, note=note)


async def turn_code(visit: Visit, row: Row) -> bool:
    """Close one that is open, or the other way round; whether it was done."""
    path = at("entry-codes", row["code"])
    if row["closed_at"]:
        return await visit.attempt(lambda: visit.api.post(f"{path}/reopen"), "重开了，能扫了")
    question = f"停用「{whose(row)}」的活码？扫了会看到「这个入口已经关闭了」，随时可以重开。"
    if not await sure(question, "停用"):
        return False
    return await visit.attempt(lambda: visit.api.post(f"{path}/close"), "停用了")


# Groups to be opened


def _openings(visit: Visit) -> Listing:
    async def drop(row: Row) -> None:
        if await sure(f"不建「{_name(row)}」了？在等的妈妈会继续等别的群。", "不建了"):
            path = f"{at('openings', row['cohort'], row['seq'])}/drop"
            await visit.attempt(lambda: visit.api.post(path), "好，不建了")

    return Listing(
        visit,
        "/openings",
        [
            Column("群名", _name, "name", link=lambda row: row["page"] or ""),
            Column("在等", lambda row: wording.number(row["waiting"], "位"), is_number=True),
            Column("怎么样了", lambda row: wording.OPENINGS[row["state"]], tone=_opening_tone),
            Column("提出", lambda row: wording.since(row["asked_at"], visit.now), "asked_at"),
        ],
        choices=[
            Choice("channel", "渠道"),
            Choice("city", "城市"),
            Choice("state", "怎么样了", wording.OPENINGS),
        ],
        actions=[Action("不用建", drop, lambda row: _may_drop(visit, row), "drop-opening")],
        sort="asked_at",
        nothing=NO_OPENINGS,
        name="openings-table",
    )


def _name(row: Row) -> str:
    return row["name"] or f"{row['cohort'].replace('~', '·')}·{row['seq']:02}"


def _opening_tone(row: Row) -> str:
    return {"asked": "warn", "open": "good"}.get(row["state"], "")


def _may_drop(visit: Visit, row: Row) -> bool:
    return visit.may("operator") and row["state"] in ("asked", "room")
