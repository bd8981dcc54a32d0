"""What may be posted, what is planned to be posted where, and what became of it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.daily import ZONE, midnight
from models.cohort import Stage
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Attachment, Kind
from models.phase import Phase


class ContentKind(StrEnum):
    """Knowledge, selling, getting people talking."""

    DRY = "dry"
    WET = "wet"
    WARM = "warm"

    @property
    def message(self) -> Kind:
        return Kind(f"content.{self}")


KIND_NAMES = {ContentKind.DRY: "干货", ContentKind.WET: "湿货", ContentKind.WARM: "互动"}


class Voice(StrEnum):
    """Who says it: the bot, or the monitor, to whom it is handed over."""

    ASSISTANT = "assistant"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the library. What is empty or None fits everything.

    `text` is a template (config/texts). Weeks are the baby's, from and to included. `weight`
    decides between items that fit equally well; the heavier one comes first.
    """

    id: str
    kind: ContentKind
    text: str
    voice: Voice
    image: str | None = None
    link: str | None = None
    title: str = ""
    stages: tuple[Stage, ...] = ()
    phases: tuple[Phase, ...] = ()
    from_week: int | None = None
    to_week: int | None = None
    cities: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    weight: int = 1
    source: str = ""
    approved_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def attachment(self) -> Attachment | None:
        if self.image or self.link:
            return Attachment(image=self.image, link=self.link, title=self.title)
        return None


class PostState(StrEnum):
    """PLANNED: for its minute. HANDED: the monitor has it. PROMISED: in the outbox. EMPTY:
    nothing of its kind fits that the group has not seen. DROPPED: more than its account can say.
    SKIPPED: somebody decided so."""

    PLANNED = "planned"
    HANDED = "handed"
    PROMISED = "promised"
    POSTED = "posted"
    LAPSED = "lapsed"
    SKIPPED = "skipped"
    EMPTY = "empty"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One slot of one group on one day, and what is posted in it.

    `slot` is the minute of the day at which its hours begin; with group and day it names the
    post for ever. `opens_at`-`closes_at` are those hours, `said_at` the minute that was drawn
    within them, `due_at` when something has to be done about it next. `why` says, in Chinese,
    why this item, or why none. `pinned_by` chose the item, or decided on the post otherwise.
    `given` are the items that the monitor was handed for it, in order: more than one where it was
    swapped, and she may still say any of them, or where it was handed to another monitor as well.
    `heard` and `speakers` count what members said in the hour after it; `usual_heard` and
    `usual_speakers` what they say in that hour otherwise, None where that is unknown.
    """

    group: GroupId
    day: date
    slot: int
    account: AccountId
    phase: Phase
    kind: ContentKind
    state: PostState
    opens_at: datetime
    closes_at: datetime
    said_at: datetime
    due_at: datetime | None
    item: str | None = None
    voice: Voice = Voice.ASSISTANT
    why: str = ""
    pinned_by: str | None = None
    approved_by: str | None = None
    handed_to: PersonId | None = None
    given: tuple[str, ...] = ()
    message: MessageId | None = None
    posted_at: datetime | None = None
    heard: int | None = None
    speakers: int | None = None
    usual_heard: float | None = None
    usual_speakers: float | None = None

    @property
    def is_hurried(self) -> bool:
        """Whether somebody had it posted at once: its hours do not begin with its slot."""
        return self.opens_at != midnight(self.day) + timedelta(minutes=self.slot)

    @property
    def worded_on(self) -> date:
        """The day that its words are true of: its own, though its hours may run over midnight; of
        what is hurried, that on which it was."""
        return self.opens_at.astimezone(ZONE).date() if self.is_hurried else self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """How far a group's posts are planned, and what its next choice depends on.

    `plan_at` is when the next day is planned, `planned_on` the last day that was. `recent` are
    the kinds of the slots of the last days of the present phase, the oldest day first and today
    last, with a comma between two days and a letter a slot: `d`, `w` or `m`, a capital where it
    was not said. A `v` before all of it: what was said before these days ended wet
    (handlers/content/mix.py reads and writes it). `seen` are the items that do not come by
    themselves any more: the group has had them, or somebody skipped them.
    """

    group: GroupId
    plan_at: datetime | None
    planned_on: date | None = None
    phase: Phase = Phase.FORMING
    recent: str = ""
    seen: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedHours:
    """The hours at which a cohort was found to be awake, by its stage, and from how much:
    `shares` are what each hour of the day has of a day's activity (24, 1 together), smoothed
    towards the default where little is known; `known` is how much of them is observation, 0-1."""

    cohort: str
    stage: Stage
    spans: str
    shares: tuple[float, ...]
    known: float
    learned_on: date
