"""Points: who has how many, what was booked, and putting right what is wrong."""

from functools import partial
from typing import Any
from uuid import uuid4

from nicegui import ui

from bot.console import ledger, wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, button, card
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.picking import groups, members
from bot.console.untold import tell_untold

HOW = "回答问题、完成任务会自动得分；这里可以补、可以扣，她能看到原因"
NO_BALANCES = (
    "还没有人有积分。\n妈妈们回答别人的问题、完成群里的任务，就会得积分；班长和运营也可以加分。"
)
NO_ENTRIES = (
    "还没有积分变动。\n每一次得分、扣分、兑换都会在这里留一行，不会被改，只能再记一笔撤回。"
)
EARNED = "谁该得多少积分"
GIVEN, TAKEN_BACK = "记上了，她现在有 {} 分", "撤回了，她现在有 {} 分"
SHORT = "；她的积分不够，少扣了 {}"
SIGNS = "加分写正数，扣分写负数；扣到 0 为止"
SHE_READS = "她查积分时会看到"


def points_page(console: Console) -> None:
    @console.page("/points")
    async def points(visit: Visit) -> None:
        balances, entries = _balances(visit), _entries(visit)
        with card("排行", HOW, name="balances"):
            if visit.may("operator"):
                give = partial(_choose_group, visit, balances, entries)
                button("加减积分", give, "adjust", main=True, icon="add")
            await tell_untold(visit, EARNED)
            await balances.show()
        with card("流水", name="ledger"):
            await entries.show()


def _chosen(visit: Visit) -> list[Choice]:
    return [Choice("group", "群", source=groups(visit.api)), Choice("channel", "渠道")]


def _group_page(row: dict[str, Any]) -> str:
    return f"/console{at('groups', row['group'])}"


def _balances(visit: Visit) -> Listing:
    async def give(row: dict[str, Any]) -> None:
        await _adjust(visit, row["group"], row["person"], ledger.member(row))

    return Listing(
        visit,
        "/balances",
        [
            Column("谁", ledger.member),
            Column("群", lambda row: row["group_name"] or row["group"], link=_group_page),
            Column("渠道", lambda row: row["channel"] or ""),
            Column("积分", lambda row: wording.number(row["points"]), "points", is_number=True),
        ],
        choices=_chosen(visit),
        actions=[Action("加减", give, lambda _: visit.may("operator"), "give")],
        sort="-points",
        nothing=NO_BALANCES,
        name="balances-rows",
    )


def _entries(visit: Visit) -> Listing:
    async def reverse(row: dict[str, Any]) -> None:
        await _reverse(visit, row)

    def can(row: dict[str, Any]) -> bool:
        return visit.may("operator") and ledger.can_be_reversed(row)

    return Listing(
        visit,
        "/ledger",
        [
            Column("时间", lambda row: wording.moment(row["at"], visit.now), "at"),
            Column("谁", ledger.member),
            Column("群", lambda row: row["group_name"] or row["group"], link=_group_page),
            Column("积分", ledger.points, is_number=True),
            Column("为什么", ledger.why),
            Column("谁定的", ledger.decided_by),
            Column(
                "",
                lambda row: "已撤回" if row["reversed"] else "",
                tone=lambda row: "warn" if row["reversed"] else "",
            ),
        ],
        choices=[*_chosen(visit), Choice("kind", "为什么", wording.ENTRIES)],
        actions=[Action("撤回", reverse, can, "reverse")],
        sort="-at",
        nothing=NO_ENTRIES,
        name="ledger-rows",
    )


async def _choose_group(visit: Visit, balances: Listing, entries: Listing) -> None:
    chosen: dict[str, str] = {}

    async def take(values: Values) -> None:
        chosen.update(values)

    source = groups(visit.api)
    group = visit.query.get("group", "")
    called = await source.named(group) if group else ""
    field = Field("group", "哪个群", source=source, value=group, called=called, is_needed=True)
    if not await ask("加减积分", [field], take, yes="下一步"):
        return
    if await _adjust(visit, chosen["group"]):
        await balances.refresh()
        await entries.refresh()


async def _adjust(visit: Visit, group: str, person: str = "", called: str = "") -> bool:
    """Sent twice, it is booked once."""
    key = uuid4().hex
    booked: dict[str, Any] = {}

    async def send(values: Values) -> None:
        path = at("groups", group, "members", person or values.pop("person"), "points")
        booked.update(await visit.api.post(path, values, key=key))

    who = Field("person", "谁", source=members(visit.api, group), is_needed=True)
    fields = [
        *([] if person else [who]),
        Field("points", "积分", "number", hint=SIGNS, is_needed=True),
        Field("reason", "原因", hint=SHE_READS, is_needed=True),
    ]
    title = f"给{called}加减积分" if called else "加减积分"
    if not await ask(title, fields, send, yes="记上"):
        return False
    _tell(booked, GIVEN)
    return True


async def _reverse(visit: Visit, row: dict[str, Any]) -> None:
    key = uuid4().hex
    booked: dict[str, Any] = {}

    async def send(values: Values) -> None:
        path = f"{at('ledger', row['id'])}/reverse"
        booked.update(await visit.api.post(path, values, key=key))

    note = f"{ledger.member(row)}：{ledger.why(row)}，{ledger.points(row)}"
    fields = [Field("reason", "为什么撤回", hint=SHE_READS, is_needed=True)]
    if await ask("撤回这一笔", fields, send, yes="撤回", note=note):
        _tell(booked, TAKEN_BACK)


def _tell(booked: dict[str, Any], done: str) -> None:
    told = done.format(booked["balance"])
    if booked["shortfall"]:
        told += SHORT.format(booked["shortfall"])
    ui.notify(told, type="positive", position="top")
