"""Operators see how a group grows, and what any group needs somebody for."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.access import Access
from models.people import Role
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from tests.stories.quiet import without_posts
from tests.world import GROUP, NAME, World

GROWTH = f"/api/v1/groups/{GROUP}/growth"
CONCERNS = "/api/v1/concerns"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await without_posts(world)
    await world.joins("班长")
    await world.becomes("班长", Role.MONITOR)
    async with world.admin() as client:
        yield client


async def read(http: httpx.AsyncClient, path: str, **params: str) -> Any:
    answer = await http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_young_group_is_shown_with_what_is_not_known_yet(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.passes(hours=1)
    assert await read(http, GROWTH) == {
        "group": GROUP,
        "name": NAME,
        "opened_on": "2026-03-02",
        "watched_since": "2026-03-02T11:00:00Z",
        "stage": "prenatal",
        "week": -7,
        "phase": "forming",
        "recruiting": "recruiting",
        "way_in": "qr_code",
        "members": 1,
        "formed_at": None,
        "full_at": None,
        "due_on": "2026-03-30",
        "forecast": None,
        "active": {"looked_on": None, "members": None, "share": None},
        "days": [{"on": "2026-03-02", "joins": 1, "leaves": 0, "heard": 0.042}],
        "concerns": [],
    }


async def test_joins_leaves_and_the_forecast_of_a_group_that_was_not_always_heard(
    world: World, http: httpx.AsyncClient
) -> None:
    for n in range(4):
        await world.joins(f"妈妈{n}", f"豆豆{n}")
        await world.passes(days=1)
    await world.leaves("妈妈0")
    await world.goes_deaf()
    await world.passes(days=2)
    await world.hears_again()
    await world.passes(days=1)
    found = await read(http, GROWTH)
    assert [(each["joins"], each["leaves"]) for each in found["days"]] == [
        (3, 0),
        (2, 0),
        (2, 0),
        (2, 0),
        (0, 1),
        (None, None),
        (0, 0),
        (0, 0),
    ]
    assert found["days"][4]["heard"] == pytest.approx(19 / 24, abs=0.01)
    foretold = found["forecast"]
    assert foretold["on"] == "2026-03-30"
    assert foretold["low"] < foretold["likely"] < foretold["high"]
    assert foretold["interval"] == 0.8
    assert foretold["chance"] < 0.5
    assert found["active"]["members"] is None
    assert [each["concern"] for each in found["concerns"]] == ["at_risk"]


async def test_what_groups_need_somebody_for_is_listed_the_newest_first(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.rules(growth={"formed_at": 20, "full_at": 40, "qr_until": 400})
    await world.joins(*(f"妈妈{n}" for n in range(20)))
    await world.passes(minutes=5)
    await world.joins(*(f"豆豆{n}" for n in range(16)))
    await world.passes(minutes=5)
    next_group, formed = await read(http, CONCERNS)
    assert next_group["concern"] == "next_group"
    assert next_group["urgent"] is True
    assert next_group["told_at"] == "2026-03-02T11:05:00Z"
    assert formed["group"] == GROUP
    assert formed["name"] == NAME
    assert formed["due_at"] == "2026-03-03T00:30:00Z"
    assert "满20人" in formed["text"]
    assert await read(http, CONCERNS, concern="formed") == [formed]
    assert await read(http, CONCERNS, limit="1") == [next_group]
    await world.passes(days=1)
    assert await read(http, CONCERNS, concern="formed") == [], "who was told knows it"


async def test_a_group_that_is_not_watched_is_not_found(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    for group in ("g2", "g7"):
        answer = await http.get(f"/api/v1/groups/{group}/growth")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await http.get(CONCERNS, params={"concern": "hunger"})
    assert answer.status_code == 422
    answer = await http.get(CONCERNS, params={"limit": "100000"})
    assert answer.status_code == 422


async def test_who_may_look_may_see_it_and_nobody_else(world: World) -> None:
    async def issue(facts: Unit) -> str:
        now = world.clock.now() - timedelta(days=1)
        return await TokenStore(facts.connection).issue("客服小张", Access.VIEWER, now)

    token = await world.transactions.run(issue)
    async with world.admin(token) as http:
        for path in (GROWTH, CONCERNS):
            assert (await http.get(path)).status_code == 200
    async with world.admin("nobody") as http:
        for path in (GROWTH, CONCERNS):
            assert (await http.get(path)).status_code == 401
