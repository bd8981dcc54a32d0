"""One life of the service, from its start to its death."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.dispatcher import Arrival
from bot.reconcile import Reconciler
from bot.transactions import Transactions, Work
from bot.virtual import Simulation
from handlers.features import ROUTER
from models.events import Event
from models.stores.unit import Unit
from tests.worlds.beats import FailingBeats, FailingDispatcher
from tests.worlds.database import Way
from tests.worlds.fate import Fate
from tests.worlds.gateway import FailingGateway, Platform

T = TypeVar("T")


class PatientTransactions(Transactions):
    """Who reads once and is told that the database is away comes again with the next beat; the
    virtual clock has no other, so it reads in peace."""

    def __init__(self, engine: AsyncEngine, way: Way) -> None:
        super().__init__(engine, way.wait)
        self._weather = way.weather

    async def read(self, work: Work[T]) -> T:
        with self._weather.still():
            return await super().read(work)


@dataclass(slots=True)
class Office:
    """Which process holds the account: the one that came last."""

    epoch: int = 0


class Tenure:
    """What the lease says to one process."""

    def __init__(self, office: Office, fate: Fate) -> None:
        self.epoch = fate.epoch
        self._office = office
        self._fate = fate

    def holds(self) -> bool:
        return self._office.epoch == self.epoch and not self._fate.is_asleep

    async def confirm(self, facts: Unit) -> bool:
        return self._office.epoch == self.epoch


@dataclass(frozen=True, slots=True)
class Process:
    fate: Fate
    gateway: FailingGateway
    simulation: Simulation
    reconciler: Reconciler


def begin(
    seed: int,
    fate: Fate,
    office: Office,
    engine: AsyncEngine,
    way: Way,
    platform: Platform,
    gateway: FailingGateway,
    handled: Callable[[Event], None],
) -> Process:
    """It takes the account over from whoever had it."""
    office.epoch = fate.epoch
    clock, weather = platform.clock, platform.weather
    transactions = PatientTransactions(engine, way)
    simulation = Simulation(
        transactions,
        ROUTER,
        gateway,
        clock,
        seed,
        FailingDispatcher(transactions, weather, handled),
        Tenure(office, fate),
        FailingBeats(seed, weather),
    )
    reconciler = Reconciler(gateway.account, gateway, transactions, _deliver, _nothing, clock)
    return Process(fate, gateway, simulation, reconciler)


async def _deliver(arrival: Arrival) -> None:
    """A world asks for each look by itself, and is given what it saw."""


async def _nothing() -> None:
    """Nor does it ask for a look at everything."""
