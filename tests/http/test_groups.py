"""An admin takes rooms in, lets them go, and says who is who."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.messages import Kind
from tests.world import GROUP, NAME, World

GROUPS = "/api/v1/groups"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def listed(http: httpx.AsyncClient, standing: str | None = None) -> dict[str, Any]:
    answer = await http.get(GROUPS, params={"standing": standing} if standing else {})
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()}


def refused(answer: httpx.Response, status: int, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert field in [each["field"] for each in answer.json()["errors"]]


async def test_every_room_is_listed_with_what_is_known_of_it(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    rooms = await listed(http)
    assert list(rooms) == ["g1", "g2"]
    assert rooms["g1"] == {
        "id": GROUP,
        "account": "simulated",
        "name": NAME,
        "standing": "ours",
        "city": "杭州",
        "channel": "妇幼",
        "birth_window": "2026-03",
        "opened_on": None,
        "checked_at": "2026-03-02T11:00:00Z",
    }
    assert rooms["g2"]["standing"] == "listed"
    assert rooms["g2"]["city"] is None
    assert list(await listed(http, "ours")) == ["g1"]
    assert list(await listed(http, "listed")) == ["g2"]
    assert await listed(http, "released") == {}
    refused(await http.get(GROUPS, params={"standing": "lost"}), 422, "standing")


async def test_a_room_is_adopted_with_what_its_name_does_not_say(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    answer = await http.post(
        f"{GROUPS}/g2/adopt",
        json={
            "city": " 杭州 ",
            "channel": "妇幼",
            "birth_window": "2026-03",
            "opened_on": "2026-02-20",
        },
    )
    assert answer.status_code == 200, answer.text
    known = (await listed(http))["g2"]
    assert answer.json() == known
    assert known["standing"] == "ours"
    assert (known["city"], known["channel"]) == ("杭州", "妇幼")
    assert (known["birth_window"], known["opened_on"]) == ("2026-03", "2026-02-20")


async def test_a_room_may_be_adopted_without_saying_anything(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    answer = await http.post(f"{GROUPS}/g2/adopt")
    assert answer.json()["standing"] == "ours"
    assert answer.json()["city"] is None
    await world.looks("g2")
    await world.joins("豆豆妈", group="g2")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_what_an_admin_says_outranks_the_name(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{GROUPS}/g1/adopt", json={"city": "苏州"})
    assert answer.json()["city"] == "苏州"
    assert answer.json()["birth_window"] == "2026-03"


async def test_a_room_that_is_not_there_is_neither_adopted_nor_released(
    http: httpx.AsyncClient,
) -> None:
    for path in ("adopt", "release"):
        refused(await http.post(f"{GROUPS}/g9/{path}"), 404)
    refused(await http.put(f"{GROUPS}/g9/members/u1/role", json={"role": "monitor"}), 404)
    refused(await http.post(f"{GROUPS}/g%00/adopt"), 422)
    assert list(await listed(http)) == ["g1"]


BAD = [
    ({"birth_window": "2026-3"}, "birth_window"),
    ({"birth_window": "2026-13"}, "birth_window"),
    ({"birth_window": 202603}, "birth_window"),
    ({"opened_on": "2026-02-30"}, "opened_on"),
    ({"opened_on": "2026-03-03"}, "opened_on"),
    ({"city": ""}, "city"),
    ({"city": "   "}, "city"),
    ({"city": "杭~州"}, "city"),
    ({"city": "杭\n州"}, "city"),
    ({"city": "杭" * 51}, "city"),
    ({"channel": "妇\x00幼"}, "channel"),
    ({"colour": "red"}, "colour"),
    ([], ""),
]


async def test_what_cannot_be_is_refused(http: httpx.AsyncClient) -> None:
    before = await listed(http)
    for given, field in BAD:
        refused(await http.post(f"{GROUPS}/g1/adopt", json=given), 422, field)
    assert await listed(http) == before


async def test_a_released_room_is_left_in_peace_until_it_is_adopted_again(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("豆豆妈")
    answer = await http.post(f"{GROUPS}/g1/release")
    assert answer.json()["standing"] == "released"
    await world.simulation.look_again()
    await world.looks()
    await world.joins("米粒妈")
    await world.passes(hours=1)
    assert world.said == []
    assert (await http.post(f"{GROUPS}/g1/adopt")).json()["standing"] == "ours"
    await world.looks()
    await world.joins("糖糖妈")
    await world.passes(hours=1)
    assert "糖糖妈" in world.greeted
    assert "米粒妈" not in world.greeted


async def test_the_monitor_of_a_group_is_named_in_its_welcome(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "苏州·2026年3-5月·妇幼·01", people=("小雨妈妈",))
    answer = await http.put(f"{GROUPS}/g2/members/小雨妈妈/role", json={"role": "monitor"})
    assert answer.json() == {"role": "monitor"}
    await world.joins("豆豆妈", group="g2")
    await world.passes(minutes=1)
    (welcome,) = world.heard(Kind.WELCOME, group="g2")
    assert "班长小雨妈妈" in welcome.message.text


async def test_staff_are_staff_in_every_group_until_they_are_not(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "苏州·2026年3-5月·妇幼·01")
    await http.put("/api/v1/staff/客服小李", json={"role": "host"})
    for group in ("g1", "g2"):
        await world.joins("客服小李", group=group)
    await world.passes(minutes=1)
    assert world.said == []
    await world.leaves("客服小李", group="g2")
    await http.put("/api/v1/staff/客服小李", json={"role": "member"})
    await world.joins("客服小李", group="g2")
    await world.passes(minutes=1)
    assert world.greeted == ["客服小李"]


async def test_there_are_only_the_roles_that_there_are(http: httpx.AsyncClient) -> None:
    for path in (f"{GROUPS}/g1/members/u1/role", "/api/v1/staff/u1"):
        for given in ({"role": "boss"}, {"role": None}, {}, {"role": "koc", "since": 1}, None):
            refused(await http.put(path, json=given), 422)


async def test_an_id_is_whatever_the_platform_makes_it(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("R:a/b@chatroom", "周末爬山群")
    answer = await http.post(f"{GROUPS}/R:a%2Fb@chatroom/adopt")
    assert answer.json()["id"] == "R:a/b@chatroom"
    of_member = f"{GROUPS}/R:a%2Fb@chatroom/members/wx%2F1/role"
    assert (await http.put(of_member, json={"role": "koc"})).status_code == 200
