"""A company on the local WeCom, whose time passes only where something waits for it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from models.database import open_engine
from models.ids import PersonId
from tests.gateways.wecom.answers import Time
from tests.gateways.wecom.office import Office
from tests.gateways.wecom.town import Town
from tests.world import shanghai

STAFF = {"linyue": "林悦", "chenxi": "陈曦", "wangmin": "王敏"}
MONDAY_EVENING = shanghai("2026-03-02 19:00")
GROUP, NAME = "wr1", "杭州·2026年3-5月·妇幼·01"


def customer(name: str) -> PersonId:
    """Her id as WeCom has it."""
    return PersonId(f"wm{name:0>30}")


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def office(engine: AsyncEngine, time: Time) -> AsyncIterator[Office]:
    """Lin Yue owns the one group, in which is Doudou's mother."""
    office = Office(engine, time, STAFF, wait=time.wait)
    office.corp.open_chat(GROUP, NAME, "linyue", {customer("doudou"): "豆豆妈"})
    office.corp.office.events.clear()
    yield office
    await office.aclose()


@pytest.fixture
async def town(engine: AsyncEngine) -> AsyncIterator[Town]:
    """The whole bot there, with no group yet."""
    town = Town(engine, MONDAY_EVENING)
    yield town
    await town.ends()
