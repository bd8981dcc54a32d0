"""Promises that a person has to confirm: gather, put to her, see what she did. One an account."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.clock import Clock
from bot.confirming import policy
from bot.confirming.gathering import Gatherer
from bot.confirming.notices import Notices
from bot.confirming.policy import Piece
from bot.confirming.wording import Ready
from bot.dispatcher import HandlerFailed
from bot.gateways.base import Gateway, Outcome, Proposed, Proposes, Unreachable
from bot.outbox.bell import Bell
from bot.outbox.policy import verdict
from bot.outbox.relay import BLIND, STUMBLE, Holding
from bot.outbox.settling import Settling
from bot.transactions import Transactions, Work
from handlers.router import Router
from models.delivery import (
    DeliveryError,
    Lapsed,
    MaybeSent,
    NotSent,
    Parked,
    RetryAt,
    Sent,
    Verdict,
    Withheld,
)
from models.ids import AccountId, GroupId, PersonId
from models.proposals import Means, Proposal, ProposalState
from models.stores.unit import Unit

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 500
"""Proposals looked at in one go."""
SETTLED_AT_ONCE = 200
"""Promises; a mass send may be 2,000 of them, and no transaction is to last for long."""
LOST_FOR = timedelta(minutes=1)
"""After this a mass send that may have been taken in shows in the platform's list, if it was."""


class Speaking(Gateway, Proposes, Protocol):
    """A gateway that needs people to confirm."""


