"""One app of a company on WeCom's official API, as the rest of the service sees a gateway.

It hears through the inbox (bot/http/callbacks.py puts there what WeCom calls us with), speaks to
staff, and has owners confirm what is said in groups. What it can't do, it refuses in words.
"""

import asyncio
import logging
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.gateways.base import (
    Capabilities,
    Link,
    Outcome,
    Probe,
    Proposed,
    Room,
    Unreachable,
)
from bot.gateways.wecom import meaning
from bot.gateways.wecom.archive import Consents
from bot.gateways.wecom.client import Wait, WeComClient
from bot.gateways.wecom.contacts import ContactWays
from bot.gateways.wecom.failures import SecretRefused, WeComError
from bot.gateways.wecom.hearing import Hearing
from bot.gateways.wecom.letters import Knock, Letters
from bot.gateways.wecom.looking import Looking
from bot.gateways.wecom.notices import Notices
from bot.gateways.wecom.people import People
from bot.gateways.wecom.pictures import Pictures
from bot.gateways.wecom.sends import Sends
from bot.gateways.wecom.ways import JoinWays
from bot.gateways.wecom.welcome import Welcomes
from bot.gateways.wecom.welcome_codes import WelcomeCodes
from config.daily import ZONE
from models.delivery import NotSent, Refused
from models.events import AccountDown, AccountUp, GatewayEvent
from models.ids import AccountId, GroupId, PersonId
from models.messages import Attachment, Outgoing
from models.people import Profile
from models.platform_ways import MadeWay, WantedContactWay, WantedJoinWay, WantedWelcome
from models.stores.inbox import Letter

log = logging.getLogger(__name__)

