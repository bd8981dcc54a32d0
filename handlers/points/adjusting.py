"""What operators decide about points, beside what monitors do in chat: bound by no budget, and by
no limit of what may be earned in a day."""

from handlers.context import Context
from handlers.points import policy
from handlers.points.policy import PointsRefused, Refusal
from handlers.router import Router
from models.events import EntryReversed, PointsAdjusted
from models.points import OFFICE, Entry, EntryKind, clawback

router = Router()


@router.on(PointsAdjusted)
async def adjust(decision: PointsAdjusted, ctx: Context) -> None:
    """Raises PointsRefused; LookupError where she is not in the group. No more is taken than is
    there."""
    member = await ctx.facts.members.get(decision.group, decision.person)
    if member is None or not member.present:
        raise LookupError(decision.person)
    _must_be_ours(ctx)
    had = (await ctx.facts.balances.of(decision.group, decision.person)).points
    _must_not(policy.why_not_adjusted(await ctx.role_of(member), decision.points, had))
    await ctx.facts.ledger.book(_entry(decision, ctx))


@router.on(EntryReversed)
async def reverse(decision: EntryReversed, ctx: Context) -> None:
    """Raises PointsRefused; LookupError where the group has no such line."""
    found = await ctx.facts.ledger.by_keys([decision.key])
    entry = found.get(decision.key)
    if entry is None or entry.group != decision.group:
        raise LookupError(decision.key)
    _must_be_ours(ctx)
    _must_not(policy.why_not_reversed(entry))
    if not await ctx.facts.ledger.book(clawback(entry, ctx.now, decision.by, decision.reason)):
        raise PointsRefused(Refusal.REVERSED)


def key_of(decision: PointsAdjusted) -> str:
    """Of the line that it becomes."""
    return f"{_kind(decision)}:{decision.group}:{OFFICE}{decision.id}"


def _kind(decision: PointsAdjusted) -> EntryKind:
    return EntryKind.BONUS if decision.points > 0 else EntryKind.DEDUCTION


def _entry(decision: PointsAdjusted, ctx: Context) -> Entry:
    return Entry(
        key=key_of(decision),
        group=decision.group,
        person=decision.person,
        kind=_kind(decision),
        points=decision.points,
        at=ctx.now,
        by=decision.by,
        cause=f"{OFFICE}{decision.id}",
        note=decision.reason,
    )


def _must_be_ours(ctx: Context) -> None:
    if ctx.group is None or not ctx.group.is_ours:
        raise PointsRefused(Refusal.NOT_OURS)


def _must_not(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise PointsRefused(refusal)
