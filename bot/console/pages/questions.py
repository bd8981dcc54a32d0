"""What members asked and nobody answered yet, and what groups are asked to do."""

from functools import partial
from typing import Any
from uuid import uuid4

from nicegui import ui

from bot.console import wording
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Console, Visit, answer_of, button, card, sure
from bot.console.ledger import SOMEBODY
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.picking import groups
from bot.console.untold import tell_untold

HOW = "等得最久的在最前面；最好的回答来自群里，班长引一引就有"
NO_QUESTIONS = (
    "没有这样的问题。\n"
    "有人在群里问了而没人接，就会在这里等着；过一阵小助手会提醒班长，问的人道谢就算答了。"
)
NO_TASKS = (
    "没有这样的任务。\n"
    "任务是请全群做的小事，比如「今天喝水了吗」，发了口令就得积分；班长在群里发 /任务 也可以。"
)
ASKED = "问了什么、谁做了任务"
UNSEEN = "（看不到原话）"
BY_QUOTING = "引用任务那条消息"


def questions_page(console: Console) -> None:
    @console.page("/questions")
    async def questions(visit: Visit) -> None:
        with card("问题", HOW, name="questions"):
            await tell_untold(visit, ASKED)
            await _questions(visit).show()
        listing = _tasks(visit)
        with card("任务", name="tasks"):
            if visit.may("operator"):
                do = partial(_open_task, visit, listing)
                button("发一个任务", do, "open-task", main=True, icon="add")
            await listing.show()


def _group_page(row: dict[str, Any]) -> str:
    return f"/console{at('groups', row['group'])}"


def _group(row: dict[str, Any]) -> str:
    return str(row["group_name"] or row["group"])


# Questions


def _questions(visit: Visit) -> Listing:
    async def close(row: dict[str, Any]) -> None:
        if await sure("不再等人回答了？之后谁答了，照样会谢谢她。", "不等了"):
            path = at("groups", row["group"], "questions", row["id"], "close")
            await visit.attempt(lambda: visit.api.post(path), "不等了")

    def is_open(row: dict[str, Any]) -> bool:
        return visit.may("operator") and row["state"] == "open"

    return Listing(
        visit,
        "/questions",
        [
            Column("问题", lambda row: row["text"] or UNSEEN),
            Column("谁问的", lambda row: row["asker_name"] or SOMEBODY),
            Column("群", _group, link=_group_page),
            Column("等了", lambda row: waited(row, visit.now), "asked_at"),
            Column("班长", lambda row: "提醒过了" if row["brought_at"] else ""),
            Column("", lambda row: wording.QUESTIONS[row["state"]], tone=_question_tone),
        ],
        choices=[
            Choice("state", "答了没有", wording.QUESTIONS, default="open"),
            Choice("group", "群", source=groups(visit.api)),
            Choice("channel", "渠道"),
        ],
        actions=[
            Action("看回答", partial(_show_answers, visit), name="answers"),
            Action("不等了", close, is_open, "close-question"),
        ],
        sort="asked_at",
        counts=True,
        nothing=NO_QUESTIONS,
        name="questions-rows",
    )


def waited(row: dict[str, Any], now: Any) -> str:
    """How long somebody has waited, or when she asked."""
    if row["state"] == "open":
        return wording.since(row["asked_at"], now).removesuffix("前")
    return wording.moment(row["asked_at"], now)


def _question_tone(row: dict[str, Any]) -> str:
    return {"open": "warn", "answered": "good"}.get(row["state"], "")


async def _show_answers(visit: Visit, row: dict[str, Any]) -> None:
    found: dict[str, Any] = {}

    async def read() -> None:
        found.update(await visit.api.get(at("groups", row["group"], "questions", row["id"])))

    if not await visit.attempt(read):
        return
    with ui.dialog() as shown, ui.card().classes("ask").props("data-testid=answers-shown"):
        with ui.element("h2"):
            ui.label(found["text"] or UNSEEN)
        asker = found["asker_name"] or SOMEBODY
        ui.label(f"{asker}，{wording.moment(found['asked_at'], visit.now)}").classes("faint")
        for each in found["answers"]:
            _answer(each, visit)
        if not found["answers"]:
            ui.label("还没有人回答").classes("empty")
        with ui.row().classes("answers"):
            button("好了", shown.close, "done", main=True)
    await answer_of(shown)


