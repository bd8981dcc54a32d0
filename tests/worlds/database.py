"""A way to a real PostgreSQL that is lost at the worst moments.

The connections are asyncpg's own. What fails, fails as it would: the socket is closed, or the
server itself reports the lost race.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.clock import ManualClock
from tests.worlds.fate import Fate
from tests.worlds.weather import Trouble, Weather

COMMIT = "COMMIT;"
LOST_RACE = "DO $$ BEGIN RAISE EXCEPTION 'lost a race' USING ERRCODE = '40001'; END $$"
LONGEST_AWAY = timedelta(hours=2)


class Way:
    """To the database, for whichever process is at work, whose fate is `fate`."""

    def __init__(
        self, url: str, weather: Weather, clock: ManualClock, fate: Callable[[], Fate]
    ) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self.weather = weather
        self._clock = clock
        self._fate = fate
        self._away_until = clock.now()

    def open_engine(self) -> AsyncEngine:
        """As models/database.py does, on this way; without the ping that would find out that a
        connection was lost before anybody suffers from it."""
        return create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=2,
            max_overflow=0,
            hide_parameters=True,
        )

    async def wait(self, seconds: float) -> None:
        """For it to come back: the world's time passes, and nobody's else."""
        away = self._away_until - self._clock.now()
        self._clock.set(self._clock.now() + max(timedelta(seconds=seconds), away))

    def dies(self) -> NoReturn:
        self._fate().dies()

    def goes_away(self) -> None:
        """Nobody gets to it for a while."""
        most = LONGEST_AWAY
        self._away_until = self._clock.now() + self.weather.some(timedelta(seconds=1), most)

    async def _connect(self) -> "FailingConnection":
        if self._clock.now() < self._away_until:
            raise ConnectionRefusedError("the database is away")
        address = self._url.render_as_string(hide_password=False)
        made = await asyncpg.connect(address, connection_class=FailingConnection)
        made.way = self
        return made


class FailingConnection(asyncpg.Connection):
    way: Way

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        if query != COMMIT:
            return await super().execute(query, *args, **options)
        strikes = self.way.weather.strikes
        if strikes(Trouble.DIES_BEFORE_COMMIT):
            self._die()
        if strikes(Trouble.COMMIT_LOST):
            self._lose()
        done = await super().execute(query, *args, **options)
        if strikes(Trouble.DIES_AFTER_COMMIT):
            self._die()
        if strikes(Trouble.ANSWER_LOST):
            self._lose()
        return done

    async def prepare(self, query: str, **options: Any) -> Any:
        return FailingStatement(await super().prepare(query, **options), self)

    async def suffer(self) -> None:
        """Whatever comes between a statement and its answer."""
        strikes = self.way.weather.strikes
        if strikes(Trouble.RACE_LOST):
            await super().execute(LOST_RACE)
        if strikes(Trouble.STATEMENT_LOST):
            self._lose()
        if strikes(Trouble.DATABASE_AWAY):
            self.way.goes_away()
            self._lose()

    def _lose(self) -> NoReturn:
        self.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in mid-operation")

    def _die(self) -> NoReturn:
        self.terminate()
        self.way.dies()


class FailingStatement:
    """A prepared statement, sent on a connection that may be lost."""

    def __init__(self, statement: Any, connection: FailingConnection) -> None:
        self._statement = statement
        self._connection = connection

    async def fetch(self, *args: Any) -> Any:
        await self._connection.suffer()
        return await self._statement.fetch(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._statement, name)
