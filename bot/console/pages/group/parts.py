"""What belongs to a group, part by part: each is read when it is opened, so that the page stays
quick."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import events, ui

from bot.console import wording
from bot.console.client import Refused
from bot.console.frame import trouble
from bot.console.pages.group.calendar import show_calendar
from bot.console.pages.group.people import show_members, show_points
from bot.console.pages.group.proposals import show_proposals
from bot.console.pages.group.rules import show_rules
from bot.console.pages.group.shown import Shown
from bot.console.pages.group.talk import show_outbox, show_questions, show_tasks
from bot.console.pages.group.way import show_way


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    title: str
    icon: str
    show: Callable[[Shown], Awaitable[None]]


PARTS = (
    Part("members", "成员和角色", "group", show_members),
    Part("way", "怎么进群、下一个群", "qr_code_2", show_way),
    Part("calendar", "接下来几天的内容", "calendar_month", show_calendar),
    Part("tasks", "任务", "task_alt", show_tasks),
    Part("questions", "妈妈们的问题", "contact_support", show_questions),
    Part("points", "积分", "stars", show_points),
    Part("outbox", "发件箱", "outbox", show_outbox),
    Part("proposals", "等群主确认的", "touch_app", show_proposals),
    Part("rules", "规则", "tune", show_rules),
)


async def show_parts(group: Shown) -> None:
    """One of them is open already, if the address names it (`?open=way`)."""
    wanted = group.visit.query.get("open", "")
    for each in PARTS:
        await Fold(each, group).show(is_open=each.name == wanted)
    if wanted in {each.name for each in PARTS}:
        ui.run_javascript(f"qunzhuScrollTo('part-{wanted}')")


class Fold:
    def __init__(self, part: Part, group: Shown) -> None:
        self._part, self._group, self._is_read = part, group, False

    async def show(self, *, is_open: bool) -> None:
        """Built where it is called."""
        fold = ui.expansion(self._part.title, icon=self._part.icon, value=is_open)
        fold.classes("part fold").props(f"data-testid=part-{self._part.name}")
        self._fold = fold
        if is_open:
            await self._read()
        fold.on_value_change(self._turned)

    async def _turned(self, event: events.ValueChangeEventArguments[bool]) -> None:
        if event.value and not self._is_read:
            await self._read()

    async def _read(self) -> None:
        self._is_read = True
        with self._fold:
            try:
                await self._part.show(self._group)
            except Refused as why:
                trouble(wording.refused(why))
