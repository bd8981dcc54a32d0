"""What an account is to do other than speak: claim, do, settle. One runner an account."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.errands import policy
from bot.gateways.base import Gateway
from bot.outbox.bell import Bell
from bot.outbox.policy import soonest
from bot.outbox.relay import BLIND, Holding
from bot.transactions import Transactions
from config.rules import Rules
from models.delivery import (
    DeliveryError,
    Lapsed,
    MaybeSent,
    Refused,
    RetryAt,
    Sent,
    Unsure,
    Verdict,
    Withheld,
)
from models.errands import Errand, ErrandKind, TakenErrand
from models.events import ErrandDone, ErrandFailed, ErrandSettled
from models.ids import AccountId
from models.platform_ways import CONTACT_WAY, JOIN_WAY, MADE, WELCOME
from models.stores.unit import Unit
from models.text import storable

log = logging.getLogger(__name__)

STUMBLE = timedelta(seconds=5)
"""Before the next attempt after a failure that should not have happened."""


@dataclass(slots=True)
class Claim:
    """One errand to do now, or when to come back."""

    taken: TakenErrand | None = None
    again: datetime | None = None


class ErrandRunner:
    def __init__(
        self,
        account: AccountId,
        gateway: Gateway,
        holding: Holding,
        transactions: Transactions,
        dispatcher: Dispatcher,
        clock: Clock,
    ) -> None:
        self._account = account
        self._gateway = gateway
        self._holding = holding
        self._transactions = transactions
        self._dispatcher = dispatcher
        self._clock = clock
        self._has_begun = False
        self._in_doubt: list[TakenErrand] = []
        """What a claim took of which we do not know whether it was committed: the answer was
        lost."""
        self._tried: datetime | None = None

    async def run(self, bell: Bell) -> None:
        """Do what is due, and sleep until the next is, or the bell rings; until closed."""
        while not bell.closed:
            try:
                again = await self.step()
            except Exception:  # the other errands must still be done
                log.exception("an errand of %s stumbled", self._account)
                self._has_begun = False
                again = self._clock.now() + STUMBLE
            await bell.wait(None if again is None else again - self._clock.now())

    async def step(self) -> datetime | None:
        """Do one errand that is due; when to come back, None for not before one is asked for."""
        now = self._clock.now()
        if not self._has_begun:
            await self._begin(now)
        for late in await self._transactions.run(lambda facts: self._late(facts, now)):
            await self._settle(late, Lapsed("its time has passed"), "", now)
        claim = await self._claim_surely()
        if claim.taken is None:
            return claim.again
        result, error = await self._do(claim.taken.errand)
        await self._conclude(claim.taken, result, error)
        return self._clock.now()

    async def _begin(self, now: datetime) -> None:
        """Take over: what is being done though nobody does it may have been done."""
        epoch, error = self._holding.epoch, MaybeSent("whoever was doing it was lost")
        rules = await self._transactions.run(_rules)
        lost = await self._transactions.run(lambda facts: facts.errands.lost(self._account, epoch))
        for each in lost:
            verdict = policy.verdict(each.errand.kind, error, each.attempts, now, rules.delivery)
            await self._settle(each, verdict, "", now)
        self._has_begun = True

    async def _late(self, facts: Unit, now: datetime) -> list[TakenErrand]:
        return await facts.errands.overdue(self._account, now)

    async def _claim_surely(self) -> Claim:
        """What an earlier attempt took, if it did, nobody does, and it is let go first."""

        async def work(facts: Unit) -> Claim:
            for each in self._in_doubt:
                await facts.errands.let_go(each)
            claim = await self._claim(facts, self._clock.now())
            if claim.taken is not None:
                self._in_doubt.append(claim.taken)
            return claim

        claim = await self._transactions.run(work)
        self._in_doubt.clear()
        return claim

    async def _claim(self, facts: Unit, now: datetime) -> Claim:
        """`now` is read in the transaction: the database may have been away for an hour."""
        ready = await self._next_approach(facts, now)
        if not self._holding.holds():
            # What is claimed now would not be done: were the lease lost, nobody could know that.
            return Claim(again=now + BLIND)
        if not self._gateway.link.up or not await self._holding.confirm(facts):
            return Claim(again=await facts.errands.next_lapse(self._account))
        taken = await facts.errands.take(
            self._account, self._holding.epoch, now, may_approach=ready <= now
        )
        if taken is not None:
            return Claim(taken)
        again = [
            await facts.errands.next_due(self._account, now, ready),
            await facts.errands.next_lapse(self._account),
        ]
        return Claim(again=soonest(again))

    async def _next_approach(self, facts: Unit, now: datetime) -> datetime:
        rules = (await _rules(facts)).entry
        since = now - max(policy.HOUR, rules.spacing)
        approached = await facts.errands.approached_since(self._account, since)
        return policy.next_approach(now, approached, rules, self._tried)

    async def _do(self, errand: Errand) -> tuple[str, DeliveryError | None]:
        """What came of it, and what went wrong."""
        try:
            if not self._holding.holds():
                raise Withheld("the account was taken over by another process")
            return storable(await self._carry_out(errand)), None
        except DeliveryError as error:
            return "", error
        except Exception as error:
            log.exception("errand %s: the gateway failed", errand.key)
            return "", MaybeSent(f"the gateway failed: {error!r}")

    async def _carry_out(self, errand: Errand) -> str:
        gateway = self._gateway
        match errand.kind:
            case ErrandKind.ACCEPT:
                await gateway.accept(errand.detail)
            case ErrandKind.INVITE if errand.group and errand.person:
                await gateway.invite(errand.group, errand.person)
            case ErrandKind.ROOM_QR if errand.group:
                return await gateway.room_qr(errand.group)
            case ErrandKind.OWN_QR:
                return await gateway.own_qr()
            case ErrandKind.OPEN_ROOM:
                return await gateway.create_room(errand.detail, errand.people)
            case ErrandKind.RENAME if errand.group:
                await gateway.rename(errand.group, errand.detail)
            case ErrandKind.JOIN_WAY if join_way := JOIN_WAY.read(errand.detail):
                return MADE.write(await gateway.keep_join_way(join_way))
            case ErrandKind.CONTACT_WAY if contact_way := CONTACT_WAY.read(errand.detail):
                return MADE.write(await gateway.keep_contact_way(contact_way))
            case ErrandKind.WELCOME_TEMPLATE if welcome := WELCOME.read(errand.detail):
                return await gateway.keep_welcome(welcome)
            case _:
                raise Refused("it does not say whom or what it is about")
        return ""

    async def _conclude(
        self, taken: TakenErrand, result: str, error: DeliveryError | None
    ) -> None:
        now = self._clock.now()
        if taken.errand.kind.approaches and not isinstance(error, Withheld):
            self._tried = now
        rules = await self._transactions.run(_rules)
        verdict = policy.verdict(taken.errand.kind, error, taken.attempts, now, rules.delivery)
        await self._settle(taken, verdict, result, now)
        if error is None:
            log.info("done: %s", taken.errand.kind, extra={"key": taken.errand.key})
        else:
            log.warning("not done: %r", error, extra={"key": taken.errand.key})

    async def _settle(
        self, taken: TakenErrand, verdict: Verdict, result: str, now: datetime
    ) -> None:
        """Together with what follows from it."""

        async def settle(facts: Unit) -> bool:
            ours = await facts.errands.settle(taken, verdict, now)
            return ours and not isinstance(verdict, RetryAt)

        await self._dispatcher.follow_up(settle, _told(taken.errand, verdict, result, now), now)


async def _rules(facts: Unit) -> Rules:
    return await facts.rules.in_force()


def _told(errand: Errand, verdict: Verdict, result: str, now: datetime) -> ErrandSettled:
    match verdict:
        case Sent():
            return ErrandDone(at=now, errand=errand, group=errand.group, result=result)
        case Unsure():
            return ErrandDone(at=now, errand=errand, group=errand.group, unsure=True)
        case _:
            why = storable(verdict.reason)
            return ErrandFailed(at=now, errand=errand, group=errand.group, why=why)
