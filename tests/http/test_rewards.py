"""An admin says what points are spent on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import as_viewer, has_earned, items, refused
from tests.world import GROUP, World

REWARDS = "/api/v1/rewards"
TRIAL = {"id": "r1", "name": "试用装", "cost": 50, "stock": 3}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


# Offering


async def test_a_reward_that_is_offered_can_be_chosen_at_once(
    world: World, http: httpx.AsyncClient
) -> None:
    answer = await http.post(REWARDS, json=TRIAL)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        **TRIAL,
        "scope": "everywhere",
        "limit_each": None,
        "valid_until": None,
        "withdrawn": False,
    }
    assert await items(http, "/rewards") == [answer.json()]
    await world.joins("豆豆妈")
    assert "1. 试用装 50分，还剩3份" in await world.types("豆豆妈", "/兑换")


async def test_an_id_is_made_where_none_is_given(http: httpx.AsyncClient) -> None:
    given = {"name": "试用装", "cost": 50}
    made = [(await http.post(REWARDS, json=given)).json()["id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert {each["id"] for each in await items(http, "/rewards")} == set(made)


async def test_all_of_it_can_be_said(http: httpx.AsyncClient) -> None:
    given = {
        "id": "体温计/2026",
        "name": "  婴儿　体温计 ",
        "scope": "cohort:杭州~妇幼~2026-03",
        "cost": 100_000,
        "stock": 0,
        "limit_each": 1,
        "valid_until": "2026-04-01T00:00:00+08:00",
    }
    answer = await http.post(REWARDS, json=given)
    assert answer.status_code == 201, answer.text
    assert answer.json() == given | {
        "name": "婴儿 体温计",
        "valid_until": "2026-04-01T00:00:00+08:00",
        "withdrawn": False,
    }
    path = f"{REWARDS}/体温计%2F2026"
    assert (await http.patch(path, json={})).json() == answer.json()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " 　"}, "name"),
        ({"name": "长" * 51}, "name"),
        ({"name": "试用\x00装"}, "name"),
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"id": ""}, "id"),
        ({"id": "长" * 65}, "id"),
        ({"cost": 0}, "cost"),
        ({"cost": 100_001}, "cost"),
        ({"cost": "50"}, "cost"),
        ({"cost": True}, "cost"),
        ({"cost": 1.5}, "cost"),
        ({"cost": None}, "cost"),
        ({"stock": -1}, "stock"),
        ({"stock": 1_000_001}, "stock"),
        ({"limit_each": 0}, "limit_each"),
        ({"valid_until": "2026-04-01T00:00:00"}, "valid_until"),
        ({"valid_until": "tomorrow"}, "valid_until"),
        ({"valid_until": 5}, "valid_until"),
        ({"valid_until": "9999-12-31T23:59:59-12:00"}, "valid_until"),
        ({"withdrawn": True}, "withdrawn"),
        ({"price": 5}, "price"),
    ],
)
async def test_what_is_not_as_it_should_be_is_named(
    http: httpx.AsyncClient, given: dict[str, Any], field: str
) -> None:
    refused(await http.post(REWARDS, json=TRIAL | given), 422, field)


@pytest.mark.parametrize("scope", ["somewhere", "cohort:杭州~妇幼~2026-13"])
async def test_it_is_offered_in_a_scope_there_may_be(http: httpx.AsyncClient, scope: str) -> None:
    refused(await http.post(REWARDS, json=TRIAL | {"scope": scope}), 409, "scope")
    assert await items(http, "/rewards") == []


async def test_what_must_be_said_is_named(http: httpx.AsyncClient) -> None:
    problem = refused(await http.post(REWARDS, json={}), 422)
    assert {each["field"] for each in problem["errors"]} == {"name", "cost"}


async def test_an_id_is_used_once(http: httpx.AsyncClient) -> None:
    await http.post(REWARDS, json=TRIAL)
    problem = refused(await http.post(REWARDS, json=TRIAL | {"cost": 1}), 409)
    assert problem["detail"] == "there is a reward r1 already; PATCH it"
    (known,) = await items(http, "/rewards")
    assert known["cost"] == 50


async def test_of_two_who_offer_the_same_at_once_one_is_told(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(http.post(REWARDS, json=TRIAL | {"cost": cost}) for cost in range(1, 9))
    )
    assert sorted(each.status_code for each in answers) == [201] + [409] * 7
    (first,) = [each.json() for each in answers if each.status_code == 201]
    assert await items(http, "/rewards") == [first]


# Changing


async def test_only_what_is_given_changes(http: httpx.AsyncClient) -> None:
    until = "2026-04-01T00:00:00+08:00"
    given = TRIAL | {"limit_each": 2, "valid_until": until}
    before = (await http.post(REWARDS, json=given)).json()
    answer = await http.patch(f"{REWARDS}/r1", json={"cost": 60})
    assert answer.json() == before | {"cost": 60}
    answer = await http.patch(f"{REWARDS}/r1", json={"stock": None, "valid_until": None})
    assert answer.json() == before | {"cost": 60, "stock": None, "valid_until": None}
    everything = {
        "name": "正装",
        "scope": f"group:{GROUP}",
        "cost": 80,
        "stock": 5,
        "limit_each": None,
        "valid_until": "2026-05-01T08:00:00+08:00",
        "withdrawn": True,
    }
    answer = await http.patch(f"{REWARDS}/r1", json=everything)
    assert answer.json() == everything | {"id": "r1"}
    assert await items(http, "/rewards") == [answer.json()]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": None}, "name"),
        ({"scope": None}, "scope"),
        ({"cost": None}, "cost"),
        ({"cost": 0}, "cost"),
        ({"withdrawn": None}, "withdrawn"),
        ({"withdrawn": "yes"}, "withdrawn"),
        ({"id": "r2"}, "id"),
        ({"limit_each": 0}, "limit_each"),
    ],
)
async def test_a_change_is_held_to_the_same_bounds(
    http: httpx.AsyncClient, given: dict[str, Any], field: str
) -> None:
    before = (await http.post(REWARDS, json=TRIAL)).json()
    refused(await http.patch(f"{REWARDS}/r1", json=given), 422, field)
    assert await items(http, "/rewards") == [before]


async def test_what_is_not_there_cannot_be_changed(http: httpx.AsyncClient) -> None:
    problem = refused(await http.patch(f"{REWARDS}/r9", json={"cost": 5}), 404)
    assert problem["detail"] == "there is no reward r9"


async def test_what_is_withdrawn_is_not_chosen_and_its_codes_stay_good(
    world: World, http: httpx.AsyncClient
) -> None:
    await http.post(REWARDS, json=TRIAL)
    await world.joins("豆豆妈")
    await has_earned(world, "豆豆妈", 100)
    await world.types("豆豆妈", "/兑换 试用装")
    await http.patch(f"{REWARDS}/r1", json={"withdrawn": True})
    told = await world.types("豆豆妈", "/兑换 试用装")
    assert told == "「试用装」已经下架啦，发 /兑换 看看别的"
    (redemption,) = await items(http, "/redemptions")
    await world.becomes("小雨妈妈", Role.MONITOR)
    assert "已核销" in await world.types("小雨妈妈", f"/核销 {redemption['code']}")


# Who may


async def test_who_may_only_look_changes_nothing(world: World) -> None:
    async with await as_viewer(world) as viewer, world.admin("") as nobody:
        assert await items(viewer, "/rewards") == []
        refused(await viewer.post(REWARDS, json=TRIAL), 403)
        refused(await viewer.patch(f"{REWARDS}/r1", json={}), 403)
        refused(await nobody.get(REWARDS), 401)
