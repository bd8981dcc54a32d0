"""Who changed what, from what to what."""

from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.differences import Difference, changed, side_by_side
from bot.console.frame import Console, Visit, answer_of, button, card, empty
from bot.console.listing import Action, Choice, Column, Listing

Row = dict[str, Any]
NOTHING = (
    "还没有人改过什么。\n"
    "在这里、用接口、或班长在群里用命令改的每一处，都会记下是谁、改了什么、原来是什么。"
)
NOT_KEPT = "这一次只记了做过，没有留内容。"
LONGEST = 80


def audit_page(console: Console) -> None:
    @console.page("/audit")
    async def audit(visit: Visit) -> None:
        async def show(row: Row) -> None:
            await _show(row, visit)

        with card("操作记录", "谁改了什么，原来是什么", name="audit-log"):
            await Listing(
                visit,
                "/audit",
                [
                    Column("时间", lambda row: wording.moment(row["at"], visit.now), "at"),
                    Column("谁", lambda row: row["by"]),
                    Column("做了什么", lambda row: wording.action(row["action"])),
                    Column("对什么", lambda row: wording.target(row["target"])),
                    Column("改动", lambda row: told(row, visit)),
                ],
                choices=[
                    Choice("by", "谁做的"),
                    Choice("action", "做了什么", wording.ACTIONS),
                    Choice("person", "关于谁"),
                    Choice("group", "群号"),
                    Choice("since", "从哪天", day="beginning"),
                    Choice("until", "到哪天", day="end"),
                ],
                actions=[Action("看", show, _has_more, "show-change")],
                fixed={"target": visit.query.get("target", "")},
                sort="-at",
                nothing=NOTHING,
                name="audit",
            ).show()


def told(row: Row, visit: Visit) -> str:
    """What became different, `积分 50 → 60`; or what was typed in chat."""
    if row["note"]:
        return f"/{row['note']}"
    whole = changed(row, visit.now)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…"


def _has_more(row: Row) -> bool:
    return bool(row["before"] or row["after"])


async def _show(row: Row, visit: Visit) -> None:
    with ui.dialog() as opened, ui.card().classes("ask wide"):
        with ui.element("h2"):
            ui.label(f"{wording.action(row['action'])}：{wording.target(row['target'])}")
        ui.label(f"{row['by']}，{wording.moment(row['at'], visit.now)}").classes("faint")
        differences = side_by_side(row, visit.now)
        if differences:
            _table(differences)
        else:
            empty(NOT_KEPT)
        with ui.row().classes("answers"):
            button("关上", opened.close, "close")
    await answer_of(opened)


def _table(differences: list[Difference]) -> None:
    with ui.element("table").classes("differences").props("data-testid=differences"):
        with ui.element("tr"):
            for title in ("", "原来", "现在"):
                with ui.element("th").props("scope=col"):
                    ui.label(title)
        for each in differences:
            with ui.element("tr"):
                _cell(each.name)
                _cell(each.before, "before" if each.is_new and each.before else "")
                _cell(each.after, "after" if each.is_new else "")


def _cell(text: str, look: str = "") -> None:
    with ui.element("td"):
        ui.label(text).classes(look)
