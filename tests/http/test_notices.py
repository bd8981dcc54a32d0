"""What groups need somebody for is seen, and seen to."""

from collections.abc import AsyncIterator

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.stories.quiet import without_posts
from tests.world import GROUP, NAME, World

SETTLE = f"{API}/groups/{GROUP}/notices/next_group/settle"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Of a small group that was formed at once, and then was nearly full."""
    await without_posts(world)
    await world.joins("班长")
    await world.becomes("班长", Role.MONITOR)
    await world.rules(growth={"formed_at": 20, "full_at": 40, "qr_until": 400})
    await world.joins(*(f"妈妈{n}" for n in range(20)))
    await world.passes(minutes=5)
    await world.joins(*(f"豆豆{n}" for n in range(16)))
    await world.passes(minutes=5)
    async with world.admin() as client:
        yield client


async def test_notices_are_listed_the_newest_first(world: World, http: httpx.AsyncClient) -> None:
    next_group, formed = await items(http, "/notices")
    assert next_group | {"text": ""} == {
        "group": GROUP,
        "group_name": NAME,
        "channel": "妇幼",
        "concern": "next_group",
        "label": "快满了，要建下一个群",
        "urgent": True,
        "text": "",
        "found_at": "2026-03-02T19:05:00+08:00",
        "due_at": None,
        "told_at": "2026-03-02T19:05:00+08:00",
        "ended_at": None,
        "settled_at": None,
    }
    assert formed["due_at"] == "2026-03-03T08:30:00+08:00"
    assert "满20人" in formed["text"]
    assert await items(http, "/notices", sort="due_at", limit=1) == [next_group, formed]
    await world.passes(days=1)
    assert await items(http, "/notices", concern="formed") == [], "who was told knows it"
    (over,) = await items(http, "/notices", concern="formed", open=False)
    assert over["ended_at"] is not None


async def test_notices_are_found_by_what_they_are(http: httpx.AsyncClient) -> None:
    async def found(**asked: object) -> list[str]:
        return [each["concern"] for each in await items(http, "/notices", **asked)]

    assert await found(concern="formed") == ["formed"]
    assert await found(urgent=True) == ["next_group"]
    assert await found(urgent=False) == ["formed"]
    assert await found(group=GROUP, channel="妇幼") == ["next_group", "formed"]
    assert await found(group="g2") == await found(channel="社区") == []
    refused(await http.get(f"{API}/notices", params={"concern": "hunger"}), 422)


async def test_what_somebody_saw_to_is_not_found_again_for_a_while(
    world: World, http: httpx.AsyncClient
) -> None:
    settled = await http.post(SETTLE)
    assert settled.status_code == 200, settled.text
    assert settled.json()["settled_at"] == settled.json()["ended_at"] is not None
    assert await items(http, "/notices", urgent=True) == []
    refused(await http.post(SETTLE), 409)
    told = len(world.said)
    await world.joins("来晚了一步")
    assert await items(http, "/notices", urgent=True) == []
    assert not [each for each in world.said[told:] if "下一个" in each.message.text]
    await world.passes(days=2)
    (again,) = await items(http, "/notices", urgent=True)
    assert again["settled_at"] is None
    (noted,) = await items(http, "/audit", action="notice_settled")
    assert noted["target"] == f"notice:{GROUP}/next_group"


async def test_what_begins_anew_is_found_although_somebody_saw_to_it_before(
    world: World, http: httpx.AsyncClient
) -> None:
    await http.post(SETTLE)
    await world.leaves(*(f"豆豆{n}" for n in range(8)))
    await world.until("2026-03-03 08:40")
    await world.joins(*(f"米粒{n}" for n in range(8)))
    (again,) = await items(http, "/notices", concern="next_group")
    assert again["settled_at"] is None


async def test_an_operator_sees_to_her_own_groups(world: World, http: httpx.AsyncClient) -> None:
    refused(await http.post(f"{API}/groups/{GROUP}/notices/silent/settle"), 404)
    async with await as_viewer(world) as viewer:
        assert len(await items(viewer, "/notices")) == 2
        refused(await viewer.post(SETTLE), 403)
    async with await as_operator(world, channels=["社区"]) as other:
        refused(await other.post(SETTLE), 403)
    async with await as_operator(world, channels=["妇幼"]) as hers:
        one = await hers.get(f"{API}/groups/{GROUP}/notices/next_group")
        seen = {"If-Match": one.headers["ETag"]}
        assert (await hers.post(SETTLE, headers=seen)).status_code == 200
