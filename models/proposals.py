"""What people are asked to say, or to let be said, where an account can't speak by itself.

A promise to a group of such an account becomes part of a proposal to the group's owner, and ends
as that does: said, lapsed or refused.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.ids import AccountId, PersonId


class Means(StrEnum):
    """GROUP_SEND: the platform's own mass send, which its owner confirms in her app. PASTE: a text
    that she pastes into the group by hand, and says so on her page. TEMPLATE: the welcome that the
    platform says by itself once she has applied it to her groups."""

    GROUP_SEND = "group_send"
    PASTE = "paste"
    TEMPLATE = "template"


class ProposalState(StrEnum):
    """GATHERING: what is alike may still join it. HANDING: the platform is being told, from here
    on it may know. OPEN: it waits for the person. The others are ends; of a mass send each group
    has its own, and DONE is that she confirmed it."""

    GATHERING = "gathering"
    HANDING = "handing"
    OPEN = "open"
    DONE = "done"
    LAPSED = "lapsed"
    REFUSED = "refused"


PENDING = (ProposalState.GATHERING, ProposalState.HANDING, ProposalState.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """To `owner`, for the groups of the promises that belong to it. What is to be said stands in
    those; `digest` tells what is alike, and `hour` when it is meant for. `ready_at` is when it is
    handed to her; `due_at` when somebody has to look at it next. `platform_id` is what the
    platform calls it.
    """

    key: str
    account: AccountId
    owner: PersonId
    means: Means
    state: ProposalState
    hour: datetime
    digest: str
    made_at: datetime
    ready_at: datetime
    lapses_at: datetime
    due_at: datetime | None = None
    attempts: int = 0
    platform_id: str | None = None
    handed_at: datetime | None = None
    reminders: int = 0
    reminded_at: datetime | None = None
    settled_at: datetime | None = None
    reason: str | None = None

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """Where an owner sees what she is asked for: whoever has the `token` can act for her."""

    account: AccountId
    owner: PersonId
    token: str
    made_at: datetime


def owner_address(site: str, token: str) -> str:
    """Of that page."""
    return f"{site}/d/{token}"
