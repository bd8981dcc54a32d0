"""Some worlds of the many (`make worlds`): whatever goes wrong in them, promises are kept."""

import pytest

from tests.worlds.report import live_through


@pytest.mark.parametrize("seed", range(1, 21))
async def test_every_promise_is_kept(seed: int, database: str) -> None:
    report = await live_through(seed, database)
    assert not report.broken, "\n".join([*report.history, "", *report.broken])


async def test_a_world_is_the_same_whenever_it_is_lived_through(
    database: str, another_database: str
) -> None:
    """Nothing depends on the machine's clock, or on an order that nobody asked for."""
    once, again = await live_through(7, database), await live_through(7, another_database)
    assert again.history == once.history
    assert again.digest == once.digest
