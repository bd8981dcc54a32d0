"""What may be posted, as the people in charge decide it."""

from dataclasses import replace

from handlers.content.items import as_approved_before, is_planned_alike
from handlers.context import Context
from handlers.router import Router
from models.content import Item
from models.events import ItemApproved, ItemsPut, ItemWithdrawn

router = Router()


@router.on(ItemsPut)
async def put(decision: ItemsPut, ctx: Context) -> None:
    """One that was withdrawn is there again. What was approved stays so while it says the same;
    only here, where nobody else changes the library, is it known what that was.

    There may be something now for slots that had nothing, and what is planned may not fit."""
    items = ctx.facts.items
    await items.take_turns()
    await items.load((each.id,) for each in decision.items)
    changed = set()
    for each in decision.items:
        known = await items.get(each.id)
        given = replace(as_approved_before(each, known), withdrawn_at=None)
        items.put(given)
        if known is not None and not is_planned_alike(known, given):
            changed.add(each.id)
    await ctx.facts.programmes.plan_anew(ctx.today, ctx.now, changed)


@router.on(ItemWithdrawn)
async def withdraw(decision: ItemWithdrawn, ctx: Context) -> None:
    """Raises LookupError where there is no such item."""
    item = await _item(decision.item, ctx)
    ctx.facts.items.put(replace(item, withdrawn_at=ctx.now))
    await ctx.facts.programmes.plan_anew(ctx.today, ctx.now, [item.id])


@router.on(ItemApproved)
async def approve(decision: ItemApproved, ctx: Context) -> None:
    """Raises LookupError where there is no such item."""
    item = await _item(decision.item, ctx)
    ctx.facts.items.put(replace(item, approved_by=decision.by))
    if item.approved_by is None:
        await ctx.facts.programmes.plan_anew(ctx.today, ctx.now, [item.id])


async def _item(name: str, ctx: Context) -> Item:
    await ctx.facts.items.take_turns()
    item = await ctx.facts.items.get(name)
    if item is None or item.withdrawn_at is not None:
        raise LookupError(name)
    return item
