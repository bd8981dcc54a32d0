"""What people decide about what they were asked to say, or to let be said.

A proposal is held from the moment that a decision looks at where it stands, so whoever hands it
over, asks how it went or lets it lapse waits for that. Its groups are held after it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from handlers.context import Context
from handlers.proposals import policy
from handlers.proposals.policy import ProposalRefused
from handlers.router import OnSettled, Router
from models.delivery import Lapsed, Sent, Verdict
from models.events import ProposalDecision, ProposalDeclined, ProposalDone
from models.ids import PersonId
from models.messages import Claimed, Outgoing
from models.proposals import Means, Proposal, ProposalState

NOBODY = "it concerns nobody any more"


@dataclass(frozen=True, slots=True)
class Desk:
    """`features` say how a message is worded, and what follows from it; `go_on` what follows for
    the rest of its round."""

    features: Router
    go_on: OnSettled


def proposals_desk(features: Router, go_on: OnSettled) -> Router:
    known, desk = Desk(features, go_on), Router()

    @desk.on(ProposalDone)
    async def done(decision: ProposalDone, ctx: Context) -> None:
        """Raises LookupError, and ProposalRefused."""
        proposal = await _take(decision, ctx)
        policy.must_be_by_hand(proposal)
        was_said = proposal.means is Means.TEMPLATE
        for row in await ctx.facts.outbox.proposed_in(proposal.key):
            was_said |= await _said(row, decision.named, known, ctx)
        if was_said:
            told = f"done, as {decision.by} said"
            _end(proposal, ProposalState.DONE, told, ctx)
        else:
            _end(proposal, ProposalState.LAPSED, NOBODY, ctx)

    @desk.on(ProposalDeclined)
    async def decline(decision: ProposalDeclined, ctx: Context) -> None:
        """Raises LookupError, and ProposalRefused."""
        proposal = await _take(decision, ctx)
        if proposal.means is Means.GROUP_SEND:
            _withdraw(proposal, decision.by, ctx)
            return
        for row in await ctx.facts.outbox.proposed_in(proposal.key):
            of_group = await _group_of(row.message, ctx)
            verdict = policy.verdict_of_declined(row.message, decision.by)
            await _settle(row, row.message, verdict, known, of_group)
        _end(proposal, ProposalState.REFUSED, f"declined by {decision.by}", ctx)

    return desk


async def _take(decision: ProposalDecision, ctx: Context) -> Proposal:
    """Raises LookupError where there is no such proposal, ProposalRefused where nobody has been
    asked for it yet, or it has ended."""
    proposal = await ctx.facts.proposals.locked(decision.proposal)
    if proposal is None:
        raise LookupError(decision.proposal)
    policy.must_be_open(proposal)
    return proposal


async def _said(
    row: Claimed, named: Collection[PersonId] | None, desk: Desk, ctx: Context
) -> bool:
    """Whether there was somebody to hear it."""
    of_group = await _group_of(row.message, ctx)
    if named is not None:
        await _leave_to_next_round(row.message, named, of_group)
    worded = await desk.features.render(row.message, of_group)
    if worded is not None and named is not None:
        worded = policy.as_said(row.message, worded, named)
    if worded is None:
        await _settle(row, row.message, Lapsed(NOBODY), desk, of_group)
        return False
    if worded != row.message:
        await ctx.facts.outbox.rewrite(row.id, worded.text, worded.mentions)
    await _settle(row, worded, Sent(), desk, of_group)
    return True


async def _leave_to_next_round(
    message: Outgoing, named: Collection[PersonId], ctx: Context
) -> None:
    """Who came into the round after its text was copied has not been greeted by it."""
    if message.group is None or message.round is None:
        return
    for each in await ctx.facts.newcomers.of_round(message.group, message.round):
        if each.person not in named and each.waiting_since is not None:
            ctx.facts.newcomers.put(replace(each, round=None))


async def _settle(
    row: Claimed, message: Outgoing, verdict: Verdict, desk: Desk, ctx: Context
) -> None:
    await ctx.facts.outbox.settle(row.id, verdict, ctx.now)
    await desk.features.settle(message, verdict, ctx)
    await desk.go_on(message, verdict, ctx)


async def _group_of(message: Outgoing, ctx: Context) -> Context:
    return await ctx.of(message.group) if message.group is not None else ctx


def _end(proposal: Proposal, state: ProposalState, reason: str, ctx: Context) -> None:
    ended = replace(proposal, state=state, settled_at=ctx.now, due_at=None, reason=reason)
    ctx.facts.proposals.put(ended)
    ctx.facts.outbox.look_again(ctx.now)


def _withdraw(proposal: Proposal, by: str, ctx: Context) -> None:
    """Whoever holds the account cancels it at the platform, and hears what had been said."""
    if policy.is_withdrawn(proposal):
        raise ProposalRefused(policy.BEING_WITHDRAWN)
    reason = f"{policy.WITHDRAWN}{by}"
    ctx.facts.proposals.put(replace(proposal, due_at=ctx.now, reason=reason))
    ctx.facts.outbox.look_again(ctx.now)
