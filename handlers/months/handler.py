"""A place for what will be said is made in time, and months that are old leave as a whole."""

from dataclasses import replace
from datetime import datetime

from handlers.context import Context
from handlers.months import policy
from handlers.router import Router
from models.stores.office import Beat
from models.stores.unit import Unit
from models.tables.months import MONTHLY

router = Router()

TURNING = "months.turning"
DELETED_AT_ONCE = 20_000
"""Of the rest, a day: where months are opened in time there is nothing in it."""


async def next_turn(facts: Unit) -> datetime | None:
    beat = await facts.beats.get(TURNING)
    return beat.done_at + policy.A_DAY if beat else None


@router.every(hours=1, next_due=next_turn)
async def turn_months(ctx: Context) -> None:
    """Daily. The first beat ever only marks from when: a new database has its first months."""
    beat = await ctx.facts.beats.get(TURNING)
    if beat is None:
        ctx.facts.beats.put(Beat(name=TURNING, done_at=ctx.now))
        return
    if beat.done_at + policy.A_DAY > ctx.now:
        return
    before = policy.needed_since(ctx.now, ctx.rules)
    for monthly in MONTHLY:
        for month in policy.to_open(ctx.now):
            await ctx.facts.months.open(monthly, month)
        await ctx.facts.months.drop(monthly, before)
        await ctx.facts.months.empty_rest(monthly, before, DELETED_AT_ONCE)
    ctx.facts.beats.put(replace(beat, done_at=ctx.now))
