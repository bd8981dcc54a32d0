"""Which groups a setting is for: all, those of a channel or a cohort, or one."""

from typing import Any
from urllib.parse import quote

from nicegui import events, ui

from bot.console import wording
from bot.console.client import Refused
from bot.console.frame import Visit, empty, trouble
from bot.console.rule_board import EVERYWHERE

Changed = events.ValueChangeEventArguments[Any]
KINDS = {"everywhere": "所有群", "channel": "一个渠道", "cohort": "同批群", "group": "一个群"}
HOLDS = {
    "everywhere": "没有单独设的群都按这里的来。",
    "channel": "这个渠道的群按这里的来，没设的按所有群的来。",
    "cohort": "同城市、同渠道、同月龄段的群按这里的来，没设的按渠道的来。",
    "group": "只管这一个群，没设的按上一层的来。",
}
MOST = 8
"""Groups found, and layers told of."""


def asked_scope(visit: Visit) -> str:
    """Of the page that is looked at."""
    return visit.query.get("scope") or EVERYWHERE


def no_such_scope(page: str) -> None:
    trouble("没有这个群，或者地址不完整。")
    ui.link("看所有群的", f"/console{page}").classes("faint")


def kind_of(scope: str) -> str:
    return scope.partition(":")[0]


async def scope_name(visit: Visit, scope: str) -> str:
    """`渠道「妇幼」`, `群「杭州·2026年3-5月·妇幼·01」`; raises Refused."""
    kind, _, rest = scope.partition(":")
    if kind == "group":
        known = await visit.api.get(f"/groups/{quote(rest, safe='')}")
        return f"群「{known['name']}」"
    if kind == "cohort" and rest.count("~") == 2:
        return f"同批群「{cohort_name(rest)}」"
    return wording.scope(scope)


def cohort_name(cohort: str) -> str:
    """`杭州~妇幼~2026-03` -> `杭州·妇幼·2026年3-5月`"""
    city, channel, window = cohort.split("~")
    return f"{city}·{channel}·{wording.window(window)}"


class ScopeChoice:
    """Choosing another scope leads to another page."""

    def __init__(self, visit: Visit, page: str, scope: str) -> None:
        self._visit, self._page, self._scope = visit, page, scope
        self._segments: dict[str, list[str]] = {}

    async def show(self) -> None:
        self._segments = await self._visit.api.get("/segments")
        kind = kind_of(self._scope)
        with ui.element("div").classes("asked"):
            ui.select(
                KINDS, label="管哪些群", value=kind, on_change=lambda event: self._ask(event.value)
            ).props("dense outlined data-testid=scope-kind")
            self._place = ui.element("div").classes("asked scope")
        self._holds = ui.label(HOLDS[kind]).classes("faint")
        self._ask(kind)

    def address(self, scope: str) -> str:
        return f"/console{self._page}?scope={quote(scope, safe='')}"

    def _go(self, scope: str) -> None:
        if scope != self._scope:
            ui.navigate.to(self.address(scope))

    def _ask(self, kind: str) -> None:
        self._place.clear()
        self._holds.set_text(HOLDS[kind])
        with self._place:
            match kind:
                case "channel":
                    self._channel()
                case "cohort":
                    self._cohort()
                case "group":
                    self._group()
                case _:
                    self._go(EVERYWHERE)

    def _channel(self) -> None:
        _, _, name = self._scope.partition(":")
        self._one("channels", "渠道", name if kind_of(self._scope) == "channel" else "")

    def _one(self, segment: str, title: str, value: str) -> None:
        ui.select(
            self._options(segment, value),
            label=title,
            value=value or None,
            on_change=lambda event: self._go(f"channel:{event.value}"),
        ).props(f"dense outlined data-testid=scope-{segment}")

    def _options(self, segment: str, value: str) -> dict[str, str]:
        """Those there are, and the one that was chosen."""
        known = self._segments[segment]
        found = known if value in known or not value else [value, *known]
        if segment == "birth_windows":
            return {each: wording.window(each) for each in found}
        return {each: each for each in found}

    def _cohort(self) -> None:
        given = self._scope.partition(":")[2].split("~")
        chosen = given if kind_of(self._scope) == "cohort" and len(given) == 3 else [""] * 3

        def choose(number: int, value: str) -> None:
            chosen[number] = value
            if all(chosen):
                self._go(f"cohort:{'~'.join(chosen)}")

        names = (("cities", "城市"), ("channels", "渠道"), ("birth_windows", "月龄段"))
        for number, (segment, title) in enumerate(names):
            value = chosen[number]
            ui.select(
                self._options(segment, value),
                label=title,
                value=value or None,
                on_change=lambda event, number=number: choose(number, event.value),
            ).props(f"dense outlined data-testid=scope-{segment}")

    def _group(self) -> None:
        async def find(event: Changed) -> None:
            found.clear()
            if event.value:
                with found:
                    await self._found(event.value)

        field = ui.input("找群名", on_change=find)
        field.props("dense outlined clearable debounce=300 data-testid=scope-group")
        found = ui.element("div").classes("found").props("data-testid=found")

    async def _found(self, words: str) -> None:
        asked = {"q": words, "standing": "ours", "limit": MOST}
        try:
            groups = (await self._visit.api.get("/groups", **asked))["items"]
        except Refused as why:
            empty(wording.refused(why))
            return
        if not groups:
            empty("没有叫这个名字的群")
        for each in groups:
            ui.link(each["name"], self.address(f"group:{each['id']}"))


class LayersThatSet:
    """Links to those that set something, lately changed first."""

    def __init__(self, visit: Visit, choice: ScopeChoice) -> None:
        self._visit, self._choice = visit, choice
        self._place = ui.element("div").classes("layers")

    async def refresh(self) -> None:
        asked = {"sort": "-changed_at", "limit": MOST}
        found = await self._visit.api.get("/rules/layers", **asked)
        self._place.clear()
        self._place.set_visibility(bool(found["items"]))
        with self._place:
            ui.label("单独设过的：").classes("faint")
            for each in found["items"]:
                name = each["group_name"] or _layer_name(each["scope"])
                address = self._choice.address(each["scope"])
                ui.link(f"{name} {each['values']}条", address).classes("tag")
            if found["next"]:
                ui.label("等").classes("faint")


def _layer_name(scope: str) -> str:
    kind, _, rest = scope.partition(":")
    return cohort_name(rest) if kind == "cohort" else wording.scope(scope)