NIGHTLY = time(3, 30)
"""When nobody is awake all groups are looked at: WeCom does not promise to tell everything, and
what is done by call it never tells (doc 92130)."""
PULSE = timedelta(minutes=1)
"""How often it is tried whether we still may."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=2)
BY_APP = "{what} is not in WeCom's API: it is done by hand in its app"


class WeComGateway:
    capabilities = Capabilities(
        speaks=True,
        hears=False,
        sees_joins=True,
        sees_nicknames=True,
        hears_nicknames=False,
        sees_removals=True,
        sees_recalls=False,
        renames=False,
        invites=False,
        accepts_friends=False,
        opens_rooms=False,
        shows_qr=False,
        reaches_strangers=False,
        needs_confirmation=True,
        sends_images=False,
        sends_cards=True,
        join_ways=True,
        contact_ways=True,
        welcome_templates=True,
    )

    def __init__(
        self,
        account: AccountId,
        client: WeComClient,
        people: People,
        letters: Letters,
        knock: Knock,
        pictures: Pictures,
        *,
        agent_id: int,
        owners: Sequence[str] = (),
        contacts: Sequence[str] = (),
        has_archive: bool = False,
        clock: Callable[[], datetime],
        wait: Wait = asyncio.sleep,
        pulse: timedelta = PULSE,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.capabilities = replace(
            self.capabilities,
            hears=has_archive,
            sees_recalls=has_archive,
            contact_ways=bool(contacts),
        )
        self._account = account
        self._people = people
        self._letters = letters
        self._knock = knock
        self._clock = clock
        self._wait = wait
        self._pulse = pulse
        self._close = close
        self._looking = Looking(client, people, letters, owners, clock, wait)
        welcomes = WelcomeCodes()
        self._hearing = Hearing(
            account, people, self._looking, letters, welcomes, Consents(client, clock), clock
        )
        self._notices = Notices(client, people, agent_id, welcomes, clock)
        self._sends = Sends(client, people)
        self._join_ways = JoinWays(client, pictures)
        self._contact_ways = ContactWays(client, pictures, contacts)
        self._library = Welcomes(client)
        self._why = "not connected yet"
        self._not_before: datetime | None = None
        self._closed = asyncio.Event()
        self._has_reader = False

    @property
    def link(self) -> Link:
        if self._why:
            return Link(up=False, why=self._why)
        return Link(up=True, person=self._people.app)

    # Hear

    async def events(self) -> AsyncGenerator[GatewayEvent, None]:
        if self._has_reader or self._closed.is_set():
            raise RuntimeError("a gateway has one reader, once")
        self._has_reader = True
        pause = FIRST_WAIT
        while not self._closed.is_set():
            if not await self._connect():
                await self._rest(self._pause_for(pause))
                pause = min(pause * 2, LONGEST_WAIT)
                continue
            pause = FIRST_WAIT
            yield AccountUp(
                account=self._account,
                at=self._clock(),
                person=self._people.app,
                abilities=self.capabilities.abilities,
            )
            async for event in self._while_up():
                yield event
            yield AccountDown(account=self._account, at=self._clock(), why=self._why)

    async def _while_up(self) -> AsyncIterator[GatewayEvent]:
        tried = self._clock()
        while not self._closed.is_set() and not self._why:
            letters = await self._letters.next()
            for letter in letters:
                if self._closed.is_set():
                    break  # it waits in the inbox for whoever comes after us
                for event in await self._understood(letter):
                    yield event
            if self._clock() - tried >= self._pulse:
                tried = self._clock()
                await self._connect()
            elif not letters:
                await self._knock.wait(self._pulse)
        if self._closed.is_set():
            self._why = "closed"

    async def _understood(self, letter: Letter) -> Sequence[GatewayEvent]:
        """One that can't be is read again after the next start; those behind it are read now."""
        try:
            return await self._hearing.told(letter)
        except Exception:  # whatever stands in it, or in WeCom's answer about it
            log.exception("letter %s of %s can't be understood", letter.id, self._account)
            return ()

    async def _connect(self) -> bool:
        """Whether we may look at groups, which is all that needs to be set up; `link` says what
        is missing. What only is not reached for a moment is no news while we are up."""
        try:
            await self._looking.try_it()
        except WeComError as error:
            if not self._closed.is_set() and (self._why or meaning.of_account(error)):
                self._lose(error)
            return False
        if self._closed.is_set():
            return False
        self._why, self._not_before = "", None
        return True

    def _lose(self, error: WeComError) -> None:
        self._why = str(error)
        self._not_before = error.until if isinstance(error, SecretRefused) else None
        log.warning("%s can't work: %s", self._account, error)

    def _pause_for(self, pause: timedelta) -> timedelta:
        """A secret that was refused is not tried again for an hour."""
        if self._not_before is None:
            return pause
        return max(self._not_before - self._clock(), pause)

    async def _rest(self, pause: timedelta) -> None:
        """Unless we are closed meanwhile."""
        resting = asyncio.ensure_future(self._wait(pause.total_seconds()))
        closing = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait([resting, closing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
            closing.cancel()

    async def aclose(self) -> None:
        self._closed.set()
        self._why = "closed"
        self._knock.ring()
        if self._close is not None:
            await self._close()

    # Look

    def next_round(self, now: datetime) -> datetime:
        local = now.astimezone(ZONE)
        night = datetime.combine(local.date(), NIGHTLY, ZONE)
        return night if night > local else night + timedelta(days=1)

    async def rooms(self) -> Sequence[GroupId]:
        with self._asking():
            return await self._looking.groups()

    async def look(self, group: GroupId) -> Room:
        with self._asking():
            return (await self._looking.look_and_note(group)).room

    async def profile(self, group: GroupId, person: PersonId) -> Profile:
        with self._asking():
            return (await self._looking.look(group)).room.profiles.get(person, Profile(""))

    async def reaches(self, person: PersonId) -> bool:
        """Only staff; whether the app may see her shows when she is written to."""
        if self._why:
            raise Unreachable(self._why)
        return self._people.userid(person) is not None

    async def probe(self, people: Sequence[PersonId]) -> Probe:
        try:
            rooms = await self._looking.groups()
        except WeComError as error:
            raise Unreachable(str(error)) from error
        unreached = tuple(each for each in people if self._people.userid(each) is None)
        return Probe(len(rooms), unreached)

    # Speak

    async def send(self, message: Outgoing) -> None:
        with self._doing():
            if message.to is None:
                raise Refused(
                    "WeCom's API says nothing in a group that its owner has not confirmed"
                )
            await self._notices.send(message, message.to)

    async def propose(
        self, owner: PersonId, groups: Sequence[GroupId], text: str, attachment: Attachment | None
    ) -> Proposed:
        with self._doing():
            return await self._sends.propose(owner, groups, text, attachment)

    async def remind(self, proposal: str) -> None:
        with self._doing():
            await self._sends.remind(proposal)

    async def withdraw(self, proposal: str) -> None:
        with self._doing():
            await self._sends.withdraw(proposal)

    async def find_proposed(
        self, text: str, since: datetime, known: Collection[str]
    ) -> str | None:
        with self._asking():
            return await self._sends.find(text, since, self._clock(), known)

    async def outcome(self, proposal: str, owner: PersonId) -> Outcome:
        with self._asking():
            return await self._sends.outcome(proposal, owner)

    # Ways in

    async def keep_join_way(self, wanted: WantedJoinWay) -> MadeWay:
        with self._doing():
            return await self._join_ways.keep(wanted)

    async def keep_contact_way(self, wanted: WantedContactWay) -> MadeWay:
        with self._doing():
            return await self._contact_ways.keep(wanted)

    async def keep_welcome(self, wanted: WantedWelcome) -> str:
        with self._doing():
            return await self._library.keep(wanted)

    # What the API has nothing for

    async def room_qr(self, group: GroupId) -> str:
        raise Refused(BY_APP.format(what="the QR code of one room"))

    async def own_qr(self) -> str:
        raise Refused(BY_APP.format(what="a code of the app itself"))

    async def accept(self, request: str) -> None:
        raise Refused(BY_APP.format(what="accepting a customer"))

    async def invite(self, group: GroupId, person: PersonId) -> None:
        raise Refused(BY_APP.format(what="inviting a friend or anybody else into a group"))

    async def create_room(self, name: str, people: Sequence[PersonId]) -> GroupId:
        raise Refused(BY_APP.format(what="opening a customer group with friends"))

    async def rename(self, group: GroupId, name: str) -> None:
        raise Refused(BY_APP.format(what="renaming a group"))

    # How

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Failures are Unreachable."""
        if self._why:
            raise Unreachable(self._why)
        try:
            yield
        except WeComError as error:
            self._notice(error)
            raise Unreachable(str(error)) from error

    @contextmanager
    def _doing(self) -> Iterator[None]:
        """Failures are NotSent, MaybeSent or Refused."""
        if self._why:
            raise NotSent(self._why)
        try:
            yield
        except WeComError as error:
            self._notice(error)
            raise meaning.delivery(error, self._clock()) from error

    def _notice(self, error: WeComError) -> None:
        """What stands in the way of everything ends the connection; the reader hears of it."""
        if meaning.of_account(error):
            self._lose(error)
            self._knock.ring()
