"""Groups that exist only here: for the demo, for replay and for tests.

It behaves as a chat platform does: it tells what happens while we are connected, forgets to tell
what happened while we were not, and shows who is in a room when it is asked.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from bot.clock import Clock
from bot.gateways.base import REGULARLY, Capabilities, Link, Probe, Room, Unreachable
from models.delivery import NotSent, Refused
from models.events import (
    AccountDown,
    AccountUp,
    FriendAsked,
    FriendMade,
    GatewayEvent,
    GroupRenamed,
    GroupSeen,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    NicknameChanged,
)
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Outgoing
from models.people import Profile, Role
from models.platform_ways import (
    MOST_GROUPS,
    MadeWay,
    WantedContactWay,
    WantedJoinWay,
    WantedWelcome,
)

BOT = PersonId("bot")
FEWEST_OTHERS = 2
"""As on WeChat."""


@dataclass(slots=True)
class SimulatedRoom:
    name: str
    people: dict[PersonId, Profile] = field(default_factory=dict)
    staff: dict[PersonId, Role] = field(default_factory=dict)


class SimulatedGateway:
    capabilities = Capabilities(
        speaks=True,
        hears=True,
        sees_joins=True,
        sees_nicknames=True,
        hears_nicknames=True,
        sees_removals=True,
        sees_recalls=True,
        renames=True,
        invites=True,
        accepts_friends=True,
        opens_rooms=True,
        shows_qr=True,
        reaches_strangers=True,
        needs_confirmation=False,
        sends_images=True,
        sends_cards=True,
    )

    def __init__(
        self,
        account: AccountId,
        clock: Clock,
        on_said: Callable[[Outgoing], None] = lambda message: None,
    ) -> None:
        self.account = account
        self.link = Link(up=False, why="not started")
        self._rooms: dict[GroupId, SimulatedRoom] = {}
        self.failures: deque[BaseException] = deque()
        self._clock = clock
        self._on_said = on_said
        self._pending: deque[GatewayEvent] = deque()
        self._stirred = asyncio.Event()
        self._closed = False
        self._requests: dict[str, tuple[PersonId, str]] = {}
        self._asked = 0
        self._names: dict[PersonId, str] = {}
        self._shown = 0
        self.qr_base = "https://weixin.example"
        self.join_ways: dict[str, WantedJoinWay] = {}
        self.contact_ways: dict[str, WantedContactWay] = {}
        self.welcomes: dict[str, str] = {}
        self._kept = 0
        self.invited: list[tuple[GroupId, PersonId]] = []
        self.taps = True

    # What a gateway does

    async def events(self) -> AsyncIterator[GatewayEvent]:
        self.connect()
        while not self._closed:
            for event in self.take():
                yield event
            self._stirred.clear()
            if not self._pending and not self._closed:
                await self._stirred.wait()

    async def send(self, message: Outgoing) -> None:
        if self.failures:
            raise self.failures.popleft()
        if not self.link.up:
            raise NotSent(self.link.why)
        self._on_said(message)

    def next_round(self, now: datetime) -> datetime:
        return now + REGULARLY

    async def rooms(self) -> Sequence[GroupId]:
        self._must_be_up()
        return sorted(self._rooms)

    async def look(self, group: GroupId) -> Room:
        room = self._room(group)
        return Room(room.name, frozenset(room.people), dict(room.staff))

    async def profile(self, group: GroupId, person: PersonId) -> Profile:
        return self._room(group).people.get(person, Profile(""))

    async def room_qr(self, group: GroupId) -> str:
        """Another one each time, as WeChat's are."""
        self._must_do()
        if group not in self._rooms:
            raise Refused(f"there is no room {group}")
        self._shown += 1
        return f"{self.qr_base}/g/{group}?{self._shown}"

    async def own_qr(self) -> str:
        self._must_do()
        return f"{self.qr_base}/u/{BOT}"

    async def accept(self, request: str) -> None:
        self._must_do()
        if request not in self._requests:
            raise Refused(f"there is no friend request {request}")
        person, name = self._requests.pop(request)
        self._names[person] = name
        self._tell(FriendMade(account=self.account, at=self._clock.now(), person=person))

    async def invite(self, group: GroupId, person: PersonId) -> None:
        """She taps on it at once, if people do."""
        self._must_do()
        if group not in self._rooms:
            raise Refused(f"there is no room {group}")
        self.invited.append((group, person))
        if self.taps and person not in self._rooms[group].people:
            self.join(group, person, Profile(self._names.get(person, person)), BOT)

    async def create_room(self, name: str, people: Sequence[PersonId]) -> GroupId:
        """Another one each time, whatever its name."""
        self._must_do()
        others = {each: Profile(self._names.get(each, each)) for each in people if each != BOT}
        if len(others) < FEWEST_OTHERS:
            raise Refused("a room is made of the account and at least two others")
        seed = f"{name}:{len(self._rooms)}"
        group = GroupId(f"room-{sha256(seed.encode()).hexdigest()[:8]}")
        self.open_room(group, name, others)
        return group

    async def rename(self, group: GroupId, name: str) -> None:
        self._must_do()
        if not name.strip():
            raise Refused("a room's name can't be blank")
        if group not in self._rooms:
            raise Refused(f"there is no room {group}")
        self.retitle(group, name)

    async def keep_join_way(self, wanted: WantedJoinWay) -> MadeWay:
        """What was added to it by others stays, as far as there is room."""
        self._must_do()
        if not self.capabilities.join_ways:
            raise Refused("groups of this platform are entered by their own codes")
        there = self.join_ways.get(wanted.config)
        config = wanted.config if there else self._keeps("way")
        added = [each for each in there.groups if each not in wanted.known] if there else []
        groups = (*wanted.groups, *(each for each in added if each not in wanted.groups))
        self.join_ways[config] = replace(wanted, groups=groups[:MOST_GROUPS])
        content = f"{self.qr_base}/w/{config}"
        return MadeWay(
            config=config, groups=groups[:MOST_GROUPS], base_id=wanted.base_id, content=content
        )

    async def keep_contact_way(self, wanted: WantedContactWay) -> MadeWay:
        self._must_do()
        if not self.capabilities.contact_ways:
            raise Refused("friends of this platform come by the account's own code")
        config = wanted.config if wanted.config in self.contact_ways else self._keeps("contact")
        self.contact_ways[config] = wanted
        return MadeWay(config=config, content=f"{self.qr_base}/c/{config}")

    async def keep_welcome(self, wanted: WantedWelcome) -> str:
        self._must_do()
        if not self.capabilities.welcome_templates:
            raise Refused("this platform says no welcome by itself")
        config = wanted.config if wanted.config in self.welcomes else self._keeps("welcome")
        self.welcomes[config] = wanted.text
        return config

    async def reaches(self, person: PersonId) -> bool:
        self._must_be_up()
        return True

    async def probe(self, people: Sequence[PersonId]) -> Probe:
        return Probe(rooms=len(self._rooms))

    async def aclose(self) -> None:
        self._closed = True
        self._stirred.set()

    # What happens on the platform

    def take(self) -> Iterator[GatewayEvent]:
        """What was told since the last time."""
        while self._pending:
            yield self._pending.popleft()

    def connect(self) -> None:
        self.link = Link(up=True, person=BOT)
        self._tell(
            AccountUp(
                account=self.account,
                at=self._clock.now(),
                person=BOT,
                abilities=self.capabilities.abilities,
            )
        )

    def disconnect(self, why: str = "disconnected") -> None:
        self._tell(AccountDown(account=self.account, at=self._clock.now(), why=why))
        self.link = Link(up=False, why=why)

    def open_room(
        self, group: GroupId, name: str, people: Mapping[PersonId, Profile] | None = None
    ) -> SimulatedRoom:
        """A room with people who were there before anybody looked."""
        room = SimulatedRoom(name, {BOT: Profile("小助手"), **(people or {})})
        self._rooms[group] = room
        return room

    def ask_friend(self, person: PersonId, name: str, hello: str) -> str:
        """Somebody wants to be the bot's friend; the id of her request."""
        self._asked += 1
        request = f"request-{person}-{self._asked}"
        self._requests[request] = (person, name)
        self._tell(
            FriendAsked(
                account=self.account,
                at=self._clock.now(),
                request=request,
                person=person,
                hello=hello,
            )
        )
        return request

    def remember(self, person: PersonId, name: str) -> None:
        """A friend from before anybody looked."""
        self._names[person] = name

    def enter(self, group: GroupId, person: PersonId, profile: Profile, role: Role) -> None:
        """Somebody who is in the room without anybody having seen her join."""
        self._rooms[group].people[person] = profile
        if role is not Role.MEMBER:
            self._rooms[group].staff[person] = role

    def show(self, group: GroupId) -> GroupSeen:
        """What a look at the room would tell at this moment."""
        room = self._rooms[group]
        return GroupSeen(
            account=self.account,
            at=self._clock.now(),
            group=group,
            name=room.name,
            present=frozenset(room.people),
            profiles=dict(room.people),
            staff=dict(room.staff),
        )

    def groups(self) -> list[GroupId]:
        return sorted(self._rooms)

    def people(self, group: GroupId) -> Mapping[PersonId, Profile]:
        return self._rooms[group].people

    def join(
        self,
        group: GroupId,
        person: PersonId,
        profile: Profile,
        inviter: PersonId | None = None,
        state: str = "",
    ) -> None:
        self._rooms[group].people[person] = profile
        self._tell(
            MemberJoined(
                account=self.account,
                at=self._clock.now(),
                group=group,
                person=person,
                profile=profile,
                inviter=inviter,
                state=state,
            )
        )

    def scan(self, config: str, person: PersonId, profile: Profile, full_at: int = 200) -> GroupId:
        """Somebody comes by a join way: into the first of its groups that has room, or into one
        that is opened then."""
        way = self.join_ways[config]
        group = next((g for g in way.groups if len(self._rooms[g].people) < full_at), None)
        if group is None:
            if not way.base_name:
                raise Refused("all groups that it leads to are full")
            group = GroupId(self._keeps("room"))
            self.open_room(group, f"{way.base_name}{way.base_id}")
            self.join_ways[config] = replace(
                way, groups=(*way.groups, group)[-MOST_GROUPS:], base_id=way.base_id + 1
            )
            self._tell(self.show(group))
        self.join(group, person, profile, state=way.code)
        return group

    def befriend(self, person: PersonId, state: str = "") -> None:
        """Somebody becomes a friend without being accepted, by a way that carries this."""
        made = FriendMade(account=self.account, at=self._clock.now(), person=person, state=state)
        self._tell(made)

    def leave(self, group: GroupId, person: PersonId, by: PersonId | None = None) -> None:
        self._rooms[group].people.pop(person, None)
        self._tell(
            MemberLeft(
                account=self.account, at=self._clock.now(), group=group, person=person, by=by
            )
        )

    def retitle(self, group: GroupId, name: str) -> None:
        """Somebody gives the room another name."""
        self._rooms[group].name = name
        self._tell(
            GroupRenamed(account=self.account, at=self._clock.now(), group=group, name=name)
        )

    def call(self, group: GroupId, person: PersonId, nickname: str) -> None:
        """Somebody sets the nickname she has in this group."""
        name = self._rooms[group].people.get(person, Profile("")).name
        self._rooms[group].people[person] = Profile(name, nickname)
        self._tell(
            NicknameChanged(
                account=self.account,
                at=self._clock.now(),
                group=group,
                person=person,
                nickname=nickname,
            )
        )

    def say(
        self,
        group: GroupId | None,
        sender: PersonId,
        message: MessageId,
        text: str,
        mentions: tuple[PersonId, ...] = (),
        quotes: MessageId | None = None,
    ) -> None:
        """In a group, or (`group` None) to us in private. Where it does not hear, nobody tells us
        of what is said in groups."""
        if group is not None and not self.capabilities.hears:
            return
        profile = Profile("")
        if group is not None:
            profile = self._rooms[group].people.setdefault(sender, profile)
        self._tell(
            MessageReceived(
                account=self.account,
                at=self._clock.now(),
                id=message,
                group=group,
                sender=sender,
                name=profile.name,
                text=text,
                mentions=mentions,
                quotes=quotes,
            )
        )

    def recall(self, group: GroupId, message: MessageId) -> None:
        self._tell(
            MessageRecalled(account=self.account, at=self._clock.now(), group=group, id=message)
        )

    def _tell(self, event: GatewayEvent) -> None:
        if self.link.up:
            self._pending.append(event)
            self._stirred.set()

    def _keeps(self, what: str) -> str:
        self._kept += 1
        return f"{what}-{self._kept}"

    def _must_do(self) -> None:
        if self.failures:
            raise self.failures.popleft()
        if not self.link.up:
            raise NotSent(self.link.why)

    def _room(self, group: GroupId) -> SimulatedRoom:
        self._must_be_up()
        if group not in self._rooms:
            raise Unreachable(f"there is no room {group}")
        return self._rooms[group]

    def _must_be_up(self) -> None:
        if not self.link.up:
            raise Unreachable(self.link.why)
