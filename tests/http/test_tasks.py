"""Operators ask groups to do something, and see who did it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.messages import Kind
from models.people import Role
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.stories.quiet import without_posts
from tests.world import GROUP, NAME, World

TASKS = f"{API}/groups/{GROUP}/tasks"
WATER = {
    "title": "今天喝水了吗",
    "keyword": "已喝",
    "points": 2,
    "closes_at": "2026-03-02T21:00:00+08:00",
}
KEY = {"Idempotency-Key": "7b1c0c5e-4a53-4f04-9d5a-5f9a5c8f1f11"}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """At 19:20, everybody greeted."""
    await without_posts(world)
    await world.joins("班长", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    await world.until("2026-03-02 19:20")
    world.said.clear()
    async with world.admin() as client:
        yield client


async def opened(world: World, http: httpx.AsyncClient, **facts: Any) -> dict[str, Any]:
    answer = await http.post(TASKS, json=WATER | facts)
    assert answer.status_code == 201, answer.text
    await world.simulation.look_again()
    task: dict[str, Any] = answer.json()
    return task


def heard(world: World) -> list[str]:
    return [each.message.text for each in world.heard(Kind.NOTICE)]


async def test_the_group_hears_of_a_task_and_who_does_it_is_counted(
    world: World, http: httpx.AsyncClient
) -> None:
    task = await opened(world, http)
    assert task == WATER | {
        "group": GROUP,
        "group_name": NAME,
        "channel": "妇幼",
        "number": 1,
        "by": "运营小王",
        "state": "open",
        "opened_at": "2026-03-02T19:20:00+08:00",
        "closed_at": None,
        "responses": 0,
    }
    await world.passes(minutes=1)
    assert heard(world) == ["任务来啦：今天喝水了吗\n做到了就发「已喝」，得2分，今天21:00截止～"]
    await world.says("豆豆妈", "已喝")
    assert await world.points("豆豆妈") == 2
    assert (await items(http, "/tasks"))[0] == task | {"responses": 1}
    found = (await http.get(f"{TASKS}/1")).json()
    assert found["responded"] == [
        {"person": "豆豆妈", "name": "豆豆妈", "at": "2026-03-02T19:21:00+08:00"}
    ]
    async with await as_viewer(world) as viewer:
        found = (await viewer.get(f"{TASKS}/1")).json()
        assert (found["responses"], found["responded"][0]["name"]) == (1, None)


async def test_a_task_that_is_closed_early_is_summed_up(
    world: World, http: httpx.AsyncClient
) -> None:
    await opened(world, http)
    await world.passes(minutes=1)
    await world.says("豆豆妈", "已喝")
    seen = {"If-Match": (await http.get(f"{TASKS}/1")).headers["ETag"]}
    closed = await http.post(f"{TASKS}/1/close", headers=seen)
    await world.simulation.look_again()
    assert closed.status_code == 200, closed.text
    assert (closed.json()["state"], closed.json()["closed_at"]) == (
        "closed",
        "2026-03-02T19:21:00+08:00",
    )
    await world.passes(minutes=1)
    assert heard(world)[-1] == "「今天喝水了吗」结束啦，谢谢豆豆妈来参加～"
    refused(await http.post(f"{TASKS}/1/close"), 409)
    refused(await http.post(f"{TASKS}/2/close"), 404)
    assert await items(http, "/tasks", state="open") == []
    assert len(await items(http, "/tasks", state="closed", channel="妇幼")) == 1


async def test_what_is_not_said_is_as_usual(http: httpx.AsyncClient) -> None:
    answer = await http.post(TASKS, json={"title": "晒一张宝宝的照片"})
    task = answer.json()
    assert (task["keyword"], task["points"]) == (None, 1)
    assert task["closes_at"] == "2026-03-02T21:00:00+08:00"


async def test_what_a_monitor_may_not_ask_for_nobody_may(
    world: World, http: httpx.AsyncClient
) -> None:
    for wrong, why in (
        ({"points": 50}, "1 to 20"),
        ({"closes_at": "2026-03-02T19:00:00+08:00"}, "past"),
        ({"closes_at": "2026-04-02T19:00:00+08:00"}, "7 days"),
        ({"title": "～～"}, "title"),
        ({"keyword": "！"}, "keyword"),
    ):
        problem = refused(await http.post(TASKS, json=WATER | wrong), 409)
        assert why in problem["detail"]
    refused(await http.post(TASKS, json=WATER | {"points": 0}), 422, "points")
    refused(await http.post(TASKS, json=WATER | {"title": "喝" * 61}), 422, "title")
    await opened(world, http)
    assert "task 1" in refused(await http.post(TASKS, json=WATER), 409)["detail"]
    for n in range(4):
        await opened(world, http, keyword=f"打卡{n}")
    assert "close one first" in refused(await http.post(TASKS, json=WATER), 409)["detail"]
    refused(await http.post(f"{API}/groups/g7/tasks", json=WATER), 404)


async def test_at_night_the_group_hears_of_it_in_the_morning_or_not_at_all(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.until("2026-03-02 23:30")
    early = {"closes_at": "2026-03-03T07:00:00+08:00"}
    assert "quiet hours" in refused(await http.post(TASKS, json=WATER | early), 409)["detail"]
    await opened(world, http, closes_at="2026-03-03T12:00:00+08:00")
    await world.passes(minutes=5)
    assert heard(world) == []
    await world.until("2026-03-03 07:40")
    assert len(heard(world)) == 1


async def test_a_request_that_comes_twice_opens_one_task(http: httpx.AsyncClient) -> None:
    first = await http.post(TASKS, json=WATER, headers=KEY)
    again = await http.post(TASKS, json=WATER, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await items(http, "/tasks")) == 1


async def test_tasks_are_listed_in_either_order(world: World, http: httpx.AsyncClient) -> None:
    for n, hour in enumerate((21, 20, 22)):
        await opened(world, http, keyword=f"打卡{n}", closes_at=f"2026-03-02T{hour}:00:00+08:00")

    async def found(**asked: Any) -> list[int]:
        return [each["number"] for each in await items(http, "/tasks", limit=1, **asked)]

    assert await found() == [3, 2, 1]
    assert await found(sort="closes_at", group=GROUP) == [2, 1, 3]
    assert await found(since="2026-03-02T19:21:00+08:00") == []


async def test_an_operator_asks_her_own_groups(world: World, http: httpx.AsyncClient) -> None:
    async with await as_viewer(world) as viewer:
        refused(await viewer.post(TASKS, json=WATER), 403)
    async with await as_operator(world, channels=["社区"]) as other:
        refused(await other.post(TASKS, json=WATER), 403)
    async with await as_operator(world, channels=["妇幼"]) as hers:
        assert (await opened(world, hers))["by"] == "运营小李"
        assert (await hers.post(f"{TASKS}/1/close")).status_code == 200
    await world.lets_go()
    assert "not ours" in refused(await http.post(TASKS, json=WATER), 409)["detail"]
