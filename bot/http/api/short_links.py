"""What short links came to, over HTTP."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from bot.clock import Clock
from bot.http.api.tables import Format, cell, csv_answer, csv_table
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup
from bot.transactions import Transactions
from config.daily import ZONE
from models.access import Access
from models.links import LinkFigures

DAYS = 30
DIGITS = 4
COLUMNS = (
    *("slug", "target", "group", "group_name", "day", "slot", "item", "kind", "said_at"),
    *("clicks", "people", "members", "share"),
)
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
Since = Annotated[
    date, Query(ge=FIRST, le=LAST, description=f"The first day; {DAYS} days by default.")
]
Until = Annotated[date, Query(ge=FIRST, le=LAST, description="The last day; today by default.")]
Limit = Annotated[int, Query(ge=1, le=100_000)]


def short_links_api(door: Door, transactions: Transactions, clock: Clock) -> APIRouter:
    api = APIRouter(tags=["links"])
    viewer = Depends(door.needs(Access.VIEWER))

    @api.get("/links", dependencies=[viewer], response_model=list[dict[str, Any]])
    async def links(
        group: GivenGroup | None = None,
        since: Since | None = None,
        until: Until | None = None,
        table: Annotated[Format, Query(alias="format")] = Format.JSON,
        limit: Limit = 1000,
    ) -> list[dict[str, Any]] | Response:
        """Clicks, and people who followed, by group and post: the newest post first. `share` is
        people of those who were members when it was said; what nobody knows is null."""
        last = until or clock.now().astimezone(ZONE).date()
        first = since or last - timedelta(days=DAYS - 1)
        if first > last:
            raise Problem(422, f"since ({first}) is after until ({last})")
        found = await transactions.read(
            lambda facts: facts.short_links.figures(group, first, last, limit)
        )
        rows = [_shown(each) for each in found]
        if table is Format.CSV:
            cells = ([cell(row[name]) for name in COLUMNS] for row in rows)
            return csv_answer("links", csv_table(COLUMNS, cells))
        return rows

    return api


def _shown(figures: LinkFigures) -> dict[str, Any]:
    link, share = figures.link, figures.share
    return {
        "slug": link.slug,
        "target": link.target,
        "group": link.group,
        "group_name": figures.group_name,
        "day": link.day,
        "slot": link.slot,
        "item": link.item,
        "kind": figures.kind,
        "said_at": figures.said_at,
        "clicks": figures.clicks,
        "people": figures.people,
        "members": figures.members,
        "share": None if share is None else round(share, DIGITS),
    }
