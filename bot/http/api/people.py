"""People over HTTP: what is kept of somebody, and erasing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenPerson
from bot.transactions import Transactions
from models.access import Access, Holder
from models.events import PersonErased


def people_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    """Both are for admins: an export holds what somebody wrote, and where she is."""
    api = APIRouter(tags=["people"])
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    @api.get("/people/{person:path}/export")
    async def export(person: GivenPerson, holder: Admin) -> dict[str, Any]:
        """Everything that is kept of somebody, in all groups, by what it is."""
        kept = await transactions.read(lambda facts: facts.people.export(person))
        if not kept:
            raise Problem(404, f"nothing is kept of {person}")
        return kept

    @api.delete("/people/{person:path}", status_code=204)
    async def erase(person: GivenPerson, holder: Admin) -> None:
        """Nothing that tells who she is stays, in any group; what the groups' numbers need stays
        without her. Who is still in a room stays known as somebody who is there."""
        now = clock.now()
        try:
            await dispatcher.decide(PersonErased(at=now, by=holder.name, person=person), now)
        except LookupError as error:
            raise Problem(404, f"nothing is kept of {person}") from error
        except ValueError as error:
            raise Problem(409, f"{person} is one of our own accounts") from error

    return api
