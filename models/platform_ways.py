"""What a platform keeps for us so that people come in by it and are greeted: WeCom's ways into
groups and to members of its staff, and the welcomes of its library.

Each is looked after by errands: what is wanted goes into an errand as text, and what was made of
it comes back as text.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from models.cohort import BirthWindow, Cohort
from models.ids import AccountId, Code, GroupId

MOST_GROUPS = 5
"""That one way leads to (doc 92229)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWay:
    """Into whichever of the `groups` of a cohort has room, for those who came by one entry code.

    `config` is what the platform calls it, "" before it is made. Where `base_name` is not "", the
    platform opens the next group by itself and calls it that, with the next number from `base_id`
    on. Its QR code is an `image` (PNG), or `content` to be drawn; it does not lapse. At `due_at`
    somebody looks whether it is still as it should be; `why_not` says why that failed last, in
    English, and `changed` what others had changed in it when we last looked.
    """

    account: AccountId
    city: str
    channel: str
    birth_window: str
    code: Code
    made_at: datetime
    config: str = ""
    groups: tuple[GroupId, ...] = ()
    base_name: str = ""
    base_id: int = 1
    content: str | None = None
    image: bytes | None = None
    got_at: datetime | None = None
    due_at: datetime | None = None
    why_not: str = ""
    changed: str = ""

    @property
    def cohort(self) -> Cohort:
        return Cohort(self.city, self.channel, BirthWindow.parse(self.birth_window))

    @property
    def is_there(self) -> bool:
        return self.content is not None or self.image is not None

    @property
    def opens_groups(self) -> bool:
        return self.is_there and self.base_name != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWay:
    """How those who came by an entry code befriend whoever of our staff is there for them, who
    need not accept them. The rest as of a JoinWay."""

    account: AccountId
    code: Code
    made_at: datetime
    config: str = ""
    content: str | None = None
    image: bytes | None = None
    got_at: datetime | None = None
    due_at: datetime | None = None
    why_not: str = ""

    @property
    def is_there(self) -> bool:
        return self.content is not None or self.image is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeTemplate:
    """A welcome in the platform's library, which it says by itself in each group whose owner has
    applied it. `text` is what the library has, "" before it has anything."""

    account: AccountId
    name: str
    made_at: datetime
    config: str = ""
    text: str = ""
    due_at: datetime | None = None
    why_not: str = ""


# What errands carry


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedJoinWay:
    """`groups`: where it is to lead, the first ones first, at least one. `known`: where we last
    knew it to lead; what it leads to beyond that was added by others, or by the platform.
    `base_name`: "" where no groups are to be opened by it. Of a way that is there already,
    `config` says which, `was` to what base_name and base_id were set, and `has_qr` that its code
    is known."""

    code: Code
    cohort: Cohort
    groups: tuple[GroupId, ...]
    base_name: str = ""
    base_id: int = 1
    config: str = ""
    known: tuple[GroupId, ...] = ()
    was: tuple[str, int] = ("", 1)
    has_qr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWay:
    """`config` of a way as it is now, another one where it had to be made anew, and where it
    leads. Its code: `content` to be drawn, or a `picture` (PNG in base64); neither where it was
    known. `changed`: the fields that others had changed."""

    config: str
    groups: tuple[GroupId, ...] = ()
    base_id: int = 1
    content: str = ""
    picture: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedContactWay:
    state: str
    config: str = ""
    has_qr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedWelcome:
    name: str
    text: str
    config: str = ""


W = TypeVar("W")


class Carried(Generic[W]):
    """How one of these is written into an errand, and read back."""

    def __init__(self, kind: type[W]) -> None:
        self._adapter: TypeAdapter[W] = TypeAdapter(kind)

    def write(self, value: W) -> str:
        return self._adapter.dump_json(value, exclude_defaults=True).decode()

    def read(self, text: str) -> W | None:
        """None where it is nothing of the kind."""
        try:
            return self._adapter.validate_json(text)
        except ValidationError:
            return None


JOIN_WAY = Carried(WantedJoinWay)
CONTACT_WAY = Carried(WantedContactWay)
WELCOME = Carried(WantedWelcome)
MADE = Carried(MadeWay)
