"""How one gets into a group: what its gateway can show, or somebody uploaded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.ids import AccountId, GroupId


class WayKind(StrEnum):
    """ROOM_QR: the platform's code of the room, fetched by us. IMAGE: uploaded by people.
    JOIN_WAY: WeCom's, which does not lapse."""

    ROOM_QR = "room_qr"
    IMAGE = "image"
    JOIN_WAY = "join_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Into one group: the `content` of a QR code to be drawn, or an `image` of one (PNG). Worth
    nothing from `valid_until` on; with neither of them it says that there is none yet, since
    `got_at`. `due_at` is when it is looked at next, whether it has to be fetched anew."""

    group: GroupId
    kind: WayKind
    got_at: datetime
    by: str
    content: str | None = None
    image: bytes | None = None
    valid_until: datetime | None = None
    due_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        is_there = self.content is not None or self.image is not None
        return is_there and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCard:
    """How one becomes a friend of an account: the `content` of its own QR code, and the name
    that is seen there."""

    account: AccountId
    content: str
    name: str
    got_at: datetime
