"""Where a group stands: read from the facts, for whoever looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.daily import midnight
from handlers.context import Context
from handlers.growth import policy
from handlers.growth.forecast import Forecast, forecast
from handlers.growth.policy import DayCount
from models.cohort import Stage
from models.coverage import Spell, unheard, untold
from models.groups import Group, stage_of, week_of
from models.growth import Life, Recruiting, WayIn, due_on, phase_of, recruiting, way_open
from models.people import Role
from models.phase import Phase
from models.stores.community import LONG_AGO

DAYS_SHOWN = 28
LONGEST = timedelta(days=2 * 365)
"""What was before tells nothing of how a group grows now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`week` is the baby's; None where the birth window is unknown. `days` are the last ones, in
    order, today last. `foretold` is for `due_on`; None where it is too early, or decided."""

    group: Group
    life: Life
    stage: Stage
    week: int | None
    phase: Phase
    recruiting: Recruiting
    way_in: WayIn
    due_on: date
    days: Sequence[DayCount]
    foretold: Forecast | None


async def standing_of(ctx: Context) -> Standing | None:
    """None where the group is not watched."""
    group = ctx.group
    life = await ctx.facts.lives.get(group.id) if group else None
    if group is None or life is None or not group.is_ours:
        return None
    rules = ctx.rules.growth
    life = policy.reached(life, group.members, ctx.now, rules)
    state = recruiting(group.members, life, ctx.today, rules)
    return Standing(
        group=group,
        life=life,
        stage=stage_of(group, ctx.today, ctx.rules.groups),
        week=week_of(group, ctx.today),
        phase=phase_of(life, group.members, ctx.today, rules),
        recruiting=state,
        way_in=way_open(state, group.members, rules),
        due_on=due_on(life, rules),
        days=await _days(life, _first_shown(life, ctx), ctx),
        foretold=await foretold(life, ctx),
    )


async def sizes_of(standing: Standing, ctx: Context) -> list[tuple[date, int | None]]:
    """How many were in the group at the end of each day since it was opened, and are now."""
    life, group = standing.life, standing.group
    first = min(max(life.opened_on, ctx.today - LONGEST), ctx.today)
    since = max(midnight(first), life.since)
    present = await ctx.facts.members.present(group.id)
    past = await ctx.facts.past_stays.ended_since(group.id, since)
    return policy.sizes(
        group.members,
        [each.seen_at or LONG_AGO for each in present if each.role is not Role.BOT],
        [(each.seen_at or LONG_AGO, each.gone_at) for each in past],
        await spells_of(ctx, since),
        life,
        first,
        ctx.now,
    )


async def foretold(life: Life, ctx: Context) -> Forecast | None:
    """How many members there will be when it should be formed."""
    rules = ctx.rules.growth
    if ctx.group is None or not policy.is_forecast(life, ctx.today, rules):
        return None
    days = await _days(life, life.opened_on, ctx, foretelling=True)
    ahead = (midnight(due_on(life, rules)) - ctx.now) / policy.DAY
    return forecast(ctx.group.members, policy.as_days(days), ahead)


async def spells_of(ctx: Context, since: datetime) -> Sequence[Spell]:
    """When the group's account heard nothing, from `since` until now."""
    if ctx.group is None:
        return []
    account = await ctx.facts.accounts.get(ctx.group.account)
    known = await ctx.facts.deaf_spells.between(ctx.group.account, since, ctx.now)
    return unheard(known, account, ctx.now)


async def untold_of(ctx: Context, since: datetime) -> Sequence[Spell]:
    """The same of what its members say."""
    if ctx.group is None:
        return []
    account = await ctx.facts.accounts.get(ctx.group.account)
    known = await ctx.facts.deaf_spells.between(ctx.group.account, since, ctx.now)
    return untold(known, account, ctx.now)


def _first_shown(life: Life, ctx: Context) -> date:
    first = max(life.opened_on, ctx.today - (DAYS_SHOWN - 1) * policy.DAY)
    return min(first, ctx.today)  # A group that is not opened yet has had today.


async def _days(
    life: Life, first: date, ctx: Context, *, foretelling: bool = False
) -> list[DayCount]:
    """Who came and left, day by day; for a forecast, short spells are heard (see long_spells),
    and who was only found gone after a long one is left out."""
    since = policy.counted_since(life, first)
    joins = await ctx.facts.joins.after(life.group, since)
    departures = await ctx.facts.past_stays.departures(life.group, since)
    spells = await spells_of(ctx, since)
    if foretelling:
        spells = policy.long_spells(spells, ctx.rules.groups.absence)
        departures = policy.seen_leaving(departures, spells)
    return policy.by_day(joins, departures, spells, life, first, ctx.now)
