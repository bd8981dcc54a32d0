"""The demo's time: a virtual clock with a speed, and one turn at a time for whatever happens.

Everything that touches the simulation goes through here, since it can't be entered twice.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.clock import Clock, PlatformClock
from bot.demo.community import ACCOUNT
from bot.demo.past.plots import AROUND
from bot.dispatcher import Arrival, Dispatcher
from bot.transactions import Transactions
from bot.virtual import Simulation
from models.events import Event
from models.groups import Account
from models.ids import GroupId
from models.stores.unit import Unit
from models.tables import OutboxRow

log = logging.getLogger(__name__)

PAUSED, REAL_TIME = 0, 1
SPEEDS = (PAUSED, REAL_TIME, 60, 600)
BEAT = 0.1
"""Real seconds between two looks at the clock."""
LONGEST_STRIDE = timedelta(seconds=1)
"""Of real time, when time is sped up: what a busy machine does not manage is left out."""
INSTANT = timedelta(milliseconds=1)
"""Each action has a moment of its own, so that they keep their order even while time stands."""
REMEMBERED_EVERY = timedelta(seconds=2)
STUMBLE = 2.0
MOST_STEPS = 600
"""Due times passed in search of one at which something is to be seen."""

Pulse = tuple[int, int, int]


class Stage:
    """`told` is the platform's clock: it runs ahead of the bot's while several things happen
    before the bot hears of them."""

    def __init__(
        self,
        simulation: Simulation,
        told: PlatformClock,
        real: Clock,
        transactions: Transactions,
    ) -> None:
        self.version = 0
        self.speed = REAL_TIME
        self._simulation = simulation
        self._clock = simulation.clock
        self._told = told
        self._real = real
        self._transactions = transactions
        self._lived_at = real.now()
        self._remembered_at = real.now()
        self._turn = asyncio.Lock()

    def now(self) -> datetime:
        return self._clock.now()

    def estimate(self) -> datetime:
        """The time it will be once what is due has been lived through."""
        passed = min(self._real.now() - self._lived_at, LONGEST_STRIDE)
        return self._clock.now() + max(passed, timedelta(0)) * self.speed

    async def run(self) -> None:
        """Keep time until cancelled; a database that is away for a while does not end it."""
        while True:
            try:
                async with self._turn:
                    await self._catch_up()
                    await self._remember_now_and_then()
            except Exception:  # time must go on, e.g. when the database is back
                log.exception("time stood still for a moment")
                await asyncio.sleep(STUMBLE)
            await asyncio.sleep(BEAT)

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[None]:
        """A moment of one's own: what the body does on the platform is heard at its end."""
        async with self._turn:
            await self._catch_up()
            self._told.set(self._clock.now())
            self.a_moment_later()
            yield
            await self._advance(self._told.now())

    def a_moment_later(self) -> None:
        """For the next of several things that happen within one `moment()`."""
        self._told.set(self._told.now() + INSTANT)

    def look_at(self, group: GroupId) -> None:
        """Within a `moment()`: the bot sees the room, as when it is put into one."""
        self._simulation.arrives(self._simulation.gateway.show(group))

    async def set_speed(self, speed: int) -> None:
        async with self._turn:
            await self._catch_up()
            self.speed = speed
            self.version += 1

    async def skip(self) -> bool:
        """Jump to the next time at which something is to be seen; False where nothing is due."""
        async with self._turn:
            await self._catch_up()
            before = await self._transactions.read(_pulse)
            for _ in range(MOST_STEPS):
                due = self._simulation.next_due()
                if due is None:
                    return False
                await self._advance(due)
                if await self._transactions.read(_pulse) != before:
                    return True
            return True

    async def jump(self, to: datetime) -> None:
        """Live through everything up to then."""
        async with self._turn:
            await self._catch_up()
            await self._advance(to)

    async def outside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Facts that change other than through an event, and what they make due."""
        async with self._turn:
            await work()
            await self._simulation.look_again()
            self.version += 1

    async def look_again(self) -> None:
        """What others have changed may have made something due."""
        async with self._turn:
            await self._simulation.look_again()

    async def remember(self) -> None:
        """So that after a restart time goes on from here, and never back."""
        now = self._clock.now()

        async def work(facts: Unit) -> None:
            account = await facts.accounts.get(ACCOUNT) or Account(id=ACCOUNT)
            facts.accounts.put(replace(account, heard_at=now))

        await self._transactions.run(work)

    async def _catch_up(self) -> None:
        """Virtual time moves as far as real time did, so many times as fast."""
        real = self._real.now()
        passed, self._lived_at = real - self._lived_at, real
        if self.speed != REAL_TIME:
            passed = min(passed, LONGEST_STRIDE)
        if self.speed != PAUSED and passed > timedelta(0):
            await self._advance(self._clock.now() + passed * self.speed, quietly=True)

    async def _advance(self, until: datetime, *, quietly: bool = False) -> None:
        due = self._simulation.next_due()
        await self._simulation.advance(until)
        if not quietly or (due is not None and due <= until):
            self.version += 1

    async def _remember_now_and_then(self) -> None:
        real = self._real.now()
        if self.speed != PAUSED and real - self._remembered_at >= REMEMBERED_EVERY:
            self._remembered_at = real
            await self.remember()


class StagedDispatcher(Dispatcher):
    """Decisions that come over HTTP take their turn on the stage."""

    stage: Stage

    async def decide(self, event: Event, now: datetime) -> None:
        decide = super().decide
        await self.stage.outside(lambda: decide(event, now))

    async def decide_all(self, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        outcomes: list[Exception | None] = []
        decide_all = super().decide_all

        async def work() -> None:
            outcomes.extend(await decide_all(arrivals))

        await self.stage.outside(work)
        return outcomes


async def _pulse(facts: Unit) -> Pulse:
    """Changes whenever a message is promised, said or given up, other than around."""
    found = await facts.connection.execute(
        select(func.count(), func.count(OutboxRow.settled_at), func.count(OutboxRow.epoch)).where(
            OutboxRow.account == ACCOUNT,
            OutboxRow.group.is_(None) | OutboxRow.group.not_like(f"{AROUND}-%"),
            OutboxRow.to.is_(None) | OutboxRow.to.not_like(f"{AROUND}-%"),
        )
    )
    promised, settled, tried = found.one()
    return promised, settled, tried
