"""Entry codes are made, and changed: they hang on walls, so what they lead to stays."""

from dataclasses import replace

from handlers.context import Context
from handlers.router import Router
from models.events import ChannelLed, EntryCodeChanged, EntryCodeMade

router = Router()

CHANGES = ("headline", "template", "referrer", "closed_at")
"""Where people come from by it never changes: what is printed, and counted, says so."""


@router.on(EntryCodeMade)
async def make(decision: EntryCodeMade, ctx: Context) -> None:
    """Raises CodeExists (models/stores/entry.py)."""
    await ctx.facts.entry_codes.add(decision.code)
    ctx.tell(ChannelLed(at=ctx.now, channel=decision.code.channel))


@router.on(EntryCodeChanged)
async def change(decision: EntryCodeChanged, ctx: Context) -> None:
    """One that is closed stays closed since when it was. Raises LookupError where there is no
    such code, ValueError for what stays as it is."""
    code = await ctx.facts.entry_codes.lock(decision.code)
    if code is None:
        raise LookupError(decision.code)
    for field in decision.changes:
        if field not in CHANGES:
            raise ValueError(f"the {field} of an entry code stays as it is; make another code")
    changed = replace(code, **decision.changes)
    if changed.closed_at is not None:
        changed = replace(changed, closed_at=code.closed_at or changed.closed_at)
    ctx.facts.entry_codes.put(changed)
    if code.closed_at is not None and changed.closed_at is None:
        ctx.tell(ChannelLed(at=ctx.now, channel=code.channel))
