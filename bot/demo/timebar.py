"""The bar above the demo's page: what time it is there, how fast it runs, and jumps ahead."""

from datetime import datetime
from typing import Protocol

from nicegui import ui

from bot.demo.elements import button, mark
from bot.demo.stage import PAUSED, SPEEDS


class Deeds(Protocol):
    """What one can do with time."""

    async def set_speed(self, speed: int) -> None: ...
    async def skip(self) -> None: ...
    async def to_post(self) -> None: ...
    async def to_morning(self) -> None: ...


class Timebar:
    def __init__(self, deeds: Deeds) -> None:
        self._deeds = deeds

    def build(self) -> None:
        with ui.element("header").classes("top"):
            ui.html("<b>群助</b><span>演示</span>", sanitize=False).classes("brand")
            ui.html(
                '<span data-clock="day"></span><b data-clock="time" data-testid="clock"></b>',
                sanitize=False,
            ).classes("clock").tooltip("演示里的时间（上海）")
            with ui.element("div").classes("speeds"):
                self._speeds = {speed: self._speed_button(speed) for speed in SPEEDS}
                button("下一件事", self._deeds.skip, "skip").classes("jump").tooltip(
                    "跳到下一个有事发生的时刻"
                )
                button("下一次内容", self._deeds.to_post, "to-post").classes("jump").tooltip(
                    "跳到日历里这个群的下一条，看它发出来"
                )
                button("到早上9点", self._deeds.to_morning, "morning").classes("jump").tooltip(
                    "夜里不打扰，跳过这一夜"
                )

    def _speed_button(self, speed: int) -> ui.button:
        text = "暂停" if speed == PAUSED else f"×{speed}"
        return button(text, lambda: self._deeds.set_speed(speed), f"speed-{speed}")

    def show(self, speed: int) -> None:
        for each, element in self._speeds.items():
            mark(element, "on", on=each == speed)

    def tell(self, at: datetime, speed: int) -> None:
        """The page's own clock runs on from here."""
        ui.run_javascript(f"window.demo && demo.time({round(at.timestamp() * 1000)}, {speed})")
