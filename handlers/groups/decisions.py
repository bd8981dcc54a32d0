"""What the people in charge decide about a group: whether it is ours, what it is, and whether we
speak in it."""

from dataclasses import replace

from handlers.concerns import end_concern
from handlers.context import Context
from handlers.groups import policy
from handlers.groups.names import call_off_renaming, ours
from handlers.router import Router
from models.events import (
    GroupAdopted,
    GroupCorrected,
    GroupPaused,
    GroupReleased,
    GroupResumed,
    GroupTakenIn,
)
from models.groups import Standing
from models.growth import Concern

router = Router()


@router.on(GroupAdopted)
async def adopt(decision: GroupAdopted, ctx: Context) -> None:
    """Raises LookupError where there is no such group. Somebody has seen its name."""
    if ctx.group is None:
        raise LookupError(decision.group)
    await end_concern(Concern.MISNAMED, ctx)
    group = policy.adopted(ctx.group, ctx.rules.groups)
    ctx.facts.groups.put(
        replace(
            group,
            standing=Standing.OURS,
            city=decision.city or group.city,
            channel=decision.channel or group.channel,
            birth_window=str(decision.window) if decision.window else group.birth_window,
            opened_on=decision.opened_on or group.opened_on,
        )
    )
    ctx.tell(GroupTakenIn(at=ctx.now, group=group.id))


@router.on(GroupCorrected)
async def correct(decision: GroupCorrected, ctx: Context) -> None:
    """It is as if it had been adopted anew. Raises LookupError where there is no such group, and
    NotOurs."""
    group = replace(ours(decision.group, ctx), **decision.changes)
    ctx.facts.groups.put(group)
    if policy.name_fault(group, ctx.rules.groups) is None:
        await end_concern(Concern.MISNAMED, ctx)
    ctx.tell(GroupTakenIn(at=ctx.now, group=group.id))


@router.on(GroupReleased)
async def release(decision: GroupReleased, ctx: Context) -> None:
    """Raises LookupError where there is no such group."""
    if ctx.group is None:
        raise LookupError(decision.group)
    ctx.facts.groups.put(replace(ctx.group, standing=Standing.RELEASED, checked_at=None))
    await call_off_renaming(ctx.group, ctx)
    if ctx.group.paused_at is not None:
        # What its pause held back would be held back for ever.
        ctx.tell(GroupResumed(at=ctx.now, by=decision.by, group=ctx.group.id))


@router.on(GroupPaused)
async def fall_silent(paused: GroupPaused, ctx: Context) -> None:
    """Raises LookupError where there is no such group, and NotOurs: there we are silent anyway."""
    group = ours(paused.group, ctx)
    if group.paused_at is None:
        ctx.facts.groups.put(replace(group, paused_at=ctx.now))


@router.on(GroupResumed)
async def speak_again(resumed: GroupResumed, ctx: Context) -> None:
    """Raises LookupError where there is no such group."""
    if ctx.group is None:
        raise LookupError(resumed.group)
    if ctx.group.paused_at is not None:
        await ctx.facts.outbox.resume(ctx.group.id, ctx.group.paused_at, ctx.now)
        ctx.facts.groups.put(replace(ctx.group, paused_at=None))
