"""The phone on the demo's page: the chat one looks at, and what one writes into it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from nicegui import events, ui

from bot.demo import markup
from bot.demo.cast import PEAK
from bot.demo.chats import Said
from bot.demo.elements import CLICKED, Clicked, Feed, button, write
from bot.demo.hints import hints
from bot.demo.view import Scene, Sight
from models.ids import PersonId
from models.messages import MENTION_END

ENTERED = """(e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    emit(e.target.value);
}"""
"""Enter that picks a word in an input method does not send."""
TEACHING = markup.page("teaching")
TEACHING_PRIVATE = markup.page("teaching_private")
"""What one can do, until somebody has done something."""


class Deeds(Protocol):
    """What one can do with the phone."""

    def ask_newcomer(self) -> None: ...
    async def peak(self) -> None: ...
    def ask_nickname(self) -> None: ...
    async def leave(self) -> None: ...
    def become(self, person: PersonId) -> None: ...
    async def say(self, text: str) -> None: ...
    def quote(self, message: str | None) -> None: ...


class Phone:
    def __init__(self, deeds: Deeds, clicked: Clicked) -> None:
        self._deeds = deeds
        self._clicked = clicked
        self._me: PersonId | None = None

    def build(self) -> None:
        with ui.element("section").classes("phone"):
            with ui.element("div").classes("chat-top"):
                self._title = ui.html(sanitize=False).classes("chat-title")
                join = button("新妈妈入群", self._deeds.ask_newcomer, "join").classes("primary")
                peak = button(f"{PEAK}人涌入", self._deeds.peak, "peak").tooltip(
                    f"{PEAK}位妈妈同时扫码进群"
                )
            lines = ui.element("div").classes("chat-lines")
            lines.on("click", self._clicked, js_handler=CLICKED)
            with lines:
                self._teaching = ui.html(sanitize=False)
                self._feed = Feed(ui.element("div"))
            rename, leave = self._build_composer()
        self._only_in_group = (join, peak, rename, leave)

    def _build_composer(self) -> tuple[ui.button, ui.button]:
        """The buttons of it that are about the group."""
        with ui.element("div").classes("composer"):
            with ui.element("div").classes("identity"):
                ui.label("我是").classes("i-am")
                self._who = (
                    ui.select({}, on_change=self._became)
                    .props("dense borderless options-dense data-testid=who")
                    .classes("who-select")
                )
                rename = button("改群昵称", self._deeds.ask_nickname, "nickname")
                leave = button("退群", self._deeds.leave, "leave")
            self._hints = ui.html(sanitize=False).classes("hints")
            self._hints.on("click", self._clicked, js_handler=CLICKED)
            with ui.element("div").classes("quoting") as self._quoting:
                self._quoting_text = ui.label()
                button("取消", lambda: self._deeds.quote(None), "unquote")
            with ui.element("div").classes("entry"):
                self._entry = (
                    ui.textarea(placeholder="说点什么…")
                    .props("dense borderless autogrow rows=1 data-testid=entry")
                    .on("keydown", self._entered, js_handler=ENTERED)
                )
                button("发送", self._send, "send").classes("primary")
        return rename, leave

    # What it shows

    def show(
        self,
        scene: Scene,
        sight: Sight,
        quotes: str | None,
        called: Mapping[PersonId, str],
        *,
        private: bool,
    ) -> None:
        """`called`: those one can be, and what they are called in the list of them."""
        self._me = sight.me
        if self._who.options != called or self._who.value != sight.me:
            self._who.set_options(dict(called), value=sight.me)
        self._show_chat(scene, sight, private=private)
        write(self._hints, markup.hints(hints(scene, sight.me, quotes, private=private)))
        self._quoting.set_visibility(quotes is not None)
        self._quoting_text.set_text(markup.quote(scene, quotes) if quotes else "")

    def _show_chat(self, scene: Scene, sight: Sight, *, private: bool) -> None:
        lines: Sequence[markup.Line]
        if private and sight.me is not None:
            lines = markup.private_chat(sight.private, scene, sight.me)
            write(self._title, markup.private_title(scene, sight.me))
            write(self._teaching, TEACHING_PRIVATE)
        else:
            lines = markup.chat(scene, sight.me)
            write(self._title, markup.title(scene))
            write(self._teaching, TEACHING)
        for each in self._only_in_group:
            each.set_visibility(not private)
        chat = sight.private if private else scene.chat
        self._teaching.set_visibility(all(isinstance(e, Said) and e.by_bot for e in chat))
        self._feed.show(lines)

    # What one writes

    def write(self, text: str) -> None:
        self._entry.value = text
        self.focus()

    def mention(self, name: str) -> None:
        self.write(f"{self._entry.value or ''}@{name}{MENTION_END}")

    def focus(self) -> None:
        self._entry.run_method("focus")

    def sent(self) -> None:
        self._entry.value = ""
        to_the_newest()

    def _became(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value is not None and event.value != self._me:
            self._deeds.become(PersonId(event.value))

    async def _entered(self, event: events.GenericEventArguments) -> None:
        await self._deeds.say(str(event.args or ""))

    async def _send(self) -> None:
        await self._deeds.say(self._entry.value or "")


def to_the_newest() -> None:
    ui.run_javascript("demo.bottom()")
