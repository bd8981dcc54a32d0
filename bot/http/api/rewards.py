"""Rewards: what points are spent on."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Query, Response
from pydantic import AfterValidator, Field, Strict

from bot.http.api.office import About, Edits, Look, Office, Once
from bot.http.api.paging import Paged, Q, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.problems import Problem
from bot.http.values import Absent, FilledLine, GivenScope, Moment, PathId
from config.numbers import WHOLE
from config.written import Senseless
from models.events import RewardChanged, RewardOffered
from models.rewards import Reward
from models.scopes import EVERYWHERE, FORMS, check_scope
from models.stores.lists import Listing, rows_of
from models.stores.rewards import RewardExists
from models.stores.unit import Unit
from models.tables import RewardRow


def _is_scope(scope: str) -> str:
    try:
        check_scope(scope)
    except ValueError as error:
        raise Senseless(str(error)) from error
    return scope


Id = Annotated[FilledLine, Field(max_length=64)]
Name = Annotated[FilledLine, Field(max_length=50)]
Scope = Annotated[GivenScope, AfterValidator(_is_scope), Field(description=FORMS)]
Cost = Annotated[int, Field(ge=1, le=100_000, description="Points for one piece."), WHOLE]
Stock = Annotated[
    Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None,
    Field(description="Pieces that are left, for all groups together; null: without end."),
]
LimitEach = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None,
    Field(description="Pieces to one member of one group; null: any number."),
]
ValidUntil = Annotated[Moment | None, Field(description="Nobody can choose it from then on.")]


class RewardView(View):
    """`scope` is where it is offered. `stock` (for all groups together) and `limit_each` (pieces
    to one member of one group) are null where there is no limit."""

    id: str
    name: str
    scope: str
    cost: int
    stock: int | None
    limit_each: int | None
    valid_until: Time | None
    withdrawn: bool


class Offer(Given):
    """A reward as it is first offered."""

    id: Id | None = Field(None, description="One is made where none is given.")
    name: Name
    scope: Scope = EVERYWHERE
    cost: Cost
    stock: Stock = None
    limit_each: LimitEach = None
    valid_until: ValidUntil = None

    def as_reward(self) -> Reward:
        return Reward(**self.model_dump() | {"id": self.id or uuid4().hex})


class RewardChange(Given):
    """A JSON merge patch: what is not given stays, null takes a limit away."""

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


REWARDS = Listing(
    rows=rows_of(RewardRow, RewardView.model_fields),
    key=[RewardRow.id],
    sorts={"cost": RewardRow.cost, "name": RewardRow.name, "id": RewardRow.id},
    default="cost",
    filters={"scope": RewardRow.scope, "withdrawn": RewardRow.withdrawn},
    words=[RewardRow.name, RewardRow.id],
)


def rewards_api(office: Office) -> Routes:
    api = Routes(office.door, "rewards")

    @api.viewer.get("/rewards", **lists(RewardView))
    async def rewards(
        asked: Annotated[Paged, paged(REWARDS)],
        scope: GivenScope | Absent = None,
        withdrawn: Annotated[bool | Absent, Query(description="Those that are.")] = None,
        q: Q | Absent = None,
    ) -> Any:
        """All that is or ever was offered, cheapest first."""
        return await office.list(
            "rewards", asked, RewardView, scope=scope, withdrawn=withdrawn, q=q
        )

    @api.operator.post("/rewards", status_code=201)
    async def offer(given: Offer, asks: Once) -> RewardView:
        """Members can choose it from now on."""
        reward = given.as_reward()
        event = RewardOffered(at=office.now(), by=asks.holder.name, reward=reward)
        try:
            return await office.make(
                asks, event, _look(reward.id), _about(reward.id), within=reward.scope
            )
        except RewardExists as error:
            raise Problem(409, f"there is a reward {reward.id} already; PATCH it") from error

    @api.viewer.get("/rewards/{reward:id}")
    async def one(reward: PathId, response: Response) -> RewardView:
        return await office.one(_look(reward), _about(reward), response)

    @api.operator.patch("/rewards/{reward:id}")
    async def change(reward: PathId, given: RewardChange, asks: Edits) -> RewardView:
        """Change what is offered; who has a code already keeps what she was promised."""
        changes = given.model_dump(exclude_unset=True)
        event = RewardChanged(at=office.now(), by=asks.holder.name, reward=reward, changes=changes)

        def where(known: RewardView | None) -> Iterable[str]:
            """Where it was offered, and where it will be."""
            return {each for each in (known and known.scope, changes.get("scope")) if each}

        return await office.edit(asks, event, _look(reward), _about(reward), within=where)

    return api


def _about(reward: str) -> About:
    return About(kind="reward", id=reward)


def _look(reward: str) -> Look[RewardView]:
    async def look(facts: Unit) -> RewardView | None:
        found = await facts.rewards.find(RewardRow.id == reward)
        return RewardView.model_validate(found[0]) if found else None

    return look
