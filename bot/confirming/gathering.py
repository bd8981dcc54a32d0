"""Promises that a person has to confirm become proposals, as few as can be."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.confirming import policy
from bot.confirming.budget import Budget
from bot.confirming.policy import Piece
from bot.outbox.settling import Settling
from config.rules import ConfirmationRules
from models.delivery import Lapsed, Parked
from models.ids import AccountId, PersonId
from models.proposals import Means, Proposal, ProposalState
from models.stores.unit import Unit

AT_ONCE = 500
"""Promises gathered in one transaction."""
NO_OWNER = "nobody is known to own the group: only its owner can confirm what is said in it"


class Gatherer:
    def __init__(self, account: AccountId, settling: Settling) -> None:
        self._account = account
        self._settling = settling

    async def gather(self, facts: Unit, now: datetime) -> bool:
        """Whether there is more to be gathered."""
        rows = await facts.outbox.loose(self._account, AT_ONCE)
        pieces = [each for each in policy.pieces(rows) if await self._is_whole(facts, each)]
        if not pieces:
            return False
        await facts.groups.load((each.group,) for each in pieces)
        budget = await Budget.of(facts, [each.group for each in pieces], now)
        open_ones = await _Open.of(facts, self._account, now)
        for piece in pieces:
            group = await facts.groups.get(piece.group)
            rules = (await facts.rules.in_force(group)).confirmation
            means, why = piece.means(rules), None
            if means is Means.GROUP_SEND:
                why = budget.refuses(piece.group, rules)
            if group is None or group.owner is None:
                ends = [(row, Parked(NO_OWNER)) for row in piece.rows]
                await self._settling.settle_all(facts, ends, now)
            elif why is not None:
                lapses = [(row, Lapsed(why)) for row in piece.rows]
                await self._settling.settle_all(facts, lapses, now)
            else:
                if means is Means.GROUP_SEND:
                    budget.spend(piece.group)
                key = open_ones.take_in(piece, means, group.owner, rules)
                await facts.outbox.belong([each.id for each in piece.rows], key)
        return len(rows) == AT_ONCE

    async def _is_whole(self, facts: Unit, piece: Piece) -> bool:
        """Whether no step of it is yet to come."""
        number = piece.first.message.round
        return number is None or await facts.outbox.is_all_proposed(piece.group, number)


class _Open:
    """Proposals that still gather, and for how many groups each is."""

    def __init__(self, facts: Unit, account: AccountId, now: datetime) -> None:
        self._facts = facts
        self._account = account
        self._now = now
        self._proposals: dict[str, Proposal] = {}
        self._sizes: dict[str, int] = {}

    @classmethod
    async def of(cls, facts: Unit, account: AccountId, now: datetime) -> "_Open":
        found = cls(facts, account, now)
        for proposal in await facts.proposals.gathering(account):
            found._proposals[proposal.key] = proposal
            found._sizes[proposal.key] = len(await facts.outbox.proposed_in(proposal.key))
        return found

    def take_in(
        self, piece: Piece, means: Means, owner: PersonId, rules: ConfirmationRules
    ) -> str:
        """The key of that which it belongs to from now on."""
        proposal = next(
            (
                each
                for each in self._proposals.values()
                if each.owner == owner
                and policy.joins(piece, means, each, self._sizes[each.key], self._now)
            ),
            None,
        ) or self._begun(piece, means, owner, rules.gathering)
        lapses_at = max(proposal.lapses_at, piece.lapses_at)
        proposal = self._proposals[proposal.key] = replace(proposal, lapses_at=lapses_at)
        self._sizes[proposal.key] = self._sizes.get(proposal.key, 0) + 1
        self._facts.proposals.put(proposal)
        return proposal.key

    def _begun(
        self, piece: Piece, means: Means, owner: PersonId, gathering: timedelta
    ) -> Proposal:
        """It gathers no longer than what it is for lasts."""
        ready_at = min(self._now + gathering, piece.lapses_at)
        return Proposal(
            key=f"{means}:{piece.first.id}",
            account=self._account,
            owner=owner,
            means=means,
            state=ProposalState.GATHERING,
            hour=piece.hour,
            digest=piece.digest,
            made_at=self._now,
            ready_at=ready_at,
            lapses_at=piece.lapses_at,
            due_at=ready_at,
        )
