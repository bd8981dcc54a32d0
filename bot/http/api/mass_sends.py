"""How many mass sends groups may still get, where an account can't speak by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from bot.http.api.office import Office, in_group
from bot.http.api.paging import Paged, Row, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.values import Absent, GivenChannel, GivenGroup, GivenPerson, GivenText
from handlers.proposals.policy import Budget, allowance
from models.access import Holder
from models.groups import Ability, Group, Standing
from models.ids import GroupId, PersonId
from models.stores.lists import Listing, rows_of
from models.stores.proposed import ProposedStore
from models.stores.unit import Unit
from models.tables import AccountRow, GroupRow


class MassSendsView(View):
    """How many mass sends a group has got, or is about to, of the `most` that the platform lets it
    have since the beginning of the month, the week or the day (`confirmation.budget`)."""

    group: str
    group_name: str
    channel: str | None
    account: str
    owner: str | None
    owner_name: str | None
    budget: Budget
    since: Time
    used: int
    most: int
    left: int


ASKS = type_coerce(AccountRow.abilities, JSONB).contains([Ability.NEEDS_CONFIRMATION.value])
MASS_SENDS = Listing(
    rows=rows_of(GroupRow, ["id"]).join(AccountRow, AccountRow.id == GroupRow.account),
    key=[GroupRow.id],
    sorts={"name": GroupRow.name, "id": GroupRow.id},
    default="name",
    filters={
        "group": GroupRow.id,
        "account": GroupRow.account,
        "owner": GroupRow.owner,
        "channel": GroupRow.channel,
    },
)


def mass_sends_api(office: Office) -> Routes:
    api = Routes(office.door, "proposals")

    @api.viewer.get("/mass-sends", **lists(MassSendsView))
    async def mass_sends(
        holder: Asker,
        asked: Annotated[Paged, paged(MASS_SENDS)],
        group: GivenGroup | Absent = None,
        account: GivenText | Absent = None,
        owner: GivenPerson | Absent = None,
        channel: GivenChannel | Absent = None,
    ) -> Any:
        """What each group of ours may still get, of accounts that can't speak by themselves."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[MassSendsView]:
            ids = [GroupId(each["id"]) for each in rows]
            return await _budgets(facts, ids, holder, office.now())

        return await office.list(
            "mass-sends",
            asked,
            MassSendsView,
            ASKS,
            GroupRow.standing == Standing.OURS,
            show=show,
            group=group,
            account=account,
            owner=owner,
            channel=channel,
        )

    return api


async def _budgets(
    facts: Unit, ids: Sequence[GroupId], holder: Holder, now: datetime
) -> list[MassSendsView]:
    """In the order of `ids`; owners are called by name to those who are there for their groups."""
    rooms = {each.id: each for each in await facts.groups.peek_at(ids)}
    owners = {
        each.owner
        for each in rooms.values()
        if each.owner is not None and holder.covers(in_group(each.id), each)
    }
    names = await ProposedStore(facts.connection).names(owners)
    budgets: dict[GroupId, Budget] = {
        each.id: (await facts.rules.in_force(each)).confirmation.budget for each in rooms.values()
    }
    used: dict[GroupId, int] = {}
    for budget in set(budgets.values()):
        counted = [group for group, its in budgets.items() if its == budget]
        used |= await facts.proposals.received(counted, allowance(budget, now)[0])
    told = [rooms[each] for each in ids if each in rooms]
    return [_budget(each, budgets[each.id], used.get(each.id, 0), names, now) for each in told]


def _budget(
    room: Group, budget: Budget, used: int, names: Mapping[PersonId, str], now: datetime
) -> MassSendsView:
    since, most = allowance(budget, now)
    return MassSendsView(
        group=room.id,
        group_name=room.name,
        channel=room.channel,
        account=room.account,
        owner=room.owner,
        owner_name=names.get(room.owner) if room.owner is not None else None,
        budget=budget,
        since=since,
        used=used,
        most=most,
        left=max(0, most - used),
    )
