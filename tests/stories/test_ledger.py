"""Whatever happens, the ledger adds up."""

import random
from datetime import timedelta

import pytest

from models.ids import GroupId, MessageId, PersonId
from models.people import Role
from models.points import Balance, Entry, EntryKind
from models.rewards import Reward
from models.stores.unit import Unit
from tests.stories.test_points import answers
from tests.world import GROUP, World

MOTHERS = ("小雨", "豆豆妈", "米粒妈", "糖糖妈")
STEPS = 60


async def balances_and_sums(world: World) -> list[tuple[object, ...]]:
    """Memberships of which the two differ."""
    found = await world.transactions.read(lambda facts: facts.ledger.differing(10))
    return [tuple(each) for each in found]


async def something_happens(world: World, chance: random.Random, said: list[MessageId]) -> None:
    who, other = chance.sample(MOTHERS, 2)
    match chance.randrange(9):
        case 0 | 1 | 2:
            message = await world.says(who, f"我家是这样做的，第{chance.randrange(9)}种办法")
            said.append(message)
            accepted = chance.random() < 0.5
            question = f"q{chance.randrange(12)}"
            await answers(world, who, other, question, accepted=accepted, message=message)
        case 3:
            await world.says("班长", f"/加分 @{who} {chance.randrange(-2, 23)} 热心")
        case 4:
            await world.says("班长", f"/扣分 @{who} {chance.randrange(1, 21)} 更正")
        case 5:
            await world.says(who, "/兑换 绘本")
        case 6 if said:
            await world.recalls(chance.choice(said))
        case 7:
            await world.leaves(who, by=chance.choice([None, "班长"]))
            await world.joins(who)
        case 8:
            await world.passes(hours=chance.choice([1, 9, 200]))
        case _:
            await world.restarts()


@pytest.mark.parametrize("seed", range(4))
async def test_random_histories_always_add_up(world: World, seed: int) -> None:
    chance, said = random.Random(seed), list[MessageId]()
    await world.joins("班长", *MOTHERS)
    await world.becomes("班长", Role.MONITOR)
    await world.transactions.run(_offer)
    await world.passes(hours=1)
    for _ in range(STEPS):
        await something_happens(world, chance, said)
    await world.passes(days=40)
    assert await balances_and_sums(world) == []
    assert all([await world.points(each) >= 0 for each in MOTHERS])


async def _offer(facts: Unit) -> None:
    facts.rewards.put(Reward(id="r1", name="绘本", scope=f"group:{GROUP}", cost=3, stock=9))


async def test_a_key_is_never_used_twice(world: World) -> None:
    entry = Entry(
        key="bonus:1",
        group=GroupId(GROUP),
        person=PersonId("豆豆妈"),
        kind=EntryKind.BONUS,
        points=5,
        at=world.clock.now(),
        by="班长",
    )

    async def book_twice(facts: Unit) -> list[Entry | None]:
        return [await facts.ledger.book(entry), await facts.ledger.book(entry)]

    assert [each is None for each in await world.transactions.run(book_twice)] == [False, True]
    assert [each is None for each in await world.transactions.run(book_twice)] == [True, True]
    assert await world.points("豆豆妈") == 5
    assert await balances_and_sums(world) == []


async def test_a_balance_that_is_not_the_sum_is_found(world: World) -> None:
    async def tamper(facts: Unit) -> None:
        facts.balances.put(Balance(group=GroupId(GROUP), person=PersonId("豆豆妈"), points=7))

    await world.transactions.run(tamper)
    assert await balances_and_sums(world) == [(GROUP, "豆豆妈", 7, 0)]


async def test_an_answer_that_is_accepted_as_well_is_one_of_its_pair(world: World) -> None:
    """Within the transaction that books both, as by whoever reads it afterwards."""
    now = world.clock.now()
    since = now - timedelta(days=1)

    def earned(kind: EntryKind, points: int, question: str) -> Entry:
        return Entry(
            key=f"{kind}:{question}",
            group=GroupId(GROUP),
            person=PersonId("豆豆妈"),
            kind=kind,
            points=points,
            at=now,
            by="rules",
            cause=f"question:{question}",
            counterpart=PersonId("小雨"),
        )

    async def counted(facts: Unit) -> int:
        pair = PersonId("小雨"), PersonId("豆豆妈")
        return await facts.ledger.answers_between(GroupId(GROUP), *pair, since)

    async def book(facts: Unit) -> list[int]:
        """How many answers there are after each."""
        found = [await counted(facts)]
        for entry in (
            earned(EntryKind.GIVEN, 2, "q1"),
            earned(EntryKind.ACCEPTED, 3, "q1"),
            earned(EntryKind.ACCEPTED, 5, "q2"),
        ):
            assert await facts.ledger.book(entry, since) is not None
            found.append(await counted(facts))
        return found

    assert await world.transactions.run(book) == [0, 1, 1, 2]
    assert await world.transactions.read(counted) == 2
