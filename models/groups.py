"""A group, and a person's membership in it, as we know them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from config.rules import GroupRules
from models.cohort import BirthWindow, Cohort, Stage, stage_on, week_on
from models.ids import AccountId, GroupId, PersonId
from models.people import Role


class Standing(StrEnum):
    """LISTED: a room we are in and leave in peace. RELEASED: was ours, and is not adopted again
    because of its name."""

    OURS = "ours"
    LISTED = "listed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`account` speaks in it. `checked_at` is when its members were last compared with ours;
    None means that nobody in it has been looked at yet. `doubted` is the size of a member list
    that was too small to be believed at first sight. While it is paused (`paused_at`) we are
    silent in it, replies apart. `members` is how many are in it now, without us. `owner` is whose
    room it is, where the platform tells.
    """

    id: GroupId
    account: AccountId
    name: str
    standing: Standing = Standing.LISTED
    city: str | None = None
    channel: str | None = None
    birth_window: str | None = None
    opened_on: date | None = None
    checked_at: datetime | None = None
    doubted: int | None = None
    paused_at: datetime | None = None
    members: int = 0
    owner: PersonId | None = None

    @property
    def is_ours(self) -> bool:
        return self.standing is Standing.OURS

    @property
    def window(self) -> BirthWindow | None:
        return _window(self.birth_window) if self.birth_window else None

    @property
    def cohort(self) -> Cohort | None:
        if self.city and self.channel and self.birth_window:
            return _cohort(self.city, self.channel, self.birth_window)
        return None


class NotOurs(ValueError):
    """Nothing is done in a room that is none of ours."""


class Unable(ValueError):
    """The account can't do this, as far as its gateway told."""


def as_group(cohort: Cohort) -> Group:
    """A group of the cohort that is yet to come: for the rules that will be in force in it."""
    return replace(of_channel(cohort.channel), city=cohort.city, birth_window=str(cohort.window))


def of_channel(channel: str) -> Group:
    """One of whose cohort only the channel is known."""
    return Group(id=GroupId(""), account=AccountId(""), name="", channel=channel)


def stage_of(group: Group, today: date, rules: GroupRules) -> Stage:
    """A group of an unknown birth window is taken to have its babies."""
    if group.window is None:
        return Stage.POSTNATAL
    return stage_on(group.window, today, rules.postnatal_shift)


def week_of(group: Group, today: date) -> int | None:
    """The baby's; None where the birth window is unknown."""
    return week_on(group.window, today) if group.window else None


@lru_cache(maxsize=1024)
def _window(text: str) -> BirthWindow:
    return BirthWindow.parse(text)


@lru_cache(maxsize=4096)
def _cohort(city: str, channel: str, birth_window: str) -> Cohort:
    return Cohort(city, channel, _window(birth_window))


class Origin(StrEnum):
    """How we know that somebody is in the group. BASELINE: was there before we first looked.
    SPOKE: spoke without our having seen a join; it may have been missed."""

    BASELINE = "baseline"
    SPOKE = "spoke"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person's membership of one group: the stay that is, or the last one that was.

    `seen_at` and `gone_at` are by our clock (first sight), `joined_at` and `left_at` by the
    platform's, where it told. `erased`: we know that she is here, and are not to look up more.
    """

    group: GroupId
    person: PersonId
    name: str = ""
    nickname: str = ""
    role: Role = Role.MEMBER
    present: bool = False
    origin: Origin = Origin.BASELINE
    seen_at: datetime | None = None
    gone_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    inviter: PersonId | None = None
    left_by: PersonId | None = None
    erased: bool = False

    @property
    def shown(self) -> str:
        return " ".join((self.nickname or self.name).split()) or "新朋友"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStay:
    """A stay that has ended: how she came, who brought her, when she left and who removed her."""

    group: GroupId
    person: PersonId
    gone_at: datetime
    origin: Origin
    seen_at: datetime | None = None
    joined_at: datetime | None = None
    inviter: PersonId | None = None
    left_at: datetime | None = None
    left_by: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeafSpell:
    """From when until when an account heard nothing: what happened meanwhile is unknown."""

    account: AccountId
    since: datetime
    until: datetime


class Ability(StrEnum):
    """What an account can do beside speaking, as its gateway says; or (NEEDS_CONFIRMATION) that
    a person has to let it be said. JOIN_WAYS: ways into several groups that carry an entry code.
    CONTACT_WAYS: the same to a member of staff, who accepts at once. WELCOME_TEMPLATES: welcomes
    that the platform says by itself, once a group's owner has applied one."""

    SHOWS_QR = "shows_qr"
    INVITES = "invites"
    ACCEPTS_FRIENDS = "accepts_friends"
    OPENS_ROOMS = "opens_rooms"
    RENAMES = "renames"
    HEARS = "hears"
    JOIN_WAYS = "join_ways"
    CONTACT_WAYS = "contact_ways"
    WELCOME_TEMPLATES = "welcome_templates"
    NEEDS_CONFIRMATION = "needs_confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One bot login. `heard_at` is until when we surely heard everything; `absent_from` is what
    it was when the present connection began at `up_at`."""

    id: AccountId
    person: PersonId | None = None
    up_at: datetime | None = None
    absent_from: datetime | None = None
    heard_at: datetime | None = None
    down_why: str | None = None
    abilities: tuple[str, ...] = ()

    @property
    def is_up(self) -> bool:
        """Connected and logged in, as far as we heard."""
        return self.up_at is not None and self.down_why is None

    def can(self, ability: Ability) -> bool:
        return ability in self.abilities

    @property
    def hears(self) -> bool:
        """Whether it is told what members say. Where it isn't, whatever is counted from that is
        unknown. One of whose abilities nothing is known yet is taken to hear."""
        return not self.abilities or self.can(Ability.HEARS)

    @property
    def invites_friends(self) -> bool:
        """Whether who becomes its friend can be brought into a group."""
        return self.can(Ability.INVITES) and self.can(Ability.ACCEPTS_FRIENDS)
