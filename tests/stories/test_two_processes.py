"""Two processes on one database: nobody is greeted twice, and nobody is missed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.clock import ManualClock
from bot.dispatcher import Arrival, Dispatcher
from bot.gateways.simulated import BOT, SimulatedGateway
from bot.outbox.relay import Relay
from bot.transactions import Transactions
from handlers.context import Context
from handlers.features import ROUTER
from handlers.router import Router
from models.coverage import unheard
from models.database import open_engine
from models.events import AccountDown, AccountUp, Event, MemberJoined, MemberLeft, MessageReceived
from models.growth import Concern, Life
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import ROUND_STEPS, Kind, Outgoing
from models.people import Profile
from models.points import Balance
from models.stores.unit import Unit
from models.tables import DeadLetterRow, JoinRow, MessageRow, OutboxRow
from tests.leases import Lapsing
from tests.world import ACCOUNT, EVENING, GROUP, World

PEOPLE = [f"妈妈{n:02}" for n in range(20)]


class Process:
    """A second one, with its own connections, on the same database."""

    def __init__(self, url: str, name: str, clock: ManualClock, said: list[Outgoing]) -> None:
        self.engine = open_engine(url, pool_size=8)
        self.transactions = Transactions(self.engine)
        self.dispatcher = Dispatcher(self.transactions, ROUTER)
        self.clock = clock
        self.lease = Lapsing(self.engine, ACCOUNT, name)
        self.gateway = SimulatedGateway(ACCOUNT, clock, said.append)
        self.gateway.connect()
        self.relay = Relay(
            ACCOUNT,
            self.gateway,
            self.lease,
            self.transactions,
            self.dispatcher,
            ROUTER,
            clock,
        )

    async def take(self, *events: Event) -> None:
        await self.dispatcher.take([Arrival(each, self.clock.now()) for each in events])

    async def beat(self) -> None:
        for tick in ROUTER.ticks:
            await self.dispatcher.tick(tick, self.clock.now())

    async def speak(self) -> None:
        """All that may be said now."""
        while (again := await self.relay.step()) is not None and again <= self.clock.now():
            pass


@pytest.fixture
def said() -> list[Outgoing]:
    return []


@pytest.fixture
async def both(
    world: World, database: str, said: list[Outgoing]
) -> AsyncIterator[tuple[Process, Process]]:
    """The group is known; the account belongs to neither yet."""
    pair = (
        Process(database, "first", world.clock, said),
        Process(database, "second", world.clock, said),
    )
    yield pair
    for each in pair:
        await each.engine.dispose()


def joined(world: World, person: str, group: GroupId = GROUP) -> MemberJoined:
    return MemberJoined(
        account=ACCOUNT,
        at=world.clock.now(),
        group=group,
        person=PersonId(person),
        profile=Profile(person),
    )


def later(world: World, seconds: float) -> None:
    world.clock.set(world.clock.now() + timedelta(seconds=seconds))


async def expires(process: Process) -> None:
    """Its time to live passes without its renewing."""
    async with process.engine.begin() as connection:
        await connection.execute(text("UPDATE lease SET expires_at = clock_timestamp()"))


async def both_live(world: World, both: tuple[Process, Process], seconds: int) -> None:
    for _ in range(seconds):
        later(world, 1)
        await asyncio.gather(*(each.beat() for each in both))
        await asyncio.gather(*(each.speak() for each in both))


async def test_the_same_events_at_both_doors_are_handled_once(
    world: World, both: tuple[Process, Process], said: list[Outgoing]
) -> None:
    first, second = both
    assert await first.lease.take()
    events = [joined(world, each) for each in PEOPLE]
    await asyncio.gather(
        first.take(*events),
        second.take(*reversed(events)),
        *(second.take(each) for each in events[::3]),
    )
    await both_live(world, both, 20)
    welcomed = [who for each in said if each.kind is Kind.WELCOME for who in each.mentions]
    assert sorted(welcomed) == PEOPLE
    assert [each.kind for each in said] == list(ROUND_STEPS)
    async with first.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(JoinRow)) == len(PEOPLE)


async def test_joins_and_leaves_in_many_groups_through_both_doors(
    world: World, both: tuple[Process, Process], said: list[Outgoing]
) -> None:
    groups = [GroupId(f"g{n}") for n in range(2, 8)]
    for number, group in enumerate(groups, start=2):
        await world.opens(group, f"杭州·2026年3-5月·妇幼·{number:02}")
    await world.rules(delivery={"per_minute": 100_000})
    first, second = both
    assert await first.lease.take()
    events = [joined(world, each, group) for each in PEOPLE[:6] for group in groups]
    await asyncio.gather(first.take(*events[::2]), second.take(*events[1::2][::-1]))
    later(world, 1)
    gone = [
        MemberLeft(account=ACCOUNT, at=world.clock.now(), group=group, person=PersonId(PEOPLE[0]))
        for group in groups
    ]
    await asyncio.gather(first.take(*gone), second.take(*gone[::-1]))
    await both_live(world, both, 16)
    for group in groups:
        messages = [each for each in said if each.group == group]
        assert [each.kind for each in messages] == list(ROUND_STEPS)
        assert sorted(messages[0].mentions) == PEOPLE[1:6]


async def test_only_the_holder_speaks(
    world: World, both: tuple[Process, Process], said: list[Outgoing]
) -> None:
    first, second = both
    assert await first.lease.take()
    assert not await second.lease.take()
    await second.take(joined(world, "豆豆妈"))
    later(world, 10)
    await second.beat()
    await second.speak()
    assert said == []
    await first.speak()
    assert [each.kind for each in said] == [Kind.WELCOME]


async def test_of_two_who_want_it_at_once_one_gets_it(both: tuple[Process, Process]) -> None:
    taken = await asyncio.gather(*(each.lease.take() for each in both))
    assert sorted(taken) == [False, True]


async def test_what_is_released_can_be_taken_at_once(both: tuple[Process, Process]) -> None:
    first, second = both
    assert await first.lease.take()
    await first.lease.release()
    assert not first.lease.holds()
    assert await second.lease.take()
    assert second.lease.epoch > first.lease.epoch
    await first.lease.release()
    assert await second.transactions.run(second.lease.confirm)


async def connects(process: Process) -> None:
    """The gateway says that it is logged in, and that is handled."""
    await process.take(AccountUp(account=ACCOUNT, at=process.clock.now(), person=BOT))


async def renews(process: Process) -> bool:
    """What the heartbeat of the holder's lease does, the line being up."""
    return await process.lease.renew(process.clock.now())


