"""A Wechaty gateway out of its mind: it speaks HTTP/2 and gRPC, and what it says is anything."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from grpclib.const import Cardinality, Handler, Status
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError
from grpclib.server import Server, Stream

from bot.gateways.wechaty.payloads import EventKind, FriendshipKind, Kind
from tests.faults.hostile import texts

ME, ROOM, MING = "me", "room", "ming"
SENSIBLE = "sensible-"
"""What the id of a message begins with that is as it should be."""
KINDS = range(40)
SILENCING = (EventKind.LOGIN, EventKind.LOGOUT)
HEARD = (
    *(EventKind.MESSAGE, EventKind.MESSAGE, EventKind.MESSAGE, EventKind.FRIENDSHIP),
    *(EventKind.ROOM_JOIN, EventKind.ROOM_LEAVE, EventKind.ROOM_TOPIC, EventKind.DIRTY),
)
ODD: Sequence[Any] = (*(None, True, -1, 1e308, 10**400, [], {}, [None, 1, {}], [[]], "", "\x00"),)
METHODS = (
    *("Version", "Start", "DirtyPayload", "MessagePayload", "RoomList", "RoomPayload"),
    *("RoomMemberList", "RoomMemberPayload", "ContactPayload", "FriendshipPayload"),
)


class Bytes(CodecBase):
    """Messages as they lie on the wire."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, message_type: Any) -> bytes:
        return bytes(message)

    def decode(self, data: bytes, message_type: Any) -> bytes:
        return data


