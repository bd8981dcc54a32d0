"""Rewards over HTTP: what points are spent on, and what was redeemed."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup, GivenLine, GivenScope
from bot.scenario_lines import Moment
from bot.transactions import Transactions
from models.events import RewardChanged, RewardOffered
from models.ids import GroupId
from models.rewards import Redemption, RedemptionState, Reward
from models.scopes import EVERYWHERE, FORMS, check_scope
from models.stores.office import Access, Holder
from models.stores.rewards import RewardExists
from models.stores.unit import Unit
from models.tables import RewardRow


def _is_scope(scope: str) -> str:
    check_scope(scope)
    return scope


Id = Annotated[GivenLine, StringConstraints(min_length=1, max_length=64)]
Name = Annotated[GivenLine, StringConstraints(min_length=1, max_length=50)]
Scope = Annotated[GivenScope, AfterValidator(_is_scope), Field(description=FORMS)]
Cost = Annotated[int, Strict(), Field(ge=1, le=100_000, description="Points for one piece.")]
Stock = Annotated[
    Annotated[int, Strict(), Field(ge=0, le=1_000_000)] | None,
    Field(description="Pieces that are left, for all groups together; null: without end."),
]
LimitEach = Annotated[
    Annotated[int, Strict(), Field(ge=1, le=1_000_000)] | None,
    Field(description="Pieces to one member of one group; null: any number."),
]
ValidUntil = Annotated[Moment | None, Field(description="Nobody can choose it from then on.")]


class Offer(BaseModel):
    """A reward as it is first offered."""

    model_config = ConfigDict(extra="forbid")

    id: Id | None = Field(None, description="One is made where none is given.")
    name: Name
    scope: Scope = EVERYWHERE
    cost: Cost
    stock: Stock = None
    limit_each: LimitEach = None
    valid_until: ValidUntil = None

    def as_reward(self) -> Reward:
        return Reward(**self.model_dump() | {"id": self.id or uuid4().hex})


class Change(BaseModel):
    """A JSON merge patch: what is not given stays, null takes a limit away."""

    model_config = ConfigDict(extra="forbid")

    # The defaults only say that none of these must be given; what is not given is not looked at.
    name: Name = ""
    scope: Scope = EVERYWHERE
    cost: Cost = 1
    stock: Stock = None
    limit_each: LimitEach = None
    valid_until: ValidUntil = None
    withdrawn: Annotated[bool, Strict()] = Field(
        False, description="It can't be chosen any more; codes that were given out stay good."
    )


def rewards_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(tags=["rewards"])
    viewer = Depends(door.needs(Access.VIEWER))
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    @api.get("/rewards", dependencies=[viewer])
    async def rewards() -> list[dict[str, Any]]:
        """All that is or ever was offered, cheapest first."""
        found = await transactions.read(lambda facts: facts.rewards.find())
        return [asdict(each) for each in sorted(found, key=lambda x: (x.cost, x.name, x.id))]

    @api.post("/rewards", status_code=201)
    async def offer(given: Offer, holder: Admin) -> dict[str, Any]:
        """Members can choose it from now on."""
        reward = given.as_reward()
        now = clock.now()
        try:
            await dispatcher.decide(RewardOffered(at=now, by=holder.name, reward=reward), now)
        except RewardExists as error:
            raise Problem(409, f"there is a reward {reward.id} already; PATCH it") from error
        return await transactions.read(lambda facts: _one(facts, reward.id))

    @api.patch("/rewards/{reward:path}")
    async def change(reward: GivenLine, given: Change, holder: Admin) -> dict[str, Any]:
        """Change what is offered; who has a code already keeps what she was promised."""
        now = clock.now()
        changes = given.model_dump(exclude_unset=True)
        event = RewardChanged(at=now, by=holder.name, reward=reward, changes=changes)
        try:
            await dispatcher.decide(event, now)
        except LookupError as error:
            raise Problem(404, f"there is no reward {reward}") from error
        return await transactions.read(lambda facts: _one(facts, reward))

    @api.get("/groups/{group:path}/redemptions", dependencies=[viewer])
    async def redemptions(
        group: GivenGroup,
        state: RedemptionState | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[dict[str, Any]]:
        """What was redeemed in a group, newest first."""
        found = await transactions.read(lambda facts: _redemptions(facts, group, state, limit))
        return [asdict(each) for each in found]

    return api


async def _one(facts: Unit, reward: str) -> dict[str, Any]:
    (found,) = await facts.rewards.find(RewardRow.id == reward)
    return asdict(found)


async def _redemptions(
    facts: Unit, group: GroupId, state: RedemptionState | None, limit: int
) -> list[Redemption]:
    if await facts.groups.peek(group) is None:
        raise Problem(404, f"there is no group {group}")
    return await facts.redemptions.newest(group, state, limit)
