"""Promises become deliveries: claim, send, settle. One relay an account."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.clock import Clock
from bot.dispatcher import Arrival, Dispatcher, HandlerFailed
from bot.gateways.base import Gateway, Unreachable
from bot.outbox import policy
from bot.outbox.bell import Bell
from bot.outbox.policy import Pace
from bot.outbox.settling import Attempt, Settling, attempt_of, noting
from bot.transactions import Transactions, Work
from config.daily import ZONE, midnight
from handlers.context import Context
from handlers.outbox.rounds import go_on
from handlers.router import Router
from models.delivery import (
    DeliveryError,
    Lapsed,
    MaybeSent,
    Parked,
    Sent,
    Unsure,
    Withheld,
)
from models.events import NicknameChanged
from models.ids import AccountId, GroupId, OutboxId
from models.messages import Claimed, Kind, Outgoing
from models.stores.outbox import Outlook
from models.stores.unit import Unit

log = logging.getLogger(__name__)

T = TypeVar("T")
AT_ONCE = 50
"""Rows looked at in one claim; at most one a group is sent."""
FRESH = timedelta(seconds=30)
"""A look at nicknames older than this is taken again before we speak of them."""
SETTLING = timedelta(minutes=1)
"""After a connect, until which a group is looked at before anybody in it is spoken of."""
BLIND = timedelta(seconds=2)
"""Until we try again to look, where the gateway did not answer."""
STUMBLE = timedelta(seconds=5)
"""Before the next attempt after a failure that should not have happened."""
BUDGETED = [kind for kind in Kind if policy.is_budgeted(kind)]


class Holding(Protocol):
    """The right to speak for an account."""

    epoch: int

    def holds(self) -> bool:
        """Whether it surely still is ours, without asking anybody."""

    async def confirm(self, facts: Unit) -> bool:
        """The same, asked of the database, and kept until the transaction ends."""


@dataclass(slots=True)
class Claim:
    """What one look at the outbox found: to say now, to look at first, and when to come back.
    `pauses` are when groups may hear something again: worth coming back for only where something
    waits for it, which `waiting` counts as far as it was looked at. `heard` is how much of what
    counts towards its budget each group has heard today."""

    epoch: int
    at: datetime
    say: list[Claimed] = field(default_factory=list)
    look_at: list[Claimed] = field(default_factory=list)
    again: list[datetime | None] = field(default_factory=list)
    pauses: list[datetime] = field(default_factory=list)
    next_lapse: datetime | None = None
    all_lapsed: bool = True
    waiting: int = 0
    heard: Mapping[GroupId, int] = field(default_factory=dict)

    def look_ahead(self, outlook: Outlook) -> None:
        self.again += [outlook.due, outlook.lapse]
        if outlook.waits:
            self.again += self.pauses


class Relay:
    def __init__(
        self,
        account: AccountId,
        gateway: Gateway,
        holding: Holding,
        transactions: Transactions,
        dispatcher: Dispatcher,
        router: Router,
        clock: Clock,
        seed: int = 0,
    ) -> None:
        self._account = account
        self._gateway = gateway
        self._holding = holding
        self._transactions = transactions
        self._dispatcher = dispatcher
        self._router = router
        self._clock = clock
        self._seed = seed
        self._pace: Pace | None = None
        self._looked: dict[OutboxId, datetime] = {}
        self._blind_until: datetime | None = None
        self._next_lapse: datetime | None = None
        self._settling = Settling(router)
        self._unwordable: dict[Attempt, str] = {}
        """Messages that a handler failed for before they were said, and how."""
        self._in_doubt: set[OutboxId] = set()
        """What a claim took of which we do not know whether it was committed: the answer was
        lost."""
        self.asked = False
        """Whether a handler asked for an errand, since somebody took note of it."""
        self.proposed = False
        """The same of whether somebody is to be asked to confirm something."""

    async def run(self, bell: Bell) -> None:
        """Say what is due, and sleep until the next thing is, or the bell rings; until closed.

        A failure of our own is logged and does not stop the relay.
        """
        while not bell.closed:
            try:
                again = await self.step()
            except Exception:  # the other messages must still be said
                log.exception("the relay of %s stumbled", self._account)
                again = self._clock.now() + STUMBLE
            await bell.wait(None if again is None else again - self._clock.now())

    async def step(self) -> datetime | None:
        """Say what may be said now; when to come back, None for not before something happens."""
        if self._pace is None:
            self._pace = await self._do(self._begin)
        claim = await self._claim_surely()
        self._next_lapse = claim.next_lapse
        if claim.say:
            errors = await asyncio.gather(*(self._send(each) for each in claim.say))
            self._take_a_breath(claim.say)
            outcomes = list(zip(claim.say, errors, strict=True))
            outlook = await self._settle_all(outcomes, claim)
            claim.look_ahead(outlook)
            self._next_lapse = outlook.lapse if claim.all_lapsed else None
        if claim.look_at:
            await self._look(claim.look_at)
            return self._clock.now()
        return policy.soonest(claim.again)

    # Handlers may fail

    async def _do(self, work: Work[T]) -> T:
        """In one transaction; once more for each message that a handler fails for, without it."""

        async def noting(facts: Unit) -> T:
            done = await work(facts)
            self.asked |= facts.errands.soonest_asked() is not None
            return done

        while True:
            with suppress(HandlerFailed):
                return await self._transactions.run(noting)

    # Claim

    async def _begin(self, facts: Unit) -> Pace:
        """Take over: what an earlier holder was saying is unsure, and its pace goes on."""
        now = self._clock.now()
        for each in await facts.outbox.orphans(self._account, self._holding.epoch):
            lost = Unsure("the process that was saying it was lost")
            await self._settling.settle(facts, each, lost, now, None)
        pace = Pace(self._seed)
        for said in await facts.outbox.said_after(self._account, now - policy.LONGEST_PAUSE):
            pace.spoke(said.at, said.group)
        return pace

    async def _claim_surely(self) -> Claim:
        """What an earlier attempt took, if it did, is said by nobody, and is let go first."""

        async def work(facts: Unit) -> Claim:
            if self._in_doubt:
                await facts.outbox.let_go(self._in_doubt, self._holding.epoch)
            claim = await self._claim(facts, self._clock.now())
            self._in_doubt.update(each.id for each in claim.say)
            return claim

        claim = await self._do(work)
        self._in_doubt.clear()
        return claim

    async def _claim(self, facts: Unit, now: datetime) -> Claim:
        """`now` is read in the transaction: the database may have been away for an hour."""
        assert self._pace is not None
        self._pace.forget(now)
        claim, pace = Claim(self._holding.epoch, now), self._pace.copy()
        late: list[Claimed] = []
        if self._next_lapse is None or self._next_lapse <= now:
            late = await facts.outbox.overdue(self._account, now, AT_ONCE)
            await _lock_groups(facts, late)
            for row in late:
                await self._give_up(facts, row, now)
                claim.again.append(now)
        if not self._holding.holds():
            # What is claimed now would not be sent: were the lease lost, nobody could know that.
            claim.again.append(now + BLIND)
        elif self._gateway.link.up and await self._holding.confirm(facts):
            await self._choose(facts, now, claim, pace)
        claim.all_lapsed = len(late) < AT_ONCE
        if not claim.say:
            outlook = await facts.outbox.next_due(self._account, now)
            claim.look_ahead(outlook)
            claim.next_lapse = outlook.lapse if claim.all_lapsed else None
        return claim

    async def _give_up(self, facts: Unit, row: Claimed, now: datetime) -> None:
        """Unless its group was paused while there was still time: then it has that time left."""
        ctx = await Context.open(facts, now, row.message.group)
        since = policy.silenced_since(row.message, ctx.group)
        if since is not None and since < row.message.lapses_at:
            await facts.outbox.put_aside(row.id)
        else:
            await self._settling.settle(facts, row, Lapsed("its time has passed"), now, None)

    async def _choose(self, facts: Unit, now: datetime, claim: Claim, pace: Pace) -> None:
        rules = (await facts.rules.in_force()).delivery
        if (ready := pace.account_ready(now, rules.per_minute)) > now:
            claim.again.append(ready)
            return
        cooling = pace.cooling(now, rules.group_gap)
        claim.pauses += [pace.last_in[group] + rules.group_gap for group in cooling]
        due = await facts.outbox.due(self._account, now, cooling, AT_ONCE)
        await _lock_groups(facts, due)
        claim.heard = await _heard_today(facts, due, now)
        for row in due:
            if (ready := pace.account_ready(now, rules.per_minute)) > now:
                claim.again.append(ready)
                break
            await self._consider(facts, row, now, claim, pace)
        if len(due) == AT_ONCE and claim.waiting < AT_ONCE:
            claim.again.append(now)
        if claim.say:
            await facts.outbox.sending([each.id for each in claim.say], claim.epoch)

    async def _consider(
        self, facts: Unit, row: Claimed, now: datetime, claim: Claim, pace: Pace
    ) -> None:
        message = row.message
        ctx = await Context.open(facts, now, message.group)
        if policy.silenced_since(message, ctx.group) is not None:
            await facts.outbox.put_aside(row.id)
            claim.again.append(now)
        elif (until := await self._held_back(row, ctx, claim)) is not None:
            lapses_at = policy.lapse_after(message, until - now)
            await facts.outbox.postpone(row.id, until, lapses_at)
            claim.again.append(now)
        elif (ready := pace.group_ready(message, now, ctx.rules.delivery)) > now:
            claim.waiting += 1
            claim.again.append(ready)
        elif await self._is_unsettled(message, ctx):
            claim.waiting += 1
            claim.again.append(now + BLIND)
        elif self._must_look(row, now):
            if self._blind_until is not None and self._blind_until > now:
                claim.waiting += 1
                claim.again.append(self._blind_until)
            else:
                claim.look_at.append(row)
        elif self._needs_confirmation(message):
            await self._propose(facts, row, ctx)
            claim.again.append(now)
        elif (worded := await self._word(facts, row, ctx)) is not None:
            claim.say.append(worded)
            pace.spoke(now, message.group)
            claim.pauses.append(pace.group_ready(message, now, ctx.rules.delivery))
        else:
            claim.again.append(now)

    async def _held_back(self, row: Claimed, ctx: Context, claim: Claim) -> datetime | None:
        message = row.message
        if (morning := policy.silent_until(message.kind, ctx.now, ctx.rules)) is not None:
            return morning
        if attempt_of(row) not in self._unwordable:
            with noting(row, self._unwordable):
                if (until := await self._router.held_until(message, ctx)) is not None:
                    return until
        if message.group is None or not policy.is_budgeted(message.kind):
            return None
        if claim.heard.get(message.group, 0) < ctx.rules.delivery.daily_budget:
            return None
        tomorrow = midnight(ctx.today) + timedelta(days=1)
        return ctx.rules.delivery.quiet_hours.leave(tomorrow)

    async def _word(self, facts: Unit, row: Claimed, ctx: Context) -> Claimed | None:
        """The message as it is right now; settled, and None, where it can't be said."""
        if ctx.group is not None and not ctx.group.is_ours:
            left_alone = Lapsed("its group is not ours any more")
            await self._settling.settle(facts, row, left_alone, ctx.now, None)
            return None
        if (failure := self._unwordable.get(attempt_of(row))) is not None:
            unwordable = Parked(f"could not be worded: {failure}")
            await self._settling.settle(facts, row, unwordable, ctx.now, None)
            return None
        with noting(row, self._unwordable):
            message = await self._router.render(row.message, ctx)
        if message is None:
            nobody = Lapsed("it concerns nobody any more")
            await self._settling.settle(facts, row, nobody, ctx.now, None)
            return None
        if message != row.message:
            await facts.outbox.rewrite(row.id, message.text, message.mentions)
        return replace(row, message=message, attempts=row.attempts + 1)

    # Propose

    def _needs_confirmation(self, message: Outgoing) -> bool:
        return message.group is not None and self._gateway.capabilities.needs_confirmation

    async def _propose(self, facts: Unit, row: Claimed, ctx: Context) -> None:
        """A person is asked to let it be said (bot/confirming), for all steps of a round at
        once."""
        worded = await self._word(facts, row, ctx)
        if worded is not None:
            await facts.outbox.propose(row.id, self._account)
            self.proposed = True
            await go_on(worded.message, Sent(), ctx)

    # Look

    async def _is_unsettled(self, message: Outgoing, ctx: Context) -> bool:
        """Whether we just came back and have not seen yet who is still in the group."""
        account = await ctx.facts.accounts.get(self._account)
        if ctx.group is None or account is None or account.up_at is None:
            return False
        if not message.kind.names_people or ctx.now > account.up_at + SETTLING:
            return False
        return ctx.group.checked_at is None or ctx.group.checked_at < account.up_at

    def _must_look(self, row: Claimed, now: datetime) -> bool:
        """Whether we would speak of nicknames that may have changed without our hearing."""
        able = self._gateway.capabilities
        if not able.sees_nicknames or able.hears_nicknames:
            return False
        looked = self._looked.get(row.id)
        speaks_of_them = row.message.kind in (Kind.NICKNAME, Kind.REMINDER)
        return speaks_of_them and (looked is None or looked < now - FRESH)

    async def _look(self, rows: list[Claimed]) -> None:
        now = self._clock.now()
        self._looked = {row: at for row, at in self._looked.items() if at >= now - FRESH}
        try:
            for row in rows:
                await self._look_at(row.message, now)
                self._looked[row.id] = now
        except Unreachable as error:
            log.info("nicknames could not be looked at: %s", error)
            self._blind_until = now + BLIND

    async def _look_at(self, message: Outgoing, now: datetime) -> None:
        group = GroupId(message.group or "")
        profiles = await asyncio.gather(
            *(self._gateway.profile(group, person) for person in message.mentions)
        )
        for person, profile in zip(message.mentions, profiles, strict=True):
            event = NicknameChanged(
                account=self._account,
                at=now,
                group=group,
                person=person,
                nickname=profile.nickname,
            )
            await self._dispatcher.take([Arrival(event, now)])

    # Send and settle

    async def _send(self, claimed: Claimed) -> DeliveryError | None:
        try:
            if not self._holding.holds():
                raise Withheld("the account was taken over by another process")
            await self._gateway.send(claimed.message)
        except DeliveryError as error:
            return error
        except Exception as error:
            log.exception("message %s: the gateway failed", claimed.message.key)
            return MaybeSent(f"the gateway failed: {error!r}")
        return None

    def _take_a_breath(self, said: Sequence[Claimed]) -> None:
        """A pause begins when what comes before it was said, however slow the gateway was."""
        assert self._pace is not None
        for each in said:
            self._pace.spoke(self._clock.now(), each.message.group)

    async def _settle_all(
        self, outcomes: list[tuple[Claimed, DeliveryError | None]], claim: Claim
    ) -> Outlook:
        """What is left to be said after this; what lapsed while it was said, to begin with."""
        epoch = claim.epoch

        async def work(facts: Unit) -> Outlook:
            now = self._clock.now()
            await _lock_groups(facts, [claimed for claimed, _ in outcomes])
            said = [claimed.id for claimed, error in outcomes if error is None]
            ours = await facts.outbox.settle_sent(said, now, epoch) if said else set()
            for claimed, error in outcomes:
                if error is None:
                    if claimed.id in ours:
                        await self._settling.follow(facts, claimed, Sent(), now)
                    continue
                ctx = await Context.open(facts, now, claimed.message.group)
                verdict = policy.verdict(error, claimed.attempts, now, ctx.rules.delivery)
                await self._settling.settle(facts, claimed, verdict, now, epoch)
            outlook = await facts.outbox.next_due(self._account, now, claim.at)
            # What a handler has just promised is not written yet.
            promised = facts.outbox.soonest_promise() is not None
            return replace(outlook, waits=True) if promised else outlook

        again = await self._do(work)
        for claimed, error in outcomes:
            about = {"key": claimed.message.key, "group": claimed.message.group}
            if error is None:
                log.info("said", extra=about)
            else:
                log.warning("not said: %r", error, extra=about)
        return again


async def _heard_today(
    facts: Unit, rows: Sequence[Claimed], now: datetime
) -> Mapping[GroupId, int]:
    """How much of what counts towards its budget each of their groups has heard."""
    budgeted = {
        row.message.group
        for row in rows
        if row.message.group is not None and policy.is_budgeted(row.message.kind)
    }
    if not budgeted:
        return {}
    today = midnight(now.astimezone(ZONE).date())
    return await facts.outbox.unprompted_since(sorted(budgeted), BUDGETED, today)


async def _lock_groups(facts: Unit, rows: Sequence[Claimed]) -> None:
    """In one statement, in the order in which everybody locks them."""
    await facts.groups.load((row.message.group,) for row in rows if row.message.group is not None)
