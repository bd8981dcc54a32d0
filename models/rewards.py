"""Rewards that points are spent on, and the codes they are handed over for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.ids import GroupId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """`scope` is where it is offered, as for rules. `stock` and `limit_each` (to one member of
    one group) are None where there is no limit."""

    id: str
    name: str
    scope: str
    cost: int
    stock: int | None = None
    limit_each: int | None = None
    valid_until: datetime | None = None
    withdrawn: bool = False


class RedemptionState(StrEnum):
    READY = "ready"
    HANDED = "handed"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """`code` is unique within its group and serves only the person it was given to. `handed_by`
    is the person who handed it over, or an operator's name."""

    group: GroupId
    code: str
    person: PersonId
    reward: str
    name: str
    cost: int
    at: datetime
    lapses_at: datetime
    state: RedemptionState = RedemptionState.READY
    handed_at: datetime | None = None
    handed_by: str | None = None
