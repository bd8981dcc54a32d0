"""Entry codes are made, and changed: they hang on walls, so what they lead to stays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.context import Context
from handlers.router import Router
from models.entry import EntryCode
from models.events import ChannelLed, EntryCodeChanged, EntryCodeMade

router = Router()

CHANGES = ("headline", "template", "referrer", "closed_at")
"""Where people come from by it never changes: what is printed, and counted, says so."""
CHANGES_UNSCANNED = ("city",)
"""For as long as nobody has scanned it."""


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
    await _check(code, decision.changes, ctx)
    changed = replace(code, **decision.changes)
    if changed.closed_at is not None:
        changed = replace(changed, closed_at=code.closed_at or changed.closed_at)
    ctx.facts.entry_codes.put(changed)
    if code.closed_at is not None and changed.closed_at is None:
        ctx.tell(ChannelLed(at=ctx.now, channel=code.channel))


async def _check(code: EntryCode, changes: Mapping[str, Any], ctx: Context) -> None:
    for field in changes:
        if field in CHANGES:
            continue
        if field not in CHANGES_UNSCANNED:
            raise ValueError(f"the {field} of an entry code stays as it is; make another code")
        if await ctx.facts.visitors.came_by(code.code):
            raise ValueError(f"the {field} stays: people have scanned the code; make another one")
