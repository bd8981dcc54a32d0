"""Who brought whom, as a list, a table and a tree; names are for admins only."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from models.ids import Code, GroupId, PersonId
from models.points import Entry, EntryKind
from models.referrals import Referral
from models.stores.unit import Unit
from tests.http.api import as_operator, as_viewer, items, refused
from tests.world import EVENING, GROUP, World, shanghai

REFERRALS = "/api/v1/referrals"
TREE = f"{REFERRALS}/tree"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def brought(
    world: World,
    person: str,
    *,
    link: str | None = None,
    name: str = "",
    platform: str | None = None,
    group: str = GROUP,
    at: datetime = EVENING,
    points: int = 0,
    why_not: str = "",
    due: bool = False,
) -> None:
    by = link or platform

    async def work(facts: Unit) -> None:
        facts.referrals.put(
            Referral(
                group=GroupId(group),
                person=PersonId(person),
                joined_at=at,
                code=Code("k7m2pq9xwd") if link or name else None,
                by_link=PersonId(link) if link else None,
                by_name=name,
                by_platform=PersonId(platform) if platform else None,
                due_at=at + timedelta(days=7) if due else None,
                credited=PersonId(by) if points and by else None,
                credited_in=GroupId(GROUP) if points else None,
                why_not=why_not,
            )
        )
        if points and by:
            await facts.ledger.book(
                Entry(
                    key=f"referral:{person}",
                    group=GROUP,
                    person=PersonId(by),
                    kind=EntryKind.REFERRAL,
                    points=points,
                    at=at,
                    by="rules",
                    counterpart=PersonId(person),
                )
            )

    await world.transactions.run(work)


async def people(http: httpx.AsyncClient, **params: Any) -> list[str]:
    return [each["person"] for each in await items(http, "/referrals", **params)]


# The list


async def test_both_who_invited_and_whose_link_it_was_are_shown(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("u1", "u2", "u9")
    await world.calls_herself("u1", "杭州-孕36周-豆豆")
    await brought(world, "u9", link="u1", name="豆豆", platform="u2", points=3)
    assert await items(http, "/referrals") == [
        {
            "group": GROUP,
            "group_name": "杭州·2026年3-5月·妇幼·01",
            "person": "u9",
            "name": "u9",
            "joined_at": "2026-03-02T19:00:00+08:00",
            "left_at": None,
            "code": "k7m2pq9xwd",
            "by_link": "u1",
            "by_link_name": "豆豆",
            "by_platform": "u2",
            "by_platform_name": "u2",
            "agrees": False,
            "referrer": "u1",
            "judged_at": None,
            "credited": "u1",
            "credited_in": GROUP,
            "points": 3,
            "why_not": None,
        }
    ]


async def test_one_edge_alone_neither_agrees_nor_not(
    world: World, http: httpx.AsyncClient
) -> None:
    await brought(world, "a", link="u1", due=True)
    await brought(world, "b", platform="u1", why_not="staff earn no points")
    await brought(world, "c", link="u1", platform="u1", points=2, why_not="taken back: ...")
    await brought(world, "d", name="王护士", platform="u1")
    found = {each["person"]: each for each in await items(http, "/referrals")}
    assert {name: each["agrees"] for name, each in found.items()} == {
        "a": None,
        "b": None,
        "c": True,
        "d": False,
    }
    assert [found[each]["referrer"] for each in "abcd"] == ["u1", "u1", "u1", None]
    assert found["a"]["judged_at"] == "2026-03-09T19:00:00+08:00"
    assert found["b"]["why_not"] == "staff earn no points"
    assert (found["c"]["credited"], found["c"]["points"]) == ("u1", 0)


async def test_they_are_chosen_by_referrer_group_and_day(
    world: World, http: httpx.AsyncClient
) -> None:
    await brought(world, "a", link="u1", at=shanghai("2026-03-01 23:59"))
    await brought(world, "b", platform="u1", group="g2", at=shanghai("2026-03-02 00:00"))
    await brought(world, "c", link="u2", platform="u1", at=shanghai("2026-03-03 23:59"))
    await brought(world, "d", link="u2", at=shanghai("2026-03-04 00:00"))
    assert await people(http) == ["d", "c", "b", "a"]
    assert await people(http, referrer="u1") == ["c", "b", "a"]
    assert await people(http, group="g2") == ["b"]
    assert await people(http, channel="妇幼") == ["d", "c", "a"]
    assert await people(http, person="c") == ["c"]
    assert await people(http, code="k7m2pq9xwd", sort="joined_at", limit=1) == ["a", "c", "d"]
    march = "2026-03-{:02}T00:00:00+08:00".format
    assert await people(http, since=march(2), until=march(4)) == ["c", "b"]
    assert await people(http, until=march(2)) == ["a"]
    assert await people(http, since=march(3), until=march(2)) == []
    for wrong in ({"since": "soon"}, {"until": "9999-12-31"}, {"limit": 0}, {"format": "xls"}):
        refused(await http.get(REFERRALS, params=wrong), 422)


async def test_a_table_computes_nothing(world: World, http: httpx.AsyncClient) -> None:
    await world.joins("u9", nickname="+8613800000000")
    await world.joins("@sum(1)")
    await brought(world, "u9", link="u1", name='=HYPERLINK("http://evil")', platform="@sum(1)")
    answer = await http.get(REFERRALS, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["name"] == "'+8613800000000"
    assert row["by_link_name"] == '\'=HYPERLINK("http://evil")'
    assert row["by_platform"] == "'@sum(1)"
    assert (row["agrees"], row["points"], row["judged_at"]) == ("false", "0", "")


async def test_who_may_only_look_sees_no_names(world: World) -> None:
    await world.joins("u9", nickname="杭州-孕36周-桃子")
    await brought(world, "u9", link="u1", name="豆豆", platform="u1")
    await brought(world, "u8", name="王护士")
    async with await as_viewer(world) as viewer, world.admin("") as nobody:
        found = {each["person"]: each for each in await items(viewer, "/referrals")}
        assert [found["u9"][name] for name in ("name", "by_link_name", "by_platform_name")] == [
            None,
            None,
            None,
        ]
        assert found["u8"]["by_link_name"] == "王护士"
        assert "桃子" not in (await viewer.get(REFERRALS, params={"format": "csv"})).text
        assert "桃子" not in (await viewer.get(f"{TREE}/u1")).text
        for path in (REFERRALS, f"{TREE}/u1"):
            assert (await nobody.get(path)).status_code == 401


async def test_an_operator_sees_the_names_of_her_groups(world: World) -> None:
    await world.opens("g2", "宁波·2026年3-5月·爱婴·01")
    await world.joins("u9", nickname="杭州-孕36周-桃子")
    await world.joins("u1", group="g2", nickname="宁波-孕36周-豆豆")
    await brought(world, "u9", link="u1", name="豆豆")
    async with await as_operator(world, channels=["妇幼"]) as operator:
        (told,) = await items(operator, "/referrals")
        assert (told["name"], told["by_link_name"]) == ("杭州-孕36周-桃子", None)
        tree = (await operator.get(f"{TREE}/u1")).json()
        assert (tree["name"], tree["brought"][0]["name"]) == (None, "杭州-孕36周-桃子")
    async with await as_operator(world, groups=["g2"]) as operator:
        (told,) = await items(operator, "/referrals")
        assert (told["name"], told["by_link_name"]) == (None, "豆豆")


# The tree


def shape(branches: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["person"]: shape(each["brought"]) for each in branches}


async def test_a_tree_goes_down_from_whom_she_brought(
    world: World, http: httpx.AsyncClient
) -> None:
    await brought(world, "b", link="a", points=3)
    await brought(world, "c", platform="a", at=EVENING + timedelta(hours=1))
    await brought(world, "d", link="b", points=3, why_not="taken back: ...")
    await brought(world, "e", link="x", platform="b")
    await brought(world, "f", link="d")
    tree = (await http.get(f"{TREE}/a", params={"depth": 2})).json()
    assert shape(tree["brought"]) == {"b": {"d": {}, "e": {}}, "c": {}}
    assert tree["levels"] == [
        {"level": 1, "brought": 2, "credited": 1},
        {"level": 2, "brought": 1, "credited": 0},
    ]
    b, c = tree["brought"]
    assert (b["by"], b["counts"], b["credited"], b["has_more"]) == (["link"], True, "a", False)
    assert (c["by"], c["counts"]) == (["platform"], True)
    d, e = b["brought"]
    assert (d["has_more"], d["why_not"]) == (True, "taken back: ...")
    assert (e["by"], e["counts"], e["has_more"]) == (["platform"], False, False)
    assert shape((await http.get(f"{TREE}/a")).json()["brought"])["b"]["d"] == {"f": {}}
    assert (await http.get(f"{TREE}/f")).json()["brought"] == []


async def test_nobody_stands_in_a_tree_twice(world: World, http: httpx.AsyncClient) -> None:
    """Circles end, and of two who brought the same the one who counts has her."""
    await brought(world, "b", platform="a")
    await brought(world, "c", platform="a")
    await brought(world, "d", link="c", platform="b")
    await brought(world, "d", link="c", platform="b", group="g2")
    await brought(world, "a", link="d")
    tree = (await http.get(f"{TREE}/a", params={"depth": 10})).json()
    assert shape(tree["brought"]) == {"b": {}, "c": {"d": {}}}
    assert tree["cut"] == 0


async def test_any_id_can_be_asked_for(world: World, http: httpx.AsyncClient) -> None:
    odd = "wxid/豆豆?#%2F"
    await brought(world, "u9", link=odd)
    tree = (await http.get(f"{TREE}/{quote(odd, safe='')}")).json()
    assert tree["person"] == odd
    assert shape(tree["brought"]) == {"u9": {}}
    assert (await http.get(f"{TREE}/nobody")).status_code == 404
    for depth in (0, 11, "all"):
        assert (await http.get(f"{TREE}/a", params={"depth": depth})).status_code == 422