def _answer(each: dict[str, Any], visit: Visit) -> None:
    with ui.element("div").classes("said"):
        ui.label(each["text"] or UNSEEN)
        ui.label(answer_told(each, visit.now)).classes("faint")


def answer_told(answer: dict[str, Any], now: Any) -> str:
    parts = [answer["helper_name"] or SOMEBODY, wording.moment(answer["said_at"], now)]
    if answer["withdrawn_at"]:
        parts.append("撤回了")
    elif answer["accepted_at"]:
        parts.append("被采纳")
    return " · ".join(parts)


# Tasks


def _tasks(visit: Visit) -> Listing:
    async def close(row: dict[str, Any]) -> None:
        question = f"结束「{row['title']}」？群里会听到谁做了，之后再做不得分。"
        if await sure(question, "结束"):
            path = at("groups", row["group"], "tasks", row["number"], "close")
            await visit.attempt(lambda: visit.api.post(path), "结束了")

    def is_open(row: dict[str, Any]) -> bool:
        return visit.may("operator") and row["state"] == "open"

    return Listing(
        visit,
        "/tasks",
        [
            Column("任务", lambda row: row["title"]),
            Column("怎么做", how),
            Column("群", _group, link=_group_page),
            Column("积分", lambda row: wording.number(row["points"]), is_number=True),
            Column("做了", lambda row: wording.number(row["responses"], "人"), is_number=True),
            Column("到", lambda row: wording.moment(row["closes_at"], visit.now), "closes_at"),
            Column("", lambda row: wording.TASKS[row["state"]], tone=_task_tone),
        ],
        choices=[
            Choice("state", "结束没有", wording.TASKS, default="open"),
            Choice("group", "群", source=groups(visit.api)),
            Choice("channel", "渠道"),
        ],
        actions=[
            Action("看谁做了", partial(_show_responses, visit), name="responses"),
            Action("结束", close, is_open, "close-task"),
        ],
        sort="closes_at",
        nothing=NO_TASKS,
        name="tasks-rows",
    )


def how(row: dict[str, Any]) -> str:
    return f"发「{row['keyword']}」" if row["keyword"] else BY_QUOTING


def _task_tone(row: dict[str, Any]) -> str:
    return "good" if row["state"] == "open" else ""


async def _show_responses(visit: Visit, row: dict[str, Any]) -> None:
    found: dict[str, Any] = {}

    async def read() -> None:
        found.update(await visit.api.get(at("groups", row["group"], "tasks", row["number"])))

    if not await visit.attempt(read):
        return
    with ui.dialog() as shown, ui.card().classes("ask"):
        with ui.element("h2"):
            ui.label(f"「{found['title']}」做了 {wording.number(found['responses'])} 人")
        with ui.element("div").classes("said"):
            for each in found["responded"]:
                when = wording.moment(each["at"], visit.now)
                ui.label(f"{each['name'] or SOMEBODY} · {when}")
            if not found["responded"]:
                is_known = found["responses"] is not None
                ui.label("还没有人做" if is_known else wording.UNTOLD).classes("faint")
        with ui.row().classes("answers"):
            button("好了", shown.close, "done", main=True)
    await answer_of(shown)


async def _open_task(visit: Visit, listing: Listing) -> None:
    key = uuid4().hex

    async def send(values: Values) -> None:
        await visit.api.post(at("groups", values.pop("group"), "tasks"), values, key=key)

    fields = [
        Field("group", "哪个群", source=groups(visit.api), is_needed=True),
        Field("title", "请大家做什么", hint="比如：今天喝水了吗", is_needed=True),
        Field("keyword", "发什么就算做了", hint="比如：已喝；不填就引用任务那条消息"),
        Field("points", "积分", "number", hint="不填就按规则"),
        Field("closes_at", "到什么时候", "moment", hint="不填就到今晚"),
    ]
    if await ask("发一个任务", fields, send, yes="发"):
        ui.notify("任务发出去了", type="positive", position="top")
        await listing.refresh()
