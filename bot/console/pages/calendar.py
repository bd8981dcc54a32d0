"""What is posted when: of all groups on one day, tomorrow first, or of one group in two weeks."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from bot.console import posts, wording
from bot.console.client import Refused, at
from bot.console.frame import Console, Visit, button, card, empty, trouble
from bot.console.listing import Choice, filter_by
from bot.console.postcard import Postcard
from config.daily import ZONE

PLACE = "/console/calendar"
AT_ONCE, ENOUGH, MOST_LOOKS = 20, 8, 4
"""Groups that are read at once; as many as make a page where few have such posts; how often it is
read on for those."""
MOST_APPROVED = 200
DAYS, PAST = 14, 7
HOW = "小助手每天按各群的孕周和阶段排好；不合适的可以换、可以跳过"
NOTHING = (
    "这一天没有这样的内容。\n"
    "群接管以后，小助手会从内容库里给每个群排上当天要发的；内容库空着，日历也就空着。"
)
NOTHING_YET = "前面这些群没有，后面还有群，可以接着往后找。"
NOTHING_HERE = (
    "这个群还没有排内容。\n接管了的群，小助手会按它的孕周和阶段从内容库里排好两个星期的。"
)


def calendar_page(console: Console) -> None:
    @console.page("/calendar")
    async def calendar(visit: Visit) -> None:
        group = visit.query.get("group", "")
        if group:
            await _of_group(visit, group)
        else:
            await Day(visit).show()


def calendar_of(group: str) -> str:
    return f"{PLACE}?group={at(group)[1:]}"


# All groups on one day


class Day:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        today = visit.now.astimezone(ZONE).date()
        days = posts.days_to_choose(today)
        self._choices = [
            Choice("ahead", "哪一天", days, default="1", is_needed=True),
            Choice("q", "找群名"),
            Choice("channel", "渠道"),
            Choice("kind", "种类", wording.KINDS),
            Choice("awaiting_approval", "审批", {"true": "等审批的"}),
        ]
        given = visit.query
        self._asked = {each.name: given.get(each.name, each.default) for each in self._choices}
        self._cursors: list[str | None] = [None]
        self._cards: list[Postcard] = []

    async def show(self) -> None:
        with card("日历", HOW, name="calendar"):
            with ui.element("div").classes("asked"):
                for each in self._choices:
                    await filter_by(each, self._asked[each.name], self._ask)
                ui.space()
                self._approve = button("", self._approve_all, "approve-all", main=True)
            self._place = ui.element("div").classes("days")
        await self._refresh()

    async def _ask(self, name: str, value: str) -> None:
        self._asked[name] = value
        self._cursors = [None]
        await self._refresh()

    async def _refresh(self) -> None:
        self._place.clear()
        self._cards = []
        with self._place:
            try:
                found, following = await self._read()
            except Refused as why:
                trouble(wording.refused(why))
                return
            for each in found:
                self._group(each)
            if not found:
                empty(NOTHING_YET if following else NOTHING)
            self._pager(following)
        self._count()

    async def _read(self) -> tuple[list[dict[str, Any]], str | None]:
        """Groups that have such posts, and where the others follow: of a page that leaves out many
        there may be few, or none."""
        found: list[dict[str, Any]] = []
        cursor = self._cursors[-1]
        for _ in range(MOST_LOOKS):
            asked = {**self._asked, "limit": AT_ONCE, "cursor": cursor}
            page = await self._visit.api.get("/calendars", **asked)
            found += page["items"]
            cursor = page["next"]
            if cursor is None or len(found) >= ENOUGH:
                break
        return found, cursor

    def _group(self, calendar: dict[str, Any]) -> None:
        with ui.element("section").classes("of-group").props("data-testid=group-day"):
            with ui.element("h3"):
                ui.link(calendar["name"], calendar_of(calendar["group"]))
            self._cards += _cards(self._visit, calendar["posts"], self._count)

    def _pager(self, following: str | None) -> None:
        if following is None and len(self._cursors) == 1:
            return
        with ui.element("div").classes("pager"):
            button("上一页", self._back, "page-back").set_enabled(len(self._cursors) > 1)
            if following is not None:
                button("下一页", partial(self._on, following), "page-on")

    async def _back(self) -> None:
        self._cursors.pop()
        await self._refresh()

    async def _on(self, following: str) -> None:
        self._cursors.append(following)
        await self._refresh()

    # All that are shown

    def _waiting(self) -> list[Postcard]:
        return [each for each in self._cards if each.post["awaiting_approval"]][:MOST_APPROVED]

    def _count(self) -> None:
        waiting = len(self._waiting())
        self._approve.set_text(f"批准这一页的 {waiting} 条")
        self._approve.set_visibility(waiting > 0 and self._visit.may("operator"))

    async def _approve_all(self) -> None:
        waiting = {posts.name(each.post): each for each in self._waiting()}
        named = [{"group": group, "day": day, "slot": slot} for group, day, slot in waiting]
        told: dict[str, Any] = {}

        async def approve() -> None:
            told.update(await self._visit.api.post("/posts/approve", {"posts": named}))

        if not await self._visit.attempt(approve):
            return
        for each in told["approved"]:
            waiting[posts.name(each)].becomes(each)
        self._count()
        summary = posts.summary(len(told["approved"]), told["refused"])
        ui.notify(summary, type="warning" if told["refused"] else "positive", position="top")


def _cards(visit: Visit, of: Sequence[posts.Post], changed: Callable[[], None]) -> list[Postcard]:
    with ui.element("div").classes("posts"):
        return [Postcard(visit, each, changed) for each in of]


# One group in two weeks


async def _of_group(visit: Visit, group: str) -> None:
    past = PAST if visit.query.get("past") else 0
    path = f"{at('groups', group)}/calendar"
    found = await visit.api.get(path, days=DAYS, past=past)
    today = visit.now.astimezone(ZONE).date()
    with ui.element("div").classes("of-group"), ui.element("h3"):
        ui.label(found["name"])
    with ui.element("div").classes("doors"):
        ui.link("← 所有群的日历", PLACE).classes("faint")
        ui.link("看这个群", f"/console{at('groups', group)}").classes("faint")
        if not past:
            earlier = f"{calendar_of(group)}&past={PAST}"
            ui.link("也看过去七天", earlier).classes("faint")
    if not found["posts"]:
        with card(found["name"]):
            empty(NOTHING_HERE)
    for day, of_day in posts.by_day(found["posts"]):
        with card(posts.day_told(day, today), name="day"):
            _cards(visit, of_day, lambda: None)
