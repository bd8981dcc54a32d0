"""What a group may need somebody for: noted where it is found, and told in the morning by
handlers/growth, with whatever else there is."""

from dataclasses import replace

from handlers.context import Context
from models.growth import Concern, Notice


async def raise_concern(concern: Concern, text: str, ctx: Context) -> None:
    """The person in charge is told: at once what can't wait, in the morning what can. What she
    has been told already is told again only after `growth.again_after`."""
    if ctx.group is None:
        return
    known = await ctx.facts.notices.get(ctx.group.id, concern)
    is_open = known is not None and known.ended_at is None
    if known is not None and is_open and known.due_at is not None:
        ctx.facts.notices.put(replace(known, text=text))
        return
    told_at = known.told_at if known is not None and is_open else None
    if told_at is not None and ctx.now - told_at < ctx.rules.growth.again_after:
        return
    due_at = ctx.now if concern.is_urgent else ctx.rules.growth.morning.next_start(ctx.now)
    found_at = known.found_at if known is not None and is_open else ctx.now
    ctx.facts.notices.put(
        Notice(group=ctx.group.id, concern=concern, found_at=found_at, text=text, due_at=due_at)
    )


async def end_concern(concern: Concern, ctx: Context) -> None:
    """It is not so any more; who was not told of it yet is not told."""
    known = await ctx.facts.notices.get(ctx.group.id, concern) if ctx.group else None
    if known is not None and known.ended_at is None:
        ctx.facts.notices.put(replace(known, ended_at=ctx.now, due_at=None))
