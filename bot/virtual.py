"""The whole bot on a virtual clock: the same handlers, ticks and relay, called when they are due.

APScheduler has no clock of its own to set, so here this clock calls the beats that it calls in
the service, and jumps from one due time to the next.
"""

from bisect import bisect_right
from collections import deque
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from bot.clock import ManualClock
from bot.confirming.confirmer import Confirmer
from bot.dispatcher import BATCH, Arrival, Dispatcher
from bot.errands.runner import ErrandRunner
from bot.gateways.base import Gateway, Proposes
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.policy import soonest
from bot.outbox.relay import Holding, Relay
from bot.transactions import Transactions
from handlers.router import Router, Tick
from models.events import AccountUp, Event, RulesChanged
from models.ids import AccountId
from models.stores.unit import Unit


class AlwaysHolds:
    """Where nobody else is there to speak for a simulated account. A later `epoch` takes over what
    an earlier process was saying."""

    def __init__(self, epoch: int = 1) -> None:
        self.epoch = epoch

    def holds(self) -> bool:
        return True

    async def confirm(self, facts: Unit) -> bool:
        return True


class Rhythm(Protocol):
    """When this clock looks at what is due, as a beat does in the service that comes a bit later:
    what is due then is served together."""

    least: timedelta
    """Between two runs of a tick that does not tell when it has something to do."""

    def wake(self, due: datetime) -> datetime:
        """When to look at what is due at that time: then, or later."""

    def rests(self, tick: str, now: datetime) -> bool:
        """Whether a tick has nothing to do as yet, whatever it says."""


class AtOnce:
    """Everything at the very moment at which it is due."""

    least = timedelta(0)

    def wake(self, due: datetime) -> datetime:
        return due

    def rests(self, tick: str, now: datetime) -> bool:
        return False


