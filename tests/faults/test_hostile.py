"""Nothing that anybody can send stops the service, or those behind it (docs/faults.md)."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dispatcher import Dispatcher
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds, Simulation
from models.stores.unit import Unit
from tests.faults.hostile import listening
from tests.faults.hostile.poison import POISON, Faulty, messages
from tests.faults.hostile.siege import Siege
from tests.faults.hostile.slowness import slowest
from tests.world import World

WIRED, TOLD = 2_000, 1_200
BATCH = 200
LONGEST = 30.0
"""Seconds for a batch, on a busy machine; a few of them are seconds long."""
LONG, READ_WITHIN = 100_000, 3.0
"""Characters, and seconds on a busy machine: a fiftieth of it is usual."""
SUSPECTS = ("什么", "-", "@", "e\u0301", "有没有", "12")
MANY = 400
FEW = 40
"""Transactions, where a handful of `MANY` are poison."""


@pytest.mark.parametrize("seed", [1])
async def test_whatever_a_gateway_tells_those_behind_it_are_answered(
    world: World, seed: int
) -> None:
    siege = Siege(world, Random(seed))
    await siege.begins()
    for _ in range(TOLD // BATCH):
        cost = await siege.endures(BATCH)
        assert cost.taking + cost.beating < LONGEST


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
async def test_what_does_harm_is_found_in_small(siege: Siege, rng: Random) -> None:
    """The same events, drawn by who makes what fails smaller."""
    siege.draws_from(rng)
    await siege.endures(3)


@pytest.fixture
async def siege(world: World) -> Siege:
    made = Siege(world, Random(0))
    await made.begins()
    return made


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_gateway_out_of_its_mind_keeps_nobody_from_being_heard(seed: int) -> None:
    await listening.hears_all(Random(seed), WIRED // 2)


async def test_no_text_takes_long_to_read(world: World) -> None:
    slow = await slowest(world, LONG, SUSPECTS)
    assert slow[0].seconds < READ_WITHIN, slow[:5]


class Counted(Transactions):
    ran = 0

    async def _once(self, work: Any) -> Any:
        self.ran += 1
        return await super()._once(work)


@pytest.mark.parametrize(("ahead", "most"), [(False, FEW), (True, 4 * FEW)])
async def test_a_few_that_nobody_can_handle_cost_the_others_little(
    world: World, ahead: bool, most: int
) -> None:
    """Where it fails ahead of them all it takes some trying to find out which."""
    transactions = Counted(world.engine)
    handled: list[Any] = []
    dispatcher = Dispatcher(transactions, Faulty().router(ahead=ahead), handled.append)
    said = messages(world, Random(1), MANY, 0.01)
    good = [each for each in said if each.text != POISON]
    assert 0 < MANY - len(good) < 10
    await dispatcher.take([world.now(each) for each in said])
    assert handled == good
    assert transactions.ran < most


async def test_poison_is_put_aside_once_and_can_be_run_again(world: World) -> None:
    faulty = Faulty()
    world.simulation = Simulation(
        world.transactions, faulty.router(), world.gateway, world.clock, holding=AlwaysHolds(2)
    )
    said = messages(world, Random(2), MANY, 0.02)
    await world.simulation.dispatcher.take([world.now(each) for each in said])
    poison = [each.id for each in said if each.text == POISON]
    async with world.admin() as http:
        letters = (await http.get("/api/v1/dead-letters?limit=100")).json()["items"]
        assert len(letters) == len(poison)
        faulty.is_mended = True
        for each in letters:
            answer = await http.post(f"/api/v1/dead-letters/{each['id']}/run")
            assert answer.status_code == 204, answer.text
        assert (await http.get("/api/v1/dead-letters")).json()["items"] == []
    for message in poison:
        assert await _is_known(world, message)


async def _is_known(world: World, message: str) -> bool:
    async def work(facts: Unit) -> bool:
        return await facts.talk.find("g1", message) is not None

    return await world.transactions.read(work)
