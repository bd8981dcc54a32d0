"""Operators look at calendars, decide about single posts, and review what came of them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from models.ids import GroupId
from models.people import Role
from models.stores.unit import Unit
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.stories.library import DRY, NAMES, ONLY_DRY, PRENATAL, opens, plenty, posted, posts
from tests.world import GROUP, World

TUESDAY = "2026-03-03"


@pytest.fixture
async def stocked(world: World) -> World:
    """The morning of a group's first day."""
    await world.rules(content=ONLY_DRY)
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY, count=60, title="标题"))
    await opens(world, PRENATAL)
    await world.until(f"{TUESDAY} 09:00")
    return world


@pytest.fixture
async def http(stocked: World) -> AsyncIterator[httpx.AsyncClient]:
    async with stocked.admin() as client:
        yield client


async def calendar(http: httpx.AsyncClient, **params: int) -> list[dict[str, Any]]:
    answer = await http.get(f"{API}/groups/{PRENATAL}/calendar", params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["group"], body["name"]) == (PRENATAL, NAMES[PRENATAL])
    found: list[dict[str, Any]] = body["posts"]
    return found


async def decide(
    http: httpx.AsyncClient, what: str, slot: int, day: str = TUESDAY, **body: str
) -> httpx.Response:
    url = f"{API}/groups/{PRENATAL}/posts/{day}/{slot}/{what}"
    return await http.post(url, json=body or None)


async def test_a_calendar_has_what_is_planned_and_what_would_be(
    http: httpx.AsyncClient,
) -> None:
    found = await calendar(http)
    assert len(found) == 3 * 14
    assert [each["day"] for each in found[:4]] == [TUESDAY] * 3 + ["2026-03-04"]
    assert [each["planned"] for each in found[:4]] == [True, True, True, False]
    first = found[0]
    assert (first["slot"], first["kind"], first["state"]) == (660, "dry", "planned")
    assert first["text"] == f"{first['item']}的正文"
    assert first["title"] == "标题"
    assert all(each["why"] for each in found)
    said = [each["item"] for each in found]
    assert len(set(said)) == len(said)
    assert len(await calendar(http, days=1)) == 3


async def test_what_would_be_is_what_comes(stocked: World, http: httpx.AsyncClient) -> None:
    told = [(each["said_at"], each["item"]) for each in await calendar(http, days=4)]
    await stocked.until("2026-03-06 23:59")
    came = [(each["said_at"], each["item"]) for each in await calendar(http, days=1, past=3)]
    assert came == told


async def test_without_a_library_nothing_would_be(stocked: World, http: httpx.AsyncClient) -> None:
    for each in plenty(DRY, count=60):
        await http.delete(f"{API}/content/{each.id}")
    await stocked.simulation.look_again()
    await stocked.passes(seconds=10)
    found = await calendar(http)
    assert [(each["day"], each["state"]) for each in found] == [(TUESDAY, "empty")] * 3


async def test_it_shows_what_happened(stocked: World, http: httpx.AsyncClient) -> None:
    await stocked.until("2026-03-04 09:00")
    found = await calendar(http, days=1, past=7)
    assert [each["state"] for each in found] == ["posted"] * 3 + ["planned"] * 3
    assert [each["heard"] for each in found[:3]] == [0, 0, 0]
    assert found[0]["posted_at"] is not None


async def test_calendars_of_a_cohort(stocked: World, http: httpx.AsyncClient) -> None:
    await stocked.opens("g9", "杭州·2026年6-8月·妇幼·09")
    answer = await http.get(f"{API}/cohorts/杭州~妇幼~2026-06/calendar", params={"days": 2})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["cohort"] == "杭州~妇幼~2026-06"
    assert [each["group"] for each in body["groups"]] == [PRENATAL, "g9"]
    first = body["groups"][0]["posts"]
    assert [(each["day"], each["slot"], each["item"]) for each in first] == [
        (each["day"], each["slot"], each["item"]) for each in await calendar(http, days=2)
    ]
    assert first[0]["title"] == "标题"
    assert all("干货轮到" in each["why"] for each in first)
    nobody = await http.get(f"{API}/cohorts/杭州~妇幼~2031-06/calendar")
    assert nobody.json()["groups"] == []
    for bad in ("杭州", "杭州~妇幼~2026-13", "~~"):
        assert (await http.get(f"{API}/cohorts/{bad}/calendar")).status_code == 404


