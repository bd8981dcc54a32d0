"""An admin fills the library over HTTP: one item, or a table."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from handlers.content.sheet import COLUMNS, MOST_FAULTS
from tests.http.api import as_operator, as_viewer, items, refused
from tests.world import World

CONTENT = "/api/v1/content"
FOLIC = {"kind": "dry", "text": "叶酸每天400微克", "stages": ["prenatal"], "to_week": -28}
CSV = {"Content-Type": "text/csv"}
TABLES = "/api/v1/content-table"
TABLE = "id,种类,正文,起始周\na,干货,一,-12\nb,湿货,二,\nc,互动,三,\n"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


@pytest.fixture
async def viewer(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with await as_viewer(world) as client:
        yield client


async def takes_in(http: httpx.AsyncClient, table: str, **more: Any) -> httpx.Response:
    return await http.post(TABLES, content=table.encode(), headers=CSV, **more)


async def ids(http: httpx.AsyncClient, **filters: Any) -> list[str]:
    return [each["id"] for each in await items(http, "/content", **filters)]


# One by one


async def test_an_item_is_put_and_shown(http: httpx.AsyncClient) -> None:
    answer = await http.put(f"{CONTENT}/c1", json=FOLIC)
    assert answer.status_code == 201, answer.text
    assert answer.json() == FOLIC | {
        "id": "c1",
        "voice": "assistant",
        "image": None,
        "link": None,
        "title": "",
        "phases": [],
        "from_week": None,
        "cities": [],
        "channels": [],
        "valid_from": None,
        "valid_to": None,
        "weight": 1,
        "source": "",
        "approved_by": None,
        "withdrawn_at": None,
    }
    assert (await http.get(f"{CONTENT}/c1")).json() == answer.json()
    assert await items(http, "/content") == [answer.json()]


async def test_it_is_as_it_was_put_last(http: httpx.AsyncClient) -> None:
    await http.put(f"{CONTENT}/c1", json=FOLIC)
    answer = await http.put(f"{CONTENT}/c1", json={"kind": "warm", "text": "大家好"})
    assert answer.status_code == 200
    assert (answer.json()["stages"], answer.json()["to_week"]) == ([], None)
    assert await ids(http) == ["c1"]


async def test_an_id_may_be_any_line(http: httpx.AsyncClient) -> None:
    path = f"{CONTENT}/产检%2F第 1 次"
    assert (await http.put(path, json=FOLIC)).json()["id"] == "产检/第 1 次"
    assert (await http.post(f"{path}/approve")).json()["approved_by"] == "运营小王"
    assert (await http.delete(path)).status_code == 204


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "funny"}, "kind"),
        ({"text": ""}, "text"),
        ({"image": "a.png"}, "image"),
        ({"source": "指\0南"}, "source"),
        ({"cities": [" "]}, "cities.0"),
        ({"phases": ["dying"]}, "phases.0"),
        ({"weight": 0}, "weight"),
        ({"valid_from": "2026/3/1"}, "valid_from"),
        ({"approved_by": "张医生"}, "approved_by"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_not_as_it_should_be_is_named(
    http: httpx.AsyncClient, given: dict[str, Any], field: str
) -> None:
    problem = refused(await http.put(f"{CONTENT}/c1", json=FOLIC | given), 422)
    assert [each["field"] for each in problem["errors"]] == [field]
    assert problem["errors"][0]["problem"].isascii(), "in English"
    assert await ids(http) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "{{ nobody }}"}, "text"),
        ({"image": "https://:80/a.png"}, "image"),
        ({"cities": ["杭州、宁波"]}, "cities.0"),
        ({"from_week": -20}, "to_week"),
        ({"text": "{{ city }}的妈妈们", "link": "https://example.com/"}, "title"),
    ],
)
async def test_what_has_the_form_and_makes_no_sense_is_named_as_well(
    http: httpx.AsyncClient, given: dict[str, Any], field: str
) -> None:
    problem = refused(await http.put(f"{CONTENT}/c1", json=FOLIC | given), 409)
    assert [each["field"] for each in problem["errors"]] == [field]
    assert await ids(http) == []


async def test_a_withdrawn_item_can_be_seen_and_put_again(
    world: World, http: httpx.AsyncClient
) -> None:
    await http.put(f"{CONTENT}/c1", json=FOLIC)
    assert (await http.delete(f"{CONTENT}/c1")).status_code == 204
    assert await ids(http) == []
    assert await ids(http, withdrawn=True) == ["c1"]
    assert (await http.get(f"{CONTENT}/c1")).json()["withdrawn_at"] is not None
    refused(await http.delete(f"{CONTENT}/c1"), 404)
    refused(await http.post(f"{CONTENT}/c1/approve"), 404)
    assert (await http.put(f"{CONTENT}/c1", json=FOLIC)).status_code == 201
    assert await ids(http) == ["c1"]


async def test_what_is_not_there(http: httpx.AsyncClient) -> None:
    for answer in (
        await http.get(f"{CONTENT}/c1"),
        await http.delete(f"{CONTENT}/c1"),
        await http.post(f"{CONTENT}/c1/approve"),
    ):
        assert refused(answer, 404)["detail"] == "there is no item c1"


async def test_an_approval_lasts_as_long_as_the_item_says_the_same(
    http: httpx.AsyncClient,
) -> None:
    await http.put(f"{CONTENT}/c1", json=FOLIC)
    assert await ids(http, approved=False) == ["c1"]
    answer = await http.post(f"{CONTENT}/c1/approve")
    assert answer.json()["approved_by"] == "运营小王"
    assert await ids(http, approved=False) == []
    heavier = await http.put(f"{CONTENT}/c1", json=FOLIC | {"weight": 9})
    assert heavier.json()["approved_by"] == "运营小王"
    other = await http.put(f"{CONTENT}/c1", json=FOLIC | {"text": "叶酸每天800微克"})
    assert other.json()["approved_by"] is None
    assert await ids(http, approved=True) == []


async def test_a_table_without_approvals_leaves_those_there_are(http: httpx.AsyncClient) -> None:
    await takes_in(http, "id,kind,text\nc1,dry,叶酸\nc2,dry,补铁\n")
    for item in ("c1", "c2"):
        await http.post(f"{CONTENT}/{item}/approve")
    table = "id,kind,text,weight\nc1,dry,叶酸,9\nc2,dry,补钙,9\n"
    await takes_in(http, table)
    assert await ids(http, approved=True) == ["c1"]
    again = (await takes_in(http, table)).json()
    assert (again["changed"], again["unchanged"]) == (0, 2)
    await takes_in(http, "id,kind,text,approved_by\nc1,dry,叶酸,张医生\n")
    assert (await http.get(f"{CONTENT}/c1")).json()["approved_by"] == "张医生"


async def test_an_approval_just_before_is_not_lost(world: World, http: httpx.AsyncClient) -> None:
    """Whoever puts an item has read it before somebody approved of it."""
    await http.put(f"{CONTENT}/c1", json=FOLIC)
    (known,) = await world.transactions.read(lambda facts: facts.items.library())
    await http.post(f"{CONTENT}/c1/approve")
    await world.stocks(replace(known, weight=9))
    kept = (await http.get(f"{CONTENT}/c1")).json()
    assert (kept["weight"], kept["approved_by"]) == (9, "运营小王")


async def test_who_may_only_look_changes_nothing(viewer: httpx.AsyncClient) -> None:
    assert await ids(viewer) == []
    assert (await viewer.get(TABLES)).status_code == 200
    for answer in (
        await viewer.put(f"{CONTENT}/c1", json=FOLIC),
        await viewer.delete(f"{CONTENT}/c1"),
        await viewer.post(f"{CONTENT}/c1/approve"),
        await takes_in(viewer, TABLE),
    ):
        refused(answer, 403)


async def test_items_are_found(http: httpx.AsyncClient) -> None:
    await takes_in(
        http,
        "id,kind,text,stages,phases,source\n"
        "a,dry,叶酸,prenatal,,WHO\n"
        "b,dry,黄疸,postnatal,forming,\n"
        "c,wet,试用装,,mature,\n"
        "d,warm,早上好,,,\n",
    )
    assert await ids(http) == ["a", "b", "c", "d"]
    assert await ids(http, kind="dry") == ["a", "b"]
    assert await ids(http, stage="prenatal") == ["a", "c", "d"]
    assert await ids(http, phase="mature") == ["a", "c", "d"]
    assert await ids(http, stage="postnatal", phase="forming", kind="dry") == ["b"]
    assert await ids(http, q="who") == ["a"]
    assert await ids(http, q="黄") == ["b"]
    assert await ids(http, q="C") == ["c"]
    assert await ids(http, sort="-kind", limit=1) == ["c", "d", "b", "a"]
    for wrong in ({"limit": 501}, {"limit": 0}, {"kind": "x"}, {"q": "长" * 101}):
        refused(await http.get(CONTENT, params=wrong), 422)


async def test_nobody_overwrites_what_another_just_wrote(http: httpx.AsyncClient) -> None:
    path = f"{CONTENT}/c1"
    await http.put(path, json=FOLIC)
    seen = {"If-Match": (await http.get(path)).headers["ETag"]}
    assert (await http.post(f"{path}/approve", headers=seen)).status_code == 200
    refused(await http.put(path, json=FOLIC, headers=seen), 412)
    refused(await http.delete(path, headers=seen), 412)
    refused(await http.put(f"{CONTENT}/c2", json=FOLIC, headers=seen), 412)
    assert await ids(http) == ["c1"]


async def test_who_changed_the_library_is_known(http: httpx.AsyncClient) -> None:
    await http.put(f"{CONTENT}/c1", json=FOLIC)
    await http.post(f"{CONTENT}/c1/approve")
    await http.delete(f"{CONTENT}/c1")
    noted = await items(http, "/audit", target="item:c1", sort="at")
    assert [each["action"] for each in noted] == ["item_put", "item_approved", "item_withdrawn"]
    assert (noted[0]["before"], noted[1]["after"]["approved_by"]) == (None, "运营小王")
    await takes_in(http, TABLE, params={"dry_run": True})
    await takes_in(http, TABLE)
    await takes_in(http, TABLE)
    (table,) = await items(http, "/audit", target="library:table")
    assert table["before"] == {"items": {}}
    assert {name: each["text"] for name, each in table["after"]["items"].items()} == {
        "a": "一",
        "b": "二",
        "c": "三",
    }
    await takes_in(http, TABLE.replace("二", "两"))
    changed, _ = await items(http, "/audit", target="library:table")
    assert [changed[when]["items"]["b"]["text"] for when in ("before", "after")] == ["二", "两"]


async def test_the_library_is_everybodys(world: World) -> None:
    async with await as_operator(world, channels=["妇幼"]) as operator:
        refused(await operator.put(f"{CONTENT}/c1", json=FOLIC), 403)
        refused(await takes_in(operator, TABLE), 403)


# Tables


async def test_a_table_is_taken_in_and_given_out(http: httpx.AsyncClient) -> None:
    answer = await takes_in(http, TABLE)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"dry_run": False, "added": 3, "changed": 0, "unchanged": 0}
    given = await http.get(TABLES)
    assert given.headers["content-type"] == "text/csv; charset=utf-8"
    assert given.headers["content-disposition"] == 'attachment; filename="content-2026-03-02.csv"'
    assert given.content.startswith(b"\xef\xbb\xbfid,kind,voice,")
    assert given.content.decode("utf-8-sig").splitlines() == [
        ",".join(COLUMNS),
        "a,dry,assistant,,一,,,,,-12,,,,,,1,,",
        "b,wet,monitor,,二,,,,,,,,,,,1,,",
        "c,warm,assistant,,三,,,,,,,,,,,1,,",
    ]
    again = await http.post(TABLES, content=given.content, headers=CSV)
    assert again.json() == {"dry_run": False, "added": 0, "changed": 0, "unchanged": 3}


async def test_it_can_be_tried_first(http: httpx.AsyncClient) -> None:
    await takes_in(http, TABLE)
    await http.delete(f"{CONTENT}/c")
    table = TABLE.replace("二", "两") + "d,干货,四,\n"
    answer = await takes_in(http, table, params={"dry_run": True})
    assert answer.json() == {"dry_run": True, "added": 2, "changed": 1, "unchanged": 1}
    assert await ids(http) == ["a", "b"]
    assert await ids(http, q="两") == []
    assert (await takes_in(http, table)).json() == answer.json() | {"dry_run": False}
    assert await ids(http) == ["a", "b", "c", "d"]
    assert await ids(http, q="两") == ["b"]


async def test_what_is_not_in_the_table_stays(http: httpx.AsyncClient) -> None:
    await http.put(f"{CONTENT}/z", json=FOLIC)
    await takes_in(http, TABLE)
    assert await ids(http) == ["a", "b", "c", "z"]


async def test_all_of_it_or_nothing(http: httpx.AsyncClient) -> None:
    answer = await takes_in(http, TABLE + "d,干活,四,\ne,干货,,-50\n")
    problem = refused(answer, 422)
    assert problem["detail"] == "nothing was taken in; faults: 3"
    assert [(each["row"], each["column"]) for each in problem["errors"]] == [
        (5, "种类"),
        (6, "正文"),
        (6, "起始周"),
    ]
    assert problem["errors"][0]["says"] == "「干活」不行，要写 干货、湿货 或 互动"
    assert await ids(http) == []


async def test_of_many_faults_the_first_are_told(http: httpx.AsyncClient) -> None:
    problem = refused(await takes_in(http, "kind,text\n" + "dry,\n" * 150), 422)
    assert problem["detail"] == "nothing was taken in; faults: 150, the first 100 here"
    assert [each["row"] for each in problem["errors"]] == list(range(2, 2 + MOST_FAULTS))


async def test_a_table_as_a_form_or_as_browsers_send_it(http: httpx.AsyncClient) -> None:
    table = TABLE.encode("gb18030")
    files = {"file": ("内容.csv", table, "application/vnd.ms-excel")}
    answer = await http.post(TABLES, files=files)
    assert answer.json()["added"] == 3, answer.text
    for kind in ("application/vnd.ms-excel", "text/csv; charset=gbk", "application/octet-stream"):
        answer = await http.post(TABLES, content=table, headers={"Content-Type": kind})
        assert answer.json()["unchanged"] == 3, answer.text
    refused(await http.post(TABLES, json={"items": []}), 415)
    refused(await http.post(TABLES, files={"a": (None, "b")}), 422)
    refused(await http.post(TABLES), 422)


async def test_a_table_that_is_too_large_is_not_read(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"kind,text\n" * 100_000

    refused(await http.post(TABLES, content=endless(), headers=CSV), 413)
    refused(await http.post(TABLES, files={"file": b"a" * 20_000_001}), 413)


async def test_how_far_it_is_is_told_meanwhile(http: httpx.AsyncClient) -> None:
    async def lines(table: str) -> list[dict[str, Any]]:
        headers = CSV | {"Accept": "application/x-ndjson"}
        answer = await http.post(TABLES, content=table.encode(), headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(each) for each in answer.text.splitlines()]

    table = "id,kind,text\n" + "".join(f"c{n},dry,你好{n}\n" for n in range(450))
    *progress, last = await lines(table)
    assert progress == [{"checked": n, "of": 450} for n in (200, 400, 450)]
    assert last == {"dry_run": False, "added": 450, "changed": 0, "unchanged": 0}
    *progress, last = await lines(table + "c450,dry,\n")
    assert progress[-1] == {"checked": 451, "of": 451}
    assert last == {
        "status": 422,
        "detail": "nothing was taken in; faults: 1",
        "errors": [{"row": 452, "column": "text", "says": "正文不能空着"}],
    }
    assert (await lines(""))[-1]["status"] == 422
