"""The edge of the world: what connects us to a chat platform.

A gateway knows its platform and nothing of features. It hears (`events`), speaks (`send`) and
looks (`rooms`, `look`, `profile`); it holds no state that a restart would miss.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from models.events import GatewayEvent
from models.groups import Ability
from models.ids import GroupId, PersonId
from models.messages import Attachment, Outgoing
from models.people import Profile, Role
from models.platform_ways import MadeWay, WantedContactWay, WantedJoinWay, WantedWelcome

REGULARLY = timedelta(minutes=10)
"""All rooms are looked at, where that costs the platform little."""
ON_ITS_WAY = timedelta(seconds=1)
"""What was said in the last moment may not have come in yet."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this platform lets us do and see. What can't be seen is unknown, not zero.

    `sees_nicknames`: it can be asked for one; `hears_nicknames`: it tells when one changes.
    `sends_images`, `sends_cards`: an attachment may go along; a gateway that can't, or where it
    surely did not arrive, says the plain form of the message, with the attachment's address.
    `join_ways`, `contact_ways`, `welcome_templates`: as models.groups.Ability says.
    """

    speaks: bool
    hears: bool
    sees_joins: bool
    sees_nicknames: bool
    hears_nicknames: bool
    sees_removals: bool
    sees_recalls: bool
    renames: bool
    invites: bool
    accepts_friends: bool
    opens_rooms: bool
    shows_qr: bool
    reaches_strangers: bool
    needs_confirmation: bool
    sends_images: bool
    sends_cards: bool
    join_ways: bool = False
    contact_ways: bool = False
    welcome_templates: bool = False

    @property
    def abilities(self) -> frozenset[Ability]:
        """Those that the rest of the service has to know of."""
        able = {
            Ability.SHOWS_QR: self.shows_qr,
            Ability.INVITES: self.invites,
            Ability.ACCEPTS_FRIENDS: self.accepts_friends,
            Ability.OPENS_ROOMS: self.opens_rooms,
            Ability.RENAMES: self.renames,
            Ability.HEARS: self.hears,
            Ability.JOIN_WAYS: self.join_ways,
            Ability.CONTACT_WAYS: self.contact_ways,
            Ability.WELCOME_TEMPLATES: self.welcome_templates,
            Ability.NEEDS_CONFIRMATION: self.needs_confirmation,
        }
        return frozenset(each for each, can in able.items() if can)


@dataclass(frozen=True, slots=True)
class Room:
    """A group as the platform shows it at this moment. `staff`, `owner` and `profiles` only where
    the platform tells them with it."""

    name: str
    members: frozenset[PersonId]
    staff: Mapping[PersonId, Role] = field(default_factory=dict)
    owner: PersonId | None = None
    profiles: Mapping[PersonId, Profile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Whether we are connected and logged in; `why` not, in words an engineer can act on."""

    up: bool
    why: str = ""
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a try found: how many rooms the account is in, and whom no private message reaches."""

    rooms: int
    unreached: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the platform calls a mass send, and the groups that it won't go to."""

    id: str
    refused: frozenset[GroupId] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a mass send: whether its owner confirmed it, to which groups it went, and
    which did not get it, and why."""

    confirmed: bool
    sent: frozenset[GroupId] = frozenset()
    refused: Mapping[GroupId, str] = field(default_factory=dict)


class Unreachable(Exception):
    """The gateway could not be asked: not connected, no answer in time, or it failed."""


class Gateway(Protocol):
    capabilities: Capabilities

    @property
    def link(self) -> Link: ...

    def events(self) -> AsyncIterator[GatewayEvent]:
        """What happens, in order and without end: connects, and connects again when the line
        is lost. Each connection begins with AccountUp and ends with AccountDown.

        Memory is bounded whatever the pace of the reader: what is not read waits outside.
        Our own messages and repeats of a message are left out.
        """

    async def send(self, message: Outgoing) -> None:
        """Deliver, or raise NotSent, MaybeSent or Refused (models/delivery.py)."""

    def next_round(self, now: datetime) -> datetime:
        """When all rooms are to be looked at again, since platforms forget to tell."""

    async def rooms(self) -> Sequence[GroupId]:
        """Every room the account is in; raises Unreachable."""

    async def look(self, group: GroupId) -> Room:
        """Afresh, not from a cache; raises Unreachable."""

    async def profile(self, group: GroupId, person: PersonId) -> Profile:
        """Afresh, not from a cache; raises Unreachable."""

    # Errands: they fail as `send` does. A gateway that can't, by its capabilities, refuses.

    async def room_qr(self, group: GroupId) -> str:
        """What the platform's QR code of the room holds, afresh."""

    async def own_qr(self) -> str:
        """What the QR code holds by which one becomes a friend of the account."""

    async def accept(self, request: str) -> None:
        """Become the friend of who asked for it (FriendAsked.request)."""

    async def invite(self, group: GroupId, person: PersonId) -> None: ...

    async def create_room(self, name: str, people: Sequence[PersonId]) -> GroupId:
        """A new room with the account and these people, who must be friends of it."""

    async def rename(self, group: GroupId, name: str) -> None:
        """A blank name is refused: to some platforms it is a question, or clears the name."""

    # These look first whether it is still there, as it was and as it is wanted; what is gone is
    # made anew.

    async def keep_join_way(self, wanted: WantedJoinWay) -> MadeWay: ...

    async def keep_contact_way(self, wanted: WantedContactWay) -> MadeWay: ...

    async def keep_welcome(self, wanted: WantedWelcome) -> str:
        """What the library calls it."""

    async def reaches(self, person: PersonId) -> bool:
        """Whether a private message would arrive; raises Unreachable."""

    async def probe(self, people: Sequence[PersonId]) -> Probe:
        """Try the gateway beside whoever is listening to it; raises Unreachable."""

    async def aclose(self) -> None:
        """Let go of the connection, without logging the account out."""


@runtime_checkable
class Proposes(Protocol):
    """A gateway that `needs_confirmation`: what it can't say, the owner of the groups is asked to
    let the platform say. The first three fail as `send` does, the others raise Unreachable."""

    async def propose(
        self, owner: PersonId, groups: Sequence[GroupId], text: str, attachment: Attachment | None
    ) -> Proposed:
        """At most 2,000 groups, all of them hers."""

    async def remind(self, proposal: str) -> None:
        """Her, of one that she has not confirmed."""

    async def withdraw(self, proposal: str) -> None:
        """It can't be confirmed any more; what went out stays."""

    async def find_proposed(
        self, text: str, since: datetime, known: Collection[str]
    ) -> str | None:
        """One that may or may not have been taken in, by its text; none of those we know of."""

    async def outcome(self, proposal: str, owner: PersonId) -> Outcome: ...
