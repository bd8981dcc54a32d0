"""When an account may do its next errand, and what becomes of one after an attempt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.outbox import policy as outbox
from config.rules import DeliveryRules, EntryRules
from models.delivery import DeliveryError, MaybeSent, NotSent, Verdict
from models.errands import ErrandKind

HOUR = timedelta(hours=1)
REPEATABLE = (
    ErrandKind.ROOM_QR,
    ErrandKind.OWN_QR,
    ErrandKind.RENAME,
    ErrandKind.JOIN_WAY,
    ErrandKind.CONTACT_WAY,
    ErrandKind.WELCOME_TEMPLATE,
)
"""What only asks, or leads to the same however often it is done: a second way of the same kind is
one too many that nobody gets to see."""


def next_approach(
    now: datetime,
    approached: Sequence[datetime],
    rules: EntryRules,
    tried: datetime | None = None,
) -> datetime:
    """When somebody may be accepted or invited next: so many an hour and not in a row.
    `approached` is when that was done, or may have been, in order of time: in the last hour, and
    within the spacing. `tried` is the last attempt, though it may have failed: one failure after
    another is a row as well."""
    lately = [at for at in approached if at > now - HOUR]
    ready = now
    if len(lately) >= rules.hourly:
        ready = max(ready, lately[-rules.hourly] + HOUR)
    for last in (*approached[-1:], *([tried] if tried else [])):
        ready = max(ready, last + rules.spacing)
    return ready


def verdict(
    kind: ErrandKind,
    error: DeliveryError | None,
    attempts: int,
    now: datetime,
    rules: DeliveryRules,
) -> Verdict:
    """As of a message; what is repeatable is done again though it may have been done."""
    if kind in REPEATABLE and isinstance(error, MaybeSent):
        error = NotSent(str(error))
    return outbox.verdict(error, attempts, now, rules)
