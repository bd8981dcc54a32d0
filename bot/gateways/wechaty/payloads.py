"""What a gateway's answers say, freed from their wire form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `kind` is a number of `Kind` below, or one we don't know."""

    id: str
    kind: int
    text: str
    talker: str
    room: str
    mentions: tuple[str, ...]
    timestamp: int


@dataclass(frozen=True, slots=True)
class RoomCard:
    topic: str
    owner: str
    admins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberCard:
    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    name: str
    friend: bool


@dataclass(frozen=True, slots=True)
class Friendship:
    """A request, or that it came about. `kind` is a number of `FriendshipKind`."""

    id: str
    kind: int
    person: str
    hello: str


class Kind:
    """Kinds of message. The wire carries the TypeScript numbers, not those of its own .proto."""

    TEXT = 7
    RECALLED = 13


class EventKind:
    MESSAGE = 2
    ERROR = 16
    FRIENDSHIP = 17
    ROOM_JOIN = 19
    ROOM_LEAVE = 20
    ROOM_TOPIC = 21
    SCAN = 22
    LOGIN = 25
    LOGOUT = 26
    DIRTY = 27


class FriendshipKind:
    """VERIFY: we are none any more, she said."""

    CONFIRM = 1
    RECEIVE = 2
    VERIFY = 3


class Memory:
    """What a gateway keeps copies of, and can be told to read again."""

    CONTACT = 2
    ROOM = 3
    MEMBER = 4
