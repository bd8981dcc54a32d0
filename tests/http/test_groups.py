"""An admin takes rooms in, lets them go, and says who is who."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from models.delivery import Refused
from models.events import AccountUp
from models.groups import Ability
from models.growth import Concern
from models.ids import PersonId
from models.messages import Kind
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.world import ACCOUNT, GROUP, NAME, World

GROUPS = "/api/v1/groups"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def listed(http: httpx.AsyncClient, standing: str | None = None) -> dict[str, Any]:
    asked = {"standing": standing} if standing else {}
    return {each["id"]: each for each in await items(http, "/groups", sort="id", **asked)}


async def test_rules_of_a_room_do_not_make_it_ours(world: World) -> None:
    await world.opens("g2", "邻居 杭州 2026年3-5月 妇幼 01 买菜")
    template = {"groups": {"name_template": "邻居 {city} {window} {channel} {seq} 买菜"}}
    async with await as_operator(world, groups=["g2"]) as hers:
        changed = await hers.patch(f"{API}/rules/group:g2", json=template)
        assert changed.status_code == 200, changed.text
        await world.looks("g2")
        assert list(await listed(hers, "ours")) == [GROUP]


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
        "stage": "prenatal",
        "members": 0,
        "opened_on": None,
        "checked_at": "2026-03-02T19:00:00+08:00",
        "paused_at": None,
        "monitor": None,
        "renaming": None,
        "hears": True,
        "concerns": [],
    }
    assert rooms["g2"]["standing"] == "listed"
    unknown = ("city", "stage", "members", "checked_at")
    assert [rooms["g2"][each] for each in unknown] == [None] * 4
    assert (await http.get(f"{GROUPS}/g1")).json() == rooms["g1"]
    refused(await http.get(f"{GROUPS}/g9"), 404)
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
    refused(await http.post(f"{GROUPS}/g%00/adopt"), 404)
    assert list(await listed(http)) == ["g1"]


BAD = [
    ({"birth_window": "2026-3"}, "birth_window"),
    ({"birth_window": "2026-13"}, "birth_window"),
    ({"birth_window": 202603}, "birth_window"),
    ({"opened_on": "2026-02-30"}, "opened_on"),
    ({"opened_on": 0}, "opened_on"),
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
        refused(await http.patch(f"{GROUPS}/g1", json=given), 422, field)
    tomorrow = {"opened_on": "2026-03-03"}
    refused(await http.post(f"{GROUPS}/g1/adopt", json=tomorrow), 409, "opened_on")
    refused(await http.patch(f"{GROUPS}/g1", json=tomorrow), 409, "opened_on")
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
    told = answer.json()
    assert (told["group"], told["person"], told["role"]) == ("g2", "小雨妈妈", "monitor")
    assert (await http.get(f"{GROUPS}/g2")).json()["monitor"] == "小雨妈妈"
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
    assert await items(http, "/staff") == [{"person": "客服小李", "role": "host"}]
    assert (await http.get("/api/v1/staff/客服小李")).json()["role"] == "host"
    assert (await http.delete("/api/v1/staff/客服小李")).status_code == 204
    refused(await http.delete("/api/v1/staff/客服小李"), 404)
    assert await items(http, "/staff") == []
    await world.joins("客服小李", group="g2")
    await world.passes(minutes=1)
    assert world.greeted == ["客服小李"]


async def test_there_are_only_the_roles_that_there_are(http: httpx.AsyncClient) -> None:
    for path in (f"{GROUPS}/g1/members/u1/role", "/api/v1/staff/u1"):
        nothing_else = {"role": "monitor", "since": 1}
        for given in ({"role": "boss"}, {"role": "bot"}, {"role": None}, {}, nothing_else, None):
            refused(await http.put(path, json=given), 422)


async def test_an_id_is_whatever_the_platform_makes_it(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("R:a/b@chatroom", "周末爬山群")
    answer = await http.post(f"{GROUPS}/R:a%2Fb@chatroom/adopt")
    assert answer.json()["id"] == "R:a/b@chatroom"
    of_member = f"{GROUPS}/R:a%2Fb@chatroom/members/wx%2F1/role"
    assert (await http.put(of_member, json={"role": "koc"})).status_code == 200


# Many


async def test_groups_are_found_by_what_they_are(world: World, http: httpx.AsyncClient) -> None:
    await world.opens("g2", "苏州·2026年6-8月·爱婴·01", people=("小雨妈妈", "豆豆妈"))
    await world.opens("g3", "杭州·2026年3-5月·妇幼·02")
    await http.put(f"{GROUPS}/g2/members/小雨妈妈/role", json={"role": "monitor"})
    await http.post(f"{GROUPS}/g3/pause")
    await http.patch(f"{GROUPS}/g3", json={"opened_on": "2026-02-20"})

    async def found(**asked: Any) -> list[str]:
        return [each["id"] for each in await items(http, "/groups", **asked)]

    assert await found(channel="妇幼") == ["g1", "g3"]
    assert await found(city="苏州", birth_window="2026-06") == ["g2"]
    assert await found(account="simulated", standing="ours", sort="id") == ["g1", "g2", "g3"]
    assert await found(account="another") == []
    assert await found(paused=True) == ["g3"]
    assert await found(paused=False) == ["g1", "g2"]
    assert await found(without_monitor=True) == ["g1", "g3"]
    assert await found(without_monitor=False) == ["g2"]
    assert await found(q="·02") == ["g3"]
    assert await found(q="G2") == ["g2"]
    assert await found(sort="-members") == ["g2", "g3", "g1"]
    assert await found(sort="opened_on", limit=1) == ["g1", "g2", "g3"]
    await world.leaves("小雨妈妈", group="g2")
    assert await found(without_monitor=False) == []


async def test_ten_thousand_groups_are_read_page_by_page(
    world: World, http: httpx.AsyncClient
) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO chat_group (id, account, name, standing, members)"
                " SELECT 'x' || n, 'simulated', '群' || n % 7, 'listed', n % 500"
                " FROM generate_series(1, 10000) n"
            )
        )
    for sort in ("name", "-members", "opened_on"):
        rooms = await items(http, "/groups", sort=sort, limit=500)
        assert len({each["id"] for each in rooms}) == 10_001
    table = await http.get(GROUPS, params={"format": "csv", "q": "群3"})
    assert len(table.text.splitlines()) == 1 + 10_000 // 7 + 1


# Pausing and correcting


async def test_a_paused_group_is_silent_until_it_is_resumed(
    world: World, http: httpx.AsyncClient
) -> None:
    paused = (await http.post(f"{GROUPS}/g1/pause")).json()
    assert paused["paused_at"] == "2026-03-02T19:00:00+08:00"
    await world.joins("豆豆妈")
    await world.passes(minutes=30)
    assert world.said == []
    again = await http.post(f"{GROUPS}/g1/pause")
    assert again.json()["paused_at"] == paused["paused_at"]
    assert (await http.post(f"{GROUPS}/g1/resume")).json()["paused_at"] is None
    await world.simulation.look_again()
    await world.passes(minutes=30)
    assert world.greeted == ["豆豆妈"]
    actions = [each["action"] for each in await items(http, "/audit", group=GROUP)]
    assert actions == ["group_resumed", "group_paused", "group_paused"]


async def test_only_what_is_ours_is_paused_corrected_or_renamed(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    answers = [
        await http.post(f"{GROUPS}/g2/pause"),
        await http.patch(f"{GROUPS}/g2", json={"city": "杭州"}),
        await http.post(f"{GROUPS}/g2/rename", json={"name": "爬山"}),
    ]
    for answer in answers:
        assert refused(answer, 409)["detail"] == "group g2 is none of ours; adopt it first"
    for path in ("pause", "resume"):
        refused(await http.post(f"{GROUPS}/g9/{path}"), 404)


async def test_a_group_is_what_it_was_corrected_to_be(http: httpx.AsyncClient) -> None:
    tag = (await http.get(f"{GROUPS}/g1")).headers["ETag"]
    given = {"city": "苏州", "birth_window": "2025-09", "opened_on": "2026-02-20"}
    answer = await http.patch(f"{GROUPS}/g1", json=given, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    known = answer.json()
    assert {each: known[each] for each in given} == given
    assert (known["channel"], known["stage"]) == ("妇幼", "postnatal")
    refused(await http.patch(f"{GROUPS}/g1", json={}, headers={"If-Match": tag}), 412)
    unset = (await http.patch(f"{GROUPS}/g1", json={"birth_window": None})).json()
    assert (unset["birth_window"], unset["stage"], unset["city"]) == (None, None, "苏州")


async def test_an_operator_corrects_within_her_channels(world: World) -> None:
    await world.opens("g2", "苏州·2026年6-8月·爱婴·01")
    async with await as_operator(world, channels=["妇幼"]) as hers:
        refused(await hers.patch(f"{GROUPS}/g2", json={"city": "杭州"}), 403)
        refused(await hers.post(f"{GROUPS}/g2/pause"), 403)
        refused(await hers.patch(f"{GROUPS}/g1", json={"channel": "爱婴"}), 403)
        refused(await hers.patch(f"{GROUPS}/g1", json={"channel": None}), 403)
        refused(await hers.post(f"{GROUPS}/g1/adopt"), 403)
        assert (await hers.patch(f"{GROUPS}/g1", json={"city": "苏州"})).status_code == 200
    async with await as_operator(world, channels=["妇幼", "爱婴"]) as hers:
        moved = await hers.patch(f"{GROUPS}/g1", json={"channel": "爱婴"})
        assert moved.json()["channel"] == "爱婴"
    async with await as_viewer(world) as http:
        assert len(await items(http, "/groups")) == 2
        refused(await http.post(f"{GROUPS}/g1/pause"), 403)


# Renaming

NEW = "杭州·2026年3-5月·妇幼·09"


async def renames(http: httpx.AsyncClient, name: str = NEW) -> dict[str, Any]:
    answer = await http.post(f"{GROUPS}/g1/rename", json={"name": name})
    assert answer.status_code == 202, answer.text
    known: dict[str, Any] = answer.json()
    return known


async def test_a_group_is_renamed_by_its_account(world: World, http: httpx.AsyncClient) -> None:
    asked = await renames(http, f" {NEW} ")
    assert (asked["name"], asked["renaming"]) == (NAME, NEW)
    await world.simulation.look_again()
    await world.passes(seconds=1)
    known = (await http.get(f"{GROUPS}/g1")).json()
    assert (known["name"], known["renaming"]) == (NEW, None)
    assert (await world.gateway.look(GROUP)).name == NEW
    (entry,) = await items(http, "/audit", target=f"group:{GROUP}")
    assert (entry["action"], entry["after"]["renaming"]) == ("rename_asked", NEW)


async def test_the_last_name_that_was_asked_for_counts(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.goes_deaf()
    await renames(http, "杭州·2026年3-5月·妇幼·08")
    assert (await renames(http))["renaming"] == NEW
    await world.hears_again()
    await world.passes(seconds=1)
    assert (await http.get(f"{GROUPS}/g1")).json()["name"] == NEW
    assert [each["renaming"] for each in await items(http, "/groups")] == [None]


async def test_staff_is_told_of_a_name_that_could_not_be_given(
    world: World, http: httpx.AsyncClient
) -> None:
    world.gateway.failures.append(Refused("only the owner may"))
    await renames(http)
    await world.simulation.look_again()
    await world.passes(seconds=1)
    known = (await http.get(f"{GROUPS}/g1")).json()
    assert (known["name"], known["renaming"]) == (NAME, None)
    notices = await world.transactions.read(lambda facts: facts.notices.find())
    assert [(each.concern, NEW in each.text) for each in notices] == [(Concern.UNRENAMED, True)]
    await renames(http)
    await world.simulation.look_again()
    await world.passes(seconds=1)
    notices = await world.transactions.read(lambda facts: facts.notices.find())
    assert [each.is_open for each in notices] == [False]


async def test_who_is_away_for_a_day_gives_no_name(world: World, http: httpx.AsyncClient) -> None:
    await world.goes_deaf()
    await renames(http)
    await world.simulation.look_again()
    await world.passes(days=1, seconds=1)
    assert (await http.get(f"{GROUPS}/g1")).json()["renaming"] is None
    await world.hears_again()
    await world.passes(minutes=1)
    assert (await http.get(f"{GROUPS}/g1")).json()["name"] == NAME


async def test_a_released_group_keeps_its_name(world: World, http: httpx.AsyncClient) -> None:
    await world.goes_deaf()
    await renames(http)
    await http.post(f"{GROUPS}/g1/release")
    await world.hears_again()
    await world.passes(minutes=1)
    assert (await world.gateway.look(GROUP)).name == NAME


async def test_an_account_that_can_t_rename_is_not_asked(
    world: World, http: httpx.AsyncClient
) -> None:
    able = frozenset({Ability.SHOWS_QR})
    now = world.clock.now()
    await world.happens(AccountUp(at=now, account=ACCOUNT, person=PersonId("bot"), abilities=able))
    problem = refused(await http.post(f"{GROUPS}/g1/rename", json={"name": NEW}), 409)
    assert problem["detail"] == "the account simulated can't rename groups"


@pytest.mark.parametrize("name", ["", "  ", "\n", "群" * 61, "群\x00", None, 7], ids=repr)
async def test_what_is_no_name_is_refused(http: httpx.AsyncClient, name: Any) -> None:
    refused(await http.post(f"{GROUPS}/g1/rename", json={"name": name}), 422, "name")


async def test_groups_that_need_somebody_are_found(world: World, http: httpx.AsyncClient) -> None:
    await world.opens("g2", "苏州·2026年3-5月·社区·01")
    await world.joins(*(f"妈妈{n}" for n in range(3)))
    await world.passes(days=29)
    known = await listed(http)
    assert "overdue" in known["g1"]["concerns"]
    asked = {"sort": "id", "concern": "overdue"}
    assert "g1" in [each["id"] for each in await items(http, "/groups", **asked)]
    assert await items(http, "/groups", concern="formed") == []
    needing = [each["id"] for each in await items(http, "/groups", sort="id", needing=True)]
    content = [each["id"] for each in await items(http, "/groups", sort="id", needing=False)]
    assert sorted(needing + content) == sorted(known)
    assert needing == [name for name, each in known.items() if each["concerns"]]
    refused(await http.get(GROUPS, params={"concern": "hunger"}), 422, "concern")


async def test_what_groups_are_told_apart_by_is_known(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "周末爬山群")
    await http.post(f"{GROUPS}/g2/adopt", json={"city": "苏州"})
    answer = await http.get("/api/v1/segments")
    assert answer.json() == {
        "cities": sorted(["杭州", "苏州"]),
        "channels": ["妇幼"],
        "birth_windows": ["2026-03"],
    }
