"""What we can say: the outbound vocabulary, the same for every gateway."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from models.ids import AccountId, GroupId, OutboxId, PersonId, RoundId

MENTION_END = "\u2005"
"""WeChat closes a mention with a four-per-em space; without it the name is not highlighted."""


def mention(name: str) -> str:
    """A mention as WeChat and WeCom write it. A gateway that needs another form rewrites it."""
    return f"@{name}{MENTION_END}"


class Priority(IntEnum):
    """Who is served first when an account has more to say than its pace allows."""

    REPLY = 0
    ONBOARDING = 1
    CONTENT = 2
    REMINDER = 3


class Kind(StrEnum):
    WELCOME = "onboarding.welcome"
    NICKNAME = "onboarding.nickname"
    RULES = "onboarding.rules"
    REMINDER = "onboarding.reminder"
    REPLY = "command.reply"
    AWARDED = "points.awarded"
    DRY = "content.dry"
    WET = "content.wet"
    WARM = "content.warm"
    NOTICE = "group.notice"
    STAFF_NOTICE = "staff.notice"

    @property
    def priority(self) -> Priority:
        return _PRIORITY[self]

    @property
    def is_prompted(self) -> bool:
        """Somebody waits for it: it is said at any hour."""
        return self is Kind.REPLY

    @property
    def has_own_law(self) -> bool:
        """Its number is held down by the law of rounds, so the daily budget leaves it alone."""
        return self in ROUND_STEPS

    @property
    def keeps_its_hour(self) -> bool:
        """What was meant for an hour is not said at another one: held back, it lapses."""
        return self in CONTENT

    @property
    def names_people(self) -> bool:
        """It depends on who is still there and what they are called, so it is written anew
        when it is about to be said."""
        return self.has_own_law or self in (Kind.REMINDER, Kind.AWARDED)


ROUND_STEPS = (Kind.WELCOME, Kind.NICKNAME, Kind.RULES)
CONTENT = (Kind.DRY, Kind.WET, Kind.WARM)

_PRIORITY = {
    Kind.WELCOME: Priority.ONBOARDING,
    Kind.NICKNAME: Priority.ONBOARDING,
    Kind.RULES: Priority.ONBOARDING,
    Kind.REMINDER: Priority.REMINDER,
    Kind.REPLY: Priority.REPLY,
    Kind.AWARDED: Priority.CONTENT,
    Kind.DRY: Priority.CONTENT,
    Kind.WET: Priority.CONTENT,
    Kind.WARM: Priority.CONTENT,
    Kind.NOTICE: Priority.CONTENT,
    Kind.STAFF_NOTICE: Priority.CONTENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A picture (`link` None: `image` is its address), or a card that leads to `link`."""

    image: str | None = None
    link: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to a group, or to one person (`to`) where `group` is None.

    `key` makes saying it twice the same as saying it once. `mentions` is everyone addressed.
    The steps of one `round` are said strictly one after another. `text` says everything by
    itself; a gateway that can sends the `attachment` with it, the others add its address.
    """

    key: str
    kind: Kind
    account: AccountId
    text: str
    due_at: datetime
    lapses_at: datetime
    group: GroupId | None = None
    to: PersonId | None = None
    mentions: tuple[PersonId, ...] = ()
    round: RoundId | None = None
    step: int = 0
    attachment: Attachment | None = None

    @property
    def plain(self) -> str:
        """The text, with the address of what can't be sent along."""
        address = self.attachment and (self.attachment.link or self.attachment.image)
        return f"{self.text}\n{address}" if address else self.text


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox message that is ours to send."""

    id: OutboxId
    message: Outgoing
    attempts: int
    promised_at: datetime
