"""The line to the database breaks after it has committed, or before we could ask it anything."""

import asyncio
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select, text

from bot.accounts import Ear, Workshop
from bot.dispatcher import Dispatcher
from bot.errands.runner import ErrandRunner
from bot.gateways.base import ON_ITS_WAY
from bot.gateways.simulated import SimulatedGateway
from bot.outbox.bell import Belfry
from bot.outbox.relay import Relay
from bot.reconcile import Reconciler
from bot.transactions import Transactions, Work
from handlers.features import ROUTER
from models.database import open_engine
from models.errands import Errand, ErrandKind
from models.messages import Kind, Outgoing
from models.stores.unit import Unit
from models.tables import ErrandRow, OutboxRow
from tests.leases import Lapsing
from tests.world import ACCOUNT, GROUP, World

T = TypeVar("T")
HOUR = timedelta(hours=1)


class Unlucky(Transactions):
    """After those that are `spared`, `answers_lost` commits are not heard of; `lines_lost`
    attempts reach nobody."""

    spared = answers_lost = lines_lost = 0

    async def read(self, work: Work[T]) -> T:
        self._reach()
        return await super().read(work)

    async def _once(self, work: Work[T]) -> T:
        self._reach()
        done = await super()._once(work)
        if self.answers_lost and self.spared:
            self.spared -= 1
        elif self.answers_lost:
            self.answers_lost -= 1
            raise ConnectionResetError
        return done

    def _reach(self) -> None:
        if self.lines_lost:
            self.lines_lost -= 1
            raise ConnectionRefusedError


class Bot:
    """What works for the account, with the luck it has."""

    def __init__(self, world: World) -> None:
        self.said: list[Outgoing] = []
        self.transactions = Unlucky(world.engine)
        self.lease = Lapsing(world.engine, ACCOUNT, "bot")
        self.gateway = SimulatedGateway(ACCOUNT, world.clock, self.said.append)
        self.gateway.connect()
        dispatcher = Dispatcher(self.transactions, ROUTER)
        shared = (ACCOUNT, self.gateway, self.lease, self.transactions, dispatcher)
        self.relay = Relay(*shared, ROUTER, world.clock)
        self.errands = ErrandRunner(*shared, world.clock)


@pytest.fixture
async def bot(world: World) -> Bot:
    made = Bot(world)
    assert await made.lease.take()
    await made.relay.step()
    await made.errands.step()
    return made


async def promise(world: World, *keys: str) -> None:
    async def work(facts: Unit) -> None:
        now = world.clock.now()
        for key in keys:
            facts.outbox.promise(
                Outgoing(
                    key=key,
                    kind=Kind.REPLY,
                    account=ACCOUNT,
                    group=GROUP,
                    text=key,
                    due_at=now,
                    lapses_at=now + HOUR,
                ),
                now,
            )

    await world.transactions.run(work)


async def states(world: World) -> list[str]:
    async with world.engine.connect() as connection:
        return list(await connection.scalars(select(OutboxRow.state).order_by(OutboxRow.id)))


@pytest.mark.parametrize("answers_lost", [1, 2])
async def test_what_was_claimed_without_our_knowing_is_said_after_all(
    world: World, bot: Bot, answers_lost: int
) -> None:
    await promise(world, "早")
    bot.transactions.answers_lost = answers_lost
    await bot.relay.step()
    assert [each.text for each in bot.said] == ["早"]
    assert await states(world) == ["sent"]


async def test_what_was_said_and_could_not_be_settled_is_not_said_again(
    world: World, bot: Bot
) -> None:
    await promise(world, "早")
    async with world.engine.begin() as connection:
        await connection.execute(
            text("ALTER TABLE outbox ADD CONSTRAINT broken CHECK (state <> 'sent') NOT VALID")
        )
    with pytest.raises(Exception, match="broken"):
        await bot.relay.step()
    world.clock.set(world.clock.now() + timedelta(seconds=10))
    bot.transactions.answers_lost = 1
    await bot.relay.step()
    assert [each.text for each in bot.said] == ["早"]
    assert await states(world) == ["sending"]


async def test_an_errand_that_was_claimed_without_our_knowing_is_done_after_all(
    world: World, bot: Bot
) -> None:
    now = world.clock.now()

    async def ask(facts: Unit) -> None:
        code = Errand(
            key="qr",
            kind=ErrandKind.OWN_QR,
            account=ACCOUNT,
            due_at=now,
            lapses_at=now + HOUR,
        )
        facts.errands.ask(code, now)

    await world.transactions.run(ask)
    # The look for errands that are overdue comes first.
    bot.transactions.spared, bot.transactions.answers_lost = 1, 1
    await bot.errands.step()
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(ErrandRow.state)) == "done"


async def test_who_looks_at_a_room_while_the_database_is_away_waits_for_it(
    world: World, bot: Bot
) -> None:
    async def ignore(*_: object) -> None: ...

    reconciler = Reconciler(ACCOUNT, world.gateway, bot.transactions, ignore, ignore, world.clock)
    bot.transactions.lines_lost = 1
    assert await reconciler.look(GROUP) is not None


async def test_what_came_in_and_is_not_handled_yet_does_not_count_as_heard(
    world: World, bot: Bot, database: str
) -> None:
    handled = asyncio.Event()
    dispatcher = Dispatcher(bot.transactions, ROUTER, lambda _: handled.set())
    belfry = Belfry(database)
    shop = Workshop(bot.transactions, dispatcher, ROUTER, world.clock, belfry, "bot")
    ear = Ear(ACCOUNT, bot.gateway, shop, ())
    bot.transactions.lines_lost = 1_000_000
    hearing = asyncio.create_task(ear.run())
    came_in = world.clock.now()
    await others_turn()
    world.clock.set(came_in + HOUR)
    assert ear.heard_until == came_in - ON_ITS_WAY
    bot.transactions.lines_lost = 0
    await handled.wait()
    await others_turn()
    assert ear.heard_until == world.clock.now() - ON_ITS_WAY
    await bot.gateway.aclose()
    await hearing


async def others_turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_column_that_a_newer_version_changed_meanwhile_costs_nobody_a_message(
    world: World,
) -> None:
    """The first of a transaction is SQLAlchemy's; the second goes to the driver, prepared."""
    lone = open_engine(world.engine.url.render_as_string(hide_password=False), pool_size=1)
    transactions = Transactions(lone)

    async def look(facts: Unit) -> int:
        await facts.accounts.get(ACCOUNT)
        return (await facts.desks.open(GROUP)).rounds

    before = await transactions.run(look)
    async with world.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE desk ALTER COLUMN rounds TYPE bigint"))
    assert await transactions.run(look) == before
    await lone.dispose()
