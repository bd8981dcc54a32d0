"""Staff over HTTP: who is something in every group."""

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field

from bot.http.api.office import About, Edits, Look, Office
from bot.http.api.paging import Paged, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, View
from bot.http.values import GivenPerson
from models.events import RoleGiven
from models.ids import PersonId
from models.people import Role
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import StaffRow


class StaffView(View):
    """Somebody who has a role in every group. It outranks that of a member or a KOC there."""

    person: str = Field(examples=["wxid_xiaoli"])
    role: Role


class StaffPart(Given):
    role: Literal[Role.MONITOR, Role.ASSISTANT, Role.HOST]


STAFF = Listing(
    rows=rows_of(StaffRow, StaffView.model_fields),
    key=[StaffRow.person],
    sorts={"person": StaffRow.person, "role": StaffRow.role},
    default="person",
    filters={"role": StaffRow.role},
)


def staff_api(office: Office) -> Routes:
    api = Routes(office.door, "staff")

    @api.viewer.get("/staff", **lists(StaffView))
    async def staff(asked: Annotated[Paged, paged(STAFF)], role: Role | None = None) -> Any:
        """Everybody who runs groups, or warms them up."""
        return await office.list("staff", asked, StaffView, role=role)

    @api.viewer.get("/staff/{person:id}")
    async def one(person: GivenPerson, response: Response) -> StaffView:
        return await office.one(_look(person), _about(person), response)

    @api.admin.put("/staff/{person:id}")
    async def give(person: GivenPerson, part: StaffPart, asks: Edits) -> StaffView:
        """What somebody is in every group from now on; nobody greets her."""
        return await office.make(
            asks, _given(office, asks, person, part.role), _look(person), _about(person)
        )

    @api.admin.delete("/staff/{person:id}", status_code=204)
    async def take(person: GivenPerson, asks: Edits) -> None:
        """She is an ordinary person again, but for what she is in single groups."""
        event = _given(office, asks, person, Role.MEMBER)
        await office.remove(asks, event, _look(person), _about(person))

    return api


def _given(office: Office, asks: Edits, person: PersonId, role: Role) -> RoleGiven:
    return RoleGiven(at=office.now(), by=asks.holder.name, group=None, person=person, role=role)


def _about(person: PersonId) -> About:
    return About(kind="staff", id=person, person=person)


def _look(person: PersonId) -> Look[StaffView]:
    async def look(facts: Unit) -> StaffView | None:
        role = await facts.staff.role(person)
        return StaffView(person=person, role=role) if role else None

    return look
