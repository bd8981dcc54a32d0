"""Whom to ask: what waits for the owners of groups, what they let pass, and what their groups may
still get."""

import asyncio
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from bot.console import confirming, reasons, wording
from bot.console.client import at
from bot.console.confirming import Owner, Row
from bot.console.frame import Console, Visit, button, card, empty, sure
from bot.console.listing import Choice, Column, Listing

LATELY = timedelta(days=1)
MOST = 500
NOBODY = (
    "现在没有要群主确认的事。\n"
    "企业微信官方接口不能自己在客户群里说话：欢迎语由群主粘贴，群发由群主点一下。"
    "等着谁、等了多久，会出现在这里。"
)
NO_BUDGETS = "账号都能自己说话，用不着群发。"
WITHDRAW = "把这条群发撤回？已经发出去的撤不回来。"
NEEDLESS = "不再请她设入群欢迎语？"
DECLINE = "这次不发了？里面的新朋友会跟着下一轮一起欢迎。"


def proposals_page(console: Console) -> None:
    @console.page("/proposals")
    async def proposals(visit: Visit) -> None:
        with card("找谁确认", "等得最久的在最上面", name="owners"):
            await Board(visit).show()
        with card("群发次数", "企业微信限着每个群能收到几次群发", name="budgets"):
            await _budgets(visit).show()


class Board:
    """Everybody who is asked for something, and what can be done about it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def show(self) -> None:
        """Built where it is called."""
        self._place = ui.element("div")
        await self._draw()

    async def _draw(self) -> None:
        api, channel = self._visit.api, self._visit.query.get("channel", "")
        asked, missed = await asyncio.gather(
            api.get("/proposals", channel=channel, sort="made_at", limit=MOST),
            api.get(
                "/proposals",
                channel=channel,
                state="lapsed",
                settled_since=(self._visit.now - LATELY).isoformat(),
                limit=MOST,
            ),
        )
        owners = confirming.owners(asked["items"], missed["items"])
        self._place.clear()
        with self._place:
            if not owners:
                empty(NOBODY)
            for each in owners:
                self._owner(each)

    def _owner(self, owner: Owner) -> None:
        with ui.element("div").classes("owner").props("data-testid=owner"):
            with ui.element("div").classes("part-head"):
                with ui.element("h3"):
                    ui.label(owner.name)
                ui.label(_told_of(owner)).classes("faint")
                ui.space()
                if owner.page:
                    ui.link("她的确认页", owner.page, new_tab=True).classes("go")
            for row in owner.asked:
                self._asked(row)
            for row in owner.missed:
                _missed(row, self._visit)

    def _asked(self, row: Row) -> None:
        with ui.element("div").classes("concern").props("data-testid=asked"):
            ui.label(_state(row)).classes("tag warn" if row["state"] == "open" else "tag")
            with ui.element("span").classes("what"):
                _group(row)
                ui.label(f"{confirming.what(row)}，等了 {_waited(row, self._visit)}")
            # A welcome may be applied at any time.
            if row["means"] != "template":
                ui.label(_until(row, self._visit)).classes("faint")
                ui.link("看内容", messages(row)).classes("faint")
            if row["state"] == "open" and self._visit.may("operator"):
                self._buttons(row)

    def _buttons(self, row: Row) -> None:
        match row["means"]:
            case "group_send" if not row["reason"]:
                button("撤回", partial(self._decline, row, WITHDRAW), "withdraw")
            case "paste":
                button("她发好了", partial(self._done, row), "done")
                button("这次不发", partial(self._decline, row, DECLINE), "decline")
            case "template":
                button("她设好了", partial(self._done, row), "done")
                button("不用设了", partial(self._decline, row, NEEDLESS), "decline")

    async def _done(self, row: Row) -> None:
        await self._do(row, "done", "好，记下了")

    async def _decline(self, row: Row, question: str) -> None:
        if await sure(question, "是的"):
            await self._do(row, "decline", "好，记下了")

    async def _do(self, row: Row, verb: str, done: str) -> None:
        path = f"{at('proposals', row['key'])}/{verb}"
        await self._visit.attempt(lambda: self._visit.api.post(path), done)
        await self._draw()


def messages(row: Row) -> str:
    """Where it stands in the outbox."""
    return f"/console/outbox?{urlencode({'proposal': row['key']})}"


def _told_of(owner: Owner) -> str:
    waiting = f"{len(owner.asked)} 件等她" if owner.asked else ""
    missed = f"一天里 {len(owner.missed)} 件没点" if owner.missed else ""
    return "，".join(filter(None, (waiting, missed)))


def _state(row: Row) -> str:
    if row["state"] == "open" and row["reason"]:
        return "正在撤回"
    return wording.PROPOSALS[row["state"]]


def _waited(row: Row, visit: Visit) -> str:
    return wording.since(confirming.since(row), visit.now).removesuffix("前")


def _until(row: Row, visit: Visit) -> str:
    until = f"{wording.moment(row['lapses_at'], visit.now)} 前"
    return f"{until}，提醒过 {row['reminders']} 次" if row["reminders"] else until


def _group(row: Row) -> None:
    where = confirming.where(row)
    if row["group"]:
        ui.link(where, f"/console{at('groups', row['group'])}")
    else:
        ui.label(where)


def _missed(row: Row, visit: Visit) -> None:
    with ui.element("div").classes("concern").props("data-testid=missed"):
        ui.label(wording.PROPOSALS["lapsed"]).classes("tag bad")
        with ui.element("span").classes("what"):
            _group(row)
            ui.label(confirming.what(row))
        ui.label(wording.moment(row["settled_at"], visit.now)).classes("faint")
        ui.label(reasons.told(row["reason"])).classes("faint")


def _budgets(visit: Visit) -> Listing:
    return Listing(
        visit,
        "/mass-sends",
        [
            Column(
                "群",
                lambda row: row["group_name"],
                "name",
                link=lambda row: f"/console{at('groups', row['group'])}",
            ),
            Column("群主", lambda row: row["owner_name"] or row["owner"] or wording.UNKNOWN),
            Column("用了几次", confirming.budget, tone=confirming.budget_tone),
            Column("还剩", lambda row: wording.number(row["left"]), is_number=True),
        ],
        choices=[Choice("channel", "渠道"), Choice("owner", "群主的账号")],
        sort="name",
        nothing=NO_BUDGETS,
        name="budgets-table",
    )
