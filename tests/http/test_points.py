"""Operators see what was booked, and put right what is wrong."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_operator, as_viewer, has_earned, items, refused
from tests.world import GROUP, NAME, World

KEY = {"Idempotency-Key": "0b5d0c5e-4a53-4f04-9d5a-5f9a5c8f1f11"}
OTHER, OTHER_NAME = "g2", "杭州·2026年3-5月·爱婴·01"


@pytest.fixture
async def earned(world: World) -> World:
    """A mother of each of two groups did a task, a minute apart."""
    await world.opens(OTHER, OTHER_NAME, ("米粒妈",))
    await world.joins("豆豆妈")
    await has_earned(world, "豆豆妈", 15)
    await world.passes(minutes=1)
    await has_earned(world, "米粒妈", 20, OTHER)
    return world


@pytest.fixture
async def http(earned: World) -> AsyncIterator[httpx.AsyncClient]:
    async with earned.admin() as client:
        yield client


async def adjust(
    http: httpx.AsyncClient,
    points: object,
    name: str = "豆豆妈",
    group: str = GROUP,
    reason: object = "线下活动第一名",
    **more: Any,
) -> httpx.Response:
    given = {"points": points, "reason": reason}
    return await http.post(f"{API}/groups/{group}/members/{name}/points", json=given, **more)


async def reverse(http: httpx.AsyncClient, key: str, reason: str = "记错了") -> httpx.Response:
    return await http.post(f"{API}/ledger/{key}/reverse", json={"reason": reason})


# Looking


async def test_the_ledger_is_read_newest_first(http: httpx.AsyncClient) -> None:
    found = await items(http, "/ledger")
    assert [each["person"] for each in found] == ["米粒妈", "豆豆妈"]
    assert found[1] == {
        "id": found[1]["id"],
        "at": "2026-03-02T19:00:00+08:00",
        "group": GROUP,
        "group_name": NAME,
        "person": "豆豆妈",
        "member_name": "豆豆妈",
        "kind": "task",
        "points": 15,
        "shortfall": 0,
        "by": "rules",
        "note": "晒胎动",
        "message": None,
        "cause": None,
        "counterpart": None,
        "reverses": None,
        "reversed": False,
    }
    assert await items(http, "/ledger", limit=1) == found
    assert await items(http, "/ledger", sort="at") == found[::-1]
    answer = await http.get(f"{API}/ledger/{found[1]['id']}")
    assert answer.json() == found[1]
    assert "ETag" in answer.headers
    refused(await http.get(f"{API}/ledger/nothing"), 404)


async def test_lines_are_found(http: httpx.AsyncClient) -> None:
    await adjust(http, 5)
    for filters, points in (
        ({"group": GROUP}, [5, 15]),
        ({"person": "米粒妈"}, [20]),
        ({"channel": "爱婴"}, [20]),
        ({"kind": "bonus"}, [5]),
        ({"kind": "spent"}, []),
        ({"until": "2026-03-02T19:01:00+08:00"}, [15]),
        ({"since": "2026-03-02T19:01:00+08:00", "kind": "task"}, [20]),
        ({"since": "2026-03-03T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, []),
    ):
        found = await items(http, "/ledger", **filters)
        assert [each["points"] for each in found] == points, filters
    refused(await http.get(f"{API}/ledger", params={"kind": "present"}), 422, "kind")


async def test_balances_most_first(http: httpx.AsyncClient) -> None:
    found = await items(http, "/balances")
    assert found[0] == {
        "group": OTHER,
        "group_name": OTHER_NAME,
        "channel": "爱婴",
        "person": "米粒妈",
        "member_name": "米粒妈",
        "points": 20,
    }
    assert [each["points"] for each in found] == [20, 15]
    assert await items(http, "/balances", limit=1) == found
    assert await items(http, "/balances", sort="-person", limit=1) == sorted(
        found, key=lambda each: str(each["person"]), reverse=True
    )
    assert await items(http, "/balances", channel="妇幼") == found[1:]
    assert await items(http, "/balances", group=GROUP, person="米粒妈") == []


async def test_names_and_notes_are_for_those_whose_group_it_is(earned: World) -> None:
    async with await as_viewer(earned) as viewer:
        told = [(each["member_name"], each["note"]) for each in await items(viewer, "/ledger")]
        assert told == [(None, None)] * 2
        assert {each["member_name"] for each in await items(viewer, "/balances")} == {None}
        table = await viewer.get(f"{API}/ledger", params={"format": "csv"})
        assert "晒胎动" not in table.text
    async with await as_operator(earned, channels=["爱婴"]) as hers:
        told = [(each["member_name"], each["note"]) for each in await items(hers, "/ledger")]
        assert told == [("米粒妈", "晒胎动"), (None, None)]


# Giving and taking


async def test_points_are_given_and_she_reads_why(earned: World, http: httpx.AsyncClient) -> None:
    answer = await adjust(http, 200)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["shortfall"], told["balance"]) == (0, 215)
    entry = told["entry"]
    assert (entry["kind"], entry["points"], entry["by"]) == ("bonus", 200, "运营小王")
    assert (await http.get(f"{API}/ledger/{entry['id']}")).json() == entry
    statement = await earned.types("豆豆妈", "/积分")
    assert "03-02 +200 运营加分：线下活动第一名" in statement
    (noted,) = await items(http, "/audit", action="points_adjusted")
    assert (noted["group"], noted["after"]["balance"]) == (GROUP, 215)


async def test_no_more_is_taken_than_is_there(earned: World, http: httpx.AsyncClient) -> None:
    told = (await adjust(http, -20, reason="记重了")).json()
    assert (told["entry"]["points"], told["shortfall"], told["balance"]) == (-15, 5, 0)
    assert "-15 运营扣分：记重了（还差5分没扣）" in await earned.types("豆豆妈", "/积分")
    problem = refused(await adjust(http, -20), 409)
    assert problem["detail"] == "she has no points that could be taken"


async def test_what_is_sent_again_is_booked_once(earned: World, http: httpx.AsyncClient) -> None:
    first = await adjust(http, 5, headers=KEY)
    assert (await adjust(http, 5, headers=KEY)).json() == first.json()
    assert await earned.points("豆豆妈") == 20
    await adjust(http, 5)
    assert await earned.points("豆豆妈") == 25


async def test_a_monitors_budget_binds_nobody_else(earned: World, http: httpx.AsyncClient) -> None:
    await earned.joins("小雨妈妈")
    await earned.becomes("小雨妈妈", Role.MONITOR)
    assert (await adjust(http, 100, reason="补发")).status_code == 201
    await earned.rules(points={"daily_most": 200})
    assert "+5分" in await earned.types("小雨妈妈", "/加分 @豆豆妈 5 热心")


async def test_who_is_not_there_or_runs_the_group_has_no_points(
    earned: World, http: httpx.AsyncClient
) -> None:
    await earned.joins("小雨妈妈")
    await earned.becomes("小雨妈妈", Role.MONITOR)
    assert refused(await adjust(http, 5, "小雨妈妈"), 409)["detail"] == "staff have no points"
    refused(await adjust(http, 5, "米粒妈"), 404)
    refused(await adjust(http, 5, group="g9"), 404)
    await earned.leaves("豆豆妈")
    refused(await adjust(http, 5), 404)


@pytest.mark.parametrize(
    ("points", "reason", "field"),
    [
        (0, "为什么", "points"),
        (10_001, "为什么", "points"),
        (-10_001, "为什么", "points"),
        (1.5, "为什么", "points"),
        ("5", "为什么", "points"),
        (True, "为什么", "points"),
        (5, "", "reason"),
        (5, " 　", "reason"),
        (5, "长" * 101, "reason"),
        (5, None, "reason"),
    ],
)
async def test_what_is_not_as_it_should_be_is_named(
    earned: World, http: httpx.AsyncClient, points: object, reason: object, field: str
) -> None:
    refused(await adjust(http, points, reason=reason), 422, field)
    assert await earned.points("豆豆妈") == 15


# Taking back


async def test_a_line_is_taken_back_once(earned: World, http: httpx.AsyncClient) -> None:
    (line,) = await items(http, "/ledger", person="豆豆妈")
    answer = await reverse(http, line["id"])
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["entry"]["kind"], told["entry"]["points"], told["balance"]) == (
        "clawback",
        -15,
        0,
    )
    assert (told["entry"]["reverses"], told["entry"]["note"]) == (line["id"], "记错了")
    assert (await http.get(f"{API}/ledger/{line['id']}")).json()["reversed"] is True
    problem = refused(await reverse(http, line["id"]), 409)
    assert problem["detail"] == "it was taken back already"
    refused(await reverse(http, told["entry"]["id"]), 409)
    refused(await reverse(http, "nothing"), 404)
    assert "收回：记错了" in await earned.types("豆豆妈", "/积分")


async def test_what_was_taken_by_mistake_returns(earned: World, http: httpx.AsyncClient) -> None:
    taken = (await adjust(http, -5)).json()
    told = (await reverse(http, taken["entry"]["id"])).json()
    assert (told["entry"]["points"], told["balance"]) == (5, 15)


async def test_what_was_spent_is_not_reversed(earned: World, http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json={"id": "r1", "name": "试用装", "cost": 10})
    await earned.types("豆豆妈", "/兑换 试用装")
    (line,) = await items(http, "/ledger", kind="spent")
    refused(await reverse(http, line["id"]), 409)


# Who may


async def test_an_operator_moves_points_in_her_own_groups(earned: World) -> None:
    async with await as_viewer(earned) as viewer:
        (line,) = await items(viewer, "/ledger", person="豆豆妈")
        refused(await adjust(viewer, 5), 403)
        refused(await reverse(viewer, line["id"]), 403)
    async with await as_operator(earned, channels=["爱婴"]) as other:
        problem = refused(await adjust(other, 5), 403)
        assert problem["detail"] == f"this concerns group:{GROUP}; your token is for channel:爱婴"
        refused(await reverse(other, line["id"]), 403)
        assert (await adjust(other, 5, "米粒妈", OTHER)).json()["entry"]["by"] == "运营小李"
    assert await earned.points("豆豆妈") == 15
