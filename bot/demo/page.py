"""The demo's page: a phone chat in which one can be several mothers, and what waits beside it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nicegui import events, ui

from bot.demo import markup, wording
from bot.demo.asking import ask_newcomer, ask_nickname
from bot.demo.calendar import standing_panel
from bot.demo.cast import Awkward, Cast
from bot.demo.doorway import Doorway
from bot.demo.editor import Editor, SlotKey
from bot.demo.elements import CLICKED, write
from bot.demo.markup import LOOK
from bot.demo.phone import Phone, to_the_newest
from bot.demo.side import Side
from bot.demo.stage import PAUSED, Stage
from bot.demo.timebar import Timebar
from bot.demo.view import Scene, Sight, read_sight
from bot.transactions import Transactions
from config.daily import ZONE
from models.content import PostState
from models.groups import Member
from models.ids import GroupId, PersonId

log = logging.getLogger(__name__)

GLANCE = 0.15
"""Real seconds between two looks at whether anything changed."""
LOOKED_AGAIN = 7
"""Glances, while time runs: the days that are left change without anything happening. In between
the page's clock runs by itself."""
MORNING = timedelta(hours=9)
TITLE = "群助 · 演示"
HANDED = "这条由班长来说，已经私信给她：「我是」选班长，点小助手的私聊看看"


@dataclass(frozen=True, slots=True)
class World:
    """What every tab shares. `read`: until when each person has read her private messages; what
    came before the demo was started, `opened_at`, is no news."""

    stage: Stage
    cast: Cast
    editor: Editor
    doorway: Doorway
    transactions: Transactions
    opened_at: datetime
    read: dict[PersonId, datetime] = field(default_factory=dict)

    def is_unread(self, scene: Scene, person: PersonId) -> bool:
        written = scene.written.get(person)
        return written is not None and written > self.read.get(person, self.opened_at)


