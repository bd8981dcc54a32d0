"""A scheduler whose beats come late, twice, or not at all for a while."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.dispatcher import Arrival, Dispatcher, Taken
from bot.outbox.policy import chance
from bot.transactions import Transactions
from handlers.features import ROUTER
from handlers.router import Tick
from models.events import Event
from models.stores.community import Turn
from tests.worlds.weather import Trouble, Weather

PERIODS = timedelta(0), timedelta(seconds=1), timedelta(seconds=5)
LATEST = timedelta(seconds=90)
MISSED_FOR = timedelta(minutes=15)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class FailingBeats:
    """Beats have a period, and some are late: how late is a matter of the seed and the moment,
    since it is asked more than once."""

    least = timedelta(hours=1)

    def __init__(self, seed: int, weather: Weather) -> None:
        self._seed = seed
        self._weather = weather
        self._period = PERIODS[int(chance(seed, "period") * len(PERIODS))]

    def wake(self, due: datetime) -> datetime:
        beat = due + (EPOCH - due) % self._period if self._period else due
        how = chance(self._seed, f"late:{beat.timestamp()}")
        rate = self._weather.rate(Trouble.BEAT_LATE)
        return beat + LATEST * (how / rate) if how < rate else beat

    def rests(self, tick: str, now: datetime) -> bool:
        spell = (now - EPOCH) // MISSED_FOR
        missed = self._weather.rate(Trouble.BEAT_MISSED)
        return chance(self._seed, f"missed:{tick}:{spell}") < missed


class FailingDispatcher(Dispatcher):
    """Ticks twice, as it is where a process that should be gone still has its scheduler.

    The relay is rung for all that is taken: what a transaction that was run again had promised
    before is rung by its commit in the service, whether or not the answer came.
    """

    def __init__(
        self, transactions: Transactions, weather: Weather, handled: Callable[[Event], None]
    ) -> None:
        super().__init__(transactions, ROUTER, handled)
        self._weather = weather

    async def take(
        self,
        arrivals: Sequence[Arrival],
        due: datetime | None = None,
        wake: Callable[[datetime], datetime] = lambda due: due,
    ) -> Taken:
        taken = await super().take(arrivals, due, wake)
        return replace(taken, promised=True, asked=True)

    async def tick(self, tick: Tick, now: datetime, turn: Turn | None = None) -> bool:
        asked = await super().tick(tick, now, turn)
        if self._weather.is_due(Trouble.BEAT_TWICE):
            asked |= await super().tick(tick, now, turn)
        return asked
