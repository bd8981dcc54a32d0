"""One account in one process: hold its lease, hear what happens, say what is due."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.confirming.confirmer import Confirmer
from bot.dispatcher import BATCH, Arrival, Dispatcher
from bot.errands.runner import ErrandRunner
from bot.gateways.base import ON_ITS_WAY, Gateway, Proposes
from bot.lease import Lease
from bot.outbox.bell import Belfry, Bell
from bot.outbox.relay import Relay
from bot.recent import Recent
from bot.reconcile import Reconciler
from bot.transactions import Transactions
from handlers.router import Router
from models.events import AccountUp, GroupEvent, GroupSeen, GroupStirred, MemberJoined
from models.ids import AccountId, GroupId
from models.stores.unit import Unit

log = logging.getLogger(__name__)

FAREWELL, IN_HAND = 8.0, 5.0
"""Seconds until we stop, and of those for what is being said or done."""
REMEMBERED_ROOMS = 10_000
"""More than an account is in; of one that was forgotten the database is asked anew."""
STAND_BY = 1.0
"""Seconds between two attempts to take over an account that another process holds."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every account of this process works with."""

    transactions: Transactions
    dispatcher: Dispatcher
    router: Router
    clock: Clock
    belfry: Belfry
    holder: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """`held` by this process; `well` if there is nothing to mend; `why` not."""

    held: bool
    well: bool
    why: str = ""


