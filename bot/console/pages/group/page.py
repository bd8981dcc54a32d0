"""One group: where it stands, how it grows, when it speaks, and all that belongs to it."""

import asyncio
from functools import partial

from nicegui import ui

from bot.console import growth_chart, wording
from bot.console.client import at
from bot.console.concerns import help_for
from bot.console.frame import Console, Visit, button, card, empty
from bot.console.pages.group.deeds import Deeds
from bot.console.pages.group.parts import show_parts
from bot.console.pages.group.shown import Row, Shown
from bot.console.pages.groups import state, state_tone
from bot.console.reach import covers

GONE = "没有这个群。可能是链接旧了，回「群」里找一找。"
LEFT_ALONE = "小助手在这个群里，但没有接管：它不说话，也不记什么。"
LET_GO = "这个群已经放手：小助手不在里面说话了，以前的记录还在下面。"
NOT_HEARD = "还看不出来：听满一阵，妈妈们每周几点爱说话就会画在这里，发内容的钟点用橙色框出来。"
NOT_TOLD = f"什么时候说话，未知：{wording.UNTOLD}。"
UNTOLD = f"{wording.UNTOLD}：活跃、问题、任务和回答的积分都是未知，不是没有。"
NO_CURVE = "还没有人数。小助手看过一次成员名单以后，每天的人数会画在这里。"
SHARE_SHOWN = 0.2
"""The monitor's share at which its bar is full."""


def group_page(console: Console) -> None:
    @console.page("/groups/{group:path}")
    async def one(visit: Visit, group: str) -> None:
        known, growth, rhythm = await asyncio.gather(
            visit.api.find(at("groups", group)),
            visit.api.find(at("groups", group, "growth")),
            visit.api.find(at("groups", group, "rhythm")),
        )
        if known is None:
            with card():
                empty(GONE)
                ui.link("全部群", "/console/groups").classes("go")
            return
        may = covers(visit.who, group, known["channel"])
        with card(name="group"):
            Head(visit, known, growth, may=may).show()
        if growth is not None:
            with ui.element("div").classes("two"):
                _growth(growth, visit)
                _rhythm(rhythm, visit, hears=known["hears"])
        if known["standing"] != "listed":
            await show_parts(Shown(visit, known, may))


class Head:
    """What it is, what it needs somebody for, and what one may do about it."""

    def __init__(self, visit: Visit, known: Row, growth: Row | None, *, may: bool) -> None:
        self._visit, self._known, self._growth, self._may = visit, known, growth, may
        self._deeds = Deeds(visit, known["id"], self._again)

    def show(self) -> None:
        """Built where it is called."""
        self._place = ui.element("div")
        self._draw()

    async def _again(self) -> None:
        """After a change."""
        path = at("groups", self._known["id"])
        self._known, self._growth = await asyncio.gather(
            self._visit.api.get(path), self._visit.api.find(f"{path}/growth")
        )
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            self._title()
            _facts(self._known, self._growth, self._visit)
            self._buttons()
            for each in self._growth["notices"] if self._growth else ():
                self._concern(each)

    def _title(self) -> None:
        with ui.element("div").classes("part-head"):
            with ui.element("h2"):
                ui.label(self._known["name"]).props("data-testid=group-name")
            ui.label(state(self._known)).classes(f"tag {state_tone(self._known)}").props(
                "data-testid=group-state"
            )
            if self._known["renaming"]:
                ui.label(f"正在改名为「{self._known['renaming']}」").classes("tag warn")
            ui.space()
            ui.link("全部群", "/console/groups").classes("faint")
        if self._known["standing"] != "ours":
            is_listed = self._known["standing"] == "listed"
            ui.label(LEFT_ALONE if is_listed else LET_GO).classes("faint")
        elif not self._known["hears"]:
            ui.label(UNTOLD).classes("faint untold").props("data-testid=untold")

    def _buttons(self) -> None:
        deeds, known = self._deeds, self._known
        is_ours, is_admin = known["standing"] == "ours", self._visit.may("admin")
        if not (is_admin or (self._may and is_ours)):
            return
        with ui.element("div").classes("deeds"):
            if not is_ours:
                button("接管这个群", partial(deeds.adopt, known), "adopt", main=True)
                return
            if known["paused_at"]:
                button("恢复说话", deeds.resume, "resume", main=True, icon="play_arrow")
            else:
                button("暂停", deeds.pause, "pause", icon="pause")
            button("改群名", partial(deeds.rename, known), "rename", icon="edit")
            button("改城市、渠道、月龄段", partial(deeds.correct, known), "correct")
            if is_admin:
                button("放手", deeds.release, "release")

    def _concern(self, notice: Row) -> None:
        title, where = help_for(notice["concern"], notice["group"])
        found = wording.since(notice["found_at"], self._visit.now)
        with ui.element("div").classes("concern").props("data-testid=concern"):
            ui.label(notice["label"]).classes(f"tag {'bad' if notice['urgent'] else 'warn'}")
            ui.label(notice["text"]).classes("what")
            ui.label(found).classes("faint")
            if not where.endswith(at("groups", notice["group"])):
                ui.link(title, where).classes("go")
            if self._may:
                button("已处理", partial(self._deeds.settle, notice), "settle")


