"""An admin makes the codes by which mothers come in, and says what their posters say."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.entry import EntryCode
from models.ids import Code, PersonId
from models.stores.codes import ALPHABET
from models.stores.unit import Unit
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.world import EVENING, World

CODES = f"{API}/entry-codes"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def make(http: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await http.post(CODES, json={"channel": "妇幼", **given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def one(http: httpx.AsyncClient, code: str) -> dict[str, Any]:
    answer = await http.get(f"{CODES}/{code}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


# Making


async def test_a_code_that_is_made_leads_in_at_once(world: World, http: httpx.AsyncClient) -> None:
    made = await make(
        http, city="杭州", referrer="王护士", headline="同月龄妈妈群", template="hospital"
    )
    code = made["code"]
    assert made == {
        "code": code,
        "channel": "妇幼",
        "city": "杭州",
        "referrer": "王护士",
        "member": None,
        "group": None,
        "headline": "同月龄妈妈群",
        "template": "hospital",
        "created_at": "2026-03-02T19:00:00+08:00",
        "created_by": "运营小王",
        "closed_at": None,
        "link": f"http://qunzhu/j/{code}",
        "poster": f"http://qunzhu/j/{code}/poster.png",
        "qr": f"http://qunzhu/j/{code}/qr.png",
        "scans": 0,
        "surveys": 0,
        "shown": 0,
        "joined": 0,
    }
    assert await one(http, code) == made
    await world.scans("a browser of hers, which is long", Code(code))
    await world.scans("a browser of hers, which is long", Code(code))
    assert (await one(http, code))["scans"] == 1


async def test_its_address_is_the_public_one(world: World, http: httpx.AsyncClient) -> None:
    await world.rules(entry={"site": "https://q.example.com"})
    made = await make(http)
    assert made["link"] == f"https://q.example.com/j/{made['code']}"
    (listed,) = await items(http, "/entry-codes")
    assert listed["poster"] == f"https://q.example.com/j/{made['code']}/poster.png"


async def test_codes_tell_nothing_of_one_another(http: httpx.AsyncClient) -> None:
    made = await asyncio.gather(*(make(http) for _ in range(8)))
    codes = [each["code"] for each in made]
    assert all(re.fullmatch(f"[{ALPHABET}]{{10}}", each) for each in codes)
    beginnings = {each[:3] for each in codes}
    assert len(beginnings) >= 7, "31³ beginnings: hardly two of eight are the same"


LONG = "长" * 61


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "channel"),
        ({"channel": ""}, "channel"),
        ({"channel": "妇~幼"}, "channel"),
        ({"channel": "妇\n幼"}, "channel"),
        ({"channel": "长" * 51}, "channel"),
        ({"channel": "妇幼", "city": ""}, "city"),
        ({"channel": "妇幼", "city": "杭\u202e州"}, "city"),
        ({"channel": "妇幼", "headline": LONG}, "headline"),
        ({"channel": "妇幼", "headline": "一\x00二"}, "headline"),
        ({"channel": "妇幼", "referrer": LONG[:31]}, "referrer"),
        ({"channel": "妇幼", "referrer": "王\u200b护士"}, "referrer"),
        ({"channel": "妇幼", "template": "pirate"}, "template"),
        ({"channel": "妇幼", "code": "aaaaaaaaaa"}, "code"),
        ({"channel": "妇幼", "member": "u1"}, "member"),
        ({"channel": 5}, "channel"),
        ({"channel": "\u3164"}, "channel"),
        ("not an object", ""),
    ],
)
async def test_what_makes_no_sense_is_refused_with_the_field(
    given: Any, field: str, http: httpx.AsyncClient
) -> None:
    refused(await http.post(CODES, json=given), 422, field)
    assert await items(http, "/entry-codes") == []


# Finding


async def test_they_are_found_by_channel_and_by_whether_they_are_open(
    world: World, http: httpx.AsyncClient
) -> None:
    first = (await make(http))["code"]
    await world.passes(seconds=1)
    second = (await make(http, city="杭州", referrer="王护士"))["code"]
    shop = (await make(http, channel="爱婴室"))["code"]
    await http.post(f"{CODES}/{first}/close")

    async def found(**params: Any) -> list[str]:
        return [each["code"] for each in await items(http, "/entry-codes", **params)]

    assert (await found(sort="created_at"))[0] == first
    assert set(await found(limit=1)) == {second, first, shop}
    assert (await found())[-1] == first
    assert (await found(sort="channel"))[-1] == shop
    assert await found(channel="妇幼") == [second, first]
    assert await found(channel="妇幼", open="true") == [second]
    assert await found(open="false") == [first]
    assert await found(channel="nowhere") == []
    assert await found(city="杭州") == [second]
    assert await found(q="王护") == await found(q=second[2:]) == [second]


@pytest.mark.parametrize("code", ["nnnnnnnnnn", "%F0%9F%91%B6", "a%20b"])
async def test_what_is_not_there_is_told(code: str, http: httpx.AsyncClient) -> None:
    for answer in (
        await http.get(f"{CODES}/{code}"),
        await http.patch(f"{CODES}/{code}", json={"headline": "x"}),
        await http.post(f"{CODES}/{code}/close"),
        await http.post(f"{CODES}/{code}/reopen"),
    ):
        assert "there is no entry code" in refused(answer, 404)["detail"]
    refused(await http.get(f"{CODES}/a%00b"), 404)


# Changing


async def test_a_patch_changes_what_it_names_and_null_unsets(http: httpx.AsyncClient) -> None:
    made = await make(http, referrer="王护士", headline="同月龄妈妈群", template="shop")
    code = made["code"]

    async def patched(**changes: Any) -> dict[str, Any]:
        answer = await http.patch(f"{CODES}/{code}", json=changes)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    assert await patched() == made
    assert await patched(headline="来吧") == made | {"headline": "来吧"}
    assert await patched(template="mother") == made | {"headline": "来吧", "template": "mother"}
    bare = await patched(headline=None, referrer=None, template=None)
    assert bare == made | {"headline": "", "referrer": "", "template": "mother"}
    assert await one(http, code) == bare


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "爱婴室"}, "channel"),
        ({"city": "宁波"}, "city"),
        ({"code": "aaaaaaaaaa"}, "code"),
        ({"closed_at": None}, "closed_at"),
        ({"headline": LONG}, "headline"),
        ({"referrer": "x" * 31}, "referrer"),
        ({"template": "pirate"}, "template"),
    ],
)
async def test_what_is_printed_never_changes(
    changes: dict[str, Any], field: str, http: httpx.AsyncClient
) -> None:
    made = await make(http, referrer="王护士")
    refused(await http.patch(f"{CODES}/{made['code']}", json=changes), 422, field)
    assert await one(http, made["code"]) == made


async def test_who_comes_by_a_closed_code_is_not_counted_until_it_is_open_again(
    world: World, http: httpx.AsyncClient
) -> None:
    code = Code((await make(http))["code"])
    await world.passes(hours=1)
    for _ in range(2):
        answer = await http.post(f"{CODES}/{code}/close")
        assert answer.json()["closed_at"] == "2026-03-02T20:00:00+08:00", "the first time counts"
        await world.passes(hours=1)
    await world.scans("one", code)
    assert (await one(http, code))["scans"] == 0
    for _ in range(2):
        assert (await http.post(f"{CODES}/{code}/reopen")).json()["closed_at"] is None
    await world.scans("two", code)
    assert (await one(http, code))["scans"] == 1
    assert world.clock.now() == EVENING + timedelta(hours=3)


async def test_those_of_members_are_a_list_of_their_own(
    world: World, http: httpx.AsyncClient
) -> None:
    made = [(await make(http, referrer=f"{n}号护士"))["code"] for n in range(3)]
    hers = Code("hersk7m2pq")
    code = EntryCode(
        code=hers,
        channel="妇幼",
        referrer="小雨妈妈",
        member=PersonId("u1"),
        created_at=EVENING,
        created_by="member",
    )

    async def work(facts: Unit) -> None:
        facts.entry_codes.put(code)

    await world.transactions.run(work)
    listed = [each["code"] for each in await items(http, "/entry-codes", limit=2)]
    assert sorted(listed) == sorted(made)
    (of_member,) = await items(http, "/entry-codes", members=True)
    assert (of_member["code"], of_member["referrer"]) == (hers, "小雨妈妈")
    assert len(await items(http, "/entry-codes", members=True, q="小雨")) == 1
    for params in ({"limit": 501}, {"limit": 0}, {"sort": "scans"}):
        refused(await http.get(CODES, params=params), 422)
    table = (await http.get(CODES, params={"members": True, "format": "csv"})).text
    assert f"{hers},妇幼,,小雨妈妈" in table


async def test_what_members_are_called_is_for_those_in_charge_of_the_channel(
    world: World, http: httpx.AsyncClient
) -> None:
    await make(http, referrer="1号护士")
    hers = await world.makes_code("hersk7m2pq", referrer="小雨妈妈", member=PersonId("u1"))
    for client, is_told in (
        (await as_viewer(world), False),
        (await as_operator(world, channels=["爱婴室"]), False),
        (await as_operator(world, channels=["妇幼"]), True),
    ):
        async with client as other:
            (listed,) = await items(other, "/entry-codes", members=True)
            one_ = (await other.get(f"{CODES}/{hers}")).json()
            expected = "小雨妈妈" if is_told else None
            assert listed["referrer"] == one_["referrer"] == expected
            assert await items(other, "/entry-codes", members=True, q="小雨") == []
            assert len(await items(other, "/entry-codes", members=True, q="hersk")) == 1
            assert "1号护士" in (await other.get(CODES)).text


# Who may


async def test_an_operator_makes_and_changes_the_codes_of_her_channel(
    world: World, http: httpx.AsyncClient
) -> None:
    theirs = (await make(http, channel="爱婴室"))["code"]
    async with await as_operator(world, channels=["妇幼"]) as operator:
        own = (await make(operator))["code"]
        changed = await operator.patch(f"{CODES}/{own}", json={"headline": "来吧"})
        assert changed.json()["headline"] == "来吧"
        assert (await operator.post(f"{CODES}/{own}/close")).status_code == 200
        assert (await operator.post(f"{CODES}/{own}/reopen")).status_code == 200
        assert len(await items(operator, "/entry-codes")) == 2
        for answer in (
            await operator.post(CODES, json={"channel": "爱婴室"}),
            await operator.patch(f"{CODES}/{theirs}", json={}),
            await operator.post(f"{CODES}/{theirs}/close"),
            await operator.post(f"{CODES}/{theirs}/reopen"),
        ):
            assert "channel:爱婴室" in refused(answer, 403)["detail"]
    async with await as_viewer(world) as viewer:
        refused(await viewer.post(CODES, json={"channel": "妇幼"}), 403)
    async with world.admin("qz_none") as nobody:
        refused(await nobody.get(CODES), 401)


async def test_a_code_is_made_once_and_changed_by_one_at_a_time(
    world: World, http: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "b7e9c2f0-0001"}
    first = await http.post(CODES, json={"channel": "妇幼"}, headers=key)
    again = await http.post(CODES, json={"channel": "妇幼"}, headers=key)
    assert first.json() == again.json()
    (made,) = await items(http, "/entry-codes")
    path = f"{CODES}/{made['code']}"
    tag = {"If-Match": (await http.get(path)).headers["ETag"]}
    await world.scans("a browser of hers, which is long", Code(made["code"]))
    assert (await http.post(f"{path}/close", headers=tag)).status_code == 200
    refused(await http.post(f"{path}/reopen", headers=tag), 412)
    noted = await items(http, "/audit", target=f"entry code:{made['code']}")
    assert [each["action"] for each in noted] == ["entry_code_closed", "entry_code_made"]
