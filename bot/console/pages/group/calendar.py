"""What comes into a group in the next days, and why."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from itertools import groupby
from urllib.parse import urlencode

from nicegui import ui

from bot.console import wording
from bot.console.frame import button, empty
from bot.console.pages.group.shown import Row, Shown
from config.daily import ZONE

DAYS = 5
NOTHING = (
    "这几天没有内容。\n内容库里有适合这个群的内容，小助手就会按月龄和比例排进来；"
    "群停发、或者内容都看过了，这里就是空的。"
)
TONES = {"posted": "good", "lapsed": "warn", "empty": "warn", "dropped": "warn"}


async def show_calendar(group: Shown) -> None:
    where = f"/console/calendar?{urlencode(group.fixed)}"
    ui.link("在日历里换、跳过、马上发", where).classes("go").style("justify-self: start")
    place = ui.element("div")
    await _fill(place, group)


async def _fill(place: ui.element, group: Shown) -> None:
    told = await group.visit.api.get(group.at("calendar"), days=DAYS)

    async def approve(post: Row) -> None:
        path = group.at("posts", post["day"], post["slot"], "approve")
        if await group.visit.attempt(lambda: group.visit.api.post(path), "同意了，到时候会发"):
            await _fill(place, group)

    today = group.visit.now.astimezone(ZONE).date()
    place.clear()
    with place:
        if not told["posts"]:
            empty(NOTHING)
        for day, posts in groupby(told["posts"], key=lambda each: str(each["day"])):
            with ui.element("h3"):
                ui.label(day_told(date.fromisoformat(day), today))
            for each in posts:
                _post(each, approve, may=group.may)


def _post(post: Row, approve: Callable[[Row], Awaitable[None]], *, may: bool) -> None:
    with ui.element("div").classes("post").props("data-testid=post"):
        ui.label(post["said_at"][11:16])
        ui.label(f"{wording.KINDS[post['kind']]}：{post['title'] or '没有合适的'}")
        with ui.element("div"):
            ui.label(state_told(post)).classes(f"tag {tone(post)}")
            if post["awaiting_approval"] and may:
                button("同意", partial(approve, post), "approve")
        ui.label(post["why"]).classes("faint")


def state_told(post: Row) -> str:
    if post["awaiting_approval"]:
        return "等同意"
    if post["state"] == "planned" and post["voice"] == "monitor":
        return "班长来发"
    return wording.POSTS[post["state"]]


def tone(post: Row) -> str:
    return "warn" if post["awaiting_approval"] else TONES.get(post["state"], "")


def day_told(day: date, today: date) -> str:
    """`今天 3月2日 周一`"""
    near = {0: "今天 ", 1: "明天 ", 2: "后天 "}.get((day - today).days, "")
    return f"{near}{wording.day(day)} 周{wording.WEEKDAYS[day.weekday()]}"
