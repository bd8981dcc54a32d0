"""Over HTTP, what is counted from messages is null where an account is told none of them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.gateways import GATEWAYS
from bot.gateways.abilities import FIELDS
from tests.http.api import API, as_viewer, items
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, World


@pytest.fixture
async def deaf(world: World) -> World:
    """From now on nobody tells it what members say; there are two of them."""
    await without_posts(world)
    await world.is_told_nothing()
    await world.joins("豆豆妈", "米粒妈")
    return world


@pytest.fixture
async def http(deaf: World) -> AsyncIterator[httpx.AsyncClient]:
    async with deaf.admin() as client:
        yield client


async def read(http: httpx.AsyncClient, path: str) -> Any:
    answer = await http.get(f"{API}{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def gives(http: httpx.AsyncClient, member: str, points: int) -> None:
    body = {"points": points, "reason": "线下活动"}
    answer = await http.post(f"{API}/groups/{GROUP}/members/{member}/points", json=body)
    assert answer.status_code == 201, answer.text


async def test_points_are_unknown_but_for_those_that_somebody_booked(
    http: httpx.AsyncClient,
) -> None:
    await gives(http, "豆豆妈", 20)
    members = {
        each["person"]: each["points"] for each in await items(http, "/members", group=GROUP)
    }
    assert members == {"豆豆妈": 20, "米粒妈": None, "bot": 0}
    in_order = await items(http, "/members", group=GROUP, sort="-points", limit=1)
    assert [each["points"] for each in in_order if each["person"] != "bot"] == [20, None]
    assert [each["points"] for each in await items(http, "/balances")] == [20]
    assert (await read(http, f"/groups/{GROUP}/members/米粒妈"))["points"] is None


async def test_where_members_are_heard_no_points_are_none(world: World) -> None:
    await world.joins("豆豆妈")
    async with world.admin() as http:
        members = await items(http, "/members", group=GROUP)
        assert {each["person"]: each["points"] for each in members} == {"豆豆妈": 0, "bot": 0}
        assert (await read(http, f"/groups/{GROUP}"))["hears"] is True


async def test_groups_of_which_it_is_unknown_can_be_looked_for(http: httpx.AsyncClient) -> None:
    assert [each["hears"] for each in await items(http, "/groups", hears="false")] == [False]
    assert await items(http, "/groups", hears="true") == []


async def test_who_did_a_task_is_unknown(deaf: World, http: httpx.AsyncClient) -> None:
    task = {"title": "今天喝水了吗", "keyword": "已喝"}
    made = await http.post(f"{API}/groups/{GROUP}/tasks", json=task)
    assert (made.status_code, made.json()["responses"]) == (201, None)
    await deaf.says("豆豆妈", "已喝")
    assert [each["responses"] for each in await items(http, "/tasks")] == [None]
    one = await read(http, f"/groups/{GROUP}/tasks/1")
    assert (one["responses"], one["responded"]) == (None, [])


async def test_when_members_speak_is_unknown(deaf: World, http: httpx.AsyncClient) -> None:
    await deaf.says("豆豆妈", "大家好")
    await deaf.passes(days=1)
    activity = await read(http, f"/groups/{GROUP}/activity?days=1")
    assert {
        (each["heard"], each["roles"]["member"]["messages"]) for each in activity["hours"]
    } == {(0.0, None)}
    rhythm = await read(http, f"/groups/{GROUP}/rhythm")
    assert {each["messages"] for each in rhythm["week"]} == {None}
    assert rhythm["monitor"]["messages"] is None
    growth = await read(http, f"/groups/{GROUP}/growth")
    assert growth["active"]["members"] is None
    assert [(each["joins"], each["leaves"]) for each in growth["days"]] == [(2, 0), (0, 0)]


async def test_the_morning_tells_what_is_known(deaf: World, http: httpx.AsyncClient) -> None:
    await deaf.until("2026-03-03 08:00")
    await deaf.joins("桃子妈")
    await deaf.until("2026-03-04 08:30")
    found = await read(http, "/overview")
    values = {name: each["value"] for name, each in found["figures"].items()}
    assert values == {
        "joined": 1,
        "left": 0,
        "messages": None,
        "answered": None,
        "said": 0,
        "points": None,
    }
    assert found["questions"] == {"open": None, "overdue": None}
    assert (found["groups"]["ours"], found["groups"]["untold"]) == (1, 1)


async def test_among_many_that_are_heard_one_that_is_not_hides_nothing(world: World) -> None:
    await without_posts(world)
    await world.joins("豆豆妈")
    await world.says("豆豆妈", "宝宝半夜总醒怎么办呀")
    async with world.admin() as http:
        found = await read(http, "/overview")
    assert found["questions"]["open"] == 1
    assert found["groups"]["untold"] == 0


async def test_a_question_from_before_is_still_open(world: World) -> None:
    await without_posts(world)
    await world.joins("豆豆妈")
    await world.says("豆豆妈", "宝宝半夜总醒怎么办呀")
    await world.is_told_nothing()
    async with world.admin() as http:
        assert (await read(http, "/overview"))["questions"]["open"] == 1


async def test_what_gateways_can_is_told_those_with_accounts_first(deaf: World) -> None:
    async with await as_viewer(deaf) as http:
        found = await read(http, "/gateways")
    assert sorted(each["name"] for each in found) == sorted(GATEWAYS)
    assert (found[0]["name"], found[0]["accounts"]) == ("simulated", [ACCOUNT])
    assert {len(each["abilities"]) for each in found} == {len(FIELDS)}
    (wechaty,) = [each for each in found if each["name"] == "wechaty"]
    able = {each["name"]: each["can"] for each in wechaty["abilities"]}
    assert (able["hears"], able["reaches_strangers"], wechaty["accounts"]) == ("yes", "no", [])
