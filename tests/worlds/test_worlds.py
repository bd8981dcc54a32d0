"""Some worlds of the many (`make worlds`): whatever goes wrong in them, promises are kept."""

import pytest

from tests.worlds.report import live_through


@pytest.mark.parametrize("seed", range(1, 21))
async def test_every_promise_is_kept(seed: int, database: str) -> None:
    report = await live_through(seed, database)
    assert not report.broken, "\n".join([*report.history, "", *report.broken])
