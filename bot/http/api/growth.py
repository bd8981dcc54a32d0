"""How groups grow, and what they need somebody for, over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from bot.clock import Clock
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup
from bot.transactions import Transactions
from handlers.context import Context
from handlers.growth.forecast import INTERVAL
from handlers.growth.policy import DayCount
from handlers.growth.standing import Standing, standing_of
from models.access import Access
from models.growth import Concern, Notice
from models.ids import GroupId
from models.stores.unit import Unit


def growth_api(door: Door, transactions: Transactions, clock: Clock) -> APIRouter:
    api = APIRouter(tags=["growth"])
    viewer = Depends(door.needs(Access.VIEWER))

    @api.get("/groups/{group:path}/growth", dependencies=[viewer])
    async def growth(group: GivenGroup) -> dict[str, Any]:
        """Where a group stands; what is not known is null."""

        async def work(facts: Unit) -> dict[str, Any]:
            return await _growth(facts, group, clock)

        return await transactions.read(work)

    @api.get("/concerns", dependencies=[viewer])
    async def concerns(
        concern: Concern | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> list[dict[str, Any]]:
        """What any group needs somebody for, the newest first."""
        found = await transactions.read(lambda facts: facts.notices.open_anywhere(concern, limit))
        return [{"group": each.group, "name": name} | _notice(each) for each, name in found]

    return api


async def _growth(facts: Unit, group: GroupId, clock: Clock) -> dict[str, Any]:
    if await facts.groups.peek(group) is None:
        raise Problem(404, f"there is no group {group}")
    ctx = await Context.open(facts, clock.now(), group)
    standing = await standing_of(ctx)
    if standing is None:
        raise Problem(404, f"the group {group} is not ours")
    concerns = await facts.notices.open_of(group)
    return _standing(standing, ctx) | {"concerns": [_notice(each) for each in concerns]}


def _standing(standing: Standing, ctx: Context) -> dict[str, Any]:
    life, foretold = standing.life, standing.foretold
    return {
        "group": standing.group.id,
        "name": standing.group.name,
        "opened_on": life.opened_on,
        "watched_since": life.since,
        "stage": standing.stage,
        "week": standing.week,
        "phase": standing.phase,
        "recruiting": standing.recruiting,
        "way_in": standing.way_in,
        "members": standing.group.members,
        "formed_at": life.formed_at,
        "full_at": life.full_at,
        "due_on": standing.due_on,
        "forecast": None
        if foretold is None
        else {
            "on": standing.due_on,
            "low": foretold.low,
            "likely": foretold.likely,
            "high": foretold.high,
            "interval": INTERVAL,
            "chance": round(foretold.chance(ctx.rules.growth.formed_at), 3),
        },
        "active": {
            "looked_on": life.looked_on,
            "members": life.active,
            "share": None if life.active_share is None else round(life.active_share, 4),
        },
        "days": [_day(each) for each in standing.days],
    }


def _day(day: DayCount) -> dict[str, Any]:
    """Of a day of which nothing was heard, what nobody saw is not known."""
    is_unknown = day.heard == 0
    return {
        "on": day.on,
        "joins": None if is_unknown and not day.joins else day.joins,
        "leaves": None if is_unknown and not day.leaves else day.leaves,
        "heard": round(day.heard, 3),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "concern": notice.concern,
        "urgent": notice.concern.is_urgent,
        "text": notice.text,
        "found_at": notice.found_at,
        "due_at": notice.due_at,
        "told_at": notice.told_at,
    }
