"""Operators see how a group grows."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_viewer, refused
from tests.stories.quiet import without_posts
from tests.world import GROUP, NAME, World

GROWTH = f"{API}/groups/{GROUP}/growth"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await without_posts(world)
    await world.joins("班长")
    await world.becomes("班长", Role.MONITOR)
    async with world.admin() as client:
        yield client


async def read(http: httpx.AsyncClient) -> Any:
    answer = await http.get(GROWTH)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_young_group_is_shown_with_what_is_not_known_yet(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.passes(hours=1)
    assert await read(http) == {
        "group": GROUP,
        "group_name": NAME,
        "opened_on": "2026-03-02",
        "watched_since": "2026-03-02T19:00:00+08:00",
        "stage": "prenatal",
        "week": -7,
        "phase": "forming",
        "recruiting": "recruiting",
        "way_in": "qr_code",
        "members": 1,
        "formed_at": None,
        "full_at": None,
        "due_on": "2026-03-30",
        "lines": {"formed_at": 150, "qr_until": 200, "full_at": 350},
        "forecast": None,
        "active": {"looked_on": None, "members": None, "share": None},
        "sizes": [{"on": "2026-03-02", "members": 1}],
        "days": [{"on": "2026-03-02", "joins": 1, "leaves": 0, "heard": 0.042}],
        "notices": [],
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
    found = await read(http)
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
    sizes = [each["members"] for each in found["sizes"]]
    assert sizes == [3, 5, 7, 9, None, None, 8, 8], "nobody knows what was while nobody heard"
    assert sizes[-1] == found["members"]
    foretold = found["forecast"]
    assert foretold["on"] == "2026-03-30"
    assert foretold["low"] < foretold["likely"] < foretold["high"]
    assert foretold["interval"] == 0.8
    assert foretold["chance"] < 0.5
    assert found["active"]["members"] is None
    assert [each["concern"] for each in found["notices"]] == ["at_risk"]


async def test_the_size_of_a_group_follows_who_came_back_and_who_was_found_gone(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("米粒", "桃子")
    await world.passes(days=1)
    await world.leaves("米粒")
    await world.passes(days=1)
    await world.joins("米粒")
    await world.passes(days=1)
    found = await read(http)
    assert [each["members"] for each in found["sizes"]] == [3, 2, 3, 3]


async def test_a_group_that_is_not_watched_is_not_found(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    for group in ("g2", "g7"):
        refused(await http.get(f"{API}/groups/{group}/growth"), 404)


async def test_who_may_look_may_see_it_and_nobody_else(world: World) -> None:
    async with await as_viewer(world) as http:
        assert (await http.get(GROWTH)).status_code == 200
    async with world.admin("nobody") as http:
        refused(await http.get(GROWTH), 401)
