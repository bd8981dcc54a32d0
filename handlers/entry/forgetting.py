"""What is forgotten of visitors as time passes.

Where she came from may be forgotten itself, so the rules that hold everywhere count.
"""

from dataclasses import replace

from handlers.context import Context
from handlers.router import Router
from models.entry import forgotten

router = Router()

VISITORS_A_BEAT = 500
"""So that one transaction stays short; the next beat takes the rest."""


@router.every(minutes=10)
async def forget_answers(ctx: Context) -> None:
    """Of those who never joined a group, or left it long ago."""
    visitors = ctx.facts.visitors
    before = ctx.now - ctx.rules.entry.answers_kept
    found = await visitors.to_forget(before, VISITORS_A_BEAT)
    await visitors.load((each,) for each in found)
    for each in found:
        visitor = await visitors.get(each)
        if visitor is None or visitor.is_in:
            continue  # she came meanwhile
        times = [at for at in (visitor.left_at, visitor.answered_at) if at is not None]
        if times and max(times) <= before:
            visitors.put(forgotten(visitor))


@router.every(minutes=10)
async def free_tickets(ctx: Context) -> None:
    """Those that lapsed may be given to others."""
    visitors = ctx.facts.visitors
    found = await visitors.with_lapsed_tickets(ctx.now, VISITORS_A_BEAT)
    await visitors.load((each,) for each in found)
    for each in found:
        visitor = await visitors.get(each)
        if visitor is not None and visitor.ticket_until and visitor.ticket_until <= ctx.now:
            visitors.put(replace(visitor, ticket=None, ticket_until=None))
