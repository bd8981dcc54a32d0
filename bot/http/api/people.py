"""People over HTTP: what is kept of somebody, and erasing it."""

from typing import Any

from bot.http.api.exports import EXPORT
from bot.http.api.office import About, Edits, Look, Office
from bot.http.api.routes import Routes
from bot.http.api.views import View
from bot.http.problems import Problem
from bot.http.values import GivenPerson
from models.events import PersonErased
from models.ids import PersonId
from models.people import OurAccount
from models.stores.unit import Unit


class PersonView(View):
    """Somebody of whom something is kept."""

    person: str


def people_api(office: Office) -> Routes:
    """Both are for admins: an export holds what somebody wrote, and where she is."""
    api = Routes(office.door, "people")

    @api.admin.get("/people/{person:id}/export", response_model=EXPORT)
    async def export(person: GivenPerson) -> Any:
        """Everything that is kept of somebody, in all groups, by what it is."""
        kept = await office.read(lambda facts: facts.people.export(person))
        if not kept:
            raise _about(person).missing
        return kept

    @api.admin.delete("/people/{person:id}", status_code=204)
    async def erase(person: GivenPerson, asks: Edits) -> None:
        """Nothing that tells who she is stays, in any group; what the groups' numbers need stays
        without her. Who is still in a room stays known as somebody who is there. The audit log
        tells that somebody was erased, and by whom."""
        event = PersonErased(at=office.now(), by=asks.holder.name, person=person)
        try:
            await office.remove(asks, event, _look(person), _about(person))
        except OurAccount as error:
            raise Problem(409, f"{person} is one of our own accounts") from error

    return api


def _about(person: PersonId) -> About:
    return About(kind="person", id=person, forgets=True)


def _look(person: PersonId) -> Look[PersonView]:
    async def look(facts: Unit) -> PersonView | None:
        return PersonView(person=person) if await facts.people.knows(person) else None

    return look