class AccountRunner:
    """Stands by until the account is free, then holds it until it is lost or we stop."""

    def __init__(
        self, account: AccountId, open_gateway: Callable[[], Gateway], workshop: Workshop
    ) -> None:
        self.account = account
        self._open_gateway = open_gateway
        self._shop = workshop
        self._stopping = asyncio.Event()
        self._gateway: Gateway | None = None
        self._ear: Ear | None = None
        self._stands_by = False

    @property
    def state(self) -> AccountState:
        """Whether all is well with the account as far as this process is concerned."""
        if self._gateway is None or self._ear is None:
            why = "another process holds it" if self._stands_by else "nobody holds it yet"
            return AccountState(held=False, well=self._stands_by, why=why)
        if self._gateway.link.up and not self._ear.has_looked:
            return AccountState(held=True, well=False, why="looking at its rooms")
        return AccountState(held=True, well=self._gateway.link.up, why=self._gateway.link.why)

    def stop(self) -> None:
        """Finish what is in hand, then return from `run`."""
        self._stopping.set()

    async def run(self) -> None:
        lease = Lease(self._shop.transactions.engine, self.account, self._shop.holder)
        while not self._stopping.is_set():
            if await lease.take():
                self._stands_by = False
                log.info("holding %s, epoch %s", self.account, lease.epoch)
                try:
                    await self._hold(lease)
                except Exception:  # one account's mistake must not end the process
                    log.exception("could not hold %s, trying again", self.account)
                await lease.release()
            self._stands_by |= await lease.is_kept_by_another()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), STAND_BY)

    async def _hold(self, lease: Lease) -> None:
        shop = self._shop
        gateway = self._gateway = self._open_gateway()
        bell = shop.belfry.bell(self.account, "relay")
        errand_bell = shop.belfry.bell(self.account, "errands")
        relay = Relay(
            self.account,
            gateway,
            lease,
            shop.transactions,
            shop.dispatcher,
            shop.router,
            shop.clock,
        )
        errands = ErrandRunner(
            self.account, gateway, lease, shop.transactions, shop.dispatcher, shop.clock
        )
        bells = [bell, errand_bell]
        acting = [relay.run(bell), errands.run(errand_bell)]
        if isinstance(gateway, Proposes):
            confirmer = Confirmer(
                self.account, gateway, lease, shop.transactions, shop.router, shop.clock
            )
            bells.append(shop.belfry.bell(self.account, "confirming"))
            acting.append(confirmer.run(bells[-1]))
        ear = self._ear = Ear(self.account, gateway, shop, bells)
        keeping = asyncio.create_task(lease.keep(lambda: ear.heard_until))
        hearing = asyncio.create_task(ear.run())
        doing = [asyncio.create_task(each) for each in acting]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait(
                [keeping, hearing, *doing, stopping], return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for each in bells:
                each.close()
            # Cut off, nobody would know whether what is in hand was said or done.
            await asyncio.wait(doing, timeout=IN_HAND)
            await gateway.aclose()
            # Where another process took over there is time: what we heard is still handled.
            patience = FAREWELL - IN_HAND if self._stopping.is_set() else None
            await asyncio.wait([hearing, *doing], timeout=patience)
            tasks = (hearing, *doing, keeping, stopping)
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    log.error("%s: %r", self.account, ended, exc_info=ended)
            self._gateway = self._ear = None


class Mark:
    """Comes after everything that a look at all rooms told."""


class Ear:
    """Takes in what a gateway tells, in order, all that has gathered in one transaction.

    The queue is short: when handlers are slow the gateway is read more slowly, and what was not
    read waits outside.
    """

    def __init__(
        self, account: AccountId, gateway: Gateway, shop: Workshop, bells: Sequence[Bell]
    ) -> None:
        self._gateway = gateway
        self._shop = shop
        self._bells = bells
        self._queue: asyncio.Queue[Arrival | Mark | None] = asyncio.Queue(BATCH)
        self._reconciler = Reconciler(
            account, gateway, shop.transactions, self._queue.put, self._mark, shop.clock
        )
        self._known = Recent(REMEMBERED_ROOMS)
        self._over = False
        self._waiting_since: datetime | None = None
        """When the first that is not handled yet came in."""
        self.has_looked = False

    @property
    def heard_until(self) -> datetime | None:
        """Everything up to then is handled; None while we don't hear."""
        if not self._gateway.link.up:
            return None
        return (self._waiting_since or self._shop.clock.now()) - ON_ITS_WAY

    async def run(self) -> None:
        """Until the gateway is closed and everything it told is handled."""
        looking = asyncio.create_task(self._reconciler.run())
        reading = asyncio.create_task(self._read())
        try:
            while (batch := await self._gathered()) is not None:
                arrivals = [each for each in batch if isinstance(each, Arrival)]
                await self._take(arrivals)
                if self._queue.empty():
                    self._waiting_since = None
                elif arrivals:
                    self._waiting_since = arrivals[-1].now
                self.has_looked |= any(isinstance(each, Mark) for each in batch)
        finally:
            for task in (looking, reading):
                task.cancel()
            await asyncio.gather(looking, reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for event in self._gateway.events():
                arrival = Arrival(event, self._shop.clock.now())
                self._waiting_since = self._waiting_since or arrival.now
                await self._queue.put(arrival)
        finally:
            await self._queue.put(None)

    async def _mark(self) -> None:
        await self._queue.put(Mark())

    async def _gathered(self) -> list[Arrival | Mark] | None:
        """All that is there, at least one; None when there will be no more."""
        batch: list[Arrival | Mark] = []
        while not self._over and (not batch or (not self._queue.empty() and len(batch) < BATCH)):
            arrival = await self._queue.get()
            if arrival is None:
                self._over = True
            else:
                batch.append(arrival)
        return batch or None

    async def _take(self, batch: list[Arrival]) -> None:
        arrivals: list[Arrival] = []
        for arrival in batch:
            event = arrival.event
            if isinstance(event, GroupStirred):
                self._reconciler.want(event.group)
                if event.receipt is None:
                    continue
            elif isinstance(event, GroupEvent):
                arrivals += await self._introduction(event, batch)
            arrivals.append(arrival)
        await self._shop.dispatcher.take(arrivals)
        if any(isinstance(each.event, AccountUp) for each in batch):
            self._reconciler.want_all()
            for bell in self._bells:
                bell.ring()

    async def _introduction(self, event: GroupEvent, batch: Sequence[Arrival]) -> list[Arrival]:
        """A room we never heard of is looked at before anything in it is handled."""
        if not self._known.first_sight(event.group):
            return []
        if isinstance(event, GroupSeen) or await self._is_known(event.group):
            return []
        joiners = {
            each.event.person
            for each in batch
            if isinstance(each.event, MemberJoined) and each.event.group == event.group
        }
        seen = await self._reconciler.look(event.group, without=joiners)
        return [Arrival(seen, self._shop.clock.now())] if seen is not None else []

    async def _is_known(self, group: GroupId) -> bool:
        async def work(facts: Unit) -> bool:
            return await facts.groups.get(group) is not None

        return await self._shop.transactions.run(work)