class Clockwork:
    """One account's, whatever its gateway; who has it tells what the gateway tells."""

    def __init__(
        self,
        transactions: Transactions,
        router: Router,
        account: AccountId,
        gateway: Gateway,
        clock: ManualClock,
        seed: int = 0,
        dispatcher: Dispatcher | None = None,
        holding: Holding | None = None,
        rhythm: Rhythm | None = None,
    ) -> None:
        self.clock = clock
        self.dispatcher = dispatcher or Dispatcher(transactions, router)
        holding = holding or AlwaysHolds()
        self.relay = Relay(
            account, gateway, holding, transactions, self.dispatcher, router, clock, seed
        )
        self.errands = ErrandRunner(
            account, gateway, holding, transactions, self.dispatcher, clock
        )
        self.confirmer = (
            Confirmer(account, gateway, holding, transactions, router, clock)
            if isinstance(gateway, Proposes)
            else None
        )
        self._rhythm = rhythm or AtOnce()
        self._ticks = [(tick, clock.now()) for tick in router.ticks]
        self._pending: deque[Arrival] = deque()
        # What is offered in vain was read in vain: about twice what was taken the last time.
        self._batch = BATCH
        self._relay_due: datetime | None = clock.now()
        self._errands_due: datetime | None = clock.now()
        self._confirmer_due = clock.now() if self.confirmer else None
        self._ticks_due: dict[str, datetime] = {
            tick.name: clock.now()
            for tick in router.ticks
            if tick.next_due and not self._rhythm.rests(tick.name, clock.now())
        }

    def arrives(self, event: Event) -> None:
        """It reaches us when it happens, before anything that is due at that instant; or now,
        if it is told late."""
        self._pending.append(Arrival(event, max(event.at, self.clock.now())))

    def will_arrive(self, event: Event) -> None:
        """When it happens, also where something that happens later was told already."""
        arrival = Arrival(event, max(event.at, self.clock.now()))
        place = bisect_right(self._pending, arrival.now, key=lambda each: each.now)
        self._pending.insert(place, arrival)

    def hear(self) -> None:
        """Whatever the gateway told meanwhile and nobody has passed on yet."""

    def next_due(self) -> datetime | None:
        due = soonest(
            [
                *self._ticks_due.values(),
                self._relay_due,
                self._errands_due,
                self._confirmer_due,
            ]
        )
        return None if due is None else self._rhythm.wake(due)

    async def look_again(self) -> None:
        """After facts were changed other than through an event."""
        self._relay_due = self._errands_due = self.clock.now()
        if self.confirmer is not None:
            self._confirmer_due = self.clock.now()
        await self._ask_ticks()

    async def advance(self, until: datetime, *, inclusive: bool = True) -> None:
        """Live through everything up to `until`; what is due exactly then only if `inclusive`."""
        self.hear()
        while await self._live(until, inclusive):
            pass
        self.clock.set(until)

    async def _live(self, until: datetime, inclusive: bool) -> bool:
        """Handle what has arrived before the next due time, then what is due at it."""
        due = self.next_due()
        horizon = until if due is None else min(due, until)
        if self._pending and self._pending[0].now <= horizon:
            await self._take(horizon)
            return True
        if due is None or due > until or (due == until and not inclusive):
            return False
        self.clock.set(due)
        await self._beat()
        return True

    async def _take(self, horizon: datetime) -> None:
        batch = list(islice(self._pending, self._batch))
        taken = await self.dispatcher.take(batch, horizon, self._rhythm.wake)
        self._batch = min(BATCH, 2 * taken.count + 8)
        for _ in range(taken.count):
            arrival = self._pending.popleft()
            self.clock.set(arrival.now)
            stirs = isinstance(arrival.event, AccountUp | RulesChanged)
            if taken.promised or stirs:
                self._relay_due = self.clock.now()
            if taken.asked or stirs:
                self._errands_due = self.clock.now()
        await self._ask_ticks()

    async def _beat(self) -> None:
        """Ticks first, then what they promised and asked for."""
        now = self.clock.now()
        for index, (tick, last) in enumerate(self._ticks):
            if self._is_due(tick, last, now):
                asked = await self.dispatcher.tick(tick, now)
                self._ticks[index] = (tick, now)
                self._relay_due = now
                if asked:
                    self._errands_due = now
        while await self._work(now):
            pass
        await self._ask_ticks()

    async def _work(self, now: datetime) -> bool:
        """Do one thing that is due; an errand may promise something, and what was said may ask
        for an errand. False when there is nothing."""
        if self._errands_due is not None and self._errands_due <= now:
            self._errands_due = await self.errands.step()
            self._relay_due = now
            self.hear()
            return True
        if self._relay_due is not None and self._relay_due <= now:
            self._relay_due = await self.relay.step()
            if self.relay.asked:
                self.relay.asked, self._errands_due = False, now
            if self.relay.proposed:
                self.relay.proposed, self._confirmer_due = False, now
            return True
        if self.confirmer and self._confirmer_due is not None and self._confirmer_due <= now:
            self._confirmer_due = await self.confirmer.step()
            if self.confirmer.promised:
                self.confirmer.promised, self._relay_due = False, now
            return True
        return False

    async def _ask_ticks(self) -> None:
        now = self.clock.now()
        self._ticks_due = {
            name: at
            for name, at in (await self.dispatcher.next_due()).items()
            if not self._rhythm.rests(name, now)
        }

    def _is_due(self, tick: Tick, last: datetime, now: datetime) -> bool:
        if tick.next_due is None:
            return now - last >= max(tick.every, self._rhythm.least)
        return tick.name in self._ticks_due and self._ticks_due[tick.name] <= now


class Simulation(Clockwork):
    """On a simulated gateway, which tells as soon as something happens."""

    def __init__(
        self,
        transactions: Transactions,
        router: Router,
        gateway: SimulatedGateway,
        clock: ManualClock,
        seed: int = 0,
        dispatcher: Dispatcher | None = None,
        holding: Holding | None = None,
        rhythm: Rhythm | None = None,
    ) -> None:
        self.gateway = gateway
        super().__init__(
            transactions,
            router,
            gateway.account,
            gateway,
            clock,
            seed,
            dispatcher,
            holding,
            rhythm,
        )

    def hear(self) -> None:
        for event in self.gateway.take():
            self.arrives(event)
