"""Rooms over HTTP: which are ours, and taking one in or letting it go."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenGroup, GivenName, GivenPerson
from bot.transactions import Transactions
from config.daily import ZONE
from models.access import Access, Holder
from models.cohort import BirthWindow
from models.events import Decision, GroupAdopted, GroupReleased, RoleGiven
from models.groups import Group, Standing
from models.ids import GroupId
from models.people import Role
from models.stores.unit import Unit
from models.tables import GroupRow


class Adoption(BaseModel):
    """What the group's name does not tell, or tells wrongly."""

    model_config = ConfigDict(extra="forbid")

    city: GivenName | None = None
    channel: GivenName | None = None
    birth_window: Annotated[str, AfterValidator(lambda v: str(BirthWindow.parse(v)))] | None = (
        Field(None, description="The first of its three months, YYYY-MM.")
    )
    opened_on: date | None = Field(None, description="Not later than today.")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


def groups_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(tags=["groups"])
    viewer = Depends(door.needs(Access.VIEWER))
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    async def decide(event: Decision) -> None:
        with told_as_missing("group"):
            await dispatcher.decide(event, clock.now())

    @api.get("/groups", dependencies=[viewer])
    async def groups(standing: Standing | None = None) -> list[dict[str, Any]]:
        """Every room the accounts are in; the ones that are not ours are left in peace."""
        return await transactions.read(lambda facts: _groups(facts, standing))

    @api.post("/groups/{group:path}/adopt")
    async def adopt(
        group: GivenGroup, holder: Admin, adoption: Adoption | None = None
    ) -> dict[str, Any]:
        """The group is ours from now on; who is in it already is not greeted."""
        given, now = adoption or Adoption(), clock.now()
        if given.opened_on is not None and given.opened_on > now.astimezone(ZONE).date():
            raise Problem(
                422,
                "the group is not open yet",
                errors=[
                    {
                        "field": "opened_on",
                        "problem": "it lies in the future",
                        "value": str(given.opened_on),
                    }
                ],
            )
        await decide(
            GroupAdopted(
                at=now,
                by=holder.name,
                group=group,
                city=given.city,
                channel=given.channel,
                window=BirthWindow.parse(given.birth_window) if given.birth_window else None,
                opened_on=given.opened_on,
            )
        )
        return await transactions.read(lambda facts: _one(facts, group))

    @api.post("/groups/{group:path}/release")
    async def release(group: GivenGroup, holder: Admin) -> dict[str, Any]:
        """The group is left in peace from now on, whatever its name."""
        await decide(GroupReleased(at=clock.now(), by=holder.name, group=group))
        return await transactions.read(lambda facts: _one(facts, group))

    @api.put("/groups/{group:path}/members/{member:path}/role")
    async def give_role(group: GivenGroup, member: GivenPerson, part: Part, holder: Admin) -> Part:
        """What somebody is in one group; staff are not greeted."""
        await transactions.read(lambda facts: _one(facts, group))
        now = clock.now()
        await decide(RoleGiven(at=now, by=holder.name, group=group, person=member, role=part.role))
        return part

    @api.put("/staff/{member:path}")
    async def give_staff_role(member: GivenPerson, part: Part, holder: Admin) -> Part:
        """What somebody is in every group; `member` makes them an ordinary person again."""
        now = clock.now()
        await decide(RoleGiven(at=now, by=holder.name, group=None, person=member, role=part.role))
        return part

    return api


async def _groups(facts: Unit, standing: Standing | None) -> list[dict[str, Any]]:
    found = await facts.groups.find(*([GroupRow.standing == standing] if standing else []))
    return [_shown(each) for each in sorted(found, key=lambda each: each.id)]


async def _one(facts: Unit, group: GroupId) -> dict[str, Any]:
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    return _shown(known)


def _shown(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "account": group.account,
        "name": group.name,
        "standing": group.standing.value,
        "city": group.city,
        "channel": group.channel,
        "birth_window": group.birth_window,
        "opened_on": group.opened_on,
        "checked_at": group.checked_at,
    }