async def deaf_spells(world: World) -> list[tuple[datetime, datetime]]:
    """Those that are known, with the one that lasts until now."""

    async def work(facts: Unit) -> list[tuple[datetime, datetime]]:
        known = await facts.deaf_spells.between(ACCOUNT, EVENING, world.clock.now())
        return unheard(known, await facts.accounts.get(ACCOUNT), world.clock.now())

    return await world.transactions.read(work)


async def standing(world: World) -> tuple[Life, list[Concern]]:
    async def work(facts: Unit) -> tuple[Life, list[Concern]]:
        life = await facts.lives.get(GROUP)
        assert life is not None
        return life, [each.concern for each in await facts.notices.open_of(GROUP)]

    return await world.transactions.read(work)


async def test_who_took_over_from_one_that_died_and_can_not_connect_is_deaf(
    world: World, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert await first.lease.take()
    await connects(first)
    later(world, 3600)
    assert await renews(first)
    assert await deaf_spells(world) == []
    died = world.clock.now()
    await expires(first)
    assert await second.lease.take()
    later(world, 8 * 24 * 3600)
    assert await deaf_spells(world) == [(died, world.clock.now())]
    await second.beat()
    life, concerns = await standing(world)
    assert (life.active, Concern.SILENT in concerns) == (None, False)


async def test_what_was_missed_is_known_though_the_line_is_up_before_that_is_handled(
    world: World, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert await first.lease.take()
    await connects(first)
    died = world.clock.now()
    await expires(first)
    assert await second.lease.take()
    later(world, 7200)
    up = world.clock.now()
    assert await renews(second)
    await connects(second)
    assert await deaf_spells(world) == [(died, up)]
    later(world, 3600)
    assert await renews(second)
    now = world.clock.now()
    down = now - timedelta(seconds=15)
    await second.take(AccountDown(account=ACCOUNT, at=now, why="silent", heard_until=down))
    later(world, 600)
    assert await renews(second), "the line may be up again before that is handled"
    assert await deaf_spells(world) == [(died, up), (down, world.clock.now())]


async def test_a_line_that_was_just_found_was_not_silent_before(
    world: World, both: tuple[Process, Process]
) -> None:
    first, _ = both
    assert await first.lease.take()
    await connects(first)
    up = world.clock.now()
    later(world, 5)
    now = world.clock.now()
    silent = now - timedelta(seconds=15)
    await first.take(AccountDown(account=ACCOUNT, at=now, why="silent", heard_until=silent))
    later(world, 60)
    assert await deaf_spells(world) == [(up, world.clock.now())]


async def test_what_was_said_while_it_was_away_for_seconds_was_not_heard_either(
    world: World, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert await first.lease.take()
    await connects(first)
    died = world.clock.now()
    await expires(first)
    assert await second.lease.take()
    later(world, 9)
    await connects(second)
    assert await deaf_spells(world) == [(died, world.clock.now())]


async def test_a_lease_that_ran_out_is_taken_back_unless_another_had_it(
    world: World, both: tuple[Process, Process]
) -> None:
    """Who had it meanwhile may have logged in, so that we don't hear any more."""
    first, second = both
    assert await first.lease.take()
    await connects(first)
    await expires(first)
    assert await renews(first)
    assert await deaf_spells(world) == [], "it went on hearing"
    await expires(first)
    assert await second.lease.take()
    await expires(second)
    assert not await renews(first)


async def test_one_who_was_stopped_and_wakes_says_nothing_more(
    world: World, both: tuple[Process, Process], said: list[Outgoing]
) -> None:
    first, second = both
    assert await first.lease.take()
    assert await first.transactions.run(first.lease.confirm)
    await first.take(joined(world, "豆豆妈"))
    later(world, 10)
    await first.beat()
    await first.speak()
    assert [each.kind for each in said] == [Kind.WELCOME]
    await expires(first)
    assert not await first.transactions.run(first.lease.confirm)
    assert await second.lease.take()
    # It still believes that it holds the account.
    assert first.lease.holds()
    assert not await first.transactions.run(first.lease.confirm)
    later(world, 5)
    await first.speak()
    assert len(said) == 1
    await both_live(world, both, 10)
    assert [each.kind for each in said] == list(ROUND_STEPS)
    assert await first.lease.take() is False


async def test_what_the_first_was_saying_is_not_said_by_the_second(
    world: World, both: tuple[Process, Process], said: list[Outgoing]
) -> None:
    class Killed(BaseException):
        pass

    first, second = both
    assert await first.lease.take()
    await first.take(joined(world, "豆豆妈"))
    later(world, 10)
    await first.beat()
    first.gateway.failures.append(Killed())
    with pytest.raises(Killed):
        await first.speak()
    await expires(first)
    assert await second.lease.take()
    await both_live(world, both, 20)
    assert [each.kind for each in said] == [Kind.NICKNAME, Kind.RULES]
    assert (await world.outbox())[0] == ("onboarding.welcome", "unsure")


@pytest.mark.parametrize(("looks", "attempts"), [(0, 0), (1, 1)])
async def test_nothing_is_said_by_one_whose_lease_ran_out_before_its_claim_or_its_send(
    world: World,
    both: tuple[Process, Process],
    said: list[Outgoing],
    looks: int,
    attempts: int,
) -> None:
    first, _ = both
    assert await first.lease.take()
    await first.take(joined(world, "豆豆妈"))
    later(world, 10)
    await first.beat()
    first.lease.lapses_after = looks
    await first.relay.step()
    assert said == []
    assert (await world.outbox())[0] == ("onboarding.welcome", "waiting")
    async with world.engine.connect() as connection:
        made = await connection.scalar(select(func.max(OutboxRow.attempts)))
    assert made == attempts


# A handler that fails


RAISES, REFUSED = "坏", "欠"
"""What a handler fails for, and what the database does when all is written."""


class Bad(Exception):
    pass


def fragile() -> Router:
    router = Router([ROUTER])

    @router.on(MessageReceived)
    async def fail(message: MessageReceived, ctx: Context) -> None:
        if message.text == RAISES:
            raise Bad(message.id)
        if message.text == REFUSED:
            ctx.facts.balances.put(Balance(group=GROUP, person=message.sender, points=-1))

    return router


def message(world: World, number: int, text: str) -> Arrival:
    return Arrival(
        MessageReceived(
            account=AccountId(ACCOUNT),
            at=world.clock.now(),
            id=MessageId(f"m{number}"),
            group=GROUP,
            sender=PersonId("豆豆妈"),
            text=text,
        ),
        world.clock.now(),
    )


@pytest.mark.parametrize("on_a_virtual_clock", [False, True])
@pytest.mark.parametrize("bad", [RAISES, REFUSED])
async def test_an_event_that_cannot_be_handled_is_put_aside_and_the_others_go_on(
    world: World, on_a_virtual_clock: bool, bad: str
) -> None:
    dispatcher = Dispatcher(world.transactions, fragile())
    arrivals = [message(world, n, bad if n in (3, 7) else "好") for n in range(10)]
    while arrivals:
        due = world.clock.now() if on_a_virtual_clock else None
        taken = await dispatcher.take(arrivals, due)
        assert taken.count > 0
        arrivals = arrivals[taken.count :]
    async with world.engine.connect() as connection:
        kept = set(await connection.scalars(select(MessageRow.id)))
        letters = (await connection.execute(select(DeadLetterRow.event))).scalars().all()
    assert kept == {f"m{n}" for n in range(10)} - {"m3", "m7"}
    assert [each["id"] for each in letters] == ["m3", "m7"]


async def test_whoever_decides_hears_of_a_failure(world: World) -> None:
    dispatcher = Dispatcher(world.transactions, fragile())
    with pytest.raises(Bad):
        await dispatcher.decide(message(world, 1, RAISES).event, world.clock.now())