def _facts(known: Row, growth: Row | None, visit: Visit) -> None:
    told = {
        "人数": wording.number(known["members"]),
        "城市": known["city"],
        "渠道": known["channel"],
        "月龄段": wording.window(known["birth_window"]),
        "阶段": _stage(known, growth),
        "建群": wording.day(known["opened_on"]),
        "班长": "有" if known["monitor"] else "没有",
        **(_life(growth) if growth else {}),
        "上次核对名单": wording.moment(known["checked_at"], visit.now),
    }
    with ui.element("dl").classes("known"):
        for name, value in told.items():
            with ui.element("div"):
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(value or wording.UNKNOWN)


def _stage(known: Row, growth: Row | None) -> str:
    if known["stage"] is None:
        return ""
    week = wording.week(known["stage"], growth["week"] if growth else None)
    return f"{wording.STAGES[known['stage']]}，{week}" if week else wording.STAGES[known["stage"]]


def _life(growth: Row) -> dict[str, str]:
    """What follows from how many came, and how many speak."""
    recruiting = wording.RECRUITING[growth["recruiting"]]
    return {
        "到了哪步": f"{wording.PHASES[growth['phase']]}，{recruiting}",
        "怎么进群": wording.WAYS_IN[growth["way_in"]],
        "七天里说过话": wording.share(growth["active"]["share"]),
    }


# How it grows, and when it speaks


def _growth(growth: Row, visit: Visit) -> None:
    with card("增长", growth_chart.told(growth), name="growth"):
        if not growth["sizes"]:
            empty(NO_CURVE)
            return
        options = growth_chart.growth(growth, is_dark=visit.is_dark)
        ui.echart(options).classes("chart").props(
            f'role=img aria-label="{growth_chart.told(growth)}"'
        )
        foretold = growth_chart.foretold(growth)
        if foretold:
            ui.label(foretold).classes("faint").props("data-testid=forecast")


def _rhythm(rhythm: Row, visit: Visit, *, hears: bool) -> None:
    spans = "、".join(rhythm["posting"]["spans"]) or "没有"
    is_learned = rhythm["posting"]["in_use"] == "learned"
    note = f"发内容的钟点：{spans}（{'从群里学到的' if is_learned else '规则里写的'}）"
    with card("一周里什么时候说话", note, name="rhythm"):
        if growth_chart.is_known(rhythm):
            options = growth_chart.week(rhythm, is_dark=visit.is_dark)
            ui.echart(options).classes("chart").props(f'role=img aria-label="{note}"')
        else:
            empty(NOT_HEARD if hears else NOT_TOLD)
        _monitor(rhythm["monitor"], hears=hears)


def _monitor(told: Row, *, hears: bool) -> None:
    """Her part in what is said, against where groups are at their best."""
    share, line = told["share"], told["line"]
    with ui.element("div").props("data-testid=monitor-share"):
        ui.label(monitor_told(told, hears=hears))
        if share is None:
            return
        is_enough = share >= line
        with ui.element("div").classes("meter").props("aria-hidden=true"):
            bar = ui.element("i").classes("" if is_enough else "warn")
            bar.style(f"width: {min(share / SHARE_SHOWN, 1) * 100:.1f}%")
            ui.element("u").style(f"left: {min(line / SHARE_SHOWN, 1) * 100:.1f}%")


def monitor_told(told: Row, *, hears: bool = True) -> str:
    share, line = told["share"], f"{told['line'] * 100:g}%"
    if share is None:
        why = "听得还不够" if hears else wording.UNTOLD
        return f"班长说话占比：未知，{why}（到 {line} 群最活跃）"
    hers, together = wording.number(told["messages"]), wording.number(told["of"])
    of = f"妈妈和班长一共 {together} 条，班长 {hers} 条"
    verdict = "够了" if share >= told["line"] else "少了点"
    return f"班长说话占比：{wording.share(share)}，{verdict}（到 {line} 群最活跃；{of}）"
