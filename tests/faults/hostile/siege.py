"""A community of ours, told what is hostile, batch after batch; and after each somebody asks what
everybody may ask, and is to be answered."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Select, func, select

from bot.dispatcher import Arrival
from bot.gateways.simulated import BOT
from models.events import GatewayEvent, MessageReceived
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind
from models.people import Role
from models.tables import DeadLetterRow, OutboxRow
from tests.faults.hostile.events import CROWD, Hostile
from tests.world import ACCOUNT, World

GROUPS, PEOPLE = 12, 60
AT_EASE = PersonId("小雨")
"""Who is answered whatever the others do: in the first group, as its monitor."""
BETWEEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: to handle what came, and to do what was due afterwards."""

    events: int
    taking: float
    beating: float


class Broken(AssertionError):
    """A promise was."""


class Siege:
    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self._groups = [GroupId(f"group{n}") for n in range(GROUPS)]
        self._asked = 0
        self.draws_from(rng)

    async def begins(self) -> None:
        """The last group is a crowd."""
        for n, group in enumerate(self._groups):
            size = PEOPLE if n + 1 < GROUPS else CROWD
            people = tuple(f"p{each}" for each in range(size))
            await self.world.opens(group, f"杭州·2026年3-5月·妇幼·{n + 2:02}", people)
        await self.world.becomes(AT_EASE, Role.MONITOR, self._groups[0])

    def draws_from(self, rng: Random) -> None:
        """From now on; of what was drawn before nothing is remembered."""
        now = self.world.clock.now()
        self._hostile = Hostile(rng, ACCOUNT, BOT, self._groups, now)

    async def endures(self, count: int) -> Cost:
        """Raises Broken, or whatever was not caught."""
        world = self.world
        self._hostile.now = world.clock.now()
        events = [self._hostile.event() for _ in range(count)]
        with no_errors():
            began = time.perf_counter()
            await self._hears(events)
            taken = time.perf_counter()
            await world.simulation.look_again()
            await world.passes(seconds=BETWEEN.total_seconds())
            beaten = time.perf_counter()
        await self._is_answered()
        if letters := await self._scalar(select(func.count()).select_from(DeadLetterRow)):
            raise Broken(f"{letters} events were put aside")
        world.said.clear()
        return Cost(count, taken - began, beaten - taken)

    async def _hears(self, events: Sequence[GatewayEvent]) -> None:
        now = self.world.clock.now()
        await self.world.simulation.dispatcher.take([Arrival(each, now) for each in events])

    async def _is_answered(self) -> None:
        self._asked += 1
        id_ = MessageId(f"at ease {self._asked}")
        asks = MessageReceived(
            at=self.world.clock.now(),
            account=ACCOUNT,
            id=id_,
            group=self._groups[0],
            sender=AT_EASE,
            text="/群况",
        )
        await self._hears([asks])
        key = f"{Kind.REPLY}:{self._groups[0]}:{id_}"
        if await self._scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is None:
            raise Broken(f"nothing was promised to who asked after batch {self._asked}")

    async def _scalar(self, query: Select[Any]) -> Any:
        async with self.world.engine.connect() as connection:
            return await connection.scalar(query)


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def no_errors() -> Iterator[None]:
    """Whoever catches an exception that nobody expected logs it as an error."""
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(heard)
    if heard.records:
        raise Broken(logging.Formatter().format(heard.records[0]))
