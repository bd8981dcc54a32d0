"""What many visitors send at once goes into few transactions, and each hears how hers went."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.clock import ManualClock
from bot.dispatcher import Arrival, Dispatcher
from bot.intake import MOST_WAITING, Intake, Overrun
from bot.transactions import Transactions
from handlers.context import Context
from handlers.router import Router
from models.database import open_engine
from models.entry import Visitor
from models.events import CodeScanned
from models.ids import Code, VisitorId
from models.stores.unit import Unit
from models.tables import VisitorRow
from tests.world import EVENING

BAD = Code("bad")


class Office:
    """An intake whose scans are written down as they are, or refused where the code is bad."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, pool_size=6)
        self.transactions = Transactions(self.engine)
        self.handled: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        router = Router()
        router.on(CodeScanned)(self._scanned)
        self.intake = Intake(Dispatcher(self.transactions, router), ManualClock(EVENING))

    async def scans(self, visitor: str, code: str = "good") -> None:
        scan = CodeScanned(at=EVENING, visitor=VisitorId(visitor), code=Code(code))
        await self.intake.submit(scan)

    async def kept(self) -> list[str]:
        async def work(facts: Unit) -> list[str]:
            return sorted(each.id for each in await facts.visitors.find(VisitorRow.id != ""))

        return await self.transactions.read(work)

    async def transactions_used(self) -> int:
        async with self.engine.connect() as connection:
            return len(
                (await connection.execute(text("SELECT DISTINCT xmin::text FROM visitor"))).all()
            )

    async def _scanned(self, scan: CodeScanned, ctx: Context) -> None:
        await self.gate.wait()
        self.handled.append(scan.visitor)
        ctx.facts.visitors.put(Visitor(id=scan.visitor, code=scan.code, scanned_at=ctx.now))
        if scan.code == BAD:
            raise ValueError("this code is bad")


@asynccontextmanager
async def open_office(url: str) -> AsyncIterator[Office]:
    office = Office(url)
    yield office
    await office.engine.dispose()


async def test_what_gathers_is_handled_in_one_transaction(database: str) -> None:
    async with open_office(database) as office:
        office.gate.clear()
        first = asyncio.create_task(office.scans("first"))
        await asyncio.sleep(0)
        others = [asyncio.create_task(office.scans(f"v{n:03}")) for n in range(150)]
        await asyncio.sleep(0)
        office.gate.set()
        await asyncio.gather(first, *others)
        assert len(await office.kept()) == 151
        assert await office.transactions_used() == 2


async def test_who_fails_fails_alone(database: str) -> None:
    async with open_office(database) as office:
        sent = [office.scans(f"v{n:02}", BAD if n in (3, 17) else "good") for n in range(20)]
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        assert [n for n, each in enumerate(outcomes) if isinstance(each, ValueError)] == [3, 17]
        assert [n for n, each in enumerate(outcomes) if each is not None] == [3, 17]
        assert await office.kept() == [f"v{n:02}" for n in range(20) if n not in (3, 17)]


async def test_who_goes_away_is_handled_all_the_same(database: str) -> None:
    async with open_office(database) as office:
        office.gate.clear()
        impatient = asyncio.create_task(office.scans("gone"))
        gone_early = asyncio.create_task(office.scans("gone early"))
        patient = asyncio.create_task(office.scans("patient"))
        await asyncio.sleep(0.05)
        impatient.cancel()
        gone_early.cancel()
        await asyncio.sleep(0)
        office.gate.set()
        await patient
        assert await office.kept() == ["gone", "gone early", "patient"]
        assert impatient.cancelled()
        assert gone_early.cancelled()


async def test_a_database_that_restarts_loses_nothing(database: str) -> None:
    async with open_office(database) as office:
        await office.scans("before")
        sent = [asyncio.create_task(office.scans(f"v{n:02}")) for n in range(30)]
        await asyncio.sleep(0)
        async with office.engine.connect() as other:
            for _ in range(5):
                await other.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
        await asyncio.gather(*sent)
        assert len(await office.kept()) == 31


async def test_what_waits_is_handled_before_we_stop(database: str) -> None:
    """Whoever sent it was told that we have it, and is gone."""
    async with open_office(database) as office:
        office.gate.clear()
        sent = [asyncio.create_task(office.scans(f"v{n}")) for n in range(3)]
        await asyncio.sleep(0.05)
        for each in sent:
            each.cancel()
        office.gate.set()
        await office.intake.drained()
        assert await office.kept() == ["v0", "v1", "v2"]


async def test_stopping_keeps_nobody_waiting(database: str) -> None:
    async with open_office(database) as office:
        office.gate.clear()
        sent = [asyncio.create_task(office.scans(f"v{n}")) for n in range(3)]
        await asyncio.sleep(0.05)
        sent.append(asyncio.create_task(office.scans("later")))
        await asyncio.sleep(0)
        (work,) = [each for each in asyncio.all_tasks() if "Intake._work" in repr(each)]
        work.cancel()
        await asyncio.wait(sent, timeout=5)
        assert all(each.cancelled() for each in sent)
        assert await office.kept() == []
        office.gate.set()
        await office.scans("next")
        assert await office.kept() == ["next"]


async def test_what_fails_around_them_is_heard_by_all(database: str) -> None:
    class Broken(Dispatcher):
        async def decide_all(self, arrivals: Sequence[Arrival]) -> list[Exception | None]:
            raise OSError("the stage is on fire")

    async with open_office(database) as office:
        intake = Intake(Broken(office.transactions, Router()), ManualClock(EVENING))
        scan = CodeScanned(at=EVENING, visitor=VisitorId("v"), code=Code("good"))
        outcomes = await asyncio.gather(
            *(intake.submit(scan) for _ in range(3)), return_exceptions=True
        )
        assert [str(each) for each in outcomes] == ["the stage is on fire"] * 3


async def test_too_much_is_refused_at_once(database: str) -> None:
    async with open_office(database) as office:
        office.gate.clear()
        sent = [asyncio.create_task(office.scans(f"v{n}")) for n in range(MOST_WAITING + 1)]
        await asyncio.sleep(0)
        with pytest.raises(Overrun):
            await office.scans("too much")
        office.gate.set()
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        assert sum(isinstance(each, Overrun) for each in outcomes) <= 1
        assert len(await office.kept()) >= MOST_WAITING
