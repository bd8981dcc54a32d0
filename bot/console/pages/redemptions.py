"""What members chose for their points: handed over, and taken back."""

from typing import Any
from uuid import uuid4

from bot.console import ledger, wording
from bot.console.client import at
from bot.console.frame import Visit, sure
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.picking import groups

NOTHING = (
    "没有等着发的。\n妈妈在群里发「/兑换 福利名」换了东西，就会得到六位兑换码，在这里等着发给她。"
)
HIDDEN = "看不到"
SIX_DIGITS = "[0-9]{6}"


def redemptions(visit: Visit) -> Listing:
    """What waits to be handed over first, and of it what lapses soonest."""

    async def hand_over(row: dict[str, Any]) -> None:
        question = f"把「{row['reward_name']}」发给{ledger.member(row)}了？兑换码就用掉了。"
        if await sure(question, "发了"):
            await _decide(visit, row, "hand-over", "记下了：发给她了")

    async def take_back(row: dict[str, Any]) -> None:
        question = f"「{row['reward_name']}」其实没有发给{ledger.member(row)}？兑换码会重新有效。"
        if await sure(question, "没有发"):
            await _decide(visit, row, "take-back", "改回来了")

    def waits(row: dict[str, Any]) -> bool:
        return _may(visit, row) and row["state"] == "ready"

    def is_handed(row: dict[str, Any]) -> bool:
        return _may(visit, row) and row["state"] == "handed"

    return Listing(
        visit,
        "/redemptions",
        [
            Column("兑换码", lambda row: row["code"] or HIDDEN),
            Column("福利", lambda row: row["reward_name"]),
            Column("谁", ledger.member),
            Column("群", lambda row: row["group_name"] or row["group"], link=_group_page),
            Column("积分", lambda row: wording.number(row["cost"]), is_number=True),
            Column("换的时间", lambda row: wording.moment(row["at"], visit.now), "at"),
            Column("过期", lambda row: wording.moment(row["lapses_at"], visit.now), "lapses_at"),
            Column("", lambda row: state(row), tone=tone),
        ],
        choices=[
            Choice("code", "兑换码（六位）", pattern=SIX_DIGITS),
            Choice("state", "发了没有", wording.REDEMPTIONS, default="ready"),
            Choice("group", "群", source=groups(visit.api)),
            Choice("channel", "渠道"),
        ],
        actions=[
            Action("发给她", hand_over, waits, "hand-over"),
            Action("没有发", take_back, is_handed, "take-back"),
        ],
        sort="lapses_at",
        nothing=NOTHING,
        name="redemptions",
    )


def state(row: dict[str, Any]) -> str:
    told = wording.REDEMPTIONS[row["state"]]
    return f"{row['handed_by']} {told}" if row["handed_by"] else told


def tone(row: dict[str, Any]) -> str:
    return {"ready": "warn", "handed": "good"}.get(row["state"], "")


def _may(visit: Visit, row: dict[str, Any]) -> bool:
    """Who may not hand it over does not see its code."""
    return visit.may("operator") and row["code"] is not None


def _group_page(row: dict[str, Any]) -> str:
    return f"/console{at('groups', row['group'])}"


async def _decide(visit: Visit, row: dict[str, Any], what: str, done: str) -> None:
    path = at("groups", row["group"], "redemptions", row["code"], what)
    key = uuid4().hex
    await visit.attempt(lambda: visit.api.post(path, key=key), done)
