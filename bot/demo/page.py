"""The demo's page: a phone chat in which one can be several mothers, and what waits beside it."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import FastAPI
from nicegui import events, ui

from bot.demo import markup, wording
from bot.demo.cast import LONGEST_NAME, PEAK, Awkward, Cast
from bot.demo.markup import LOOK, Line
from bot.demo.stage import PAUSED, SPEEDS, Stage
from bot.demo.view import Card, Scene, read_cards, read_scene
from bot.transactions import Transactions
from config.daily import ZONE
from handlers.onboarding.nickname.judge import Judgement, Verdict, judge
from models.ids import GroupId, PersonId
from models.messages import MENTION_END
from models.people import Role
from models.stores.unit import Unit

log = logging.getLogger(__name__)

GLANCE = 0.15
"""Real seconds between two looks at whether anything changed."""
TIME_TOLD_EVERY = 7
"""Glances; in between the page's clock runs by itself."""
MORNING = timedelta(hours=9)
TITLE = "群助 · 演示"

CLICKED = """(e) => {
    const target = e.target.closest("[data-quote],[data-at],[data-group],[data-act]");
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
    """What every tab shares."""

    stage: Stage
    cast: Cast
    transactions: Transactions


def mount(app: FastAPI, world: World) -> None:
    """After the app's own routes, since the page takes every other address."""

    @ui.page("/", title=TITLE)
    async def index(group: str = "", me: str = "") -> None:
        screen = Screen(world, GroupId(group), PersonId(me) if me else None)
        screen.build()
        await screen.glance()

    ui.run_with(app, language="zh-CN", favicon="👶", show_welcome_message=False)


class Feed:
    """Lines of chat: only what changed is written again."""

    def __init__(self, container: ui.element) -> None:
        self._container = container
        self._shown: dict[str, ui.html] = {}

    def show(self, lines: Sequence[Line]) -> None:
        keys = [key for key, _ in lines]
        kept = [key for key in self._shown if key in set(keys)]
        if kept != keys[: len(kept)]:
            kept = []
        for key in [key for key in self._shown if key not in set(kept)]:
            self._shown.pop(key).delete()
        with self._container:
            for key, html in lines:
                if key in self._shown:
                    write(self._shown[key], html)
                else:
                    self._shown[key] = ui.html(html, sanitize=False)


def write(element: ui.html, html: str) -> None:
    if element.content != html:
        element.set_content(html)


