"""The demo's page: a phone chat in which one can be several mothers, and what waits beside it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import FastAPI
from nicegui import events, ui

from bot.demo import markup, panels, wording
from bot.demo.asking import ask_newcomer, ask_nickname
from bot.demo.cast import PEAK, Awkward, Cast
from bot.demo.elements import Feed, button, mark, write
from bot.demo.hints import hints
from bot.demo.markup import LOOK
from bot.demo.stage import PAUSED, SPEEDS, Stage
from bot.demo.view import Scene, Sight, read_sight
from bot.transactions import Transactions
from config.daily import ZONE
from models.groups import Member
from models.ids import GroupId, PersonId
from models.messages import MENTION_END

log = logging.getLogger(__name__)

GLANCE = 0.15
"""Real seconds between two looks at whether anything changed."""
LOOKED_AGAIN = 7
"""Glances, while time runs: the days that are left change without anything happening. In between
the page's clock runs by itself."""
MORNING = timedelta(hours=9)
TITLE = "群助 · 演示"

CLICKED = """(e) => {
    const target = e.target.closest("[data-quote],[data-at],[data-group],[data-act],[data-type]");
    if (target) emit({...target.dataset});
}"""
ENTERED = """(e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    emit(e.target.value);
}"""
"""Enter that picks a word in an input method does not send."""


@dataclass(frozen=True, slots=True)
class World:
    """What every tab shares. `read`: until when each person has read her private messages; what
    came before the demo was started, `opened_at`, is no news."""

    stage: Stage
    cast: Cast
    transactions: Transactions
    opened_at: datetime
    read: dict[PersonId, datetime] = field(default_factory=dict)

    def is_unread(self, scene: Scene, person: PersonId) -> bool:
        written = scene.written.get(person)
        return written is not None and written > self.read.get(person, self.opened_at)


def mount(app: FastAPI, world: World) -> None:
    """After the app's own routes, since the page takes every other address."""

    @ui.page("/", title=TITLE)
    async def index(group: str = "", me: str = "") -> None:
        screen = Screen(world, GroupId(group), PersonId(me) if me else None)
        screen.build()
        await screen.glance()

    ui.run_with(app, language="zh-CN", favicon="👶", show_welcome_message=False)


