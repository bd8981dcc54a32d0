"""Who joined, and who brought her."""

from typing import Any

from bot.console import reasons, wording
from bot.console.client import at
from bot.console.frame import Console, Visit, card
from bot.console.listing import Choice, Column, Listing
from bot.console.pages.codes import SECTIONS
from bot.console.quick import tabs

Row = dict[str, Any]
NOTHING = (
    "还没有记下谁是谁带来的。\n"
    "妈妈用自己的邀请链接、或在微信里拉人进群，新来的人就会记在这里；待满了日子，邀请人得分。"
)
HOW = "活码和平台说法不一样时，以活码为准"


def referrals_page(console: Console) -> None:
    @console.page("/codes/referrals")
    async def referrals(visit: Visit) -> None:
        tabs(SECTIONS, "/console/codes/referrals")
        with card("谁带来的", HOW, name="referrals"):
            await _referrals(visit).show()


def _referrals(visit: Visit) -> Listing:
    return Listing(
        visit,
        "/referrals",
        [
            Column("进群", lambda row: wording.moment(row["joined_at"], visit.now), "joined_at"),
            Column("谁来了", lambda row: row["name"] or "一位妈妈"),
            Column("哪个群", lambda row: row["group_name"] or row["group"], link=_group),
            Column("谁带来的", brought_by),
            Column("怎么知道的", known_by),
            Column("还在吗", lambda row: "退群了" if row["left_at"] else "在"),
            Column("积分", lambda row: credit(row, visit)),
        ],
        choices=[
            Choice("channel", "渠道"),
            Choice("code", "活码"),
            Choice("group", "群号"),
            Choice("since", "从哪天", day="beginning"),
            Choice("until", "到哪天", day="end"),
        ],
        sort="-joined_at",
        nothing=NOTHING,
        name="referrals-table",
    )


def _group(row: Row) -> str:
    return f"/console{at('groups', row['group'])}"


def brought_by(row: Row) -> str:
    """As far as it may be told."""
    if row["by_link_name"] or row["code"]:
        return row["by_link_name"] or "活码的主人"
    return row["by_platform_name"] or "群里一位妈妈"


def known_by(row: Row) -> str:
    if row["agrees"]:
        return "活码和平台一致"
    if row["agrees"] is False:
        return "活码（平台说的是别人）"
    return "活码" if row["code"] else "平台"


def credit(row: Row, visit: Visit) -> str:
    """What came of it in points: given, not yet judged, or why not."""
    if row["judged_at"]:
        return f"{wording.moment(row['judged_at'], visit.now)}算"
    if row["why_not"]:
        return f"没加：{reasons.told(row['why_not'])}"
    return f"加了{row['points']}分" if row["points"] else "没加"
