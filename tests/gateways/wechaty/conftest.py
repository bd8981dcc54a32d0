"""The lab gateway, one for each test process, and a bot on it that writes down what it hears."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import CLOCK_REALTIME, clock_gettime
from typing import TypeVar

import pytest

from bot.gateways.wechaty import Timings, WechatyGateway
from models.events import AccountUp, GatewayEvent
from models.ids import AccountId, GroupId, PersonId
from models.messages import Attachment, Kind, Outgoing
from tests.gateways.wechaty.lab.lab import Lab

E = TypeVar("E", bound=GatewayEvent)
ACCOUNT = AccountId("assistant")
QUICK = Timings(silence=0.5, pulse=0.5)
START = datetime.fromtimestamp(0, UTC)


def clock() -> datetime:
    """Real time, as the composition root would pass it."""
    return START + timedelta(seconds=clock_gettime(CLOCK_REALTIME))


def outgoing(
    text: str,
    *,
    group: str | None = None,
    to: str | None = None,
    mentions: tuple[str, ...] = (),
    attachment: Attachment | None = None,
) -> Outgoing:
    now = clock()
    return Outgoing(
        key="k",
        kind=Kind.WELCOME,
        account=ACCOUNT,
        text=text,
        due_at=now,
        lapses_at=now + timedelta(minutes=5),
        group=GroupId(group) if group else None,
        to=PersonId(to) if to else None,
        mentions=tuple(PersonId(person) for person in mentions),
        attachment=attachment,
    )


async def eventually(condition: Callable[[], bool], within: float = 10) -> None:
    """For what the lab knows and cannot tell us of."""
    await asyncio.to_thread(_wait, condition, within)


def _wait(condition: Callable[[], bool], within: float) -> None:
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not so within {within} s")
        time.sleep(0.01)


class Bot:
    """A gateway and a reader that reads until told to pause."""

    def __init__(self, gateway: WechatyGateway) -> None:
        self.gateway = gateway
        self.heard: list[GatewayEvent] = []
        self._changed = asyncio.Condition()
        self._reading = asyncio.Event()
        self._reading.set()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.gateway.events():
            async with self._changed:
                self.heard.append(event)
                self._changed.notify_all()
            await self._reading.wait()

    def pause(self) -> None:
        self._reading.clear()

    def resume(self) -> None:
        self._reading.set()

    def all(self, kind: type[E], since: int = 0) -> list[E]:
        return [event for event in self.heard[since:] if isinstance(event, kind)]

    async def hears(
        self, kind: type[E], count: int = 1, *, since: int = 0, within: float = 10
    ) -> list[E]:
        await self.until(lambda: len(self.all(kind, since)) >= count, within)
        return self.all(kind, since)

    async def until(self, condition: Callable[[], bool], within: float = 10) -> None:
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"heard only {self.heard[-5:]}; {self.gateway.link}") from None

    async def close(self) -> None:
        self.resume()
        await self.gateway.aclose()
        await self._reader


def gateway(
    lab: Lab,
    timings: Timings | None = None,
    *,
    endpoint: str | None = None,
    token: str | None = None,
    tls_ca: Path | None = None,
    tls_name: str | None = None,
) -> WechatyGateway:
    return WechatyGateway(
        ACCOUNT,
        lab.endpoint if endpoint is None else endpoint,
        token or lab.token,
        clock=clock,
        rng=random.Random(7),
        tls_ca=tls_ca,
        tls_name=tls_name,
        timings=timings,
    )


@asynccontextmanager
async def bot_on(
    lab: Lab, timings: Timings | None = None, *, token: str | None = None, up: bool = True
) -> AsyncIterator[Bot]:
    bot = Bot(gateway(lab, timings, token=token))
    try:
        if up:
            await bot.hears(AccountUp)
        yield bot
    finally:
        await bot.close()


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(running_lab: Lab) -> Lab:
    running_lab.fresh()
    running_lab.room("r1", "杭州·01群", members=["ming", "hua"])
    return running_lab


@pytest.fixture
def own_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """For those who kill or freeze it."""
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        lab.room("r1", "杭州·01群", members=["ming", "hua"])
        yield lab


@pytest.fixture
async def bot(lab: Lab) -> AsyncIterator[Bot]:
    async with bot_on(lab) as bot:
        yield bot
