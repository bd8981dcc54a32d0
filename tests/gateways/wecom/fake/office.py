"""What is true in a corp: its staff, its customer groups and who is in them, and what happened
there that a callback will tell. The parts that answer calls work on this."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tests.gateways.wecom.fake.errors import Refused

DIRECT, BY_LINK, BY_QR = 1, 2, 3
"""`join_scene` of groupchat/get (doc 92122). The callback's JoinScene has 0 for the first two."""

Detail = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """An app message, or a call to a task, on the phone of a member of staff."""

    at: datetime
    text: str
    title: str = ""
    url: str = ""


@dataclass(slots=True)
class Staff:
    userid: str
    name: str
    notices: list[Notice] = field(default_factory=list)


@dataclass(slots=True)
class Following:
    """That a member of staff has a customer among the contacts."""

    userid: str
    at: datetime
    state: str
    add_way: int


@dataclass(slots=True)
class Customer:
    external_userid: str
    name: str
    following: dict[str, Following] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """What was written to her alone."""


@dataclass(slots=True)
class Member:
    userid: str
    name: str
    external: bool
    joined_at: datetime
    scene: int = DIRECT
    inviter: str | None = None
    nickname: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    at: datetime
    by: str
    text: str
    attachments: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Chat:
    chat_id: str
    name: str
    owner: str
    created_at: datetime
    members: dict[str, Member] = field(default_factory=dict)
    admins: list[str] = field(default_factory=list)
    notice: str = ""
    version: int = 0
    dismissed: bool = False
    owner_left: bool = False
    welcome: str | None = None
    """The template its owner applied."""
    said: list[Said] = field(default_factory=list)
    agreed: dict[str, datetime] = field(default_factory=dict)
    """Who lets her messages be archived, and since when."""
    past: list[tuple[datetime, Detail]] = field(default_factory=list)
    """What it was like until then, for answers that lag behind."""

    @property
    def member_version(self) -> str:
        return hashlib.md5(f"{self.chat_id}/{self.version}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """What a callback tells, field by field as in the document. A tuple is written as Items."""

    at: datetime
    fields: tuple[tuple[str, str | int | tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class App:
    """A self-built app of the corp. `visible` is who of the staff is in its range."""

    agent_id: int
    secret: str
    visible: frozenset[str]
    customer_contact: bool = True
    archive: bool = True


class Office:
    def __init__(self, corp_id: str, clock: Callable[[], datetime]) -> None:
        self.corp_id = corp_id
        self.clock = clock
        self.lag = timedelta(0)
        """How long groupchat/get goes on showing what was; the documents speak of 2 seconds."""
        self.staff: dict[str, Staff] = {}
        self.customers: dict[str, Customer] = {}
        self.chats: dict[str, Chat] = {}
        self.events: list[Event] = []
        """Not delivered yet, the oldest first."""
        self.on_join: list[Callable[[Chat, Sequence[Member]], None]] = []
        self.life = ""
        """Another one for each run gives new names to what is made in it, as WeCom does."""
        self._ids = 0
        self._cursors: dict[str, int] = {}

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        digest = hashlib.sha1(f"{self.corp_id}/{self.life}/{self._ids}".encode()).hexdigest()
        return f"{prefix}{digest[:30]}"

    # Who and what there is

    def chat(self, chat_id: str) -> Chat:
        """Raises Refused: 40050 there is none, 49008 it is dissolved."""
        if chat_id not in self.chats:
            raise Refused(40050, chat_id)
        if self.chats[chat_id].dismissed:
            raise Refused(49008, chat_id)
        return self.chats[chat_id]

    def colleague(self, app: App, userid: str) -> Staff:
        """Raises Refused: 60111 there is none, 60011 out of the app's range."""
        if userid not in self.staff:
            raise Refused(60111, userid)
        if userid not in app.visible:
            raise Refused(60011, userid)
        return self.staff[userid]

    def customer(self, external_userid: str, name: str = "") -> Customer:
        """Made when she is met for the first time."""
        return self.customers.setdefault(external_userid, Customer(external_userid, name))

    def owned_by(self, userid: str) -> Iterator[Chat]:
        return (each for each in self.chats.values() if each.owner == userid and alive(each))

    # What changes, and what is told of it

    def remember(self, chat: Chat) -> None:
        """To be called before a change."""
        now = self.clock()
        chat.past = [(until, seen) for until, seen in chat.past if now < until + self.lag]
        if self.lag:
            chat.past.append((now, detail(chat)))

    def seen(self, chat: Chat) -> Detail:
        now = self.clock()
        for until, past in chat.past:
            if now < until + self.lag:
                return past
        return detail(chat)

    def add(self, chat: Chat, members: Sequence[Member]) -> None:
        """They come in together, as one change; who is in already stays as she is."""
        new = {each.userid: each for each in members if each.userid not in chat.members}
        if not new:
            return
        before = self._next_version(chat)
        chat.members |= new
        scene = BY_QR if members[0].scene == BY_QR else 0
        self._tell_members(chat, before, "add_member", (scene, 0), list(new))
        for hears in self.on_join:
            hears(chat, list(new.values()))

    def drop(self, chat: Chat, userid: str, *, removed: bool) -> None:
        if userid not in chat.members:
            raise KeyError(userid)
        before = self._next_version(chat)
        del chat.members[userid]
        self._tell_members(chat, before, "del_member", (0, int(removed)), [userid])

    def tell_chat(self, chat: Chat, change: str, *more: tuple[str, Any]) -> None:
        common = (("ChatId", chat.chat_id), ("ChangeType", change))
        self._tell("change_external_chat", *common, *more)

    def tell_contact(self, change: str, *more: tuple[str, Any]) -> None:
        self._tell("change_external_contact", ("ChangeType", change), *more)

    def _next_version(self, chat: Chat) -> str:
        self.remember(chat)
        before = chat.member_version
        chat.version += 1
        return before

    def _tell_members(
        self, chat: Chat, before: str, what: str, scenes: tuple[int, int], who: Sequence[str]
    ) -> None:
        self.tell_chat(
            chat,
            "update",
            ("UpdateDetail", what),
            ("JoinScene", scenes[0]),
            ("QuitScene", scenes[1]),
            ("MemChangeCnt", len(who)),
            ("MemChangeList", tuple(who)),
            ("LastMemVer", before),
            ("CurMemVer", chat.member_version),
        )

    def _tell(self, event: str, *more: tuple[str, Any]) -> None:
        now = self.clock()
        common = (
            ("ToUserName", self.corp_id),
            ("FromUserName", "sys"),
            ("CreateTime", int(now.timestamp())),
            ("MsgType", "event"),
            ("Event", event),
        )
        self.events.append(Event(now, (*common, *more)))

    # Pages

    def page(self, rows: Sequence[Any], cursor: str, size: int) -> tuple[list[Any], str]:
        """And the cursor to the next; "" ends it. Raises Refused 50100 for one not from here."""
        if cursor and cursor not in self._cursors:
            raise Refused(50100, cursor)
        start = self._cursors.get(cursor, 0)
        end = start + size
        if end >= len(rows):
            return list(rows[start:]), ""
        following = self.new_id("cursor")
        self._cursors[following] = end
        return list(rows[start:end]), following


def alive(chat: Chat) -> bool:
    return not chat.dismissed


def detail(chat: Chat) -> Detail:
    """`group_chat` of groupchat/get, with all names (doc 92122)."""
    return {
        "chat_id": chat.chat_id,
        "name": chat.name,
        "owner": chat.owner,
        "create_time": int(chat.created_at.timestamp()),
        "notice": chat.notice,
        "member_list": [_member(each) for each in chat.members.values()],
        "admin_list": [{"userid": each} for each in chat.admins],
        "member_version": chat.member_version,
    }


def _member(member: Member) -> Detail:
    kind: Literal[1, 2] = 2 if member.external else 1
    shown: Detail = {
        "userid": member.userid,
        "type": kind,
        "join_time": int(member.joined_at.timestamp()),
        "join_scene": member.scene,
        "group_nickname": member.nickname,
        "name": member.name,
    }
    if member.inviter:
        shown["invitor"] = {"userid": member.inviter}
    if member.state:
        shown["state"] = member.state
    return shown
