"""Who filled in the form, and what she told."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement

from bot.http.api.office import Office
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.values import Absent, GivenChannel, GivenCode, GivenGroup, GivenText
from models.entry import Baby, MatchedBy
from models.ids import GroupId
from models.stores.lists import Listing, rows_of
from models.stores.registry import IS, Progress, is_in
from models.tables import VisitorRow


class VisitorView(View):
    """Somebody on her way in, without her ticket, which opens what she told to whoever has it.
    `group` is where a place is kept for her, `joined_in` the group that she joined."""

    id: str
    code: str
    scanned_at: Time
    answered_at: Time | None
    channel: str | None
    city: str | None
    birth_window: str | None = Field(examples=["2026-03"])
    baby: Baby | None
    day: date | None = Field(description="When it is due, or was born.")
    name: str
    consent: str | None = Field(description="The version of the text that she agreed to.")
    waiting_since: Time | None
    group: str | None
    placed_at: Time | None
    shown_at: Time | None
    person: str | None
    account: str | None
    joined_in: str | None
    joined_at: Time | None
    matched_by: MatchedBy | None
    left_at: Time | None
    erased_at: Time | None


VISITORS = Listing(
    rows=rows_of(VisitorRow, VisitorView.model_fields),
    key=[VisitorRow.id],
    sorts={"scanned_at": VisitorRow.scanned_at},
    default="-scanned_at",
    filters={
        "code": VisitorRow.code,
        "channel": VisitorRow.channel,
        "city": VisitorRow.city,
        "birth_window": VisitorRow.birth_window,
    },
    at=VisitorRow.scanned_at,
)


def visitors_api(office: Office) -> Routes:
    api = Routes(office.door, "entry")

    @api.admin.get("/visitors", **lists(VisitorView))
    async def visitors(
        asked: Annotated[Paged, paged(VISITORS)],
        group: Annotated[
            GivenGroup | Absent, Query(description="Placed in it, or joined.")
        ] = None,
        code: GivenCode | Absent = None,
        channel: GivenChannel | Absent = None,
        city: GivenChannel | Absent = None,
        birth_window: GivenText | Absent = None,
        state: Progress | Absent = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Who filled in the form and what she told, the newest scan first. For admins only."""
        return await office.list(
            "visitors",
            asked,
            VisitorView,
            *_where(group, state),
            code=code,
            channel=channel,
            city=city,
            birth_window=birth_window,
            since=since,
            until=until,
        )

    return api


def _where(group: GroupId | None, state: Progress | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [VisitorRow.answered_at.is_not(None)]
    if group is not None:
        where.append(is_in(group))
    if state is not None:
        where.append(IS[state])
    return where