class Confirmer:
    def __init__(
        self,
        account: AccountId,
        gateway: Speaking,
        holding: Holding,
        transactions: Transactions,
        router: Router,
        clock: Clock,
    ) -> None:
        self._account = account
        self._gateway = gateway
        self._holding = holding
        self._transactions = transactions
        self._settling = Settling(router)
        self._gatherer = Gatherer(account, self._settling)
        self._notices = Notices(account, router)
        self._clock = clock
        self.promised = False
        """Whether something is to be said now, since somebody took note of it."""

    async def run(self, bell: Bell) -> None:
        """See to what is due, and sleep until the next is, or the bell rings; until closed."""
        while not bell.closed:
            try:
                again = await self.step()
            except Exception:  # the other proposals must still be seen to
                log.exception("a proposal of %s stumbled", self._account)
                again = self._clock.now() + STUMBLE
            await bell.wait(None if again is None else again - self._clock.now())

    async def step(self) -> datetime | None:
        """When to come back, None for not before something is promised."""
        now = self._clock.now()
        if not self._holding.holds():
            return now + BLIND
        while await self._do(lambda facts: self._gatherer.gather(facts, now)):
            pass
        due = await self._do(lambda facts: facts.proposals.due(self._account, now, AT_ONCE))
        pastes: dict[PersonId, list[Proposal]] = defaultdict(list)
        for each in due:
            if each.means is not Means.GROUP_SEND:
                pastes[each.owner].append(each)
        for hers in pastes.values():
            await self._see_to_pastes(hers, now)
        sends = [each for each in due if each.means is Means.GROUP_SEND]
        if sends and not self._gateway.link.up:
            return now + BLIND
        for each in sends:
            await self._see_to_send(each, now)
        return await self._do(lambda facts: facts.proposals.next_due(self._account))

    async def _do(self, work: Work[T]) -> T:
        """In one transaction; once more for each message that a handler fails for, without it."""

        async def noting(facts: Unit) -> T:
            done = await work(facts)
            self.promised |= facts.outbox.soonest_promise() is not None
            return done

        while True:
            with suppress(HandlerFailed):
                return await self._transactions.run(noting)

    # What is pasted

    async def _see_to_pastes(self, pastes: Sequence[Proposal], now: datetime) -> None:
        """All of one owner, who hears of them at once."""
        try:
            await self._do(lambda facts: self._ask_or_remind(facts, pastes, now))
        except Exception:  # the other owners must still be asked
            log.exception("what %s is to paste stumbled", pastes[0].owner)
            for each in pastes:
                await self._postpone(each, now + LOST_FOR)

    async def _ask_or_remind(self, facts: Unit, pastes: Sequence[Proposal], now: datetime) -> None:
        rules = (await facts.rules.in_force()).confirmation
        ready: list[Ready] = []
        late: list[Ready] = []
        for each in pastes:
            proposal = await facts.proposals.locked(each.key)
            if proposal is None or not proposal.is_pending:
                continue
            paste = await self._notices.as_ready(facts, proposal, now)
            why = policy.called_off(proposal, now)
            if paste is None or why is not None:
                await self._end(facts, proposal, Lapsed(why or policy.NOBODY), now)
                continue
            remind = policy.next_reminder(proposal, rules)
            if proposal.state is ProposalState.GATHERING:
                proposal = replace(proposal, state=ProposalState.OPEN, handed_at=now)
                ready.append(paste)
            elif remind is not None and remind <= now:
                proposal = replace(proposal, reminders=proposal.reminders + 1, reminded_at=now)
                late.append(paste)
            facts.proposals.put(replace(proposal, due_at=policy.next_look(proposal, now, rules)))
        await self._notices.tell(facts, pastes[0].owner, ready, late, now)

    # What the platform sends

    async def _see_to_send(self, proposal: Proposal, now: datetime) -> None:
        try:
            match proposal.state:
                case ProposalState.GATHERING:
                    await self._hand_over(proposal, now)
                case ProposalState.HANDING:
                    await self._look_for(proposal, now)
                case _:
                    await self._look_after(proposal, now)
        except Unreachable as error:
            log.warning("proposal %s: %s", proposal.key, error)
            await self._postpone(proposal, now + LOST_FOR)
        except Exception:  # the other proposals must still be seen to
            log.exception("proposal %s stumbled", proposal.key)
            await self._postpone(proposal, now + LOST_FOR)

    async def _hand_over(self, proposal: Proposal, now: datetime) -> None:
        async def claim(facts: Unit) -> tuple[Proposal, list[Piece]] | None:
            known = await facts.proposals.locked(proposal.key)
            if known is None or known.state is not ProposalState.GATHERING:
                return None
            if not await self._holding.confirm(facts):
                return None
            rows = await facts.outbox.proposed_in(known.key)
            if not rows or known.lapses_at <= now:
                await self._end(facts, known, Lapsed("its time has passed"), now)
                return None
            known = replace(
                known,
                state=ProposalState.HANDING,
                attempts=known.attempts + 1,
                handed_at=now,
                due_at=now + LOST_FOR,
            )
            facts.proposals.put(known)
            return known, policy.pieces(rows)

        claimed = await self._do(claim)
        if claimed is None:
            return
        known, parts = claimed
        try:
            if not self._holding.holds():
                raise Withheld("the account was taken over by another process")
            groups = [each.group for each in parts]
            proposed = await self._gateway.propose(
                known.owner, groups, parts[0].text, parts[0].attachment
            )
        except MaybeSent as error:
            # Whether it was taken in shows in the platform's list, where it is looked for.
            log.warning("proposal %s may have been taken in: %s", known.key, error)
        except DeliveryError as error:
            why = error
            await self._do(lambda facts: self._not_taken(facts, known, why, now))
        else:
            await self._do(lambda facts: self._taken(facts, known, proposed, now))

    async def _look_for(self, proposal: Proposal, now: datetime) -> None:
        """Somebody was handing it over, and nobody knows whether it was taken in."""
        rows = await self._do(lambda facts: facts.outbox.proposed_in(proposal.key))
        parts = policy.pieces(rows)
        since = proposal.handed_at or now
        known = await self._do(lambda facts: facts.proposals.known(self._account, since))
        found = await self._gateway.find_proposed(parts[0].text, since, known) if parts else None
        if found is not None:
            await self._do(lambda facts: self._taken(facts, proposal, Proposed(found), now))
        else:
            lost = NotSent("it was not taken in")
            await self._do(lambda facts: self._not_taken(facts, proposal, lost, now))

    async def _taken(
        self, facts: Unit, proposal: Proposal, proposed: Proposed, now: datetime
    ) -> None:
        known = await facts.proposals.locked(proposal.key)
        if known is None or known.state is not ProposalState.HANDING:
            return
        rules = (await facts.rules.in_force()).confirmation
        known = replace(
            known,
            state=ProposalState.OPEN,
            platform_id=proposed.id,
            handed_at=now,
        )
        facts.proposals.put(replace(known, due_at=policy.next_look(known, now, rules)))
        rows = await facts.outbox.proposed_in(known.key)
        refused = [each for each in rows if each.message.group in proposed.refused]
        why = Parked("the platform sends nothing more to this group, e.g. its quota is used up")
        await self._settling.settle_all(facts, [(row, why) for row in refused], now)

    async def _not_taken(
        self, facts: Unit, proposal: Proposal, error: DeliveryError, now: datetime
    ) -> None:
        known = await facts.proposals.locked(proposal.key)
        if known is None or known.state is not ProposalState.HANDING:
            return
        rules = await facts.rules.in_force()
        outcome = verdict(error, known.attempts, now, rules.delivery)
        if isinstance(outcome, RetryAt):
            facts.proposals.put(
                replace(
                    known,
                    state=ProposalState.GATHERING,
                    # Nothing joins it any more, and it is tried once its time has come.
                    due_at=outcome.at,
                )
            )
        else:
            await self._end(facts, known, outcome, now)

    async def _look_after(self, proposal: Proposal, now: datetime) -> None:
        assert proposal.platform_id is not None
        why = policy.called_off(proposal, now)
        if why is not None:
            await self._withdraw(proposal.platform_id)
        outcome = await self._gateway.outcome(proposal.platform_id, proposal.owner)
        rules = (await self._do(lambda facts: facts.rules.in_force())).confirmation
        reminded = False
        remind = policy.next_reminder(proposal, rules)
        if why is None and not outcome.confirmed and remind is not None and remind <= now:
            reminded = await self._remind(proposal.platform_id)
        await self._do(lambda facts: self._note(facts, proposal, outcome, why, now, reminded))

    async def _withdraw(self, platform_id: str) -> None:
        """What it can't be withdrawn for (she confirmed it just now) shows in its outcome."""
        try:
            await self._gateway.withdraw(platform_id)
        except (NotSent, MaybeSent) as error:
            raise Unreachable(str(error)) from error
        except DeliveryError as error:
            log.info("not withdrawn: %s", error)

    async def _remind(self, platform_id: str) -> bool:
        try:
            await self._gateway.remind(platform_id)
        except DeliveryError as error:
            log.warning("not reminded: %s", error)
        return True

    async def _note(
        self,
        facts: Unit,
        proposal: Proposal,
        outcome: Outcome,
        why: str | None,
        now: datetime,
        reminded: bool,
    ) -> None:
        known = await facts.proposals.locked(proposal.key)
        if known is None or known.state is not ProposalState.OPEN:
            return
        if reminded:
            known = replace(known, reminders=known.reminders + 1, reminded_at=now)
        rows = await facts.outbox.proposed_in(known.key)
        ended = [(row, verdict_of(row.message.group, outcome)) for row in rows]
        settled = [(row, each) for row, each in ended if each is not None]
        await self._settling.settle_all(facts, settled[:SETTLED_AT_ONCE], now)
        if len(settled) > SETTLED_AT_ONCE:
            facts.proposals.put(replace(known, due_at=now))
        elif len(settled) == len(rows):
            state = ProposalState.DONE if outcome.confirmed else ProposalState.REFUSED
            facts.proposals.put(replace(known, state=state, due_at=None, settled_at=now))
        elif why is not None:
            why = policy.LEFT_OUT if outcome.confirmed else why
            await self._end(facts, known, Lapsed(why), now)
        else:
            rules = (await facts.rules.in_force()).confirmation
            again = policy.next_look(known, now, rules, confirmed=outcome.confirmed)
            facts.proposals.put(replace(known, due_at=again))

    # How

    async def _postpone(self, proposal: Proposal, due_at: datetime) -> None:
        async def work(facts: Unit) -> None:
            known = await facts.proposals.locked(proposal.key)
            if known is not None and known.is_pending:
                facts.proposals.put(replace(known, due_at=due_at))

        await self._do(work)

    async def _end(self, facts: Unit, proposal: Proposal, outcome: Verdict, now: datetime) -> None:
        """With all that is left of it."""
        state = ProposalState.LAPSED if isinstance(outcome, Lapsed) else ProposalState.REFUSED
        reason = outcome.reason if isinstance(outcome, Lapsed | Parked) else None
        facts.proposals.put(
            replace(proposal, state=state, due_at=None, settled_at=now, reason=reason)
        )
        rows = await facts.outbox.proposed_in(proposal.key)
        await self._settling.settle_all(facts, [(row, outcome) for row in rows], now)


def verdict_of(group: GroupId | None, outcome: Outcome) -> Verdict | None:
    """What became of it in this group; None where that is not known yet."""
    if group in outcome.sent:
        return Sent()
    why = outcome.refused.get(group) if group is not None else None
    return Parked(why) if why is not None else None
