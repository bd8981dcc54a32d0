"""One post of a group, as it will look there, and what can be decided about it."""

from collections.abc import Callable
from functools import partial

from nicegui import ui

from bot.console import posts, wording
from bot.console.bubble import bubble
from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Visit, button, sure
from bot.console.picking import items

DEEDS = {"approve": "批准", "swap": "换一条", "skip": "不发", "now": "现在就发"}
DONE = {"approve": "批准了", "swap": "换好了", "skip": "这个时段不发了", "now": "马上就发"}
NEXT = "不选就换成下一条合适的"


class Postcard:
    def __init__(self, visit: Visit, post: posts.Post, changed: Callable[[], None]) -> None:
        self.post = post
        self._visit, self._changed = visit, changed
        self._place = ui.element("article").classes("postcard").props("data-testid=post")
        self._show()

    def becomes(self, post: posts.Post) -> None:
        self.post = post
        self._place.clear()
        self._show()

    def _show(self) -> None:
        post = self.post
        with self._place:
            with ui.element("div").classes("postcard-head"):
                ui.label(posts.when(post)).classes("postcard-time")
                ui.label(wording.KINDS[post["kind"]]).classes("tag")
                told = posts.state(post)
                ui.label(told).classes(f"tag {posts.tone(post)}").props("data-testid=state")
                if post["voice"] == "monitor":
                    ui.label(wording.VOICES["monitor"]).classes("tag")
            if post["text"]:
                bubble(post["text"])
            else:
                ui.label(posts.nothing_said(post)).classes("faint")
            for line in (post["why"], posts.decided(post), posts.afterwards(post)):
                if line:
                    ui.label(line).classes("faint")
            if self._visit.may("operator"):
                self._buttons()

    def _buttons(self) -> None:
        with ui.element("div").classes("postcard-acts"):
            for deed in posts.deeds(self.post, self._visit.now):
                do = self._swap if deed == "swap" else partial(self._decide, deed)
                button(DEEDS[deed], do, deed, main=deed == "approve")

    async def _decide(self, deed: str) -> None:
        if deed == "now" and not await sure(self._question(), DEEDS[deed]):
            return
        told: list[posts.Post] = []

        async def send() -> None:
            told.append(await self._send(deed))

        if await self._visit.attempt(send, DONE[deed]):
            self._turn_into(told[0])

    def _question(self) -> str:
        who = "交给班长" if self.post["voice"] == "monitor" else "在群里发出来"
        return f"现在就把这一条{who}？「{self.post['group_name']}」的这个时段就用掉了。"

    async def _swap(self) -> None:
        told: list[posts.Post] = []

        async def send(values: Values) -> None:
            told.append(await self._send("swap", values))

        source = items(self._visit.api, phase=self.post["phase"])
        fields = [Field("item", "换成哪一条", source=source, hint=NEXT, is_left_out=True)]
        if await ask("换一条", fields, send, yes="换"):
            ui.notify(DONE["swap"], type="positive", position="top")
            self._turn_into(told[0])

    async def _send(self, deed: str, body: Values | None = None) -> posts.Post:
        group, day, slot = posts.name(self.post)
        path = at("groups", group, "posts", day, slot, deed)
        told: posts.Post = await self._visit.api.post(path, body or None)
        return told

    def _turn_into(self, post: posts.Post) -> None:
        """At last: the button that was pressed is gone by it."""
        self.becomes(post)
        self._changed()
