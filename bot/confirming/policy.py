"""What is put to whom, together with what, and when somebody looks at it again. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from config.rules import ConfirmationRules
from models.ids import GroupId
from models.messages import Attachment, Claimed, Kind
from models.proposals import Means, Proposal, ProposalState

MOST_GROUPS = 2000
"""Of one mass send (doc 92135)."""
REMINDED_MOST = 3
"""In any 24 hours (doc 97610)."""
A_DAY = timedelta(days=1)
UNCONFIRMED = "nobody confirmed it in time"
NOBODY = "it concerns nobody any more"
LEFT_OUT = "it was confirmed, and the platform did not send it to this group"
LOOKS = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=60), timedelta(minutes=15)),
)
"""Until so long after she was asked, it is looked so often whether she has confirmed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one group is to hear at once: a message, or all the steps of a round."""

    group: GroupId
    rows: tuple[Claimed, ...]

    @property
    def first(self) -> Claimed:
        return self.rows[0]

    @property
    def text(self) -> str:
        """As it is pasted, or sent to all at once."""
        return "\n\n".join(each.message.text for each in self.rows)

    @property
    def attachment(self) -> Attachment | None:
        return next((at for each in self.rows if (at := each.message.attachment)), None)

    @property
    def lapses_at(self) -> datetime:
        return max(each.message.lapses_at for each in self.rows)

    @property
    def hour(self) -> datetime:
        """That for which it was promised."""
        return self.first.message.due_at.replace(minute=0, second=0, microsecond=0)

    @property
    def digest(self) -> str:
        """The same for what is alike, and so can be said to many groups at once."""
        at = self.attachment
        told = (self.text, at and at.image, at and at.link, at and at.title)
        return sha256(repr(told).encode()).hexdigest()[:16]

    def means(self, rules: ConfirmationRules) -> Means:
        """What greets or reminds people is of one group and one moment, so its owner may paste it;
        all else is the platform's to send."""
        is_greeting = self.first.message.kind.has_own_law
        if (is_greeting or self.first.message.kind is Kind.REMINDER) and rules.rounds == "paste":
            return Means.PASTE
        return Means.GROUP_SEND


def pieces(rows: Iterable[Claimed]) -> list[Piece]:
    """The steps of a round belong together, in their order."""

    def belongs(row: Claimed) -> tuple[str, int, int]:
        message = row.message
        return message.group or "", message.round or 0, 0 if message.round else row.id

    def step(row: Claimed) -> tuple[tuple[str, int, int], int]:
        return belongs(row), row.message.step

    found = [
        Piece(GroupId(group), tuple(steps))
        for (group, _, _), steps in groupby(sorted(rows, key=step), key=belongs)
    ]
    return sorted(found, key=lambda each: each.first.id)


def joins(piece: Piece, means: Means, proposal: Proposal, size: int, now: datetime) -> bool:
    """Whether it can still be part of this one, which is for so many groups already."""
    return (
        means is proposal.means is Means.GROUP_SEND
        and proposal.state is ProposalState.GATHERING
        and proposal.ready_at > now
        and proposal.digest == piece.digest
        and proposal.hour == piece.hour
        and size < MOST_GROUPS
    )


def next_look(
    proposal: Proposal, now: datetime, rules: ConfirmationRules, *, confirmed: bool = False
) -> datetime:
    """When it is seen next what has become of an open one, and whether its owner is reminded, who
    may have `confirmed` it already."""
    times = [proposal.lapses_at]
    if not confirmed and (remind := next_reminder(proposal, rules)) is not None:
        times.append(remind)
    if proposal.means is Means.GROUP_SEND:
        since = now - (proposal.handed_at or now)
        times.append(now + next((pause for until, pause in LOOKS if since < until), A_DAY))
    return max(min(times), now)


def next_reminder(proposal: Proposal, rules: ConfirmationRules) -> datetime | None:
    """None where she has been reminded often enough."""
    if proposal.reminders >= min(rules.nudge_times, REMINDED_MOST):
        return None
    asked = proposal.reminded_at or proposal.handed_at or proposal.made_at
    return asked + rules.nudge_after


def called_off(proposal: Proposal, now: datetime) -> str | None:
    """Why what she has not confirmed is not said any more, if it is not."""
    if proposal.state is ProposalState.OPEN and proposal.reason:
        return proposal.reason
    if proposal.lapses_at <= now:
        return UNCONFIRMED
    return None


def names(groups: Sequence[str], shown: int = 3) -> str:
    """`「杭州01」「杭州02」等5个群`"""
    listed = "".join(f"「{each}」" for each in groups[:shown])
    return f"{listed}等{len(groups)}个群" if len(groups) > shown else listed
