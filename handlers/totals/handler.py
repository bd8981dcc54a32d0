"""What the last days came to is counted at night and in the morning, so that whoever looks at it
need not wait until it is."""

from dataclasses import replace
from datetime import date, datetime

from config.daily import midnight
from handlers.context import Context
from handlers.router import Router
from handlers.totals import policy
from models.coverage import unheard
from models.stores.community import LONG_AGO
from models.stores.office import Beat
from models.stores.unit import Unit
from models.totals import DayTotal

router = Router()

COUNTING = "totals.counting"
NO_CHANNEL = ""


async def next_count(facts: Unit) -> datetime | None:
    beat = await facts.beats.get(COUNTING)
    return policy.count_after(beat.done_at) if beat else LONG_AGO


@router.every(seconds=10, next_due=next_count)
async def count_days(ctx: Context) -> None:
    """One day a beat, those first that were missed. The first beat ever only marks from when
    days count."""
    beat = await ctx.facts.beats.get(COUNTING)
    if beat is None:
        ctx.facts.beats.put(Beat(name=COUNTING, done_at=ctx.now))
    elif policy.count_after(beat.done_at) <= ctx.now:
        yesterday = ctx.today - policy.A_DAY
        first = yesterday - policy.KEPT_AHEAD
        missing = await ctx.facts.totals.first_missing(first, yesterday)
        await _count(missing or yesterday, ctx)
        if missing in (None, yesterday):
            ctx.facts.beats.put(replace(beat, done_at=ctx.now))


async def _count(day: date, ctx: Context) -> None:
    counted = await ctx.facts.totals.count(day)
    watched = await ctx.facts.totals.watched()
    accounts = {each.account for each in watched}
    spells = {}
    await ctx.facts.deaf_spells.read(accounts, midnight(day))
    for account in accounts:
        known = await ctx.facts.deaf_spells.between(account, midnight(day), ctx.now)
        spells[account] = unheard(known, await ctx.facts.accounts.get(account), ctx.now)
    for channel in {NO_CHANNEL, *counted, *(each.channel for each in watched)}:
        of_channel = [each for each in watched if each.channel == channel]
        groups, heard = policy.heard_of(of_channel, spells, day)
        ctx.facts.totals.put(
            DayTotal(
                day=day,
                channel=channel,
                groups=groups,
                heard=heard,
                counted_at=ctx.now,
                **counted.get(channel, {}),
            )
        )
