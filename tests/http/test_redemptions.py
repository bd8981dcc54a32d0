"""Operators see what was redeemed, and hand it over."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_operator, as_viewer, has_earned, items, refused
from tests.world import GROUP, NAME, World

KEY = {"Idempotency-Key": "0b5d0c5e-4a53-4f04-9d5a-5f9a5c8f1f11"}


@pytest.fixture
async def redeemed(world: World) -> World:
    """Three mothers chose a sample each, a minute apart."""
    async with world.admin() as http:
        given = {"id": "r1", "name": "试用装", "cost": 50, "stock": 3}
        await http.post(f"{API}/rewards", json=given)
    for name in ("豆豆妈", "米粒妈", "糖糖妈"):
        await world.joins(name)
        await has_earned(world, name, 60)
        await world.types(name, "/兑换 试用装")
        await world.passes(minutes=1)
    await world.becomes("小雨妈妈", Role.MONITOR)
    return world


@pytest.fixture
async def http(redeemed: World) -> AsyncIterator[httpx.AsyncClient]:
    async with redeemed.admin() as client:
        yield client


async def code_of(http: httpx.AsyncClient, name: str) -> str:
    (found,) = await items(http, "/redemptions", person=name)
    return str(found["code"])


async def decide(
    http: httpx.AsyncClient, what: str, code: str, group: str = GROUP, **more: Any
) -> httpx.Response:
    return await http.post(f"{API}/groups/{group}/redemptions/{code}/{what}", **more)


async def test_they_are_seen_newest_first(redeemed: World, http: httpx.AsyncClient) -> None:
    found = await items(http, "/redemptions")
    assert [each["person"] for each in found] == ["糖糖妈", "米粒妈", "豆豆妈"]
    assert found[2] == {
        "group": GROUP,
        "group_name": NAME,
        "channel": "妇幼",
        "code": found[2]["code"],
        "person": "豆豆妈",
        "member_name": "豆豆妈",
        "reward": "r1",
        "reward_name": "试用装",
        "cost": 50,
        "at": "2026-03-02T19:00:00+08:00",
        "lapses_at": "2026-04-01T19:00:00+08:00",
        "state": "ready",
        "handed_at": None,
        "handed_by": None,
    }
    assert await items(http, "/redemptions", limit=1) == found
    assert await items(http, "/redemptions", sort="lapses_at") == found[::-1]


async def test_they_are_found(redeemed: World, http: httpx.AsyncClient) -> None:
    code = await code_of(http, "米粒妈")
    await redeemed.types("小雨妈妈", f"/核销 {code}")
    for filters, people in (
        ({"state": "handed"}, ["米粒妈"]),
        ({"state": "ready"}, ["糖糖妈", "豆豆妈"]),
        ({"state": "lapsed"}, []),
        ({"code": code}, ["米粒妈"]),
        ({"channel": "妇幼", "person": "豆豆妈"}, ["豆豆妈"]),
        ({"channel": "爱婴"}, []),
        ({"group": GROUP, "reward": "r1", "since": "2026-03-02T19:02:00+08:00"}, ["糖糖妈"]),
        ({"until": "2026-03-02T19:01:00+08:00"}, ["豆豆妈"]),
        ({"group": "g9"}, []),
        ({"reward": "r9"}, []),
    ):
        found = await items(http, "/redemptions", **filters)
        assert [each["person"] for each in found] == people, filters
    for wrong in ({"state": "lost"}, {"code": "12345"}, {"limit": 0}, {"limit": 501}):
        refused(await http.get(f"{API}/redemptions", params=wrong), 422)


async def test_an_operator_hands_over_once(redeemed: World, http: httpx.AsyncClient) -> None:
    code = await code_of(http, "豆豆妈")
    handed = await decide(http, "hand-over", code, headers=KEY)
    assert handed.status_code == 200, handed.text
    told = handed.json()
    assert (told["state"], told["handed_by"]) == ("handed", "运营小王")
    assert told["handed_at"].startswith("2026-03-02T19:03")
    assert (await decide(http, "hand-over", code, headers=KEY)).json() == told
    again = refused(await decide(http, "hand-over", code), 409)
    assert again["detail"] == "it has been handed over already"
    said = await redeemed.types("小雨妈妈", f"/核销 {code}")
    assert "在3月2日19:03已经核销过了" in said
    (noted,) = await items(http, "/audit", target=f"redemption:{GROUP}:{code}")
    assert (noted["action"], noted["by"]) == ("code_handed_over", "运营小王")
    assert (noted["before"]["state"], noted["after"]["state"]) == ("ready", "handed")


async def test_a_mistake_is_undone(redeemed: World, http: httpx.AsyncClient) -> None:
    code = await code_of(http, "豆豆妈")
    problem = refused(await decide(http, "take-back", code), 409)
    assert problem["detail"] == "it has not been handed over"
    await redeemed.types("小雨妈妈", f"/核销 {code}")
    undone = (await decide(http, "take-back", code)).json()
    assert (undone["state"], undone["handed_at"], undone["handed_by"]) == ("ready", None, None)
    assert "已核销" in await redeemed.types("小雨妈妈", f"/核销 {code}")


async def test_what_is_taken_back_too_late_lapses(
    redeemed: World, http: httpx.AsyncClient
) -> None:
    code = await code_of(http, "豆豆妈")
    await decide(http, "hand-over", code)
    await redeemed.until("2026-04-02 12:00")
    await decide(http, "take-back", code)
    problem = refused(await decide(http, "hand-over", code), 409)
    assert problem["detail"] == "it has lapsed; the points return to its owner"
    await redeemed.simulation.look_again()
    await redeemed.passes(minutes=2)
    assert await redeemed.points("豆豆妈") == 60
    (found,) = await items(http, "/redemptions", person="豆豆妈")
    assert found["state"] == "lapsed"


async def test_what_is_not_there(http: httpx.AsyncClient) -> None:
    for what in ("hand-over", "take-back"):
        refused(await decide(http, what, "000000"), 404)
        refused(await decide(http, what, "000000", "g9"), 404)
        refused(await decide(http, what, "12345"), 422)
    refused(await http.get(f"{API}/groups/{GROUP}/redemptions/000000"), 404)
    refused(await http.get(f"{API}/groups/{GROUP}/redemptions"), 404)


async def test_names_are_for_those_who_may_hand_over(
    redeemed: World, http: httpx.AsyncClient
) -> None:
    code = await code_of(http, "豆豆妈")
    path = f"{API}/groups/{GROUP}/redemptions/{code}"
    async with await as_viewer(redeemed) as viewer:
        found = await items(viewer, "/redemptions", limit=1)
        assert len(found) == 3
        assert {each["member_name"] for each in found} == {None}
        assert found[2]["code"] == code, "an identifier, and no secret"
        assert found[2]["person"] == "豆豆妈"
        refused(await viewer.get(path), 403)
    async with await as_operator(redeemed, channels=["爱婴"]) as other:
        (hidden,) = await items(other, "/redemptions", person="豆豆妈")
        assert hidden["member_name"] is None
        refused(await other.get(path), 403)
        for what in ("hand-over", "take-back"):
            refused(await decide(other, what, code), 403)
    async with await as_operator(redeemed, groups=[GROUP]) as hers:
        assert (await hers.get(path)).json()["code"] == code
        assert (await decide(hers, "hand-over", code)).json()["handed_by"] == "运营小李"
