"""What the gateway tells us, turned into events as it comes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, TypeVar

from grpclib.exceptions import GRPCError

from bot.gateways.base import ON_ITS_WAY
from bot.gateways.wechaty import translate
from bot.gateways.wechaty.arrivals import Arrivals
from bot.gateways.wechaty.echoes import Echoes
from bot.gateways.wechaty.failures import in_words
from bot.gateways.wechaty.payloads import EventKind, Friendship, FriendshipKind
from bot.gateways.wechaty.stub import LineFailure, NotAsked
from bot.gateways.wechaty.turns import InTurn
from bot.gateways.wechaty.wire import Wire
from bot.recent import Recent
from models.events import AccountDown, AccountUp, GatewayEvent
from models.groups import Ability
from models.ids import AccountId, GroupId, PersonId
from models.people import Profile

log = logging.getLogger(__name__)

T = TypeVar("T")

Fields = dict[str, Any]

REMEMBERED_MESSAGES = 20_000
"""A gateway repeats the last few after a hiccup; this is some minutes of the busiest account."""
REMEMBERED_FRIENDS = 2_000
"""Requests, and new friends: some days of an account that makes as many as it may."""
REMEMBERED_ECHOES = 10_000
"""A look at everybody in the twenty largest groups."""


class Hearing:
    """Who we are on this line, and what came over it. Outlives lines, so repeats are known."""

    def __init__(
        self,
        account: AccountId,
        abilities: frozenset[Ability],
        clock: Callable[[], datetime],
        arrivals: Arrivals,
        in_turn: InTurn,
    ) -> None:
        self.me: PersonId | None = None
        self.why = "not connected yet"
        self.new_friends = Recent(REMEMBERED_FRIENDS)
        self._account = account
        self._abilities = abilities
        self._clock = clock
        self._arrivals = arrivals
        self._in_turn = in_turn
        self._messages = Recent(REMEMBERED_MESSAGES)
        self._friendships = Recent(REMEMBERED_FRIENDS)
        self._own_dirt = Echoes(REMEMBERED_ECHOES)
        self._on_their_way: dict[str, datetime] = {}
        """Messages that we were told of, and when, and that are not fetched yet."""
        self._last_error = ""

    async def hear(self, wire: Wire) -> None:
        """Until the gateway ends it; raises when the line is lost."""
        self._own_dirt.clear()
        async with aclosing(wire.listen()) as events:
            async for kind, payload in events:
                if self.me is None:
                    self.why = "the gateway is not logged in to WeChat"
                await self._take(wire, kind, translate.fields(payload))

    async def fall_silent(self, why: str, silent_for: float = 0.0) -> None:
        """What was said since the last sign of life may be lost, and so is what could not be
        fetched any more."""
        self.why = why
        now = self._clock()
        until = min([now - timedelta(seconds=silent_for), *self._on_their_way.values()])
        self._on_their_way.clear()
        if self.me is not None:
            self.me = None
            down = AccountDown(
                at=now, account=self._account, why=why, heard_until=until - ON_ITS_WAY
            )
            await self._arrivals.put([down])

    async def forget(self, wire: Wire, memory: int, of: str) -> None:
        """Have the gateway read again, without being stirred by our own words."""
        self._own_dirt.expect((memory, of))
        try:
            await self._in_turn(wire.forget, memory, of)
        except BaseException:
            self._own_dirt.is_expected((memory, of))
            raise

    async def _take(self, wire: Wire, kind: int, data: Fields) -> None:
        if kind == EventKind.LOGIN:
            await self._logged_in(PersonId(translate.text_of(data, "contactId")))
        elif kind == EventKind.LOGOUT:
            log.warning("account %s was logged out of WeChat", self._account)
            self.new_friends = Recent(REMEMBERED_FRIENDS)
            await self.fall_silent("the account was logged out of WeChat")
        elif kind == EventKind.ERROR:
            self._complain(data)
        elif self.me is not None:
            await self._happened(wire, kind, data, self.me)

    async def _logged_in(self, me: PersonId) -> None:
        if me in ("", self.me):
            return
        await self.fall_silent("another account logged in")
        self.me, self.why = me, ""
        log.info("account %s hears and speaks as %s", self._account, me)
        up = AccountUp(
            at=self._clock(), account=self._account, person=me, abilities=self._abilities
        )
        await self._arrivals.put([up])

    async def _happened(self, wire: Wire, kind: int, data: Fields, me: PersonId) -> None:
        now = self._clock()
        if kind == EventKind.MESSAGE:
            message = translate.text_of(data, "messageId")
            if message and self._messages.first_sight(message):
                self._on_their_way[message] = now
                await self._arrivals.look_up(self._message(wire, message, me, now))
        elif kind == EventKind.FRIENDSHIP:
            friendship = translate.text_of(data, "friendshipId")
            if friendship and self._friendships.first_sight(friendship):
                await self._arrivals.look_up(self._befriended(wire, friendship, me, now))
        elif kind == EventKind.ROOM_JOIN:
            await self._arrivals.look_up(self._joined(wire, data, me, now))
        elif kind == EventKind.ROOM_LEAVE:
            await self._arrivals.put(translate.left(data, self._account, now))
        elif kind == EventKind.ROOM_TOPIC:
            await self._arrivals.put(translate.renamed(data, self._account, now))
        elif kind == EventKind.DIRTY:
            of = translate.text_of(data, "payloadId")
            memory = data.get("payloadType")
            if not (isinstance(memory, int) and self._own_dirt.is_expected((memory, of))):
                await self._arrivals.put(translate.dirtied(data, self._account, now))

    def _complain(self, data: Fields) -> None:
        """Puppets in trouble report the same error by the second."""
        words = str(data.get("gerror") or data.get("data") or data)[:300]
        if words != self._last_error:
            self._last_error = words
            log.warning("account %s: the gateway reports an error: %s", self._account, words)

    async def _message(
        self, wire: Wire, message: str, me: PersonId, now: datetime
    ) -> Sequence[GatewayEvent]:
        said = await self._fetched(wire.said, message, "a message")
        if said is None:
            self._messages.forget(message)
            return ()
        event = translate.message(said, self._account, me, now)
        return (event,) if event else ()

    async def _befriended(
        self, wire: Wire, request: str, me: PersonId, now: datetime
    ) -> Sequence[GatewayEvent]:
        friendship = await self._fetched(wire.friendship, request, "a friendship")
        if friendship is None:
            self._friendships.forget(request)
            return ()
        self._note(friendship)
        event = translate.befriended(friendship, self._account, me, now)
        return (event,) if event else ()

    def _note(self, friendship: Friendship) -> None:
        if friendship.kind == FriendshipKind.CONFIRM:
            self.new_friends.first_sight(friendship.person)
        elif friendship.kind == FriendshipKind.VERIFY:
            self.new_friends.forget(friendship.person)

    async def _fetched(
        self, fetch: Callable[[str], Awaitable[T]], id_: str, what: str
    ) -> T | None:
        """None where it could not be, twice."""
        for last in (False, True):
            try:
                found = await self._in_turn(fetch, id_)
            except NotAsked as error:
                if last:
                    # A lost line is told of as such, not once for each message it took along.
                    log.debug("%s could not be fetched: %s", what, in_words(error))
                    return None
            except (LineFailure, GRPCError) as error:
                if last:
                    log.warning("%s could not be fetched: %s", what, in_words(error))
            else:
                self._on_their_way.pop(id_, None)
                return found
        self._on_their_way.pop(id_, None)
        return None

    async def _joined(
        self, wire: Wire, data: Fields, me: PersonId, now: datetime
    ) -> Sequence[GatewayEvent]:
        group = GroupId(translate.text_of(data, "roomId"))
        people = [person for person in translate.people_of(data, "inviteeIdList") if person != me]
        profiles = await asyncio.gather(
            *(self._profile_if_possible(wire, group, person) for person in people)
        )
        return translate.joined(
            data, dict(zip(people, profiles, strict=True)), self._account, me, now
        )

    async def _profile_if_possible(self, wire: Wire, group: GroupId, person: PersonId) -> Profile:
        try:
            return await self.profile(wire, group, person)
        except (LineFailure, GRPCError):
            return Profile("")

    async def profile(self, wire: Wire, group: GroupId, person: PersonId) -> Profile:
        name = alias = ""
        try:
            member = await self._in_turn(wire.member, group, person)
            name, alias = member.name, member.alias
        except GRPCError:
            pass  # Not (yet) in the gateway's list; the contact has a name all the same.
        if not name:
            name = (await self._in_turn(wire.contact, person)).name
        return Profile(name, alias)
