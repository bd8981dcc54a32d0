"""The life of a group as we watch it, and what the people in charge should hear of."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil

from config.rules import GrowthRules
from models.ids import GroupId
from models.phase import Phase, phase_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """`since` is when we began to watch the group: before it nothing is known. `opened_on` is
    when it was opened, as far as anybody told, else the first day we knew it. `formed_at` and
    `full_at` are when it first had so many members. `active` of its members spoke in the seven
    days before `looked_on`; None where we did not hear enough to tell. `look_at` is when we look
    at it next; None where it is no longer ours."""

    group: GroupId
    since: datetime
    opened_on: date
    look_at: datetime | None
    formed_at: datetime | None = None
    full_at: datetime | None = None
    looked_on: date | None = None
    active: int | None = None
    active_of: int = 0

    @property
    def active_share(self) -> float | None:
        if self.active is None or self.active_of <= 0:
            return None
        return self.active / self.active_of


def phase_of(life: Life, members: int, day: date, rules: GrowthRules) -> Phase:
    """As far as its life tells today, for a day to come; with enough members now it is formed,
    noted or not."""
    return phase_on(
        day,
        life.opened_on,
        rules,
        was_formed=life.formed_at is not None or members >= rules.formed_at,
        active_share=life.active_share,
    )


class Recruiting(StrEnum):
    """How far a group has come. RECRUITING: on its way to enough members. OVERDUE: it had its
    time and never had enough. FULL: closed to newcomers."""

    RECRUITING = "recruiting"
    FORMED = "formed"
    FULL = "full"
    OVERDUE = "overdue"


class WayIn(StrEnum):
    """How a newcomer gets in."""

    QR_CODE = "qr_code"
    INVITATION = "invitation"
    CLOSED = "closed"


def recruiting(members: int, life: Life, today: date, rules: GrowthRules) -> Recruiting:
    """Who was formed once stays so; who was full is open again once there is room."""
    closes_at = nearly_full_at(rules) if life.full_at is not None else rules.full_at
    if members >= closes_at and members >= rules.formed_at:
        return Recruiting.FULL
    if life.formed_at is not None or members >= rules.formed_at:
        return Recruiting.FORMED
    return Recruiting.OVERDUE if today >= due_on(life, rules) else Recruiting.RECRUITING


def is_full(members: int, life: Life | None, today: date, rules: GrowthRules) -> bool:
    """Whether nobody is taken; also of a group that nobody watches yet."""
    if life is None:
        return members >= rules.full_at
    return recruiting(members, life, today, rules) is Recruiting.FULL


def way_open(state: Recruiting, members: int, rules: GrowthRules) -> WayIn:
    if state is Recruiting.FULL:
        return WayIn.CLOSED
    return WayIn.INVITATION if members >= rules.qr_until else WayIn.QR_CODE


def due_on(life: Life, rules: GrowthRules) -> date:
    """The day by which it should be formed."""
    return life.opened_on + rules.form_within


def nearly_full_at(rules: GrowthRules) -> int:
    return ceil(rules.nearly_full * rules.full_at)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another group of the same cohort."""

    id: GroupId
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody left. `was_seen`: the platform told us when; else we found her gone, and `at` is
    when we did. `was_removed`: by somebody else."""

    at: datetime
    was_seen: bool = True
    was_removed: bool = False


class Concern(StrEnum):
    """What a group may need somebody for. The order is that in which they are told."""

    LEAVING = "leaving"
    NEXT_GROUP = "next_group"
    NEARLY_FULL = "nearly_full"
    INVITE_ONLY = "invite_only"
    OVERDUE = "overdue"
    AT_RISK = "at_risk"
    FORMED = "formed"
    SILENT = "silent"
    MONITOR_QUIET = "monitor_quiet"
    MISNAMED = "misnamed"
    DEAF = "deaf"
    LIBRARY_SHORT = "library_short"
    NOBODY_TO_POST = "nobody_to_post"
    UNAPPROVED = "unapproved"
    UNREACHED = "unreached"
    NO_WAY_IN = "no_way_in"
    UNINVITED = "uninvited"
    UNRENAMED = "unrenamed"

    @property
    def is_urgent(self) -> bool:
        """It can't wait until the morning."""
        return self in (Concern.LEAVING, Concern.NEXT_GROUP)

    @property
    def is_news(self) -> bool:
        """It happened, and is over once somebody has heard of it."""
        return self in (
            Concern.FORMED,
            Concern.INVITE_ONLY,
            Concern.DEAF,
            Concern.UNINVITED,
            Concern.UNRENAMED,
        )

    @property
    def is_for_staff(self) -> bool:
        """It is told to staff, since the group's monitor can't be, or can do nothing about it."""
        return self in (
            Concern.UNREACHED,
            Concern.NO_WAY_IN,
            Concern.UNINVITED,
            Concern.UNRENAMED,
        )

    @property
    def wavers(self) -> bool:
        """It may end and begin again by itself, since a figure went up and down: that is no news.
        The others end because somebody did something about them, and what begins is new."""
        return self in (
            Concern.NEARLY_FULL,
            Concern.AT_RISK,
            Concern.SILENT,
            Concern.MONITOR_QUIET,
            Concern.LIBRARY_SHORT,
            Concern.NOBODY_TO_POST,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A concern about one group, from `found_at` until `ended_at`. `text` is for the person in
    charge, in Chinese, without the group's name; `due_at` is when it is told (None: it has been,
    or needs no telling any more); `told_at` is when it was last told, which for one that wavers
    may be before `found_at`. `settled_at`: somebody has seen to it, and it may still be so."""

    group: GroupId
    concern: Concern
    found_at: datetime
    text: str
    due_at: datetime | None
    told_at: datetime | None = None
    ended_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None