def add_page(world: World) -> None:
    """It is served with the console's pages."""

    @ui.page("/", title=TITLE)
    async def index(group: str = "", me: str = "") -> None:
        screen = Screen(world, GroupId(group), PersonId(me) if me else None)
        screen.build()
        await screen.glance()


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
        self._timebar = Timebar(self)
        self._phone = Phone(self, self._clicked)
        self._side = Side(self._clicked)

    # What it looks like

    def build(self) -> None:
        ui.colors(primary="#07854b")
        ui.add_head_html(f"<style>{(LOOK / 'page.css').read_text(encoding='utf-8')}</style>")
        ui.add_body_html(f"<script>{(LOOK / 'page.js').read_text(encoding='utf-8')}</script>")
        with ui.element("div").classes("demo"):
            self._timebar.build()
            with ui.element("div").classes("stage"):
                self._cards = ui.html(sanitize=False).classes("chats")
                self._cards.on("click", self._clicked, js_handler=CLICKED)
                self._standing = ui.html(sanitize=False).classes("panel standing")
                self._phone.build()
                self._side.build()
        ui.timer(GLANCE, self.glance)

    # What it shows

    async def glance(self) -> None:
        """Write what changed, and tell the time; both also now and then."""
        stage = self._world.stage
        again = self._glances % LOOKED_AGAIN == 0 and stage.speed != PAUSED
        self._glances += 1
        if again or self._stale or self._version != stage.version:
            self._version, self._stale = stage.version, False
            await self._attempt(self._refresh)
            self._timebar.tell(stage.estimate(), stage.speed)

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
        self._timebar.show(self._world.stage.speed)
        if scene is not None:
            self._group, self._me = scene.group.id, sight.me
            self._private = self._private and sight.me is not None
            self._show(scene, sight)

    def _show(self, scene: Scene, sight: Sight) -> None:
        me = sight.me
        if self._private and me is not None and me in scene.written:
            self._world.read[me] = scene.written[me]
        is_unread = me is not None and self._world.is_unread(scene, me)
        called = {each.person: self._called(each, scene) for each in scene.present}
        self._phone.show(scene, sight, self._quotes, called, private=self._private)
        write(self._cards, markup.cards(sight, private=self._private, is_unread=is_unread))
        write(self._standing, standing_panel(scene))
        self._side.show(scene)

    def _called(self, member: Member, scene: Scene) -> str:
        """In the list of those one can be; her one is already has the mark at her chat."""
        role = f"（{wording.ROLES[member.role]}）" if member.role in wording.ROLES else ""
        others = member.person != self._me and self._world.is_unread(scene, member.person)
        return member.shown + role + (" · 有新私信" if others else "")

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

    async def _clicked(self, event: events.GenericEventArguments) -> None:
        clicked: dict[str, str] = event.args
        match clicked:
            case {"quote": message}:
                self.quote(message)
                self._phone.focus()
            case {"at": name}:
                self._phone.mention(name)
            case {"type": text, "act": "to-group"}:
                self._go_to(self._group, private=False)
                self._phone.write(text)
            case {"type": text}:
                self._phone.write(text)
            case {"group": group}:
                self._go_to(GroupId(group), private=False)
            case {"act": "private"}:
                self._go_to(self._group, private=True)
            case {"act": "open-room", "name": name}:
                await self._attempt(lambda: self._world.doorway.open_room(name))
            case {"act": "hire"}:
                await self._attempt(self._world.doorway.hire)
            case {"act": "turn"}:
                await self._to_turn()
            case {"act": act, "day": day, "minute": minute}:
                slot = SlotKey(self._group, date.fromisoformat(day), int(minute))
                await self._attempt(lambda: self._world.editor.decide(act, slot))

    def _go_to(self, group: GroupId, *, private: bool) -> None:
        if group != self._group:
            self._group, self._me = group, None
        self._private, self._quotes, self._stale = private, None, True
        ui.navigate.history.replace(f"/?group={group}")
        to_the_newest()

    def become(self, person: PersonId) -> None:
        self._me, self._stale = person, True

    def quote(self, message: str | None) -> None:
        self._quotes, self._stale = message, True

    async def say(self, text: str) -> None:
        cast, group, me, quotes = self._world.cast, self._group, self._me, self._quotes

        async def say() -> None:
            if self._private:
                await cast.write_to_us(group, me, text)
            else:
                await cast.say(group, me, text, quotes)

        if await self._attempt(say):
            self.quote(None)
            self._phone.sent()

    async def peak(self) -> None:
        await self._attempt(lambda: self._world.cast.peak(self._group))

    async def leave(self) -> None:
        await self._attempt(lambda: self._world.cast.leave(self._group, self._me))

    def ask_newcomer(self) -> None:
        ask_newcomer(self._world.cast, self._group, self._attempt, self.become)

    def ask_nickname(self) -> None:
        scene, me = self._scene, self._me
        if scene is None or me is None or me not in scene.people:
            ui.notify("先选一位妈妈，或者让一位新妈妈入群", type="warning", position="top")
        else:
            ask_nickname(self._world.cast, scene, me, self._attempt)

    # Time

    async def set_speed(self, speed: int) -> None:
        await self._attempt(lambda: self._world.stage.set_speed(speed))

    async def skip(self) -> None:
        async def skip() -> None:
            if not await self._world.stage.skip():
                raise Awkward("没有要等的事了。先让一位新妈妈入群吧")

        await self._attempt(skip)

    async def to_post(self) -> None:
        async def jump() -> None:
            post = await self._world.editor.to_next_post(self._group)
            if post.state is PostState.HANDED:
                ui.notify(HANDED, color="primary", position="top")

        await self._attempt(jump)

    async def to_morning(self) -> None:
        stage = self._world.stage
        await self._attempt(lambda: stage.jump(_morning_after(stage.now())))

    async def _to_turn(self) -> None:
        scene = self._scene
        if scene is not None and scene.turns_on is not None:
            at = datetime.combine(scene.turns_on, datetime.min.time(), ZONE) + MORNING
            await self._attempt(lambda: self._world.stage.jump(at))


def _morning_after(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0) + MORNING
    return morning if morning > local else morning + timedelta(days=1)
