"""What a group may need somebody for: noted where it is found, and told in the morning by
handlers/growth, with whatever else there is."""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.context import Context
from models.growth import Concern, Notice

URGENT_AGAIN = timedelta(days=1)
"""What is urgent and was settled is found anew after this, if it still is so."""
WITHIN_A_MORNING = timedelta(hours=12)
"""What was told a week ago, a bit later in the morning, was told a week ago."""


async def raise_concern(
    concern: Concern, text: str, ctx: Context, *, can_wait: bool = False, anew: bool = False
) -> None:
    """The person in charge is told: at once what is new and urgent, unless it `can_wait`; in the
    morning everything else. What she has been told already is told again only after
    `growth.again_after`, even if it was over in between, where it wavers; or as something new
    where it is raised `anew`. What somebody has seen to is left to her for that long."""
    if ctx.group is None:
        return
    known = await ctx.facts.notices.get(ctx.group.id, concern)
    if known is not None and not anew and _is_seen_to(known, ctx):
        return
    morning = ctx.rules.growth.morning.next_start(ctx.now)
    if known is None or not known.is_open or anew:
        known = Notice(
            group=ctx.group.id,
            concern=concern,
            found_at=ctx.now,
            text=text,
            due_at=ctx.now if concern.is_urgent and not can_wait else None,
            told_at=known.told_at if known and concern.wavers and not anew else None,
        )
    if known.due_at is None and _is_long_ago(known, morning, ctx):
        known = replace(known, due_at=morning)
    ctx.facts.notices.put(replace(known, text=text))


async def end_concern(concern: Concern, ctx: Context) -> None:
    """It is not so any more; who was not told of it yet is not told, and what begins after it is
    new, whoever saw to this."""
    known = await ctx.facts.notices.get(ctx.group.id, concern) if ctx.group else None
    if known is not None and known.is_open:
        ctx.facts.notices.put(ended(known, ctx))
    elif known is not None and known.settled_at is not None:
        ctx.facts.notices.put(replace(known, settled_at=None))


async def open_notice(concern: Concern, ctx: Context) -> Notice | None:
    """What is noted of it in the group of the context, where it is not over."""
    known = await ctx.facts.notices.get(ctx.group.id, concern) if ctx.group else None
    return known if known is not None and known.is_open else None


def ended(notice: Notice, ctx: Context) -> Notice:
    return replace(notice, ended_at=ctx.now, due_at=None)


def _is_seen_to(notice: Notice, ctx: Context) -> bool:
    """News is of something else each time."""
    if notice.is_open or notice.settled_at is None or notice.concern.is_news:
        return False
    later = ctx.rules.growth.again_after - WITHIN_A_MORNING
    rest = URGENT_AGAIN if notice.concern.is_urgent else later
    return ctx.now - notice.settled_at < rest


def _is_long_ago(told: Notice, morning: datetime, ctx: Context) -> bool:
    return (
        told.told_at is None
        or morning - told.told_at >= ctx.rules.growth.again_after - WITHIN_A_MORNING
    )
