"""The whole bot on the local WeCom, with time in our hands: what its people do, one after another,
and what becomes of it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import ManualClock
from bot.dispatcher import Arrival
from bot.reconcile import Reconciler
from bot.transactions import Transactions
from bot.virtual import Clockwork
from handlers.features import ROUTER
from models.events import GatewayEvent, GroupStirred
from models.ids import GroupId
from models.proposals import Proposal
from models.stores.unit import Unit
from models.tables import OutboxRow, ProposalRow
from tests.gateways.wecom.fake import Chat
from tests.gateways.wecom.office import ACCOUNT, Office

OWNER, OTHER = "linyue", "chenxi"
A_MOMENT = 10
"""Seconds."""


class Door:
    """At which who listens for callbacks waits; `idle` once there is nothing left to be told."""

    def __init__(self) -> None:
        self.idle = asyncio.Event()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self.idle.clear()
        self._rung.set()

    async def wait(self, longest: timedelta | None) -> None:
        self.idle.set()
        await self._rung.wait()
        self._rung.clear()


class Town:
    """Two colleagues, whose groups are ours. Callbacks arrive when they are sent."""

    def __init__(self, engine: AsyncEngine, start: datetime) -> None:
        self.engine = engine
        self.clock = ManualClock(start)
        self.transactions = Transactions(engine)
        self.door = Door()
        staff = {OWNER: "林悦", OTHER: "陈曦"}
        self.office = Office(engine, self.clock, staff, wait=self._waits, knock=self.door)
        self.corp = self.office.corp
        self._heard: deque[GatewayEvent] = deque()
        self._reading: asyncio.Task[None] | None = None
        self.work = self._clockwork()
        self._night = self.office.gateway.next_round(start)

    async def begins(self) -> None:
        self._reading = asyncio.create_task(self._reads())
        await self._hears()
        await self.looks_everywhere()

    async def ends(self) -> None:
        await self.office.aclose()
        if self._reading is not None:
            await self._reading

    async def passes(self, **time: float) -> None:
        """Nobody does anything meanwhile but us; at night we look at all groups."""
        until = self.clock.now() + timedelta(**time)
        while True:
            await self._hears()
            if self.clock.now() >= self._night:
                self._night = self.office.gateway.next_round(self.clock.now())
                await self.looks_everywhere()
            at = min(until, self._night)
            await self.work.advance(at)
            if at == until:
                return

    async def happens(self) -> None:
        """WeCom tells of what has just been done, and it is seen to."""
        await self.office.pusher.deliver()
        await self._hears()
        await self.work.advance(self.clock.now())

    async def looks_everywhere(self) -> None:
        for group in await self.office.gateway.rooms():
            await self.looks(group)

    async def looks(self, group: GroupId) -> None:
        arrivals: list[Arrival] = []

        async def deliver(arrival: Arrival) -> None:
            arrivals.append(arrival)

        async def done() -> None:
            """Nobody waits for it here."""

        reconciler = Reconciler(
            ACCOUNT, self.office.gateway, self.transactions, deliver, done, self.clock
        )
        seen = await reconciler.look(group)
        if seen is not None:
            self.work.arrives(seen)
            await self.work.advance(self.clock.now())

    # What people find

    def chat(self, group: str) -> Chat:
        return self.corp.chats[group]

    def said_in(self, group: str) -> list[str]:
        return [each.text for each in self.chat(group).said]

    def told(self, userid: str) -> list[str]:
        """By app message."""
        return [each.text for each in self.corp.office.staff[userid].notices]

    async def proposals(self) -> list[Proposal]:
        async def work(facts: Unit) -> list[Proposal]:
            return await facts.proposals.find(ProposalRow.account == ACCOUNT)

        found = await self.transactions.run(work)
        return sorted(found, key=lambda each: (each.made_at, each.key))

    async def outbox(self) -> Sequence[tuple[str, str, str | None]]:
        """(kind, state, reason) of what was promised to groups, in order."""
        async with self.engine.connect() as connection:
            found = await connection.execute(
                select(OutboxRow.kind, OutboxRow.state, OutboxRow.reason)
                .where(OutboxRow.group.is_not(None))
                .order_by(OutboxRow.id)
            )
            return [(kind, state, reason) for kind, state, reason in found]

    @property
    def today(self) -> date:
        return self.clock.now().date()

    # How

    async def _hears(self) -> None:
        """All that has come in, as the account's ear passes it on."""
        await self.office.pusher.deliver()
        self.door.ring()
        await self.door.idle.wait()
        while self._heard:
            event = self._heard.popleft()
            if isinstance(event, GroupStirred):
                await self.looks(event.group)
            self.work.arrives(event)
            await self.work.advance(self.clock.now())

    async def _reads(self) -> None:
        async for event in self.office.gateway.events():
            self._heard.append(event)

    async def _waits(self, seconds: float) -> None:
        """A moment passes at once; for longer whoever waits lets the others go on."""
        until = self.clock.now() + timedelta(seconds=seconds)
        if seconds < A_MOMENT:
            self.clock.set(until)
        while self.clock.now() < until:
            await self.door.wait(None)

    def _clockwork(self) -> Clockwork:
        return Clockwork(self.transactions, ROUTER, ACCOUNT, self.office.gateway, self.clock)
