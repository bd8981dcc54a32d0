"""Events that could not be handled: to be run again, or thrown away."""

from typing import Any

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.facts import facts
from bot.console.frame import Console, Visit, answer_of, button, card, sure
from bot.console.listing import Action, Choice, Column, Listing

Row = dict[str, Any]
NOTHING = (
    "没有失败的事件，很好。\n"
    "群里发生的某件事让程序出了错，就会单独放到这里，别的事照常往下走；修好以后可以再跑一次。"
)
HOW = "把出错的内容发给技术同事；修好了点「再跑一次」"


def dead_letters_page(console: Console) -> None:
    @console.page("/dead-letters")
    async def dead_letters(visit: Visit) -> None:
        with card("失败的事件", HOW, name="dead-letters"):
            await _letters(visit).show()


def _letters(visit: Visit) -> Listing:
    async def show(row: Row) -> None:
        await _show(visit, row)

    async def run(row: Row) -> None:
        path = f"{at('dead-letters', row['id'])}/run"
        await visit.attempt(lambda: visit.api.post(path), "跑成了，已经从这里拿掉")

    async def drop(row: Row) -> None:
        if await sure(f"扔掉「{kind(row)}」？它就再也不会被处理了。", "扔掉"):
            path = at("dead-letters", row["id"])
            await visit.attempt(lambda: visit.api.change("DELETE", path), "扔掉了")

    return Listing(
        visit,
        "/dead-letters",
        [
            Column("时间", lambda row: wording.moment(row["seen_at"], visit.now), "seen_at"),
            Column("什么事", kind),
            Column("错在哪", lambda row: row["error"]),
            Column("再试过", lambda row: wording.moment(row["tried_at"], visit.now) or "没有"),
        ],
        choices=[
            Choice("kind", "什么事", wording.EVENTS),
            Choice("since", "从哪天", day="beginning"),
            Choice("until", "到哪天", day="end"),
        ],
        actions=[
            Action("看", show, name="show-letter"),
            Action("再跑一次", run, name="run-letter"),
            Action("扔掉", drop, name="drop-letter"),
        ],
        sort="-seen_at",
        nothing=NOTHING,
        name="letters-table",
    )


def kind(row: Row) -> str:
    return wording.in_words(wording.EVENTS, row["kind"])


async def _show(visit: Visit, row: Row) -> None:
    letter = await visit.api.find(at("dead-letters", row["id"]))
    if letter is None:
        ui.notify("它刚刚被处理掉了", position="top")
        return
    with ui.dialog() as opened, ui.card().classes("ask wide"):
        with ui.element("h2"):
            ui.label(kind(letter))
        facts(told(letter["event"], visit))
        ui.label("程序怎么错的（给技术同事）").classes("faint")
        with ui.element("pre").classes("trace").props("tabindex=0 data-testid=traceback"):
            ui.label(letter["traceback"])
        with ui.row().classes("answers"):
            button("复制", lambda: ui.clipboard.write(letter["traceback"]))
            button("关上", opened.close, "close")
    await answer_of(opened)


def told(event: Row, visit: Visit) -> list[tuple[str, str]]:
    """What happened, as far as anything is known of it."""
    return [
        (wording.field(name), wording.moment(each, visit.now) if name == "at" else str(each))
        for name, each in event.items()
        if each not in (None, "", [], {})
    ]
