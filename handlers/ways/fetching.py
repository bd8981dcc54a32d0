"""Whether a group's QR code has to be fetched, and whether somebody has to see to it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rules import EntryRules, Rules
from handlers.ways.showing import by_friend, takes_by_qr
from models.groups import Ability, Account, Group
from models.ways import AccountCard, Way, WayKind

AGAIN = timedelta(hours=1)
"""After an attempt, which may have failed."""
SELDOM = timedelta(hours=6)
"""How often it is seen whether a group needs a way in that needed none."""
PATIENCE = timedelta(hours=3)
"""So long a group may be without a way in before somebody hears of it."""
WARNED = timedelta(hours=24)
"""So long before a picture lapses that can't be fetched anew by us."""
APART = timedelta(seconds=5)
"""Between two fetches of an account: in rows they look like a machine."""
CARD_KEPT = timedelta(days=7)
LONGEST_CODE = 1000
"""Characters; more make a code that no phone reads from a screen."""


@dataclass(frozen=True, slots=True)
class Found:
    """`lacks`: nobody has been able to get in for long; `lapses_at`: nobody will be from then on,
    unless somebody gives another."""

    fetches: bool
    look_at: datetime
    lacks: bool = False
    lapses_at: datetime | None = None


def is_code(content: str) -> bool:
    """Whether what an account fetched can be shown as a QR code."""
    return 0 < len(content) <= LONGEST_CODE


def look(
    way: Way,
    group: Group,
    account: Account | None,
    card: AccountCard | None,
    now: datetime,
    rules: Rules,
    *,
    takes_people: bool,
) -> Found:
    """`takes_people`: an entry code leads to its channel, and it is not full."""
    if not (takes_people and takes_by_qr(group, rules.growth)):
        return Found(fetches=False, look_at=now + SELDOM)
    can_fetch = account is not None and account.can(Ability.SHOWS_QR)
    fetches = can_fetch and account is not None and account.is_up and _is_old(way, now, rules)
    found = Found(fetches=fetches, look_at=_next_look(way, now, rules, fetches=can_fetch))
    if by_friend(group, card, account, rules.growth) is not None:
        return found
    if not way.is_valid(now):
        without_since = way.valid_until or way.got_at
        return Found(fetches, found.look_at, lacks=now - without_since >= PATIENCE)
    if way.valid_until is not None and way.valid_until - now <= WARNED and not can_fetch:
        return Found(fetches, found.look_at, lapses_at=way.valid_until)
    return found


def renewed_at(way: Way, rules: EntryRules) -> datetime | None:
    """When what is valid is fetched anew; what people gave, only once it has lapsed."""
    if way.valid_until is None:
        return None
    return way.valid_until - rules.qr_renewed if way.kind is WayKind.ROOM_QR else way.valid_until


def _is_old(way: Way, now: datetime, rules: Rules) -> bool:
    renewed = renewed_at(way, rules.entry)
    return not way.is_valid(now) or (renewed is not None and renewed <= now)


def _next_look(way: Way, now: datetime, rules: Rules, *, fetches: bool) -> datetime:
    if _is_old(way, now, rules):
        return now + AGAIN
    renewed = renewed_at(way, rules.entry)
    later = now + SELDOM
    if renewed is None:
        return later
    warned = renewed if fetches else renewed - WARNED
    return min(later, warned) if warned > now else min(later, renewed)
