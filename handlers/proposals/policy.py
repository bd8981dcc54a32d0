"""How much a group may get, and what becomes of what a person was asked for. Pure."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from config.daily import ZONE, midnight
from models.delivery import Lapsed, Parked, Verdict
from models.ids import PersonId
from models.messages import Kind, Outgoing
from models.proposals import Means, Proposal, ProposalState

Budget = Literal["month", "week", "day"]
A_WEEK = 7


def allowance(budget: Budget, now: datetime) -> tuple[datetime, int]:
    """(since, most): how many mass sends a group may get from `since` on. In a calendar month as
    many as it has days, in a week from Monday 7, in a day 1, by the groups' own calendar (doc
    92135)."""
    today = now.astimezone(ZONE).date()
    if budget == "day":
        return midnight(today), 1
    if budget == "week":
        return midnight(today - timedelta(days=today.weekday())), A_WEEK
    return midnight(today.replace(day=1)), monthrange(today.year, today.month)[1]


# What stands in the way of a decision


class ProposalRefused(Exception):
    """The decision can't be carried out; nothing has changed."""


STANDS: Mapping[ProposalState, str] = {
    ProposalState.GATHERING: "it is being put together, and nobody has been asked yet",
    ProposalState.HANDING: "it is just being handed to its owner",
    ProposalState.DONE: "it is done already",
    ProposalState.LAPSED: "nobody did it in time",
    ProposalState.REFUSED: "it was declined, or refused",
}
BEING_WITHDRAWN = "it is being withdrawn already"
IN_HER_APP = "only its owner can let it be said, in WeCom"
WITHDRAWN = "withdrawn by "
"""How the reason of a mass send begins that is to be cancelled at the platform."""


def must_be_open(proposal: Proposal) -> None:
    """Raises ProposalRefused."""
    if (why := STANDS.get(proposal.state)) is not None:
        raise ProposalRefused(why)


def must_be_by_hand(proposal: Proposal) -> None:
    """Raises ProposalRefused."""
    if proposal.means is Means.GROUP_SEND:
        raise ProposalRefused(IN_HER_APP)


def is_withdrawn(proposal: Proposal) -> bool:
    """Whether somebody wants it cancelled, whatever the platform has made of that so far."""
    return (proposal.reason or "").startswith(WITHDRAWN)


# What becomes of its messages


def as_said(promised: Outgoing, worded: Outgoing, named: Collection[PersonId]) -> Outgoing | None:
    """What was said by a text that named these people, None where that is nobody. A welcome named
    also who has left since: should she come back, she was greeted."""
    if not worded.mentions:
        return worded
    heard = [each for each in worded.mentions if each in named]
    if promised.kind is Kind.WELCOME:
        heard += [each for each in promised.mentions if each in named and each not in heard]
    return replace(worded, mentions=tuple(heard)) if heard else None


def verdict_of_declined(message: Outgoing, by: str) -> Verdict:
    """The welcome of a round is parked and not lapsed, so that its people wait for the next one,
    and whoever just said no is not asked again at once. What follows a welcome goes with it."""
    if message.round is not None and message.step > 0:
        return Lapsed("the welcome of its round was not said")
    return Parked(f"declined by {by}")
