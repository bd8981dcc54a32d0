"""A demo of its own for each story."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import ManualClock
from tests.demo.play import START, Play, playing


@pytest.fixture
def real() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def play(database: str, real: ManualClock) -> AsyncIterator[Play]:
    async with playing(database, real) as made:
        yield made
