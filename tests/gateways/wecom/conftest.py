from collections.abc import AsyncIterator

import pytest

from models.database import open_engine
from tests.gateways.wecom.town import Town
from tests.world import shanghai

MONDAY_EVENING = shanghai("2026-03-02 19:00")


@pytest.fixture
async def town(database: str) -> AsyncIterator[Town]:
    engine = open_engine(database)
    town = Town(engine, MONDAY_EVENING)
    yield town
    await town.ends()
    await engine.dispose()
