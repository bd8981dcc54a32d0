"""All groups, however many, and which of them need somebody."""

from typing import Any

from bot.console import wording
from bot.console.concerns import page_of
from bot.console.frame import Console, Visit, card
from bot.console.listing import Choice, Column, Listing
from bot.console.saved import Saved

NOTHING = (
    "这里没有群。\n"
    "把小助手拉进一个群，它就会出现在这里；接管以后，小助手才会在群里说话。"
    "筛选得太细的话，点筛选框里的叉放宽一些。"
)
NEEDING = {"true": "要人看", "false": "不用管"}
PAUSED = {"true": "暂停着", "false": "没暂停"}
MONITOR = {"true": "没有班长", "false": "有班长"}


def groups_page(console: Console) -> None:
    @console.page("/groups")
    async def groups(visit: Visit) -> None:
        segments = await visit.api.get("/segments")
        listing = _groups(visit, segments)
        with card():
            Saved("/console/groups", lambda: listing.asked)
            await listing.show()


def _groups(visit: Visit, segments: dict[str, list[str]]) -> Listing:
    return Listing(
        visit,
        "/groups",
        [
            Column("群", lambda row: row["name"], "name", link=lambda row: page_of(row["id"])),
            Column("状态", state, tone=state_tone),
            Column("要人看", lambda row: wording.concerns(row["concerns"]), tone=lambda _: "warn"),
            Column("人数", lambda row: wording.number(row["members"]), "members", is_number=True),
            Column("城市", lambda row: row["city"] or ""),
            Column("渠道", lambda row: row["channel"] or ""),
            Column("月龄段", lambda row: wording.window(row["birth_window"])),
            Column("班长", lambda row: "有" if row["monitor"] else "没有"),
            Column("建群", lambda row: wording.day(row["opened_on"]), "opened_on"),
        ],
        choices=_choices(segments),
        sort="name",
        counts=True,
        nothing=NOTHING,
        name="groups",
    )


def _choices(segments: dict[str, list[str]]) -> list[Choice]:
    windows = {each: wording.window(each) for each in segments["birth_windows"]}
    return [
        Choice("q", "找群名"),
        Choice("standing", "状态", wording.STANDINGS, default="ours"),
        Choice("needing", "要不要人看", NEEDING),
        Choice("concern", "为什么", wording.CONCERNS),
        Choice("channel", "渠道", {each: each for each in segments["channels"]}),
        Choice("city", "城市", {each: each for each in segments["cities"]}),
        Choice("birth_window", "月龄段", windows),
        Choice("without_monitor", "班长", MONITOR),
        Choice("paused", "暂停", PAUSED),
    ]


def state(row: dict[str, Any]) -> str:
    return "暂停着" if row["paused_at"] else wording.STANDINGS[row["standing"]]


def state_tone(row: dict[str, Any]) -> str:
    if row["paused_at"]:
        return "warn"
    return "good" if row["standing"] == "ours" else ""
