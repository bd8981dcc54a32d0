"""What stands beside the phone on the demo's page: panels, of which one is open at a time."""

from nicegui import ui

from bot.demo import panels
from bot.demo.calendar import calendar_panel
from bot.demo.elements import CLICKED, Clicked, button, mark, write
from bot.demo.entry_panel import entry_panel
from bot.demo.view import Scene

TABS = {
    "entry": "入口",
    "calendar": "日历",
    "waiting": "待发",
    "points": "积分",
    "rules": "规则",
}
PANELS = {
    "entry": {"way-in": entry_panel},
    "calendar": {"calendar": calendar_panel},
    "waiting": {"round": panels.round_panel, "outbox": panels.outbox_panel},
    "points": {"points": panels.points_panel},
    "rules": {"rules": panels.rules_panel},
}


class Side:
    def __init__(self, clicked: Clicked) -> None:
        self._clicked = clicked

    def build(self) -> None:
        with ui.element("aside").classes("side"):
            with ui.element("nav").classes("tabs"):
                self._tabs = {name: self._tab(name, title) for name, title in TABS.items()}
            self._panels = {}
            self._groups = {}
            for name, group in PANELS.items():
                with ui.element("div").classes("panels") as self._groups[name]:
                    for each, write_panel in group.items():
                        html = ui.html(sanitize=False).classes(f"panel {each}")
                        html.on("click", self._clicked, js_handler=CLICKED)
                        self._panels[each] = (html, write_panel)
        self.open("calendar")

    def _tab(self, name: str, title: str) -> ui.button:
        return button(title, lambda: self.open(name), f"tab-{name}")

    def open(self, name: str) -> None:
        for each, tab in self._tabs.items():
            mark(tab, "on", on=each == name)
            self._groups[each].set_visibility(each == name)

    def show(self, scene: Scene) -> None:
        mark(self._tabs["waiting"], "news", on=bool(scene.waiting or scene.promised))
        mark(self._tabs["entry"], "news", on=bool(scene.entrance.openings))
        mark(self._tabs["points"], "news", on=bool(scene.points.questions))
        for html, write_panel in self._panels.values():
            write(html, write_panel(scene))
