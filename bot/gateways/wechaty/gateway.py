"""One WeChat account on a Wechaty gateway, as the rest of the service sees a gateway."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from grpclib.exceptions import GRPCError

from bot.gateways.base import REGULARLY, Capabilities, Link, Probe, Room, Unreachable
from bot.gateways.wechaty import translate
from bot.gateways.wechaty.arrivals import Arrivals
from bot.gateways.wechaty.failures import in_words, meaning, meaning_of_steps
from bot.gateways.wechaty.hearing import Hearing
from bot.gateways.wechaty.keeper import Keeper
from bot.gateways.wechaty.payloads import Memory
from bot.gateways.wechaty.stub import LineFailure
from bot.gateways.wechaty.timings import Backoff, Timings
from bot.gateways.wechaty.turns import InTurn
from bot.gateways.wechaty.wire import Wire, trust
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused
from models.events import GatewayEvent
from models.ids import AccountId, GroupId, PersonId
from models.messages import Attachment, Outgoing
from models.people import Profile
from models.platform_ways import MadeWay, WantedContactWay, WantedJoinWay, WantedWelcome

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 32
"""Questions in flight, and events read ahead of the reader."""
FEWEST_OTHERS = 2
"""WeChat makes no room of fewer."""


class WechatyGateway:
    capabilities = Capabilities(
        speaks=True,
        hears=True,
        sees_joins=True,
        sees_nicknames=True,
        hears_nicknames=False,
        sees_removals=True,
        sees_recalls=True,
        renames=True,
        invites=True,
        accepts_friends=True,
        opens_rooms=True,
        shows_qr=True,
        reaches_strangers=False,
        needs_confirmation=False,
        sends_images=True,
        sends_cards=True,
    )

    def __init__(
        self,
        account: AccountId,
        endpoint: str,
        token: str,
        *,
        clock: Callable[[], datetime],
        rng: Random,
        tls_ca: Path | None = None,
        tls_name: str | None = None,
        timings: Timings | None = None,
    ) -> None:
        timings = timings or Timings()
        address = _address(endpoint)
        tls = trust(tls_ca) if tls_ca else None
        self._in_turn = InTurn(AT_ONCE)
        self._arrivals = Arrivals(AT_ONCE)
        self._hearing = Hearing(
            account, self.capabilities.abilities, clock, self._arrivals, self._in_turn
        )
        self._keeper = Keeper(
            account,
            lambda: Wire(address, token, timings, tls, tls_name),
            self._hearing,
            timings,
            Backoff(timings, rng),
        )
        self._keeping: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def link(self) -> Link:
        wire, me = self._keeper.wire, self._hearing.me
        if me is None or wire is None or wire.closed:
            why = wire.why_closed if wire else ""
            return Link(up=False, why=why or self._hearing.why or "the line is lost")
        return Link(up=True, person=me)

    async def events(self) -> AsyncGenerator[GatewayEvent, None]:
        if self._closed or self._keeping:
            raise RuntimeError("a gateway has one reader, once")
        self._keeping = asyncio.create_task(self._keeper.run())
        try:
            async with aclosing(self._arrivals.each()) as arrivals:
                async for event in arrivals:
                    yield event
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._keeping:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        self._hearing.me, self._hearing.why = None, "closed"
        await self._arrivals.end()

    async def send(self, message: Outgoing) -> None:
        conversation = message.group or message.to
        if not conversation:
            raise Refused("there is nobody to say it to")
        wire = self._speaking()
        if message.group is None and not await self._is_friend(wire, PersonId(conversation)):
            raise Refused("no private message reaches who is not a friend of the account")
        if message.attachment is None:
            await self._said(wire.say(conversation, message.text, message.mentions))
        else:
            await self._say_with(message.attachment, message, conversation, wire)

    async def _say_with(
        self, attachment: Attachment, message: Outgoing, conversation: str, wire: Wire
    ) -> None:
        """The attachment, then the text. Many puppets can send neither cards nor pictures, which
        shows only when it is tried: then nothing was said yet, and the plain form says it all."""
        failure = await self._attached(attachment, conversation, wire)
        text = message.text if failure is None else message.plain
        try:
            await self._said(wire.say(conversation, text, message.mentions))
        except (NotSent, Refused) as error:
            if failure is None or isinstance(failure, MaybeSent):
                raise MaybeSent(
                    f"what belongs to it may have arrived, and not it: {error}"
                ) from error
            raise

    async def _attached(
        self, attachment: Attachment, conversation: str, wire: Wire
    ) -> DeliveryError | None:
        """None once it has arrived."""
        try:
            if attachment.link is not None:
                await self._said(wire.send_card(conversation, attachment))
            elif attachment.image is not None:
                await self._said(wire.send_picture(conversation, attachment.image))
        except DeliveryError as error:
            log.info("said without its attachment: %s", error)
            return error
        return None

    async def _is_friend(self, wire: Wire, person: PersonId) -> bool:
        """Raises Refused where there is no such person, NotSent where nobody can tell."""
        if person in self._hearing.new_friends:
            # What the puppet knows of her may be from before: WeChat tells it later.
            return True
        return (await self._asked(self._in_turn(wire.contact, person))).friend

    async def announce(self, group: GroupId, text: str) -> None:
        """Fails as `send` does."""
        await self._said(self._speaking().announce(group, text))

    async def room_qr(self, group: GroupId) -> str:
        return _a_code(await self._said(self._speaking().room_qr(group)))

    async def own_qr(self) -> str:
        return _a_code(await self._said(self._speaking().own_qr()))

    async def accept(self, request: str) -> None:
        wire = self._speaking()
        friendship = await self._asked(self._in_turn(wire.friendship, request))
        await self._said(wire.accept(request))
        self._hearing.new_friends.first_sight(friendship.person)

    async def invite(self, group: GroupId, person: PersonId) -> None:
        wire = self._speaking()
        if not await self._is_friend(wire, person):
            raise Refused("WeChat lets us invite friends of the account only, and she is none")
        await self._said(wire.invite(group, person))

    async def create_room(self, name: str, people: Sequence[PersonId]) -> GroupId:
        wire = self._speaking()
        others = [each for each in dict.fromkeys(people) if each != self._hearing.me]
        if not name.strip():
            raise Refused("a new room needs a name")
        if len(others) < FEWEST_OTHERS:
            raise Refused("WeChat makes a room of the account and at least two others")
        strangers = [each for each in others if not await self._is_friend(wire, each)]
        if strangers:
            raise Refused(f"not friends of the account: {', '.join(strangers)}")
        try:
            room = await wire.create_room(name, others)
        except (LineFailure, GRPCError) as error:
            # It is created, then named.
            raise meaning_of_steps(error) from error
        if not room:
            raise MaybeSent("the gateway does not say which room it created")
        return GroupId(room)

    async def rename(self, group: GroupId, name: str) -> None:
        wire = self._speaking()
        if not name.strip():
            raise Refused("a blank name would ask for the present one, or clear it")
        await self._said(wire.set_topic(group, name))

    def next_round(self, now: datetime) -> datetime:
        return now + REGULARLY

    async def rooms(self) -> Sequence[GroupId]:
        wire = self._asking()
        with _unreachable():
            return [GroupId(room) for room in await self._in_turn(wire.rooms)]

    async def look(self, group: GroupId) -> Room:
        wire = self._asking()
        with _unreachable():
            await self._hearing.forget(wire, Memory.ROOM, group)
            card = await self._in_turn(wire.room, group)
            members = await self._in_turn(wire.members, group)
        return Room(
            name=card.topic,
            members=frozenset(PersonId(member) for member in members),
            staff=translate.staff(card, self._hearing.me),
        )

    async def profile(self, group: GroupId, person: PersonId) -> Profile:
        wire = self._asking()
        with _unreachable():
            await self._hearing.forget(wire, Memory.MEMBER, group)
            await self._hearing.forget(wire, Memory.CONTACT, person)
            return await self._hearing.profile(wire, group, person)

    async def keep_join_way(self, wanted: WantedJoinWay) -> MadeWay:
        raise Refused("WeChat has no ways that lead into several groups")

    async def keep_contact_way(self, wanted: WantedContactWay) -> MadeWay:
        raise Refused("WeChat has no ways to an account but its own QR code")

    async def keep_welcome(self, wanted: WantedWelcome) -> str:
        raise Refused("WeChat says no welcome by itself")

    async def reaches(self, person: PersonId) -> bool:
        wire = self._asking()
        with _unreachable():
            await self._hearing.forget(wire, Memory.CONTACT, person)
            return (await self._in_turn(wire.contact, person)).friend

    async def probe(self, people: Sequence[PersonId]) -> Probe:
        """On a line of its own that takes no events, so that it disturbs nobody."""
        wire = self._keeper.dial()
        try:
            with _unreachable():
                await wire.greet()
                rooms = await wire.rooms()
                strangers = [each for each in people if not (await wire.contact(each)).friend]
        finally:
            wire.close()
        return Probe(len(rooms), tuple(strangers))

    def _speaking(self) -> Wire:
        link, wire = self.link, self._keeper.wire
        if not link.up or wire is None:
            raise NotSent(link.why)
        return wire

    def _asking(self) -> Wire:
        try:
            return self._speaking()
        except NotSent as error:
            raise Unreachable(str(error)) from error

    async def _said(self, saying: Awaitable[T]) -> T:
        try:
            return await saying
        except (LineFailure, GRPCError) as error:
            raise meaning(error) from error

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Before anything is done, so that it surely was not where there is no answer."""
        try:
            return await asking
        except (LineFailure, GRPCError) as error:
            failure = meaning(error)
            raise failure if isinstance(failure, Refused) else NotSent(str(failure)) from error


def _a_code(qr: str) -> str:
    if not qr:
        raise NotSent("the gateway shows an empty code")
    return qr


@contextmanager
def _unreachable() -> Iterator[None]:
    try:
        yield
    except (LineFailure, GRPCError) as error:
        raise Unreachable(in_words(error)) from error


def _address(endpoint: str) -> tuple[str, int]:
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"a Wechaty endpoint is host:port, not {endpoint!r}")
    return host.strip("[]"), int(port)
