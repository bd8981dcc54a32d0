"""KOCs: members who carry their group, and until when."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import RowMapping

from bot.http.api.knowing import may_read, names_of
from bot.http.api.office import Office
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.values import GivenChannel, GivenGroup, GivenPerson
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, KocTermRow


class KocView(View):
    """`name` is null for who may not read it, `until` once the term is over."""

    group: str
    group_name: str
    person: str
    name: str | None
    since: Time
    until: Time | None


KOCS = Listing(
    rows=rows_of(KocTermRow, ("group", "person", "since", "until"))
    .add_columns(GroupRow.name.label("group_name"), GroupRow.channel.label("channel"))
    .join(GroupRow, GroupRow.id == KocTermRow.group),
    key=[KocTermRow.group, KocTermRow.person],
    sorts={"since": KocTermRow.since},
    default="-since",
    filters={"group": KocTermRow.group, "channel": GroupRow.channel, "person": KocTermRow.person},
    at=KocTermRow.since,
)


def kocs_api(office: Office) -> Routes:
    api = Routes(office.door, "kocs")

    @api.viewer.get("/kocs", **lists(KocView))
    async def kocs(
        asked: Annotated[Paged, paged(KOCS)],
        holder: Asker,
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        person: GivenPerson | None = None,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """Every member who is or was one, with her last term; `since` and `until` are about when
        it began."""

        async def show(facts: Unit, rows: Sequence[RowMapping]) -> list[KocView]:
            read = [each for each in rows if may_read(holder, each["group"], each["channel"])]
            names = await names_of([(each["group"], each["person"]) for each in read], facts)
            return [
                KocView.model_validate(
                    {**each, "name": names.get((each["group"], each["person"]))}
                )
                for each in rows
            ]

        return await office.list(
            "kocs",
            asked,
            KocView,
            show=show,
            group=group,
            channel=channel,
            person=person,
            since=since,
            until=until,
        )

    return api