class Screen:
    """One tab: which group it looks at, and who one is there."""

    def __init__(self, world: World, group: GroupId, me: PersonId | None) -> None:
        self._world = world
        self._group = group
        self._me = me
        self._quotes: str | None = None
        self._scene: Scene | None = None
        self._version = -1
        self._stale = True
        self._glances = 0

    # What it looks like

    def build(self) -> None:
        ui.colors(primary="#07a35a")
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
                self._button("下一件事", self._skip, "skip").classes("jump").tooltip(
                    "跳到下一个有事发生的时刻"
                )
                self._button("到早上9点", self._to_morning, "morning").classes("jump").tooltip(
                    "夜里不打扰，跳过这一夜"
                )

    def _speed_button(self, speed: int) -> ui.button:
        text = "暂停" if speed == PAUSED else f"×{speed}"
        return self._button(text, lambda: self._set_speed(speed), f"speed-{speed}")

    def _build_chat(self) -> None:
        with ui.element("section").classes("phone"):
            with ui.element("div").classes("chat-top"):
                self._title = ui.html(sanitize=False).classes("chat-title")
                self._button("新妈妈入群", self._ask_newcomer, "join").classes("primary")
                self._button(f"{PEAK}人涌入", self._peak, "peak").tooltip(
                    f"{PEAK}位妈妈同时扫码进群"
                )
            lines = ui.element("div").classes("chat-lines")
            lines.on("click", self._clicked, js_handler=CLICKED)
            with lines:
                self._empty = ui.html(EMPTY_CHAT, sanitize=False)
                self._feed = Feed(ui.element("div"))
            self._build_composer()

    def _build_composer(self) -> None:
        with ui.element("div").classes("composer"):
            with ui.element("div").classes("identity"):
                ui.label("我是").classes("i-am")
                self._who = (
                    ui.select({}, on_change=self._became)
                    .props("dense borderless options-dense data-testid=who")
                    .classes("who-select")
                )
                self._button("改群昵称", self._ask_nickname, "nickname")
                self._button("退群", self._leave, "leave")
            with ui.element("div").classes("quoting") as self._quoting:
                self._quoting_text = ui.label()
                self._button("取消", self._quote_nothing, "unquote")
            with ui.element("div").classes("entry"):
                self._entry = (
                    ui.textarea(placeholder="说点什么…")
                    .props("dense borderless autogrow rows=1 data-testid=entry")
                    .on("keydown", self._entered, js_handler=ENTERED)
                )
                self._button("发送", self._send, "send").classes("primary")

    def _build_side(self) -> None:
        with ui.element("aside").classes("side"):
            self._panels = {
                name: ui.html(sanitize=False).classes(f"panel {name}")
                for name in ("round", "outbox", "rules")
            }
            self._panels["rules"].on("click", self._clicked, js_handler=CLICKED)

    def _button(self, text: str, do: Callable[[], object], mark: str) -> ui.button:
        return (
            ui.button(text, on_click=do, color=None)
            .props(f"flat dense no-caps no-wrap data-testid={mark}")
            .classes("act")
        )

    # What it shows

    async def glance(self) -> None:
        """Write what changed; tell the time now and then."""
        stage = self._world.stage
        changed = self._stale or self._version != stage.version
        if changed:
            self._version, self._stale = stage.version, False
            await self._attempt(self._refresh)
        if changed or (self._glances % TIME_TOLD_EVERY == 0 and stage.speed != PAUSED):
            self._tell_time()
        self._glances += 1

    async def _refresh(self) -> None:
        now = self._world.stage.now()

        async def read(facts: Unit) -> tuple[list[Card], Scene | None]:
            shown = await read_cards(facts, now)
            known = {card.group.id for card in shown}
            if self._group not in known and shown:
                self._group = shown[0].group.id
            return shown, await read_scene(facts, self._group, now)

        shown, self._scene = await self._world.transactions.read(read)
        write(self._cards, markup.cards(shown, self._group))
        for speed, button in self._speeds.items():
            is_on = speed == self._world.stage.speed
            button.classes(add="on" if is_on else "", remove="" if is_on else "on")
        if self._scene is not None:
            self._show(self._scene)

    def _show(self, scene: Scene) -> None:
        self._show_who(scene)
        lines = markup.chat(scene, self._me)
        write(self._title, markup.title(scene))
        self._empty.set_visibility(not lines)
        self._feed.show(lines)
        write(self._panels["round"], markup.round_panel(scene))
        write(self._panels["outbox"], markup.outbox_panel(scene))
        write(self._panels["rules"], markup.rules_panel(scene))
        self._show_quote(scene)

    def _show_who(self, scene: Scene) -> None:
        present = scene.present
        options = {each.person: _label(each.shown, each.role) for each in present}
        if self._me not in options:
            plain = [each.person for each in present if not each.role.is_staff]
            self._me = next(iter([*plain, *options]), None)
        if self._who.options != options or self._who.value != self._me:
            self._who.set_options(options, value=self._me)

    def _show_quote(self, scene: Scene) -> None:
        self._quoting.set_visibility(self._quotes is not None)
        self._quoting_text.set_text(markup.quote(scene, self._quotes) if self._quotes else "")

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
        self._stale = True
        return True

    def _clicked(self, event: events.GenericEventArguments) -> None:
        clicked: dict[str, str] = event.args
        match clicked:
            case {"quote": message}:
                self._quotes, self._stale = message, True
                self._entry.run_method("focus")
            case {"at": name}:
                self._entry.value = f"{self._entry.value or ''}@{name}{MENTION_END}"
                self._entry.run_method("focus")
            case {"group": group}:
                self._go_to(GroupId(group))
            case {"act": "turn"}:
                ui.timer(0, self._to_turn, once=True)

    def _go_to(self, group: GroupId) -> None:
        self._group, self._me, self._quotes, self._stale = group, None, None, True
        ui.navigate.history.replace(f"/?group={group}")
        ui.run_javascript("demo.bottom()")

    def _became(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value is not None and event.value != self._me:
            self._me, self._stale = PersonId(event.value), True

    async def _entered(self, event: events.GenericEventArguments) -> None:
        await self._say(str(event.args or ""))

    async def _send(self) -> None:
        await self._say(self._entry.value or "")

    async def _say(self, text: str) -> None:
        cast, group, me, quotes = self._world.cast, self._group, self._me, self._quotes
        if await self._attempt(lambda: cast.say(group, me, text, quotes)):
            self._entry.value = ""
            self._quotes = None
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

    # What one is asked

    def _ask_newcomer(self) -> None:
        group, asked = self._group, 0
        with self._dialog("新妈妈入群") as dialog:
            name = _text_field("微信名", self._world.cast.suggest(group), "newcomer-name")

            def another() -> None:
                nonlocal asked
                asked += 1
                name.value = self._world.cast.suggest(group, asked)

            self._button("换一个名字", another, "another")
            ui.label("她会先用微信名出现在群里，之后可以改群昵称。").classes("faint")

            async def join() -> None:
                async def enter() -> None:
                    self._me = await self._world.cast.join(group, name.value or "")

                if await self._attempt(enter):
                    dialog.close()

            self._answers(dialog, "入群", join, "newcomer-join")
            name.on("keydown.enter", join)

    def _ask_nickname(self) -> None:
        scene, me = self._scene, self._me
        if scene is None or me is None or me not in scene.people:
            ui.notify("先选一位妈妈，或者让一位新妈妈入群", type="warning", position="top")
            return
        group = self._group
        age = "孕周" if scene.stage == "prenatal" else "月龄"
        with self._dialog(f"{scene.people[me].shown} 的群昵称") as dialog:
            nickname = _text_field("我在本群的昵称", scene.people[me].nickname, "nickname-text")
            ui.label(f"城市-{age}-称呼，比如「{scene.example}」").classes("faint")
            verdict = ui.label().classes("verdict").props("data-testid=verdict")

            def say_verdict() -> None:
                judged = _judged(nickname.value or "", scene)
                verdict.set_text(_verdict(judged, age) if nickname.value else "")
                verdict.classes(
                    add="good" if judged.fits else "", remove="" if judged.fits else "good"
                )

            nickname.on_value_change(say_verdict)
            say_verdict()

            async def rename() -> None:
                new = nickname.value or ""
                if await self._attempt(lambda: self._world.cast.call_herself(group, me, new)):
                    dialog.close()

            self._answers(dialog, "改好了", rename, "nickname-save")
            nickname.on("keydown.enter", rename)

    @contextmanager
    def _dialog(self, title: str) -> Iterator[ui.dialog]:
        with ui.dialog().props("transition-duration=120") as dialog, ui.card().classes("ask"):
            ui.label(title).classes("ask-title")
            yield dialog
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _answers(self, dialog: ui.dialog, yes: str, do: Callable[[], object], mark: str) -> None:
        with ui.element("div").classes("answers"):
            self._button("取消", dialog.close, "cancel")
            self._button(yes, do, mark).classes("primary")


EMPTY_CHAT = """<div class="teach">
<b>这是一个真的在运行的群，只是时间归你管。</b>
<ol>
<li>点「新妈妈入群」，看小助手什么时候、怎么欢迎她</li>
<li>点「下一件事」或 ×60，让时间快起来</li>
<li>再点「30人涌入」，看它怎么把一群人合成一轮欢迎，不刷屏</li>
<li>下面选「我是」谁，就以她的身份聊天、引用、改群昵称</li>
</ol></div>"""


def _text_field(label: str, value: str, mark: str) -> ui.input:
    props = f"outlined dense autofocus maxlength={LONGEST_NAME} data-testid={mark}"
    return ui.input(label, value=value).props(props).classes("ask-field")


def _label(shown: str, role: Role) -> str:
    return f"{shown}（{wording.ROLES[role]}）" if role in wording.ROLES else shown


def _judged(nickname: str, scene: Scene) -> Judgement:
    return judge(
        nickname,
        city=scene.group.city,
        window=scene.group.window,
        on=scene.today,
        tolerance_months=scene.rules.onboarding.age_tolerance,
    )


def _verdict(judged: Judgement, age: str) -> str:
    """What the assistant will think of it."""
    if judged.fits:
        return "✓ 符合格式，不会再提醒"
    parts = {"城市": judged.city, age: judged.age, "称呼": judged.name}
    missing = [name for name, each in parts.items() if each is Verdict.MISSING]
    wrong = [name for name, each in parts.items() if each is Verdict.CONTRADICTS]
    texts = [
        f"还少了{'、'.join(missing)}" if missing else "",
        f"{'、'.join(wrong)}和这个群对不上" if wrong else "",
    ]
    return "，".join(filter(None, texts)) + "（也可以先这样）"


def _morning_after(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0) + MORNING
    return morning if morning > local else morning + timedelta(days=1)
