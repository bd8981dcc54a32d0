"""The morning: who needs somebody and what helps, what waits, and how yesterday was."""

import asyncio
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from bot.console import figures, wording
from bot.console.client import at
from bot.console.concerns import help_for, page_of
from bot.console.frame import Console, Visit, card
from bot.console.listing import Action, Changed, Choice, Column, Listing, Row
from bot.console.reach import covers, only_channel

NOBODY = (
    "现在没有群要人看，可以喝口水。\n"
    "群长得慢、没人说话、没有二维码、快满了……有这些事的群会出现在这里，旁边就是该做什么。"
)
ALL = "全部渠道"
LITTLE = 0.995
"""Who heard less of a day is told how much."""


def today_page(console: Console) -> None:
    @console.page("")
    async def today(visit: Visit) -> None:
        channel = visit.query.get("channel", only_channel(visit.who))
        segments, overview = await asyncio.gather(
            visit.api.get("/segments"), visit.api.get("/overview", channel=channel)
        )
        if len(segments["channels"]) > 1:
            _channels(segments["channels"], channel)
        with ui.element("div").classes("morning"):
            await _needing(visit, overview["concerns"], channel)
            _waiting(overview, channel)
            _yesterday(overview)


def _channels(channels: list[str], channel: str) -> None:
    def choose(event: Changed) -> None:
        ui.navigate.to(f"/console?{urlencode({'channel': event.value or ''})}")

    options = {"": ALL} | {each: each for each in channels}
    value = channel if channel in options else ""
    ui.select(options, value=value, label="看哪个渠道", on_change=choose).props(
        "dense outlined data-testid=ask-channel"
    ).classes("channel")


# Who needs somebody


async def _needing(visit: Visit, concerns: list[Row], channel: str) -> None:
    """What can't wait has a place of its own, above."""
    if any(each["urgent"] for each in concerns):
        with card("马上要看", name="urgent"):
            await _notices(visit, concerns, channel, is_urgent=True).show()
    with card("要人看的群", name="needing"):
        await _notices(visit, concerns, channel, is_urgent=False).show()


def _notices(visit: Visit, concerns: list[Row], channel: str, *, is_urgent: bool) -> Listing:
    options = {
        each["concern"]: f"{each['label']}（{wording.number(each['groups'])}）"
        for each in concerns
        if each["urgent"] == is_urgent
    }
    tone = "bad" if is_urgent else "warn"
    return Listing(
        visit,
        "/notices",
        [
            Column("群", lambda row: row["group_name"], link=lambda row: page_of(row["group"])),
            Column("什么事", lambda row: row["label"], tone=lambda _: tone),
            Column("说明", lambda row: row["text"]),
            Column("发现", lambda row: wording.since(row["found_at"], visit.now), "found_at"),
            Column("怎么办", lambda row: _help(row)[0], link=_where, tone=lambda _: "go"),
        ],
        choices=[Choice("concern", "什么事", options)] if len(options) > 1 else [],
        actions=[Action("已处理", partial(_settle, visit), partial(_may, visit), "settle")],
        fixed={"urgent": str(is_urgent).lower(), "channel": channel},
        sort="-found_at",
        nothing=NOBODY,
        name="urgent-notices" if is_urgent else "notices",
    )


def _help(row: Row) -> tuple[str, str]:
    return help_for(row["concern"], row["group"])


def _where(row: Row) -> str:
    return _help(row)[1]


def _may(visit: Visit, row: Row) -> bool:
    return covers(visit.who, row["group"], row["channel"])


async def _settle(visit: Visit, row: Row) -> None:
    path = at("groups", row["group"], "notices", row["concern"], "settle")
    await visit.attempt(lambda: visit.api.post(path), "好，记下了；要是过一阵还这样，会再提醒")


# What waits, and how yesterday was


def _waiting(overview: dict[str, Any], channel: str) -> None:
    """Above all else where there is room for it beside."""
    with (
        card("等着的事", name="waiting") as part,
        ui.element("div").classes("figures"),
    ):
        part.classes("first")
        for each in figures.waiting(overview, channel):
            with ui.link(target=each.link).classes("figure link"):
                ui.label(each.title).classes("faint")
                with ui.element("b").classes(each.tone):
                    ui.label(each.value)
                ui.label(each.note).classes("faint")


def _yesterday(overview: dict[str, Any]) -> None:
    title = f"昨天 {wording.day(overview['day'])}"
    note = "；".join(filter(None, (_heard(overview["heard"]), _untold(overview["groups"]))))
    with card(title, note, "yesterday"), ui.element("div").classes("figures"):
        for each in figures.told(overview["figures"]):
            with ui.element("div").classes("figure"):
                ui.label(each.title).classes("faint")
                with ui.element("b"):
                    ui.label(each.value)
                for line in filter(None, (each.change, each.usual)):
                    ui.label(line).classes("faint")


def _untold(groups: dict[str, int]) -> str:
    """Of how many groups it is unknown what members say."""
    if not groups["untold"]:
        return ""
    return f"{wording.number(groups['untold'])} 个群说的话、答的问题和积分未知：{wording.UNTOLD}"


def _heard(heard: float | None) -> str:
    """Figures of a day that was not heard in full are no more than what was heard."""
    if heard is None:
        return "还没数出来，或者昨天还没开始听；数出来之前都是未知"
    return "" if heard >= LITTLE else f"昨天听到了 {wording.share(heard)}，有账号掉线过"
