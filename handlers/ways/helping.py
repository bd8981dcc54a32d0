"""What becomes of somebody who showed her ticket in chat. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from config.rules import DeliveryRules
from models.entry import Visitor
from models.errands import AskedErrand, ErrandState
from models.groups import Ability, Account, Group
from models.ids import AccountId, PersonId

WRONG_MOST = 5
"""Wrong tickets of one person that are answered in a day: nobody finds another's by trying."""
DAY = timedelta(days=1)
JUST_NOW = timedelta(minutes=10)
"""An invitation that went out less than this ago is still to be seen."""
INVITED_MOST = 3
"""Times in a day."""
REQUEST_LASTS = timedelta(days=3)
"""What WeChat gives to a friend request; an invitation is worth no more."""
STILL_THERE = timedelta(hours=1)
"""Who filled in the form less than this ago has not put her phone away."""
JUST_BEFORE = timedelta(milliseconds=1)

UNSETTLED = (ErrandState.WAITING, ErrandState.DOING)
MAYBE_DONE = (ErrandState.DONE, ErrandState.UNSURE)


class Help(Enum):
    """IS_IN: she is in the group already. WAITS: it is not there yet. INVITE: she is invited now.
    QUEUED, SENT: she is being or was invited already. BY_PAGE: the account can't invite her, so
    she gets in by what her page shows."""

    IS_IN = auto()
    WAITS = auto()
    INVITE = auto()
    QUEUED = auto()
    SENT = auto()
    BY_PAGE = auto()


def is_hers(visitor: Visitor, person: PersonId, now: datetime) -> bool:
    """Whether the ticket is live, and nobody else's by now: it serves one person."""
    is_live = visitor.ticket_until is not None and now < visitor.ticket_until
    return is_live and visitor.person in (None, person)


def may_accept(requests: Sequence[AskedErrand]) -> bool:
    """Whether her request has to be accepted, after those of the last day: not while an earlier
    one waits, and not where one was accepted surely."""
    return not any(each.state in UNSETTLED or each.state is ErrandState.DONE for each in requests)


def is_waiting(requests: Sequence[AskedErrand]) -> bool:
    return any(each.state in UNSETTLED for each in requests)


def help_for(
    group: Group | None,
    account: Account | None,
    invitations: Sequence[AskedErrand],
    now: datetime,
    *,
    is_in: bool,
) -> Help:
    """`group` is where she has her place, or which she joined; `account` the one that she talks
    to; `invitations` are those of the last day into that group."""
    if group is None or not group.is_ours:
        return Help.WAITS
    if is_in:
        return Help.IS_IN
    if account is None or account.id != group.account or not account.can(Ability.INVITES):
        return Help.BY_PAGE
    if any(each.state in UNSETTLED for each in invitations):
        return Help.QUEUED
    sent = [each.settled_at for each in invitations if each.state in MAYBE_DONE]
    if len(sent) >= INVITED_MOST or any(at and at > now - JUST_NOW for at in sent):
        return Help.SENT
    return Help.INVITE


def invited_from(requests: Sequence[AskedErrand], now: datetime) -> datetime:
    """When her invitation is due: before the requests of those who came after her, so that nobody
    is accepted and then kept waiting."""
    return min([now, *(each.errand.due_at - JUST_BEFORE for each in requests[-1:])])


def told_from(visitor: Visitor, now: datetime, rules: DeliveryRules) -> datetime:
    """When somebody who waited hears that her group is there: not at night, unless she has only
    just asked for it."""
    answered = visitor.answered_at
    if answered is not None and now - answered < STILL_THERE:
        return now
    return rules.quiet_hours.leave(now)


def talks_to(visitor: Visitor) -> tuple[PersonId, AccountId] | None:
    """Who she is in chat, and which account she showed her ticket to."""
    if visitor.person is None or visitor.account is None:
        return None
    return visitor.person, visitor.account
