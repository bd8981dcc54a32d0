"""Who is in a group, as what, and with how many points."""

from functools import partial

from nicegui import ui

from bot.console import wording
from bot.console.forms import Field, Values, ask
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.pages.group.shown import Row, Shown, heading

NO_MEMBERS = "这里没有人。\n小助手看过成员名单以后，群里每个人会列在这里；也可能是筛选得太细了。"
NO_ENTRIES = "还没有人得过积分。\n回答问题、完成任务、班长加分，每一笔都会记在这里。"
NO_BALANCES = "还没有人有积分。"
ROLE = "一个群一位班长；KOC 是积分里看出来的热心妈妈；氛围组和小助手是同事，不参加积分。"
GIVEN = {role: name for role, name in wording.MEMBER_ROLES.items() if role != "bot"}
THERE = {"true": "在群里", "false": "走了的"}
NAMELESS = "名字还不知道"
HIDDEN = "名字只给负责的人看"


NO_POINTS_KNOWN = "还没有记上过积分。\n在「积分」页手动加减的会列在这里。"
UNTOLD_POINTS = f"回答问题、完成任务的积分未知：{wording.UNTOLD}；下面是已经记上的。"
WHY_NO_KOCS = f"KOC 的人选未知：{wording.UNTOLD}，看不出谁的回答帮到了人；想请谁，直接改她的角色。"


async def show_members(group: Shown) -> None:
    if not group.hears:
        ui.label(WHY_NO_KOCS).classes("faint untold").props("data-testid=why-no-kocs")
    await _members(group).show()


def _members(group: Shown) -> Listing:
    by_name = [Choice("q", "找名字")] if group.may else []
    return Listing(
        group.visit,
        "/members",
        [
            Column("成员", lambda row: _name(row, group), "name" if group.may else ""),
            Column("角色", _role, tone=_tone),
            Column("积分", lambda row: wording.number(row["points"]), "points", is_number=True),
            Column("进群", lambda row: _joined(row, group), "joined"),
            Column("退群", lambda row: wording.moment(row["left_at"], group.visit.now)),
        ],
        choices=[
            *by_name,
            Choice("role", "角色", wording.MEMBER_ROLES),
            Choice("present", "在不在", THERE, default="true"),
        ],
        actions=[
            Action("改角色", partial(_give_role, group), partial(_may_be_more, group), "give-role")
        ],
        fixed=group.fixed,
        sort="-joined",
        nothing=NO_MEMBERS,
        name="members",
    )


def _name(row: Row, group: Shown) -> str:
    return row["nickname"] or row["name"] or (NAMELESS if group.may else HIDDEN)


def _role(row: Row) -> str:
    return wording.MEMBER_ROLES[row["role"]]


def _tone(row: Row) -> str:
    return "good" if row["role"] in ("monitor", "koc") else ""


def _joined(row: Row, group: Shown) -> str:
    """Who was there before we were came at a time that nobody knows."""
    if row["joined_at"]:
        return wording.moment(row["joined_at"], group.visit.now)
    return f"{wording.moment(row['seen_at'], group.visit.now)} 以前" if row["seen_at"] else "未知"


def _may_be_more(group: Shown, row: Row) -> bool:
    """What our own accounts are is not given."""
    return group.may and row["role"] != "bot"


async def _give_role(group: Shown, row: Row) -> None:
    async def send(values: Values) -> None:
        path = group.at("members", row["person"], "role")
        await group.visit.api.change("PUT", path, values)

    fields = [Field("role", "角色", options=GIVEN, value=row["role"], is_needed=True)]
    await ask(f"「{_name(row, group)}」在这个群里是", fields, send, note=ROLE)


# Points


async def show_points(group: Shown) -> None:
    if not group.hears:
        ui.label(UNTOLD_POINTS).classes("faint untold").props("data-testid=why-no-points")
    heading("谁有多少")
    await _balances(group).show()
    heading("每一笔")
    await _ledger(group).show()


def _balances(group: Shown) -> Listing:
    return Listing(
        group.visit,
        "/balances",
        [
            Column("成员", lambda row: _member(row, group)),
            Column("积分", lambda row: wording.number(row["points"]), "points", is_number=True),
        ],
        fixed=group.fixed,
        sort="-points",
        nothing=NO_BALANCES if group.hears else NO_POINTS_KNOWN,
        name="balances",
    )


def _ledger(group: Shown) -> Listing:
    return Listing(
        group.visit,
        "/ledger",
        [
            Column("时间", lambda row: wording.moment(row["at"], group.visit.now), "at"),
            Column("成员", lambda row: _member(row, group)),
            Column("积分", lambda row: f"{row['points']:+}", is_number=True),
            Column("因为", lambda row: wording.in_words(wording.ENTRIES, row["kind"])),
            Column("备注", lambda row: row["note"] or ""),
            Column("", lambda row: "已冲回" if row["reversed"] else "", tone=lambda _: "warn"),
        ],
        choices=[Choice("kind", "因为什么", wording.ENTRIES)],
        fixed=group.fixed,
        sort="-at",
        nothing=NO_ENTRIES if group.hears else NO_POINTS_KNOWN,
        name="ledger",
    )


def _member(row: Row, group: Shown) -> str:
    return row["member_name"] or (NAMELESS if group.may else HIDDEN)
