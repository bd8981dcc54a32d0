"""What happens in the past of the demo, beside what any scenario can tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from models.delivery import DeliveryError
from models.ids import GroupId, PersonId, VisitorId
from models.people import Profile, Role


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """Staff put the bot into a room that they have made, now or on `opened_on`."""

    at: datetime
    group: GroupId
    name: str
    people: Mapping[PersonId, Profile]
    roles: Mapping[PersonId, Role]
    opened_on: date


@dataclass(frozen=True, slots=True)
class WaySeen:
    """She saw her group's code on the page."""

    at: datetime
    visitor: VisitorId


@dataclass(frozen=True, slots=True)
class SendingFails:
    """The next message to a group does not arrive, or perhaps does."""

    at: datetime
    error: type[DeliveryError]
    why: str
