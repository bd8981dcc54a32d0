"""What people decide about single messages that we promised to say.

Every decision holds the message's row from the moment it looks at where it stands, so a relay
that claims it meanwhile and whoever decides can't both have it.
"""

from dataclasses import dataclass

from config.daily import ZONE
from handlers.context import Context
from handlers.outbox import policy
from handlers.outbox.policy import PromiseRefused
from handlers.outbox.rounds import go_on
from handlers.router import Router
from models.delivery import Lapsed, State
from models.events import (
    PromiseCancelled,
    PromiseDecision,
    PromiseHurried,
    PromiseResolved,
    PromiseRetried,
)
from models.ids import OutboxId
from models.messages import Outgoing


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is ours until this transaction ends; `ctx` is that of its group."""

    id: OutboxId
    message: Outgoing
    state: State
    ctx: Context


def outbox_desk(features: Router) -> Router:
    """`features` say how a message is worded, what holds it back, and what follows from it."""
    desk = Router()

    @desk.on(PromiseCancelled)
    async def cancel(decision: PromiseCancelled, ctx: Context) -> None:
        """Raises LookupError, and PromiseRefused."""
        taken = await _take(decision, ctx, State.WAITING, State.HELD, State.PAUSED)
        verdict = Lapsed(f"cancelled by {decision.by}")
        await taken.ctx.facts.outbox.settle(taken.id, verdict, ctx.now)
        await features.settle(taken.message, verdict, taken.ctx)
        if taken.state is not State.HELD:
            await go_on(taken.message, verdict, taken.ctx)
        ctx.facts.outbox.look_again(ctx.now)

    @desk.on(PromiseHurried)
    async def hurry(decision: PromiseHurried, ctx: Context) -> None:
        """Raises LookupError, and PromiseRefused."""
        taken = await _take(decision, ctx, State.WAITING)
        message = taken.message
        _unless(policy.why_not_now(message, taken.ctx.group, ctx.now))
        if (until := await features.held_until(message, taken.ctx)) is not None:
            until = until.astimezone(ZONE)
            raise PromiseRefused(f"its group is left alone until {until.isoformat()}")
        if message.due_at > ctx.now:
            lapses_at = policy.lapse_if_due(message, ctx.now)
            await ctx.facts.outbox.postpone(taken.id, ctx.now, lapses_at)
        ctx.facts.outbox.look_again(ctx.now)

    @desk.on(PromiseRetried)
    async def retry(decision: PromiseRetried, ctx: Context) -> None:
        """Raises LookupError, and PromiseRefused."""
        taken = await _take(decision, ctx, State.PARKED)
        message, outbox = taken.message, ctx.facts.outbox
        _unless(policy.why_not_again(message, taken.ctx.group))
        worded = await features.render(message, taken.ctx)
        if worded is None:
            raise PromiseRefused("it concerns nobody any more")
        if not worded.text:
            raise PromiseRefused("what it said is forgotten")
        if message.group is not None and message.round is not None:
            if await outbox.has_gone_on(message.group, message.round, message.step):
                raise PromiseRefused("its round has gone on without it")
            await outbox.hold_later_steps(message.group, message.round, message.step)
        asks = await taken.ctx.needs_confirmation()
        lasts = policy.lasts(message.kind, taken.ctx.rules, needs_confirmation=asks)
        await outbox.renew(taken.id, ctx.now, ctx.now + lasts)
        outbox.look_again(ctx.now)

    @desk.on(PromiseResolved)
    async def resolve(decision: PromiseResolved, ctx: Context) -> None:
        """What follows from its having been said was done when it became unsure, and stays.
        Raises LookupError, and PromiseRefused."""
        taken = await _take(decision, ctx, State.UNSURE)
        was = "said" if decision.said else "not said"
        await ctx.facts.outbox.clear_up(taken.id, decision.said, f"{was}, as {decision.by} saw")

    return desk


async def _take(decision: PromiseDecision, ctx: Context, *allowed: State) -> Taken:
    """Raises LookupError where there is no such message, PromiseRefused where it stands
    otherwise."""
    found = await ctx.facts.outbox.take(decision.message)
    if found is None:
        raise LookupError(decision.message)
    claimed, state = found
    policy.must_stand(state, *allowed)
    group = claimed.message.group
    of_group = await ctx.of(group) if group is not None else ctx
    return Taken(claimed.id, claimed.message, state, of_group)


def _unless(why: str | None) -> None:
    if why is not None:
        raise PromiseRefused(why)