class MadGateway:
    """Tells what it is given to tell, and when it is asked about that, answers at random: but of
    sensible messages, sensibly."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._events: asyncio.Queue[bytes] = asyncio.Queue(maxsize=100)

    async def tells(self, count: int) -> None:
        """So many events of any kind."""
        for _ in range(count):
            await self._events.put(self._event())

    async def says(self, number: int) -> None:
        told = json.dumps({"messageId": f"{SENSIBLE}{number}"})
        await self._events.put(event(EventKind.MESSAGE, told))

    def __mapping__(self) -> Mapping[str, Handler]:
        found = {
            f"/wechaty.Puppet/{name}": Handler(
                self._answers(name), Cardinality.UNARY_UNARY, bytes, bytes
            )
            for name in METHODS
        }
        stream = Handler(self._stream, Cardinality.UNARY_STREAM, bytes, bytes)
        return {**found, "/wechaty.Puppet/Event": stream}

    # Events

    async def _stream(self, stream: Stream[bytes, bytes]) -> None:
        await stream.recv_message()
        await stream.send_message(event(EventKind.LOGIN, json.dumps({"contactId": ME})))
        while True:
            await stream.send_message(await self._events.get())

    def _event(self) -> bytes:
        rng = self._rng
        if rng.random() < 0.05:
            return rng.randbytes(rng.randint(0, 60))
        whole = event(self._kind(), self._payload())
        return _spoiled(whole, rng) if rng.random() < 0.05 else whole

    def _kind(self) -> int:
        """Any but those that log us out: then nobody hears what follows."""
        if self._rng.random() < 0.8:
            return self._rng.choice(HEARD)
        return self._rng.choice([each for each in KINDS if each not in SILENCING])

    def _payload(self) -> str:
        rng = self._rng
        if rng.random() < 0.1:
            return rng.choice(
                (texts.soup(rng, 50), "[" * 5_000, "{", "null", '{"a":NaN}', "1e999")
            )
        names = (
            *("messageId", "roomId", "inviteeIdList", "inviterId", "removeeIdList", "removerId"),
            *("newTopic", "oldTopic", "friendshipId", "payloadId", "payloadType", "timestamp"),
            *("gerror", "data"),
        )
        told = {name: self._value(name) for name in names if rng.random() < 0.8}
        written = json.dumps(told, ensure_ascii=rng.random() < 0.5)
        return written[: rng.randint(0, len(written))] if rng.random() < 0.05 else written

    def _value(self, name: str) -> Any:
        rng = self._rng
        if rng.random() < 0.2:
            odd: tuple[Any, ...] = (
                None,
                True,
                -1,
                1e308,
                10**400,
                [],
                {},
                [None, 1, {}],
                [[]],
                "",
                "\x00",
            )
            return rng.choice(odd)
        if name.endswith("List"):
            return [self._id() for _ in range(rng.choice((0, 1, 2, 3)))]
        if name in ("messageId", "friendshipId"):
            return f"{rng.getrandbits(48)}"  # what was told before is not looked up again
        if name == "timestamp":
            return rng.choice((0, -1, 2**63, 2**70, 1_772_000_000, 1_772_000_000_000, 4.1e12))
        if name == "payloadType":
            return rng.choice((0, 1, 2, 3, 4, 5, 99))
        return self._id()

    def _id(self) -> str:
        rng = self._rng
        kind = rng.random()
        if kind < 0.5:
            return rng.choice((ROOM, MING, ME, f"{MING}@@@{ROOM}"))
        return f"p{rng.randint(0, 50)}" if kind < 0.8 else texts.id_(rng)

    # Answers

    def _answers(self, name: str) -> Callable[[Stream[bytes, bytes]], Any]:
        async def answer(stream: Stream[bytes, bytes]) -> None:
            asked = await stream.recv_message() or b""
            if name in ("Version", "Start", "DirtyPayload"):
                await stream.send_message(b"")
            elif name == "MessagePayload" and SENSIBLE.encode() in asked:
                await stream.send_message(said(ROOM, MING, "早"))
            else:
                await stream.send_message(self._anything(name))

        return answer

    def _anything(self, name: str) -> bytes:
        rng = self._rng
        kind = rng.random()
        if kind < 0.05:
            status = rng.choice([each for each in Status if each is not Status.OK])
            raise GRPCError(status, "".join(filter(str.isprintable, texts.soup(rng, 20))))
        if kind < 0.1:
            return rng.randbytes(rng.randint(0, 80))
        if name == "MessagePayload":
            whole = said(self._id(), self._id(), texts.text(rng, 20_000), rng.choice(range(20)))
        else:
            whole = b"".join(
                text_field(number, texts.name(rng) if rng.random() < 0.5 else self._id())
                for number in (1, 2, 3, 5, 6)
            ) + number_field(4, rng.choice((1, 2, 3, FriendshipKind.RECEIVE, 99)))
        return _spoiled(whole, rng) if kind < 0.2 else whole


@asynccontextmanager
async def served(gateway: MadGateway) -> AsyncIterator[str]:
    """Its endpoint."""
    server = Server([gateway], codec=Bytes())
    listening = socket.create_server(("127.0.0.1", 0))
    await server.start(sock=listening)
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


# By hand, since no library writes what is wrong.


def event(kind: int, payload: str) -> bytes:
    return number_field(1, kind) + text_field(2, payload)


def said(room: str, talker: str, text: str, kind: int = Kind.TEXT) -> bytes:
    return (
        text_field(3, text)
        + number_field(4, 1_772_000_000)
        + number_field(5, kind)
        + text_field(6, talker)
        + text_field(7, room)
    )


def text_field(number: int, text: str) -> bytes:
    """Half a surrogate pair as JavaScript writes it, which is no UTF-8."""
    value = text.encode("utf-8", "surrogatepass")
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def number_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _spoiled(whole: bytes, rng: Random) -> bytes:
    """Cut off, or with some bytes of it changed, or a field twice, of another type."""
    kind = rng.random()
    if kind < 0.3:
        return whole[: rng.randint(0, len(whole))]
    if kind < 0.6:
        spoiled = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            if spoiled:
                spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        return bytes(spoiled)
    number = rng.randint(1, 12)
    return whole + rng.choice((number_field(number, 5), text_field(number, "x")))
