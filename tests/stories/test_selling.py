"""Two hundred at once for ten pieces, in several groups and through several processes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.dispatcher import Arrival, Dispatcher
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.database import open_engine
from models.events import MessageReceived
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind
from models.points import Entry, EntryKind
from models.rewards import Redemption, RedemptionState, Reward
from models.stores.unit import Unit
from models.tables import BalanceRow, DeadLetterRow, RewardRow
from tests.world import ACCOUNT, World

COST, PURSE, PIECES = 50, 80, 10
GROUPS = [GroupId(f"g{number}") for number in range(2, 10)]
PEOPLE = [PersonId(f"妈妈{number:03}") for number in range(200)]
HOME = {person: GROUPS[number % len(GROUPS)] for number, person in enumerate(PEOPLE)}
REWARD = "r1"
Balances = dict[tuple[str, str], int]


@pytest.fixture
async def counters(world: World, database: str) -> AsyncIterator[list[Dispatcher]]:
    """Four processes with connections of their own. Everybody can afford one piece, and there
    are ten."""
    for number, group in enumerate(GROUPS, 2):
        members = tuple(person for person in PEOPLE if HOME[person] == group)
        await world.opens(group, f"杭州·2026年3-5月·妇幼·{number:02}", members)
    await world.rules(delivery={"per_minute": 100_000})

    async def work(facts: Unit) -> None:
        await facts.rewards.add(
            Reward(id=REWARD, name="试用装", scope="everywhere", cost=COST, stock=PIECES)
        )
        for person, group in HOME.items():
            await facts.ledger.book(
                Entry(
                    key=f"task:{person}",
                    group=group,
                    person=person,
                    kind=EntryKind.TASK,
                    points=PURSE,
                    at=world.clock.now(),
                    by="rules",
                )
            )

    await world.transactions.run(work)
    engines = [open_engine(database, pool_size=8) for _ in range(4)]
    yield [Dispatcher(Transactions(each), ROUTER) for each in engines]
    for each in engines:
        await each.dispose()


def asks(world: World, person: PersonId, number: int = 1, *, private: bool = False) -> Arrival:
    return Arrival(
        MessageReceived(
            account=ACCOUNT,
            at=world.clock.now(),
            id=MessageId(f"{person}:{number}"),
            group=None if private else HOME[person],
            sender=person,
            text="兑换 试用装" if private else "/兑换 试用装",
        ),
        world.clock.now(),
    )


async def in_stock(world: World) -> int | None:
    async with world.engine.connect() as connection:
        return await connection.scalar(select(RewardRow.stock).where(RewardRow.id == REWARD))


async def redeemed(world: World) -> list[Redemption]:
    return await world.transactions.read(lambda facts: facts.redemptions.find())


async def balances(world: World) -> Balances:
    async with world.engine.connect() as connection:
        found = await connection.execute(
            select(BalanceRow.group, BalanceRow.person, BalanceRow.points)
        )
        return {(group, person): points for group, person, points in found}


async def all_is_well(world: World, sold: Sequence[Redemption]) -> None:
    """Nothing was lost on the way, and each has what she has not spent."""
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(DeadLetterRow)) == 0
    assert await world.transactions.read(lambda facts: facts.ledger.differing(10)) == []
    spent = Counter((each.group, each.person) for each in sold)
    assert await balances(world) == {
        (group, person): PURSE - COST * spent[group, person] for person, group in HOME.items()
    }


async def test_two_hundred_at_once_for_ten_pieces(
    world: World, counters: list[Dispatcher]
) -> None:
    # Some messages are told twice, to two processes, as the platform may do.
    told = [*PEOPLE, *PEOPLE[::5]]
    await asyncio.gather(
        *(
            counters[number % len(counters)].take([asks(world, person)])
            for number, person in enumerate(told)
        )
    )
    sold = await redeemed(world)
    assert len(sold) == PIECES
    assert len({each.person for each in sold}) == PIECES
    assert await in_stock(world) == 0
    await all_is_well(world, sold)

    await world.simulation.look_again()
    await world.passes(minutes=5)
    heard = Counter(
        "code" if each.message.to else "told" if "私信发你啦" in each.message.text else "sold out"
        for each in world.heard(Kind.REPLY)
    )
    assert heard == {"code": PIECES, "told": PIECES, "sold out": len(PEOPLE) - PIECES}


async def test_in_batches_that_touch_the_groups_in_any_order(
    world: World, counters: list[Dispatcher]
) -> None:
    """Also by those who ask in private, whose group is locked when it is already late."""
    arrivals = [
        asks(world, person, private=number % 3 == 0) for number, person in enumerate(PEOPLE)
    ]
    await asyncio.gather(
        *(
            counters[part % len(counters)].take(arrivals[part::20][:: (-1) ** part])
            for part in range(20)
        )
    )
    sold = await redeemed(world)
    assert len(sold) == PIECES
    assert await in_stock(world) == 0
    await all_is_well(world, sold)


async def test_pieces_that_come_back_while_others_ask_are_sold_once_more(
    world: World, counters: list[Dispatcher]
) -> None:
    await counters[0].take([asks(world, person) for person in PEOPLE[:PIECES]])
    assert await in_stock(world) == 0
    world.clock.set(world.clock.now() + timedelta(days=30))
    (lapse,) = [each for each in ROUTER.ticks if each.name == "lapse_codes"]

    async def beats(counter: Dispatcher) -> None:
        for _ in range(20):
            await counter.tick(lapse, world.clock.now())

    await asyncio.gather(
        *(beats(each) for each in counters),
        *(
            counters[number % len(counters)].take([asks(world, person)])
            for number, person in enumerate(PEOPLE[PIECES:])
        ),
    )
    await beats(counters[0])
    everything = await redeemed(world)
    lapsed = [each for each in everything if each.state is RedemptionState.LAPSED]
    standing = [each for each in everything if each.state is RedemptionState.READY]
    assert {each.person for each in lapsed} == set(PEOPLE[:PIECES])
    assert len(standing) + (await in_stock(world) or 0) == PIECES
    await all_is_well(world, standing)


async def test_a_code_that_is_handed_over_as_it_lapses_does_one_of_the_two(
    world: World, counters: list[Dispatcher]
) -> None:
    await counters[0].take([asks(world, person) for person in PEOPLE[:PIECES]])
    now = world.clock.now() + timedelta(days=30)
    (lapse,) = [each for each in ROUTER.ticks if each.name == "lapse_codes"]
    monitors = {group: PersonId(f"班长{group}") for group in GROUPS}
    async with world.admin() as http:
        for group, monitor in monitors.items():
            path = f"/api/v1/groups/{group}/members/{monitor}/role"
            await http.put(path, json={"role": "monitor"})

    def hands_over(redemption: Redemption) -> Arrival:
        message = MessageReceived(
            account=ACCOUNT,
            at=world.clock.now(),
            id=MessageId(f"核销{redemption.code}"),
            group=redemption.group,
            sender=monitors[redemption.group],
            text=f"/核销 {redemption.code}",
        )
        # She typed it before it lapsed, and another process is ahead.
        return Arrival(message, now - timedelta(seconds=1))

    sold = await redeemed(world)
    await asyncio.gather(
        *(counters[n % 3].take([hands_over(each)]) for n, each in enumerate(sold)),
        counters[3].tick(lapse, now),
        counters[3].tick(lapse, now),
    )
    after = await redeemed(world)
    states = Counter(each.state for each in after)
    assert states[RedemptionState.HANDED] + states[RedemptionState.LAPSED] == PIECES
    assert await in_stock(world) == states[RedemptionState.LAPSED]
    await all_is_well(world, [each for each in after if each.state is RedemptionState.HANDED])
