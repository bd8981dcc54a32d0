"""What groups need somebody for."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import RowMapping, func

from bot.http.api.office import About, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.problems import Problem
from bot.http.values import GivenChannel, GivenGroup
from handlers.growth.letters import LABELS
from handlers.growth.telling import OverAlready
from models.events import NoticeSettled
from models.growth import Concern
from models.ids import GroupId
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, NoticeRow


class NoticeView(View):
    """One concern about one group. `due_at` is when the person in charge is told of it, null
    where she needs to be told nothing any more; `settled_at` is when somebody saw to it."""

    group: str
    group_name: str
    channel: str | None
    concern: Concern
    label: str = Field(description="What the concern is called.", examples=["快满了"])
    urgent: bool = Field(description="It can't wait until the morning.")
    text: str
    found_at: Time
    due_at: Time | None
    told_at: Time | None
    ended_at: Time | None
    settled_at: Time | None
    volatile = frozenset({"group_name", "channel", "text", "due_at", "told_at"})

    @classmethod
    def of(cls, row: RowMapping) -> "NoticeView":
        concern = Concern(row["concern"])
        return cls.model_validate({**row, "label": LABELS[concern], "urgent": concern.is_urgent})


NOTICES = Listing(
    rows=rows_of(
        NoticeRow,
        ("group", "concern", "text", "found_at", "due_at", "told_at", "ended_at", "settled_at"),
    )
    .add_columns(GroupRow.name.label("group_name"), GroupRow.channel.label("channel"))
    .join(GroupRow, GroupRow.id == NoticeRow.group),
    key=[NoticeRow.group, NoticeRow.concern],
    sorts={
        "found_at": NoticeRow.found_at,
        # What is not to be told any more was due when it was found.
        "due_at": func.coalesce(NoticeRow.due_at, NoticeRow.found_at),
    },
    default="-found_at",
    filters={
        "group": NoticeRow.group,
        "channel": GroupRow.channel,
        "concern": NoticeRow.concern,
    },
    at=NoticeRow.found_at,
)
URGENT = NoticeRow.concern.in_([each.value for each in Concern if each.is_urgent])


def notices_api(office: Office) -> Routes:
    api = Routes(office.door, "notices")

    @api.viewer.get("/notices", **lists(NoticeView))
    async def notices(
        asked: Annotated[Paged, paged(NOTICES)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        concern: Concern | None = None,
        urgent: Annotated[bool | None, Query(description="Those that are, or aren't.")] = None,
        is_open: Annotated[
            bool, Query(alias="open", description="Those that still hold, or that are over.")
        ] = True,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """The newest first; of each concern of a group, the last time that it held. `since` and
        `until` are about when they were found."""
        where = [NoticeRow.ended_at.is_(None) if is_open else NoticeRow.ended_at.is_not(None)]
        where += [] if urgent is None else [URGENT if urgent else ~URGENT]

        async def show(_: Unit, rows: Sequence[RowMapping]) -> list[NoticeView]:
            return [NoticeView.of(each) for each in rows]

        return await office.list(
            "notices",
            asked,
            NoticeView,
            *where,
            show=show,
            group=group,
            channel=channel,
            concern=concern,
            since=since,
            until=until,
        )

    @api.viewer.get("/groups/{group:id}/notices/{concern}")
    async def one(group: GivenGroup, concern: Concern, response: Response) -> NoticeView:
        """The last time that this was so of the group."""
        return await office.one(_look(group, concern), _about(group, concern), response)

    @api.operator.post("/groups/{group:id}/notices/{concern}/settle")
    async def settle(group: GivenGroup, concern: Concern, asks: Edits) -> NoticeView:
        """Somebody has seen to it: nobody is told of it. Should it still be so after a while
        (`growth.again_after`; a day, if it is urgent), it is found anew."""
        event = NoticeSettled(at=office.now(), by=asks.holder.name, group=group, concern=concern)
        try:
            return await office.edit(
                asks, event, _look(group, concern), _about(group, concern), within=in_group(group)
            )
        except OverAlready as error:
            raise Problem(409, "it is over already") from error

    return api


async def open_of(group: GroupId, facts: Unit) -> list[NoticeView]:
    """What is the matter with a group, in the order in which it is told."""
    rows = await facts.connection.execute(
        NOTICES.rows.where(NoticeRow.group == group, NoticeRow.ended_at.is_(None))
    )
    order = list(Concern)
    found = [NoticeView.of(each) for each in rows.mappings()]
    return sorted(found, key=lambda each: order.index(each.concern))


def _about(group: GroupId, concern: Concern) -> About:
    return About(kind="notice", id=f"{group}/{concern}", group=group)


def _look(group: GroupId, concern: Concern) -> Look[NoticeView]:
    async def look(facts: Unit) -> NoticeView | None:
        found = await facts.connection.execute(
            NOTICES.rows.where(NoticeRow.group == group, NoticeRow.concern == concern)
        )
        row = found.mappings().first()
        return NoticeView.of(row) if row else None

    return look
