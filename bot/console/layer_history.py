"""Who changed a layer of the rules, when, from what to what; and taking it back."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.change_lines import differences
from bot.console.client import Refused, at
from bot.console.frame import button
from bot.console.listing import Action, Column, Listing
from bot.console.rule_board import Board
from bot.console.schema_forms import changes_between, refusal

NOTHING = (
    "这一层还没有人改过。\n"
    "在这里、用接口、或班长在群里发「/设置」改的每一次，都会记下是谁、什么时候、改了什么，"
    "点一下就能撤销。"
)
Row = dict[str, Any]
MOST = 4
"""Changes that are told in a line of the list."""


def history(board: Board, undone: Callable[[], Awaitable[None]]) -> Listing:
    """To be shown where it is wanted."""

    async def undo(row: Row) -> None:
        if await _undo(board, row):
            await undone()

    return Listing(
        board.visit,
        at("rules", board.scope, "changes"),
        [
            Column("时间", lambda row: wording.moment(row["changed_at"], board.visit.now)),
            Column("谁", lambda row: row["changed_by"]),
            Column("改了什么", lambda row: told(board, row)),
            Column("第几次", lambda row: str(row["version"]), "version", is_number=True),
        ],
        actions=[Action("撤销", undo, lambda _: board.may_change, "undo")],
        sort="-version",
        nothing=NOTHING,
        name="history",
    )


def told(board: Board, row: Row) -> str:
    """`凑人等待 不单独设 → 5分钟；点名人数 5人 → 3人`"""
    changes = changes_between(board.forms, row["before"], row["after"])
    lines = [str(each) for each in changes[:MOST]]
    more = [f"还有 {len(changes) - MOST} 处"] if len(changes) > MOST else []
    return "；".join(lines + more) or "没有变化"


async def _undo(board: Board, row: Row) -> bool:
    """Asked before; whether it was done."""
    path = at("rules", board.scope)
    layer, tag = await board.visit.api.tagged(path)
    changes = changes_between(board.forms, layer["set"], row["before"])
    if not changes:
        ui.notify("现在就是这样，没有要撤销的", position="top")
        return False
    later = layer["version"] - row["version"]
    with ui.dialog() as asked, ui.card().classes("ask wide"):
        with ui.element("h2"):
            ui.label(
                "撤销这一次改动？"
                if not later
                else f"回到这次改动之前？后面的 {later} 次也一起撤销"
            )
        differences(changes)
        trouble = ui.label().classes("after-trouble").props("role=alert")
        trouble.set_visibility(False)

        async def undo() -> None:
            body = {"version": row["version"]}
            try:
                await board.visit.api.change("POST", f"{path}/undo", body, tag=tag)
            except Refused as why:
                trouble.set_text("\n".join(refusal(why, board.forms, board.scope)))
                trouble.set_visibility(True)
            else:
                asked.submit(True)

        with ui.row().classes("answers"):
            button("取消", lambda: asked.submit(False), "cancel")
            button("撤销", undo, "yes", main=True)
    answer = bool(await asked)
    asked.delete()
    if answer:
        ui.notify("撤销了，马上生效", type="positive", position="top")
    return answer
