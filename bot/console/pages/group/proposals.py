"""What the group's owner is asked for, and what the group may still get."""

from nicegui import ui

from bot.console import confirming, reasons, wording
from bot.console.facts import facts
from bot.console.listing import Choice, Column, Listing
from bot.console.pages.group.shown import Shown
from bot.console.pages.proposals import messages

NOTHING = "没有等群主确认的。账号能自己说话的群，用不着确认。"


async def show_proposals(group: Shown) -> None:
    budgets = await group.visit.api.get("/mass-sends", **group.fixed)
    for each in budgets["items"]:
        owner = each["owner_name"] or each["owner"] or wording.UNKNOWN
        left = f"{confirming.budget(each)}，还剩 {each['left']} 次"
        facts([("群主", owner), ("能收几次群发", left)])
    ui.link("全部待确认", "/console/proposals").classes("go").style("justify-self: start")
    await _listing(group).show()


def _tone(row: confirming.Row) -> str:
    return {"open": "warn", "done": "good", "lapsed": "bad"}.get(row["state"], "")


def _listing(group: Shown) -> Listing:
    now = group.visit.now
    return Listing(
        group.visit,
        "/proposals",
        [
            Column("什么事", confirming.what, link=messages),
            Column(
                "从什么时候", lambda row: wording.moment(confirming.since(row), now), "made_at"
            ),
            Column("到", lambda row: wording.moment(row["lapses_at"], now), "lapses_at"),
            Column("怎么样了", lambda row: wording.PROPOSALS[row["state"]], tone=_tone),
            Column("为什么", lambda row: reasons.told(row["reason"])),
        ],
        choices=[Choice("state", "怎么样了", wording.PROPOSALS)],
        fixed=group.fixed,
        sort="made_at",
        nothing=NOTHING,
        name="proposals",
    )
