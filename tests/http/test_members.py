"""Who is in which group, as what, and who may read what they are called."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.world import GROUP, World

ELSEWHERE = "苏州·2026年6-8月·爱婴·01"
ROLE = f"{API}/groups/{GROUP}/members/豆豆妈/role"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """She joins one group after another; somebody was in the second before."""
    await world.joins("豆豆妈", nickname="杭州-孕36周-豆豆")
    await world.passes(minutes=1)
    await world.joins("米粒妈")
    await world.opens("g2", ELSEWHERE, people=("豆豆妈", "老成员"))
    async with world.admin() as client:
        yield client


async def test_a_member_is_told_with_what_is_known_of_her(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.becomes("班长", Role.MONITOR)
    await world.joins("班长")
    await world.types("班长", "/加分 @杭州-孕36周-豆豆 5 带头打卡", at=("豆豆妈",))
    her = (await http.get(f"{API}/groups/{GROUP}/members/豆豆妈")).json()
    assert her == {
        "group": GROUP,
        "person": "豆豆妈",
        "name": "豆豆妈",
        "nickname": "杭州-孕36周-豆豆",
        "role": "member",
        "present": True,
        "joined_at": "2026-03-02T19:00:00+08:00",
        "seen_at": "2026-03-02T19:00:00+08:00",
        "left_at": None,
        "inviter": None,
        "points": 5,
    }
    ranked = await items(http, "/members", group=GROUP, sort="-points")
    assert [each["points"] for each in ranked] == [5, 0, 0, 0]
    refused(await http.get(f"{API}/groups/{GROUP}/members/u9"), 404)
    refused(await http.get(f"{API}/groups/g9/members/豆豆妈"), 404)


async def test_members_are_found_by_group_person_and_name(
    world: World, http: httpx.AsyncClient
) -> None:
    async def found(**asked: Any) -> list[tuple[str, str]]:
        return [(each["group"], each["person"]) for each in await items(http, "/members", **asked)]

    assert await found(group="g2", role="member", sort="name") == [
        ("g2", "老成员"),
        ("g2", "豆豆妈"),
    ]
    assert await found(person="豆豆妈", sort="joined") == [(GROUP, "豆豆妈"), ("g2", "豆豆妈")]
    assert await found(group=GROUP, sort="joined", role="member", limit=1) == [
        (GROUP, "豆豆妈"),
        (GROUP, "米粒妈"),
    ]
    assert await found(group=GROUP, role="bot") == [(GROUP, "bot")]
    assert await found(group=GROUP, q="豆豆") == [(GROUP, "豆豆妈")]
    await world.leaves("豆豆妈")
    assert await found(group=GROUP, q="豆豆") == []
    assert await found(group=GROUP, present=False) == [(GROUP, "豆豆妈")]
    left = (await http.get(f"{API}/groups/{GROUP}/members/豆豆妈")).json()
    assert left["left_at"] == "2026-03-02T19:01:00+08:00"


async def test_all_members_of_all_groups_are_no_list(http: httpx.AsyncClient) -> None:
    problem = refused(await http.get(f"{API}/members"), 409)
    assert problem["detail"].endswith("Name one of them.")


async def test_names_are_for_those_whose_group_it_is(
    world: World, http: httpx.AsyncClient
) -> None:
    async with await as_operator(world, channels=["妇幼"]) as hers:
        stays = await items(hers, "/members", person="豆豆妈")
        assert {each["group"]: each["name"] for each in stays} == {GROUP: "豆豆妈", "g2": None}
        assert len(await items(hers, "/members", group=GROUP, q="豆豆")) == 1
        for asked in ({"group": "g2", "q": "豆豆"}, {"person": "豆豆妈", "sort": "name"}):
            refused(await hers.get(f"{API}/members", params=asked), 403)
    async with await as_viewer(world) as viewer:
        told = await items(viewer, "/members", group=GROUP)
        assert [(each["name"], each["nickname"]) for each in told] == [(None, None)] * 3
        for hint in ({"q": "豆豆"}, {"sort": "name"}, {"sort": "-name"}):
            refused(await viewer.get(f"{API}/members", params={"group": "g1", **hint}), 403)


async def test_what_she_is_is_given_by_whose_group_it_is(
    world: World, http: httpx.AsyncClient
) -> None:
    path = f"{API}/groups/{GROUP}/members/豆豆妈"
    tag = (await http.get(path)).headers["ETag"]
    await world.calls_herself("豆豆妈", "杭州-孕37周-豆豆")
    async with await as_operator(world, channels=["爱婴"]) as other:
        refused(await other.put(ROLE, json={"role": "koc"}), 403)
    async with await as_operator(world, groups=[GROUP]) as hers:
        assert (await hers.get(path)).headers["ETag"] == tag
        answer = await hers.put(ROLE, json={"role": "koc"}, headers={"If-Match": tag})
        assert (answer.json()["role"], answer.json()["name"]) == ("koc", "豆豆妈")
        refused(await hers.put(ROLE, json={"role": "host"}, headers={"If-Match": tag}), 412)
    (entry,) = await items(http, "/audit", group=GROUP)
    assert (entry["action"], entry["target"]) == ("role_given", f"member:{GROUP}:豆豆妈")
    assert (entry["before"]["role"], entry["after"]["role"]) == ("member", "koc")
    assert "孕37周" not in str(entry)


async def test_our_own_account_stays_what_it_is(http: httpx.AsyncClient) -> None:
    of_bot = f"{API}/groups/{GROUP}/members/bot/role"
    refused(await http.put(of_bot, json={"role": "member"}), 409)
    refused(await http.put(ROLE, json={"role": "bot"}), 422, "role")


async def test_staff_is_for_admins_to_change(world: World, http: httpx.AsyncClient) -> None:
    await http.put(f"{API}/staff/客服小李", json={"role": "assistant"})
    refused(await http.put(f"{API}/staff/客服小李", json={"role": "koc"}), 422, "role")
    async with await as_operator(world, channels=["妇幼"]) as hers:
        refused(await hers.delete(f"{API}/staff/客服小李"), 403)
        assert await items(hers, "/staff", role="assistant") != []
        assert await items(hers, "/staff", role="host") == []