async def test_a_slot_is_skipped_swapped_approved_and_posted_now(
    stocked: World, http: httpx.AsyncClient
) -> None:
    skipped = (await decide(http, "skip", 660)).json()
    assert (skipped["state"], skipped["pinned_by"]) == ("skipped", "运营小王")
    swapped = (await decide(http, "swap", 960, item="dry44")).json()
    assert (swapped["item"], swapped["state"]) == ("dry44", "planned")
    another = (await decide(http, "swap", 960, day="2026-03-09")).json()
    assert another["planned"] is True
    approved = (await decide(http, "approve", 1200)).json()
    assert approved["approved_by"] == "运营小王"
    said = (await decide(http, "now", 660, day="2026-03-04")).json()
    assert said["state"] == "promised"
    await stocked.simulation.look_again()
    await stocked.until(f"{TUESDAY} 23:00")
    assert [each.message.text for each in posted(stocked, PRENATAL)] == [
        said["text"],
        "dry44的正文",
        approved["text"],
    ]


async def test_what_can_not_be_is_a_problem_that_says_why(
    stocked: World, http: httpx.AsyncClient
) -> None:
    async def problem(status: int, says: str, *args: Any, **more: Any) -> None:
        answer = await decide(http, *args, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert says in answer.json()["detail"]

    await problem(404, f"no post {PRENATAL}:{TUESDAY}:5", "skip", 5)
    await problem(404, "no post", "skip", 660, day="2026-05-01")
    await problem(404, "no such item", "swap", 660, item="nothing")
    await problem(422, "not valid", "swap", 660, items="dry44")
    await stocked.until(f"{TUESDAY} 12:00")
    for what in ("skip", "swap", "approve", "now"):
        await problem(409, "it has been posted", what, 660)
    answer = await http.post(f"{API}/groups/g7/posts/{TUESDAY}/660/skip")
    assert answer.status_code == 404
    assert (await http.get(f"{API}/groups/g7/calendar")).status_code == 404


async def test_viewers_look_and_operators_decide(stocked: World) -> None:
    async with await as_viewer(stocked) as viewer:
        assert (await viewer.get(f"{API}/groups/{PRENATAL}/calendar")).status_code == 200
        assert (await viewer.get(f"{API}/posts/review")).status_code == 200
        for what in ("skip", "swap", "approve", "now"):
            refused(await decide(viewer, what, 660), 403)
        refused(await approve(viewer, (PRENATAL, TUESDAY, 660)), 403)
    async with await as_operator(stocked, channels=["爱婴"]) as other:
        for what in ("skip", "swap", "approve", "now"):
            refused(await decide(other, what, 660), 403)
    async with await as_operator(stocked, channels=["妇幼"]) as operator:
        assert (await decide(operator, "skip", 660)).json()["pinned_by"] == "运营小李"
    async with stocked.admin("") as nobody:
        assert (await nobody.get(f"{API}/groups/{PRENATAL}/calendar")).status_code == 401


async def test_who_decided_what_is_known(http: httpx.AsyncClient) -> None:
    path = f"{API}/groups/{PRENATAL}/posts/{TUESDAY}/660"
    before = await http.get(path)
    seen = {"If-Match": before.headers["ETag"]}
    after = await http.post(f"{path}/skip", headers=seen)
    assert (await http.get(path)).json() == after.json()
    refused(await http.post(f"{path}/swap", headers=seen), 412)
    (noted,) = await items(http, "/audit", target=f"post:{PRENATAL}:{TUESDAY}:660")
    assert (noted["action"], noted["group"]) == ("post_skipped", PRENATAL)
    assert (noted["before"], noted["after"]) == (before.json(), after.json())


# Over many groups


async def approve(http: httpx.AsyncClient, *posts: tuple[str, str, int]) -> httpx.Response:
    names = ("group", "day", "slot")
    given = [dict(zip(names, each, strict=True)) for each in posts]
    return await http.post(f"{API}/posts/approve", json={"posts": given})


@pytest.fixture
async def asked(stocked: World) -> World:
    """Posts wait for approval, but for those of one group of another channel."""
    await stocked.opens("g9", "杭州·2026年6-8月·爱婴·01")
    await stocked.opens("g8", "杭州·2026年6-8月·爱婴·02")
    await stocked.lets_go()
    await stocked.rules(content={"approval": True})
    await stocked.rules("channel:爱婴", content={"approval": False})
    await stocked.rules("group:g8", content={"approval": True})
    await stocked.passes(minutes=1)
    return stocked


async def test_posts_are_a_list_over_all_groups(asked: World, http: httpx.AsyncClient) -> None:
    found = await items(http, "/posts", sort="day")
    whole = [each for each in found if each["group"] != GROUP]
    assert len(whole) == 9
    first = whole[0]
    assert (first["group"], first["group_name"]) == (PRENATAL, NAMES[PRENATAL])
    assert (first["day"], first["slot"], first["title"]) == (TUESDAY, 660, "标题")
    assert first["text"] == f"{first['item']}的正文"
    assert first["said_at"].endswith("+08:00")
    assert await items(http, "/posts", sort="day", limit=2) == found
    for filters, count in (
        ({"group": PRENATAL}, 3),
        ({"channel": "爱婴"}, 6),
        ({"day": TUESDAY}, 9),
        ({"day_from": "2026-03-04"}, 0),
        ({"day_to": TUESDAY, "day_from": "2026-03-01"}, 9),
        ({"state": "planned", "kind": "dry"}, 9),
        ({"state": "posted"}, 0),
        ({"kind": "wet"}, 0),
        ({"awaiting_approval": True}, 6),
        ({"awaiting_approval": False}, 3),
        ({"awaiting_approval": True, "channel": "爱婴"}, 3),
    ):
        found = [each for each in await items(http, "/posts", **filters) if each["group"] != GROUP]
        assert len(found) == count, filters
        if "awaiting_approval" in filters:
            told = {each["awaiting_approval"] for each in found}
            assert told == {filters["awaiting_approval"]}
    for wrong in ({"day": "2026-13-01"}, {"state": "lost"}, {"kind": "x"}, {"sort": "text"}):
        refused(await http.get(f"{API}/posts", params=wrong), 422)


async def test_tomorrows_posts_of_many_groups_are_approved_at_once(
    asked: World, http: httpx.AsyncClient
) -> None:
    tomorrow = await items(http, "/calendars", awaiting_approval=True, limit=1)
    assert [each["group"] for each in tomorrow] == [PRENATAL, "g8"]
    posts = [post for each in tomorrow for post in each["posts"]]
    assert [each["day"] for each in posts] == ["2026-03-04"] * 6
    wanted = [(each["group"], each["day"], each["slot"]) for each in posts]
    told = (await approve(http, *wanted, (PRENATAL, "2026-03-04", 5), ("g7", TUESDAY, 660))).json()
    assert [(each["group"], each["day"], each["slot"]) for each in told["approved"]] == wanted
    assert {each["approved_by"] for each in told["approved"]} == {"运营小王"}
    assert [(each["status"], each["why"]) for each in told["refused"]] == [
        (404, f"there is no post {PRENATAL}:2026-03-04:5"),
        (404, f"there is no post g7:{TUESDAY}:660"),
    ]
    assert await items(http, "/calendars", awaiting_approval=True) == []
    kept = await items(http, "/posts", day="2026-03-04", sort="day")
    assert [each["item"] for each in kept] == [each["item"] for each in posts]
    assert len(await items(http, "/calendars", ahead=0, awaiting_approval=True)) == 2


async def test_of_many_an_operator_approves_her_own(asked: World) -> None:
    async with await as_operator(asked, groups=["g8"]) as hers:
        told = (await approve(hers, ("g8", TUESDAY, 660), (PRENATAL, TUESDAY, 660))).json()
    assert [each["group"] for each in told["approved"]] == ["g8"]
    (refused_,) = told["refused"]
    assert (refused_["group"], refused_["status"]) == (PRENATAL, 403)


async def test_how_many_at_once_is_bounded(http: httpx.AsyncClient) -> None:
    refused(await approve(http), 422)
    refused(await approve(http, *[(PRENATAL, TUESDAY, 660)] * 201), 422)
    refused(await approve(http, (PRENATAL, TUESDAY, 2880)), 422)


async def test_calendars_are_found(asked: World, http: httpx.AsyncClient) -> None:
    for filters, groups in (
        ({}, [PRENATAL, "g9", "g8"]),
        ({"channel": "爱婴"}, ["g9", "g8"]),
        ({"city": "上海"}, []),
        ({"birth_window": "2026-06", "q": "爱婴·02"}, ["g8"]),
        ({"group": PRENATAL, "ahead": 14}, [PRENATAL]),
        ({"group": PRENATAL, "kind": "dry"}, [PRENATAL]),
        ({"kind": "warm"}, []),
    ):
        found = await items(http, "/calendars", **filters)
        assert {each["group"] for each in found} == set(groups), filters
        assert all(len(each["posts"]) == 3 for each in found)
    refused(await http.get(f"{API}/calendars", params={"ahead": 15}), 422, "ahead")


async def test_names_are_told_to_those_whose_group_it_is(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.stocks(*plenty(DRY, text="{{ monitor }}问大家好"))
    await opens(world, PRENATAL)
    await world.becomes("小雨", Role.MONITOR, PRENATAL)
    await world.calls_herself("小雨", "杭州-孕12周-小雨滴", PRENATAL)
    await world.until(f"{TUESDAY} 09:00")
    await world.types("小雨", "/跳过 1", PRENATAL)
    named = ("杭州-孕12周-小雨滴决定不发", "杭州-孕12周-小雨滴 (小雨)", "小雨滴问大家好")
    by_id = ("小雨决定不发", "小雨", "班长问大家好")
    for client, told in (
        (world.admin(), named),
        (await as_operator(world, channels=["妇幼"]), named),
        (await as_operator(world, channels=["爱婴"]), by_id),
        (await as_viewer(world), by_id),
    ):
        async with client as http:
            first, second, *_ = await calendar(http)
            assert (first["why"], first["pinned_by"], second["text"]) == told


# Looking back


async def test_the_review_has_the_most_telling_first(
    stocked: World, http: httpx.AsyncClient
) -> None:
    await stocked.becomes("班长", Role.MONITOR, PRENATAL)
    for day in range(3, 7):
        await stocked.until(f"2026-03-0{day} 10:00")
        (first, *_) = await posts(stocked, PRENATAL, f"2026-03-0{day}")
        await stocked.until(first.said_at + timedelta(minutes=2))
        for n in range(6 if day == 5 else 1):
            await stocked.says("豆豆妈", f"我家也是{n}", PRENATAL)
        await stocked.says("班长", "谢谢大家", PRENATAL)
    await stocked.until("2026-03-07 09:00")
    whole = await items(http, "/posts/review", days=4)
    told = [each for each in whole if each["group"] == PRENATAL]
    assert (told[0]["day"], told[0]["slot"], told[0]["heard"]) == ("2026-03-05", 660, 6)
    assert (told[0]["group_name"], told[0]["title"]) == (NAMES[PRENATAL], "标题")
    assert told[0]["usual_heard"] < 2
    assert told[-1]["usual_heard"] is None
    known = [each for each in told if each["usual_heard"] is not None]
    assert len(known) < len(told)
    assert told[: len(known)] == known
    assert await items(http, "/posts/review", days=4, limit=2) == whole
    assert await items(http, "/posts/review", group="g7") == []


async def test_what_has_no_title_is_known_by_its_words(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.stocks(*plenty(DRY, text="{{ city }}的妈妈们好"))
    await opens(world, PRENATAL)
    await world.until(f"{TUESDAY} 18:00")
    async with world.admin() as http:
        looked_back = await items(http, "/posts/review")
        ahead = (await http.get(f"{API}/cohorts/杭州~妇幼~2026-06/calendar")).json()
    for found in (looked_back, ahead["groups"][0]["posts"]):
        assert {each["title"] for each in found if each["item"]} == {"杭州的妈妈们好"}


@pytest.mark.parametrize(
    ("heard", "usual", "place"), [(9, 1.0, 0), (0, 0.5, 1), (None, 40.0, -1), (40, None, -1)]
)
async def test_what_is_unknown_tells_nothing(
    stocked: World, http: httpx.AsyncClient, heard: int | None, usual: float | None, place: int
) -> None:
    await stocked.until(f"{TUESDAY} 23:00")

    async def measured(facts: Unit) -> None:
        said = await facts.posts.of_days(GroupId(PRENATAL), date(2026, 3, 3), date(2026, 3, 3))
        for post, (words, usually) in zip(said, [(heard, usual), (5, 1.0), (1, 1.0)], strict=True):
            facts.posts.put(replace(post, heard=words, usual_heard=usually))

    await stocked.transactions.run(measured)
    told = await items(http, "/posts/review")
    assert (told[place]["heard"], told[place]["usual_heard"]) == (heard, usual)
