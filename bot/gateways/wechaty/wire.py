"""One connection to a gateway: its questions, in our words, and its stream of events."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from grpclib.config import Configuration
from grpclib.exceptions import GRPCError
from wechaty_grpc.wechaty import puppet

from bot.gateways.wechaty.codec import Codec
from bot.gateways.wechaty.payloads import ContactCard, Friendship, MemberCard, RoomCard, Said
from bot.gateways.wechaty.stub import (
    Line,
    RoomAnnounceRequest,
    RoomTopicRequest,
    Stub,
    Unanswered,
)
from bot.gateways.wechaty.timings import Timings
from models.messages import Attachment

# An event stream nobody reads fills its own window and no more: the connection's is large enough
# for it and for every answer we can be waiting for at once, so answers are never held up by it.
_WINDOW_OF_A_STREAM = 2**16
_WINDOW_OF_THE_LINE = 2**24
_A_URL = 2
"""The type of a file box that says where the file is."""


def trust(ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.set_alpn_protocols(["h2"])
    return context


class Wire:
    """One connection to a gateway, from the first word to `close`."""

    def __init__(
        self,
        endpoint: tuple[str, int],
        token: str,
        timings: Timings,
        tls: ssl.SSLContext | None,
        tls_name: str | None,
    ) -> None:
        config = Configuration(
            http2_stream_window_size=_WINDOW_OF_A_STREAM,
            http2_connection_window_size=_WINDOW_OF_THE_LINE,
            ssl_target_name_override=tls_name,
        )
        self._channel = Line(*endpoint, ssl=tls, config=config, codec=Codec())
        if tls is None:
            # Gateways before 0.27 look for the token here; later ones look at the header first.
            self._channel._authority = token
        metadata = {"authorization": f"Wechaty {token}"}
        self._timings = timings
        self._stub = Stub(self._channel, metadata=metadata, timeout=timings.answer)
        self.closed = False
        self.why_closed = ""

    def close(self, why: str = "") -> None:
        if not self.closed:
            self.closed, self.why_closed = True, why
            self._channel.close()

    @property
    def silent_for(self) -> float:
        return asyncio.get_running_loop().time() - self._stub.heard_at

    async def greet(self) -> None:
        """Is anybody there, and are we welcome?"""
        await self._version(self._timings.hello)

    async def feel_pulse(self) -> None:
        await self._version(self._timings.pulse)

    async def _version(self, within: float) -> None:
        await self._stub._unary_unary(
            "/wechaty.Puppet/Version",
            puppet.VersionRequest(),
            puppet.VersionResponse,
            timeout=within,
        )

    async def start(self) -> None:
        """Start the account if it isn't. There is no stopping it: that would log it out."""
        await self._stub._unary_unary(
            "/wechaty.Puppet/Start",
            puppet.StartRequest(),
            puppet.StartResponse,
            timeout=self._timings.start,
        )

    async def listen(self) -> AsyncGenerator[tuple[int, str], None]:
        """Kind and JSON of each event. Ends when the gateway ends it."""
        try:
            async with aclosing(self._stub.listen()) as events:
                async for event in events:
                    yield int(event.type), event.payload
        except GRPCError:
            raise
        except Exception as error:
            raise Unanswered(str(error) or type(error).__name__) from error

    async def say(self, conversation: str, text: str, mentions: Sequence[str]) -> None:
        await self._stub.message_send_text(
            conversation_id=conversation,
            text=text,
            mentonal_ids=list(mentions),  # the protocol's own spelling
        )

    async def send_card(self, conversation: str, card: Attachment) -> None:
        """By JSON, which gateways read beside the message that newer ones send."""
        link = {"url": card.link, "title": card.title or card.link, "description": ""}
        if card.image:
            link["thumbnailUrl"] = card.image
        await self._stub.message_send_url(
            conversation_id=conversation, url_link=json.dumps(link, ensure_ascii=False)
        )

    async def send_picture(self, conversation: str, address: str) -> None:
        """The gateway fetches it. File boxes are called one way before 1.0, another since."""
        box = {"name": _file_name(address), "boxType": _A_URL, "type": _A_URL}
        box |= {"remoteUrl": address, "url": address}
        await self._stub.message_send_file(
            conversation_id=conversation, filebox=json.dumps(box, ensure_ascii=False)
        )

    async def set_topic(self, room: str, topic: str) -> None:
        _refuse_a_question(topic)
        request = RoomTopicRequest(id=room, topic_before_0_33=topic, topic=topic)
        await self._stub._unary_unary(
            "/wechaty.Puppet/RoomTopic", request, puppet.RoomTopicResponse
        )

    async def announce(self, room: str, text: str) -> None:
        _refuse_a_question(text)
        request = RoomAnnounceRequest(id=room, text_before_0_33=text, text=text)
        await self._stub._unary_unary(
            "/wechaty.Puppet/RoomAnnounce", request, puppet.RoomAnnounceResponse
        )

    async def said(self, message: str) -> Said:
        reply = await self._stub.message_payload(id=message)
        return Said(
            id=reply.id or message,
            kind=int(reply.type),
            text=reply.text,
            talker=reply.from_id,
            room=reply.room_id,
            mentions=tuple(reply.mention_ids),
            timestamp=reply.timestamp,
        )

    async def rooms(self) -> list[str]:
        return list((await self._stub.room_list()).ids)

    async def room(self, room: str) -> RoomCard:
        reply = await self._stub.room_payload(id=room)
        return RoomCard(reply.topic, reply.owner_id, tuple(reply.admin_ids))

    async def members(self, room: str) -> list[str]:
        return list((await self._stub.room_member_list(id=room)).member_ids)

    async def member(self, room: str, person: str) -> MemberCard:
        reply = await self._stub.room_member_payload(id=room, member_id=person)
        return MemberCard(reply.name, reply.room_alias)

    async def contact(self, person: str) -> ContactCard:
        reply = await self._stub.contact_payload(id=person)
        return ContactCard(reply.name, reply.friend)

    async def friendship(self, friendship: str) -> Friendship:
        reply = await self._stub.friendship_payload(id=friendship)
        return Friendship(
            id=friendship, kind=int(reply.type), person=reply.contact_id, hello=reply.hello
        )

    async def accept(self, friendship: str) -> None:
        await self._stub.friendship_accept(id=friendship)

    async def invite(self, room: str, person: str) -> None:
        await self._stub.room_add(id=room, contact_id=person)

    async def create_room(self, topic: str, people: Sequence[str]) -> str:
        """The room's id; "" where the gateway does not say."""
        reply = await self._stub.room_create(contact_ids=list(people), topic=topic)
        return str(reply.id)

    async def room_qr(self, room: str) -> str:
        """What the code holds: gateways read it out of the picture that WeChat gives them."""
        # The stub's own method has no room for the room's id.
        reply = await self._stub._unary_unary(
            "/wechaty.Puppet/RoomQRCode",
            puppet.RoomQrCodeRequest(id=room),
            puppet.RoomQrCodeResponse,
        )
        return str(reply.qrcode)

    async def own_qr(self) -> str:
        return str((await self._stub.contact_self_qr_code()).qrcode)

    async def forget(self, memory: int, of: str) -> None:
        """Have the gateway drop its copy. It tells everybody, us included, that it is dirty."""
        await self._stub.dirty_payload(type=memory, id=of)


def _file_name(address: str) -> str:
    """As the address calls it: a picture without an ending is taken for a file."""
    name = PurePosixPath(unquote(urlsplit(address).path)).name
    return name if PurePosixPath(name).suffix else f"{name or 'picture'}.jpg"


def _refuse_a_question(text: str) -> None:
    if not text.strip():
        raise ValueError("an empty text would ask for the present one, or clear it")
