"""What is to be said in a group, what its members asked, and what they are asked to do."""

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from bot.console import wording
from bot.console.forms import Field, Values, ask
from bot.console.frame import button, sure
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.pages.group.shown import Row, Shown

NO_MESSAGES = "小助手还没在这个群里说过话，也没有等着说的。"
NO_QUESTIONS = (
    "还没有人问过问题。\n妈妈们在群里问的会自动记下来；过一阵没人答，小助手会悄悄告诉班长。"
)
NO_TASKS = "还没有任务。\n任务是请大家一起做的小事，比如喝水打卡；做了的妈妈得积分。"
NOT_TOLD = f"有没有人问，未知：{wording.UNTOLD}。"
UNTOLD_TASKS = f"谁做了未知：{wording.UNTOLD}；看到谁做了，可以在「积分」页给她补上。"
TASK = "发出去以后小助手马上在群里说；休息的钟点里等到休息过了再说。"
HIDDEN = "只给负责的人看"
FORGOTTEN = "超过 30 天，已经删了"
LONGEST = 60
TONES = {"sent": "good", "parked": "bad", "unsure": "warn", "lapsed": "warn", "proposed": "warn"}


# What is said


async def show_outbox(group: Shown) -> None:
    ui.link("在发件箱里看和处理", f"/console/outbox?{urlencode(group.fixed)}").classes("go").style(
        "justify-self: start"
    )
    await _outbox(group).show()


def _outbox(group: Shown) -> Listing:
    now = group.visit.now
    return Listing(
        group.visit,
        "/outbox",
        [
            Column("该说的时间", lambda row: wording.moment(row["due_at"], now), "due_at"),
            Column("是什么", lambda row: wording.in_words(wording.MESSAGES, row["kind"])),
            Column("说什么", lambda row: short(row["text"])),
            Column("状态", lambda row: wording.OUTBOX[row["state"]], tone=_tone),
        ],
        choices=[Choice("state", "状态", wording.OUTBOX)],
        fixed=group.fixed,
        sort="-id",
        nothing=NO_MESSAGES,
        name="outbox",
    )


def _tone(row: Row) -> str:
    return TONES.get(row["state"], "")


def short(text: str | None) -> str:
    """The beginning, on one line."""
    told = " ".join((text or "").split())
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"


# What was asked


async def show_questions(group: Shown) -> None:
    now = group.visit.now
    await Listing(
        group.visit,
        "/questions",
        [
            Column("什么时候", lambda row: wording.moment(row["asked_at"], now), "asked_at"),
            Column("谁问的", lambda row: row["asker_name"] or ("" if group.may else HIDDEN)),
            Column("问了什么", lambda row: _text(row, group)),
            Column("状态", lambda row: wording.QUESTIONS[row["state"]], tone=_question_tone),
        ],
        choices=[Choice("state", "状态", wording.QUESTIONS)],
        actions=[
            Action("不用答了", partial(_close_question, group), partial(_is_open, group), "close")
        ],
        fixed=group.fixed,
        sort="-asked_at",
        nothing=NO_QUESTIONS if group.hears else NOT_TOLD,
        name="questions",
    ).show()


def _text(row: Row, group: Shown) -> str:
    return short(row["text"]) or (FORGOTTEN if group.may else HIDDEN)


def _question_tone(row: Row) -> str:
    return {"open": "warn", "answered": "good"}.get(row["state"], "")


def _is_open(group: Shown, row: Row) -> bool:
    return group.may and row["state"] == "open"


async def _close_question(group: Shown, row: Row) -> None:
    path = group.at("questions", row["id"], "close")
    await group.visit.attempt(lambda: group.visit.api.post(path), "好，不再等回答了")


# What they are asked to do


async def show_tasks(group: Shown) -> None:
    listing = _tasks(group)
    if not group.hears:
        ui.label(UNTOLD_TASKS).classes("faint untold").props("data-testid=why-nobody")
    if group.may and group.known["standing"] == "ours":
        button("发个任务", partial(_open_task, group, listing), "open-task", main=True, icon="add")
    await listing.show()


def _tasks(group: Shown) -> Listing:
    now = group.visit.now
    return Listing(
        group.visit,
        "/tasks",
        [
            Column("任务", lambda row: row["title"]),
            Column("怎么算做了", lambda row: _how(row)),
            Column("积分", lambda row: wording.number(row["points"]), is_number=True),
            Column("做了的", lambda row: wording.number(row["responses"], " 人"), is_number=True),
            Column("开始", lambda row: wording.moment(row["opened_at"], now), "opened_at"),
            Column("截止", lambda row: wording.moment(row["closes_at"], now), "closes_at"),
            Column("状态", lambda row: wording.TASKS[row["state"]], tone=_task_tone),
        ],
        choices=[Choice("state", "状态", wording.TASKS)],
        actions=[
            Action("提前结束", partial(_close_task, group), partial(_is_open, group), "close-task")
        ],
        fixed=group.fixed,
        sort="-opened_at",
        nothing=NO_TASKS,
        name="tasks",
    )


def _how(row: Row) -> str:
    return f"群里说「{row['keyword']}」" if row["keyword"] else "引用那条任务回复"


def _task_tone(row: Row) -> str:
    return "good" if row["state"] == "open" else ""


async def _open_task(group: Shown, listing: Listing) -> None:
    async def send(values: Values) -> None:
        await group.visit.api.post(group.at("tasks"), values)

    fields = [
        Field("title", "请大家做什么", hint="比如：今天喝够八杯水了吗", is_needed=True),
        Field("keyword", "说什么算做了", hint="比如：已喝。不填就是引用那条任务回复"),
        Field("points", "给多少积分", "number", hint="不填就按规则"),
        Field("closes_at", "到什么时候", "moment", hint="不填就是今晚，太晚了就是明晚"),
    ]
    if await ask("发个任务", fields, send, yes="发出去", note=TASK):
        ui.notify("发出去了，小助手会在群里说", type="positive", position="top")
        await listing.refresh()


async def _close_task(group: Shown, row: Row) -> None:
    if await sure(f"「{row['title']}」现在就结束？群里会听到谁做了。", "结束"):
        path = group.at("tasks", row["number"], "close")
        await group.visit.attempt(lambda: group.visit.api.post(path), "结束了")
