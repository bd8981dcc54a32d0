"""When a message may be said, and what becomes of it after an attempt."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from config.rules import DeliveryRules, Rules
from models.delivery import (
    DeliveryError,
    MaybeSent,
    Parked,
    Refused,
    RetryAt,
    Sent,
    Unsure,
    Verdict,
    Withheld,
)
from models.groups import Group
from models.ids import GroupId
from models.messages import Kind, Outgoing

MINUTE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1, minutes=1)
"""The longest group_gap and the longest jitter that a rule may ask for in any group."""


def chance(seed: int, key: str) -> float:
    """From 0 up to 1: the same for the same seed and key, whenever and wherever it is asked."""
    digest = blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def silent_until(kind: Kind, now: datetime, rules: Rules) -> datetime | None:
    """The end of the quiet hours that hold this message back now, if any do."""
    if kind.is_prompted:
        return None
    hours = rules.onboarding.quiet_hours if kind.has_own_law else rules.delivery.quiet_hours
    return hours.leave(now) if hours.covers(now) else None


def silenced_since(message: Outgoing, group: Group | None) -> datetime | None:
    """Since when the message, if it is due, is held back because its group is paused."""
    if group is None or group.paused_at is None or message.kind.is_prompted:
        return None
    return max(message.due_at, group.paused_at)


def lapse_after(message: Outgoing, held: timedelta) -> datetime:
    """When a message that is held back for so long lapses: it still has the time it had left,
    unless it is worth nothing at another hour."""
    return message.lapses_at if message.kind.keeps_its_hour else message.lapses_at + held


def is_budgeted(kind: Kind) -> bool:
    """Whether it counts towards a group's daily number of unprompted messages."""
    return not kind.is_prompted and not kind.has_own_law


@dataclass(slots=True)
class Pace:
    """How fast one account has been speaking, and when it may speak next."""

    seed: int = 0
    recent: deque[datetime] = field(default_factory=deque)
    last_in: dict[GroupId, datetime] = field(default_factory=dict)

    def copy(self) -> "Pace":
        return Pace(self.seed, self.recent.copy(), self.last_in.copy())

    def spoke(self, at: datetime, group: GroupId | None) -> None:
        self._goes_on_from(at)
        self.recent.append(at)
        if group is not None:
            self.last_in[group] = at

    def forget(self, now: datetime) -> None:
        """Drop what no longer slows anything down."""
        self._goes_on_from(now)
        while self.recent and self.recent[0] <= now - MINUTE:
            self.recent.popleft()
        self.last_in = {
            group: at for group, at in self.last_in.items() if at > now - LONGEST_PAUSE
        }

    def _goes_on_from(self, now: datetime) -> None:
        """What is yet to come, by a clock that was set back since, is taken as said just now:
        nobody falls silent until then. So the last of `recent` is the latest of all."""
        if self.recent and self.recent[-1] > now:
            self.recent = deque(min(at, now) for at in self.recent)
            self.last_in = {group: min(at, now) for group, at in self.last_in.items()}

    def account_ready(self, now: datetime, per_minute: int) -> datetime:
        """From when on the account may speak at all."""
        if len(self.recent) < per_minute:
            return now
        return max(self.recent[-per_minute] + MINUTE, now)

    def group_ready(self, message: Outgoing, now: datetime, rules: DeliveryRules) -> datetime:
        """From when on this message may be said in its group; the jitter is one of each pause."""
        last = self.last_in.get(message.group) if message.group is not None else None
        if last is None:
            return now
        jitter = rules.jitter * chance(self.seed, f"{message.group}:{last.timestamp()}")
        return last + rules.group_gap + jitter

    def cooling(self, now: datetime, group_gap: timedelta) -> list[GroupId]:
        """Groups that must not hear anything yet, whatever it is."""
        return [group for group, at in self.last_in.items() if at + group_gap > now]


def verdict(
    error: DeliveryError | None, attempts: int, now: datetime, rules: DeliveryRules
) -> Verdict:
    """`attempts` counts the one just made."""
    if error is None:
        return Sent()
    if isinstance(error, MaybeSent):
        return Unsure(str(error))
    if isinstance(error, Refused):
        return Parked(str(error))
    if isinstance(error, Withheld):
        return RetryAt(now, str(error))
    if attempts >= rules.max_attempts:
        return Parked(f"gave up after {attempts} attempts: {error}")
    wait = min(rules.first_wait * 2 ** min(attempts - 1, 30), rules.longest_wait)
    after = getattr(error, "after", None)
    return RetryAt(now + max(wait, after or wait), str(error))


def soonest(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