class Screen:
    """One tab: which group it looks at, who one is there, and whether one looks at what she and
    the bot say to each other in private instead."""

    def __init__(self, world: World, group: GroupId, me: PersonId | None) -> None:
        self._world = world
        self._group = group
        self._me = me
        self._private = False
        self._quotes: str | None = None
        self._scene: Scene | None = None
        self._version = -1
        self._stale = True
        self._glances = 0

    # What it looks like

    def build(self) -> None:
        ui.colors(primary="#07854b")
        ui.add_head_html(f"<style>{(LOOK / 'page.css').read_text(encoding='utf-8')}</style>")
        ui.add_body_html(f"<script>{(LOOK / 'page.js').read_text(encoding='utf-8')}</script>")
        with ui.element("div").classes("demo"):
            self._build_top()
            with ui.element("div").classes("stage"):
                self._cards = ui.html(sanitize=False).classes("chats")
                self._cards.on("click", self._clicked, js_handler=CLICKED)
                self._build_chat()
                self._build_side()
        ui.timer(GLANCE, self.glance)

    def _build_top(self) -> None:
        with ui.element("header").classes("top"):
            ui.html("<b>群助</b><span>演示</span>", sanitize=False).classes("brand")
            ui.html(
                '<span data-clock="day"></span><b data-clock="time" data-testid="clock"></b>',
                sanitize=False,
            ).classes("clock").tooltip("演示里的时间（上海）")
            with ui.element("div").classes("speeds"):
                self._speeds = {speed: self._speed_button(speed) for speed in SPEEDS}
                button("下一件事", self._skip, "skip").classes("jump").tooltip(
                    "跳到下一个有事发生的时刻"
                )
                button("到早上9点", self._to_morning, "morning").classes("jump").tooltip(
                    "夜里不打扰，跳过这一夜"
                )

    def _speed_button(self, speed: int) -> ui.button:
        text = "暂停" if speed == PAUSED else f"×{speed}"
        return button(text, lambda: self._set_speed(speed), f"speed-{speed}")

    def _build_chat(self) -> None:
        with ui.element("section").classes("phone"):
            with ui.element("div").classes("chat-top"):
                self._title = ui.html(sanitize=False).classes("chat-title")
                join = button("新妈妈入群", self._ask_newcomer, "join").classes("primary")
                peak = button(f"{PEAK}人涌入", self._peak, "peak").tooltip(
                    f"{PEAK}位妈妈同时扫码进群"
                )
            lines = ui.element("div").classes("chat-lines")
            lines.on("click", self._clicked, js_handler=CLICKED)
            with lines:
                self._empty = ui.html(sanitize=False)
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
                rename = button("改群昵称", self._ask_nickname, "nickname")
                leave = button("退群", self._leave, "leave")
            self._hints = ui.html(sanitize=False).classes("hints")
            self._hints.on("click", self._clicked, js_handler=CLICKED)
            with ui.element("div").classes("quoting") as self._quoting:
                self._quoting_text = ui.label()
                button("取消", self._quote_nothing, "unquote")
            with ui.element("div").classes("entry"):
                self._entry = (
                    ui.textarea(placeholder="说点什么…")
                    .props("dense borderless autogrow rows=1 data-testid=entry")
                    .on("keydown", self._entered, js_handler=ENTERED)
                )
                button("发送", self._send, "send").classes("primary")
        return rename, leave

    def _build_side(self) -> None:
        with ui.element("aside").classes("side"):
            self._panels = {
                name: (ui.html(sanitize=False).classes(f"panel {name}"), write_panel)
                for name, write_panel in PANELS.items()
            }
            self._panels["rules"][0].on("click", self._clicked, js_handler=CLICKED)

    # What it shows

    async def glance(self) -> None:
        """Write what changed, and tell the time; both also now and then."""
        stage = self._world.stage
        again = self._glances % LOOKED_AGAIN == 0 and stage.speed != PAUSED
        self._glances += 1
        if again or self._stale or self._version != stage.version:
            self._version, self._stale = stage.version, False
            await self._attempt(self._refresh)
            self._tell_time()

    async def _refresh(self) -> None:
        now, group, me = self._world.stage.now(), self._group, self._me
        sight = await self._world.transactions.read(
            lambda facts: read_sight(facts, group, me, now)
        )
        if (group, me) != (self._group, self._me):
            # One went elsewhere meanwhile.
            self._stale = True
            return
        self._scene = scene = sight.scene
        for speed, each in self._speeds.items():
            mark(each, "on", on=speed == self._world.stage.speed)
        if scene is not None:
            self._group, self._me = scene.group.id, sight.me
            self._private = self._private and sight.me is not None
            self._show(scene, sight)

    def _show(self, scene: Scene, sight: Sight) -> None:
        me = sight.me
        if self._private and me is not None and me in scene.written:
            self._world.read[me] = scene.written[me]
        self._show_who(scene)
        self._show_chat(scene, sight)
        is_unread = me is not None and self._world.is_unread(scene, me)
        write(self._cards, markup.cards(sight, private=self._private, is_unread=is_unread))
        write(self._hints, markup.hints(hints(scene, me, self._quotes, private=self._private)))
        for element, panel in self._panels.values():
            write(element, panel(scene))
        self._quoting.set_visibility(self._quotes is not None)
        self._quoting_text.set_text(markup.quote(scene, self._quotes) if self._quotes else "")

    def _show_who(self, scene: Scene) -> None:
        options = {each.person: self._called(each, scene) for each in scene.present}
        if self._who.options != options or self._who.value != self._me:
            self._who.set_options(options, value=self._me)

    def _called(self, member: Member, scene: Scene) -> str:
        """In the list of those one can be; her one is already has the mark at her chat."""
        role = f"（{wording.ROLES[member.role]}）" if member.role in wording.ROLES else ""
        others = member.person != self._me and self._world.is_unread(scene, member.person)
        return member.shown + role + (" · 有新私信" if others else "")

    def _show_chat(self, scene: Scene, sight: Sight) -> None:
        if self._private and sight.me is not None:
            lines = markup.private_chat(sight.private, scene, sight.me)
            write(self._title, markup.private_title(scene, sight.me))
            write(self._empty, EMPTY_PRIVATE_CHAT)
        else:
            lines = markup.chat(scene, sight.me)
            write(self._title, markup.title(scene))
            write(self._empty, EMPTY_CHAT)
        for each in self._only_in_group:
            each.set_visibility(not self._private)
        self._empty.set_visibility(not lines)
        self._feed.show(lines)

    def _tell_time(self) -> None:
        stage = self._world.stage
        at = round(stage.estimate().timestamp() * 1000)
        ui.run_javascript(f"window.demo && demo.time({at}, {stage.speed})")

    # What one does

    async def _attempt(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Whether it could be done; if not, it is said why."""
        try:
            await work()
        except Awkward as why:
            ui.notify(str(why), type="warning", position="top")
            return False
        except Exception:  # whoever clicked is told, and the page lives on
            log.exception("the demo's page stumbled")
            ui.notify("出了点问题，请稍后再试一次", type="negative", position="top")
            return False
        return True

    def _clicked(self, event: events.GenericEventArguments) -> None:
        clicked: dict[str, str] = event.args
        match clicked:
            case {"quote": message}:
                self._quotes, self._stale = message, True
                self._entry.run_method("focus")
            case {"at": name}:
                self._write(f"{self._entry.value or ''}@{name}{MENTION_END}")
            case {"type": text}:
                self._write(text)
            case {"group": group}:
                self._go_to(GroupId(group), private=False)
            case {"act": "private"}:
                self._go_to(self._group, private=True)
            case {"act": "turn"}:
                ui.timer(0, self._to_turn, once=True)

    def _write(self, text: str) -> None:
        self._entry.value = text
        self._entry.run_method("focus")

    def _go_to(self, group: GroupId, *, private: bool) -> None:
        if group != self._group:
            self._group, self._me = group, None
        self._private, self._quotes, self._stale = private, None, True
        ui.navigate.history.replace(f"/?group={group}")
        ui.run_javascript("demo.bottom()")

    def _became(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value is not None and event.value != self._me:
            self._become(PersonId(event.value))

    def _become(self, person: PersonId) -> None:
        self._me, self._stale = person, True

    async def _entered(self, event: events.GenericEventArguments) -> None:
        await self._say(str(event.args or ""))

    async def _send(self) -> None:
        await self._say(self._entry.value or "")

    async def _say(self, text: str) -> None:
        cast, group, me, quotes = self._world.cast, self._group, self._me, self._quotes

        async def say() -> None:
            if self._private:
                await cast.write_to_us(group, me, text)
            else:
                await cast.say(group, me, text, quotes)

        if await self._attempt(say):
            self._entry.value = ""
            self._quote_nothing()
            ui.run_javascript("demo.bottom()")

    def _quote_nothing(self) -> None:
        self._quotes, self._stale = None, True

    async def _peak(self) -> None:
        await self._attempt(lambda: self._world.cast.peak(self._group))

    async def _leave(self) -> None:
        await self._attempt(lambda: self._world.cast.leave(self._group, self._me))

    async def _set_speed(self, speed: int) -> None:
        await self._attempt(lambda: self._world.stage.set_speed(speed))

    async def _skip(self) -> None:
        async def skip() -> None:
            if not await self._world.stage.skip():
                raise Awkward("没有要等的事了。先让一位新妈妈入群吧")

        await self._attempt(skip)

    async def _to_morning(self) -> None:
        stage = self._world.stage
        await self._attempt(lambda: stage.jump(_morning_after(stage.now())))

    async def _to_turn(self) -> None:
        scene = self._scene
        if scene is not None and scene.turns_on is not None:
            at = datetime.combine(scene.turns_on, datetime.min.time(), ZONE) + MORNING
            await self._attempt(lambda: self._world.stage.jump(at))

    def _ask_newcomer(self) -> None:
        ask_newcomer(self._world.cast, self._group, self._attempt, self._become)

    def _ask_nickname(self) -> None:
        scene, me = self._scene, self._me
        if scene is None or me is None or me not in scene.people:
            ui.notify("先选一位妈妈，或者让一位新妈妈入群", type="warning", position="top")
        else:
            ask_nickname(self._world.cast, scene, me, self._attempt)


PANELS = {
    "round": panels.round_panel,
    "points": panels.points_panel,
    "outbox": panels.outbox_panel,
    "rules": panels.rules_panel,
}
EMPTY_CHAT = """<div class="teach">
<b>这是一个真的在运行的群，只是时间归你管。</b>
<ol>
<li>点「新妈妈入群」，看小助手什么时候、怎么欢迎她</li>
<li>点「下一件事」或 ×60，让时间快起来</li>
<li>再点「30人涌入」，看它怎么把一群人合成一轮欢迎，不刷屏</li>
<li>下面选「我是」谁，就以她的身份聊天、引用、改群昵称</li>
<li>点输入框上面的 /积分、/兑换；选班长，再试试 /加分、/任务</li>
</ol></div>"""
EMPTY_PRIVATE_CHAT = """<div class="teach">
<b>这是她和小助手的私聊，群里看不到。</b>
<ol>
<li>群里能发的命令，这里也能发：/积分、/兑换、/帮助</li>
<li>兑换码会发到这里</li>
<li>选班长：没人回的问题、KOC 人选，小助手在这里悄悄告诉她</li>
</ol></div>"""


def _morning_after(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0) + MORNING
    return morning if morning > local else morning + timedelta(days=1)
