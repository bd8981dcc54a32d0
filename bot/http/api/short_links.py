"""What short links came to."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from bot.http.api.office import Office
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.values import Absent, GivenChannel, GivenGroup, GivenText
from models.content import ContentKind
from models.ids import Slug
from models.links import LinkFigures
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, ShortLinkRow

DIGITS = 4


class LinkView(View):
    """What a link led to and what came of it: clicks, and `people` who followed it. `share` is of
    the `members` who were there when it was said: an estimate, since a link can be passed on."""

    slug: str = Field(examples=["k7m2pq9xwd"])
    target: str
    group: str
    group_name: str
    day: date
    slot: int = Field(description="The minute of the day at which its hours begin.")
    item: str
    made_at: Time
    kind: ContentKind | None
    said_at: Time | None
    clicks: int
    people: int
    members: int | None
    share: float | None = Field(examples=[0.4])


LINKS = Listing(
    rows=rows_of(ShortLinkRow, ["slug"]),
    key=[ShortLinkRow.slug],
    sorts={"made_at": ShortLinkRow.made_at},
    default="-made_at",
    filters={"group": ShortLinkRow.group, "item": ShortLinkRow.item},
    at=ShortLinkRow.made_at,
)


def short_links_api(office: Office) -> Routes:
    api = Routes(office.door, "links")

    @api.viewer.get("/links", **lists(LinkView))
    async def links(
        asked: Annotated[Paged, paged(LINKS)],
        group: GivenGroup | Absent = None,
        channel: GivenChannel | Absent = None,
        item: GivenText | Absent = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Links that were posted, the newest first: `since` and `until` go by when a link was
        made, which is when its post was said or handed over. What nobody knows is null."""
        groups = select(GroupRow.id).where(GroupRow.channel == channel)
        where = [] if channel is None else [ShortLinkRow.group.in_(groups)]
        return await office.list(
            "links",
            asked,
            LinkView,
            *where,
            show=_shown,
            group=group,
            item=item,
            since=since,
            until=until,
        )

    return api


async def _shown(facts: Unit, rows: Sequence[Row]) -> list[LinkView]:
    figures = await facts.short_links.figures([Slug(each["slug"]) for each in rows])
    return [_told(figures[each["slug"]]) for each in rows]


def _told(figures: LinkFigures) -> LinkView:
    link, share = figures.link, figures.share
    return LinkView(
        slug=link.slug,
        target=link.target,
        group=link.group,
        group_name=figures.group_name,
        day=link.day,
        slot=link.slot,
        item=link.item,
        made_at=link.made_at,
        kind=figures.kind,
        said_at=figures.said_at,
        clicks=figures.clicks,
        people=figures.people,
        members=figures.members,
        share=None if share is None else round(share, DIGITS),
    )
