"""Every message that was promised: what became of it, and what people decide about it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from bot.console import reasons, wording
from bot.console.client import at
from bot.console.facts import facts
from bot.console.frame import Console, Visit, answer_of, button, card, sure
from bot.console.listing import Action, Choice, Column, Listing
from bot.console.quick import Quick
from handlers.outbox.policy import SETTLED

Row = dict[str, Any]
NOTHING = (
    "这里还没有消息。\n"
    "小助手要说的每一句话都先写在这里：欢迎、提醒、内容、回复。几点说、说了没有、为什么没说，都看得到。"
)
TONES = {"sent": "good", "unsure": "warn", "parked": "bad", "paused": "warn", "proposed": "warn"}
CALLED_OFF = ("waiting", "held", "paused")
LONGEST = 40
HIDDEN = "私信的内容只有管理员能看"
COUNTED = "没说成和不确定的数，是最近七天的"
FORGOTTEN = "内容超过保存期，已经删了"


def outbox_page(console: Console) -> None:
    @console.page("/outbox")
    async def outbox(visit: Visit) -> None:
        counts = (await visit.api.get("/overview"))["outbox"]
        listing = _outbox(visit)
        with card("发件箱", COUNTED, name="outbox"):
            with ui.element("div").classes("tools"):
                pick = partial(listing.ask, "state")
                state = visit.query.get("state", "")
                Quick(states(counts), state, pick, "说了没有", "state")
            await listing.show()


def states(counts: Mapping[str, int]) -> dict[str, str]:
    """All states, with how many there are of those that somebody should look at."""
    named = {
        name: f"{title} {counts[name]:,}" if counts.get(name) else title
        for name, title in wording.OUTBOX.items()
    }
    first = ("waiting", "proposed", "unsure", "parked")
    return {"": "全部"} | {name: named[name] for name in (*first, *named)}


def _outbox(visit: Visit) -> Listing:
    deeds = Deeds(visit)
    return Listing(
        visit,
        "/outbox",
        [
            Column("几点说", lambda row: wording.moment(row["due_at"], visit.now), "due_at"),
            Column("哪个群", where, link=_group),
            Column("说什么", brief),
            Column(
                "怎么样了",
                lambda row: wording.OUTBOX[row["state"]],
                tone=lambda row: TONES.get(row["state"], ""),
            ),
            Column("为什么", lambda row: reasons.told(row["reason"])),
        ],
        choices=[
            Choice("channel", "渠道"),
            Choice("kind", "哪种", wording.MESSAGES),
            Choice("group", "群号"),
            Choice("account", "账号"),
            Choice("person", "私信给谁"),
            Choice("proposal", "待确认的事"),
            Choice("since", "从哪天", day="beginning"),
            Choice("until", "到哪天", day="end"),
        ],
        actions=[
            Action("看", deeds.show, name="show-message"),
            Action("马上说", deeds.hurry, deeds.may("waiting"), "send-now"),
            Action("不说了", deeds.cancel, deeds.may(*CALLED_OFF), "cancel-message"),
            Action("再说一次", deeds.retry, deeds.may_retry, "retry-message"),
            Action("说出去了", deeds.was_said, deeds.may("unsure"), "was-said"),
            Action("没说出去", deeds.was_not_said, deeds.may("unsure"), "was-not-said"),
        ],
        fixed={"state": visit.query.get("state", "")},
        sort="-id",
        nothing=NOTHING,
        name="outbox-table",
    )


class Deeds:
    """What people decide about a message."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def may(self, *states: str) -> Any:
        return lambda row: self._visit.may("operator") and row["state"] in states

    def may_retry(self, row: Row) -> bool:
        return self._visit.may("operator") and row["state"] == "parked" and not why_not(row)

    async def hurry(self, row: Row) -> None:
        await self._do(row, "send-now", "排到最前面了，安静时段和发言间隔还是照守")

    async def cancel(self, row: Row) -> None:
        if await sure(f"「{brief(row)}」不说了？", "不说了"):
            await self._do(row, "cancel", "好，不说了")

    async def retry(self, row: Row) -> None:
        await self._do(row, "retry", "重新排上了")

    async def was_said(self, row: Row) -> None:
        await self._do(row, "resolve", "记下了：说出去了", said=True)

    async def was_not_said(self, row: Row) -> None:
        await self._do(row, "resolve", "记下了：没说出去，可以再说一次", said=False)

    async def show(self, row: Row) -> None:
        with ui.dialog() as opened, ui.card().classes("ask"):
            with ui.element("h2"):
                ui.label(f"{wording.MESSAGES[row['kind']]}：{where(row)}")
            _said(row)
            facts(told(row, self._visit))
            with ui.row().classes("answers"):
                button("关上", opened.close, "close")
        await answer_of(opened)

    async def _do(self, row: Row, verb: str, done: str, **body: Any) -> None:
        path = f"{at('outbox', row['id'])}/{verb}"
        await self._visit.attempt(lambda: self._visit.api.post(path, body or None), done)


def why_not(row: Row) -> str:
    """Why one of its kind is not said again, once it was refused."""
    return reasons.told(SETTLED.get(row["kind"]))


def _said(row: Row) -> None:
    if row["text"] is None:
        ui.label(HIDDEN).classes("empty")
        return
    with ui.element("div").classes("bubble").props("data-testid=bubble"):
        ui.label(row["text"] or FORGOTTEN)
    attached = row["attachment"]
    if attached and attached["link"]:
        ui.link(attached["title"] or "卡片", attached["link"], new_tab=True)
    elif attached:
        ui.label(f"还有一张图：{attached['title'] or attached['image']}").classes("faint")


def told(row: Row, visit: Visit) -> list[tuple[str, str]]:
    """What is known of a message beside what it says."""
    parked = row["state"] == "parked"
    return [
        ("怎么样了", wording.OUTBOX[row["state"]]),
        ("为什么", reasons.told(row["reason"])),
        ("再说一次", why_not(row) if parked else ""),
        ("账号", row["account"]),
        ("几点说", wording.moment(row["due_at"], visit.now)),
        ("过了就不说", wording.moment(row["lapses_at"], visit.now)),
        ("有结果", wording.moment(row["settled_at"], visit.now)),
        ("试过", f"{row['attempts']}次" if row["attempts"] else ""),
        ("第几轮", f"第{row['round']}轮第{row['step'] + 1}句" if row["round"] else ""),
    ]


def where(row: Row) -> str:
    if row["group"] is None:
        return f"私信 {row['to']}"
    return str(row["group_name"] or row["group"])


def _group(row: Row) -> str:
    return f"/console{at('groups', row['group'])}" if row["group"] else ""


def brief(row: Row) -> str:
    """`欢迎：欢迎@豆豆妈 …`"""
    text = " ".join((row["text"] or "").split())
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    kind = wording.MESSAGES[row["kind"]]
    return f"{kind}：{short}" if short else kind
