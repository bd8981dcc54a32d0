"""A group's posts of the days to come: those that are planned, and those that would be."""

from datetime import date, timedelta

from config.daily import midnight
from handlers.content import grounds, planning
from handlers.content.choice import Library
from handlers.context import Context
from models.content import Post

DAY = timedelta(days=1)
DAYS_AHEAD = 14
"""How far anybody may look, and decide."""


async def ahead(ctx: Context, library: Library, days: int) -> list[Post]:
    """Yesterday's that are of the night, whatever became of them, and all from today on, by day
    and slot: so a number that somebody has seen stays good. Days that are not planned yet are as
    they would be planned now; without a library that is nothing but what was decided about them.
    """
    assert ctx.group is not None
    programme = await ctx.facts.programmes.get(ctx.group.id)
    last = ctx.today + (days - 1) * DAY
    found = await ctx.facts.posts.of_days(ctx.group.id, ctx.today - DAY, last)
    kept = [each for each in found if each.day >= ctx.today or is_of_the_night(each, ctx.today)]
    if programme is None or not ctx.group.is_ours or not library:
        return kept
    first = next_unplanned(programme.planned_on, ctx.today)
    planned = [each for each in kept if each.day < first]
    projected = await _projected(first, days - (first - ctx.today).days, library, ctx)
    return sorted([*planned, *projected], key=lambda each: (each.day, each.slot))


async def find(ctx: Context, day: date, slot: int) -> Post | None:
    """The group's post of a slot, planned already or as it would be."""
    assert ctx.group is not None
    kept = await ctx.facts.posts.get(ctx.group.id, day, slot)
    days = (day - ctx.today).days
    if kept is not None or not 0 <= days <= DAYS_AHEAD:
        return kept
    to_come = await ahead(ctx, await grounds.library(ctx.facts), days + 1)
    return next((each for each in to_come if (each.day, each.slot) == (day, slot)), None)


def is_of_the_night(post: Post, today: date) -> bool:
    """Whether its hours run from yesterday into today, and it was not posted before midnight."""
    begun = midnight(today)
    return post.day < today and post.closes_at > begun and (post.posted_at or begun) >= begun


def next_unplanned(planned_on: date | None, today: date) -> date:
    return today if planned_on is None or planned_on < today else planned_on + DAY


async def _projected(first: date, days: int, library: Library, ctx: Context) -> list[Post]:
    if days <= 0:
        return []
    days_ahead = [first + n * DAY for n in range(days)]
    ground = {day: await grounds.ground(day, ctx) for day in days_ahead}
    return planning.calendar(ground.__getitem__, first, days, library, ctx.now)
