"""All groups, however many, and which of them need somebody."""

from typing import Any

from bot.console import wording
from bot.console.client import at
from bot.console.frame import Console, Visit, card
from bot.console.listing import Choice, Column, Listing

NOTHING = "还没有群。\n把小助手拉进一个群，它就会出现在这里；接管以后，小助手才会在群里说话。"


def groups_page(console: Console) -> None:
    @console.page("/groups")
    async def groups(visit: Visit) -> None:
        with card():
            await Listing(
                visit,
                "/groups",
                [
                    Column("群", lambda row: row["name"], "name", link=_page),
                    Column("状态", lambda row: wording.STANDINGS[row["standing"]]),
                    Column(
                        "人数",
                        lambda row: wording.number(row["members"]),
                        "members",
                        is_number=True,
                    ),
                    Column("城市", lambda row: row["city"] or ""),
                    Column("渠道", lambda row: row["channel"] or ""),
                    Column("月龄段", lambda row: row["birth_window"] or ""),
                    Column("建群", lambda row: wording.day(row["opened_on"]), "opened_on"),
                ],
                choices=[
                    Choice("q", "找群名"),
                    Choice("standing", "状态", wording.STANDINGS, default="ours"),
                    Choice("channel", "渠道"),
                    Choice("city", "城市"),
                ],
                sort="name",
                counts=True,
                nothing=NOTHING,
                name="groups",
            ).show()


def _page(row: dict[str, Any]) -> str:
    return f"/console{at('groups', row['id'])}"
