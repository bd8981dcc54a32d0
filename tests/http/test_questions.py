"""Questions are seen, and closed where nobody needs to answer them any more."""

from collections.abc import AsyncIterator

import httpx
import pytest

from models.ids import MessageId
from models.people import Role
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.stories.quiet import without_posts
from tests.world import GROUP, World, shanghai

ASKED = "宝宝半夜总醒怎么办呀"
OTHER = "杭州哪家医院产检好呀"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await without_posts(world)
    await world.joins("班长", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    await world.calls_herself("豆豆妈", "杭州-孕36周-豆豆")
    async with world.admin() as client:
        yield client


@pytest.fixture
async def asked(world: World, http: httpx.AsyncClient) -> list[MessageId]:
    """One that was answered, and one that was not."""
    first = await world.says("豆豆妈", ASKED)
    await world.says("米粒妈", "我家是白天少睡一点，晚上就好了", quotes=first)
    await world.passes(minutes=5)
    return [first, await world.says("米粒妈", OTHER)]


async def test_questions_are_listed_with_what_became_of_them(
    http: httpx.AsyncClient, asked: list[MessageId]
) -> None:
    second, first = await items(http, "/questions")
    assert (first["id"], second["id"]) == tuple(asked)
    assert (first["state"], first["text"]) == ("answered", ASKED)
    assert (first["asker"], first["asker_name"]) == ("豆豆妈", "杭州-孕36周-豆豆")
    assert first["asked_at"] == first["answered_at"] == "2026-03-02T19:00:00+08:00"
    assert (second["state"], second["answered_at"]) == ("open", None)
    assert await items(http, "/questions", state="open") == [second]
    assert await items(http, "/questions", state="answered", group=GROUP) == [first]
    assert await items(http, "/questions", state="closed") == []
    assert await items(http, "/questions", person="豆豆妈", channel="妇幼") == [first]
    assert await items(http, "/questions", channel="社区") == []
    later = shanghai("2026-03-02 19:01").isoformat()
    assert await items(http, "/questions", since=later) == [second]
    assert await items(http, "/questions", until=later) == [first]
    assert await items(http, "/questions", sort="asked_at", limit=1) == [first, second]


async def test_a_question_is_shown_with_its_answers(
    http: httpx.AsyncClient, asked: list[MessageId]
) -> None:
    found = (await http.get(f"{API}/groups/{GROUP}/questions/{asked[0]}")).json()
    (answer,) = found["answers"]
    assert (answer["helper"], answer["text"]) == ("米粒妈", "我家是白天少睡一点，晚上就好了")
    assert answer["accepted_at"] is None
    refused(await http.get(f"{API}/groups/{GROUP}/questions/nothing"), 404)
    refused(await http.get(f"{API}/groups/g7/questions/{asked[0]}"), 404)


async def test_what_members_say_is_not_for_everybody(world: World, asked: list[MessageId]) -> None:
    path = f"{API}/groups/{GROUP}/questions/{asked[0]}"
    operator, viewer = await as_operator(world, channels=["社区"]), await as_viewer(world)
    async with operator, viewer:
        for http in (operator, viewer):
            for each in await items(http, "/questions"):
                assert each["text"] is each["asker_name"] is None
            found = (await http.get(path)).json()
            assert found["state"] == "answered"
            assert found["text"] is found["answers"][0]["text"] is None
            assert found["answers"][0]["helper_name"] is None
    async with await as_operator(world, groups=[GROUP]) as hers:
        assert (await hers.get(path)).json()["text"] == ASKED


async def test_the_monitor_is_not_told_of_what_somebody_closed(
    world: World, http: httpx.AsyncClient, asked: list[MessageId]
) -> None:
    path = f"{API}/groups/{GROUP}/questions/{asked[1]}"
    seen = {"If-Match": (await http.get(path)).headers["ETag"]}
    closed = await http.post(f"{path}/close", headers=seen)
    assert closed.status_code == 200, closed.text
    assert closed.json()["state"] == "closed"
    refused(await http.post(f"{path}/close"), 409)
    refused(await http.post(f"{API}/groups/{GROUP}/questions/{asked[0]}/close"), 409)
    refused(await http.post(f"{API}/groups/{GROUP}/questions/nothing/close"), 404)
    told = len(world.said)
    await world.passes(hours=3)
    assert not [each for each in world.said[told:] if "还没人回" in each.message.text]
    (noted,) = await items(http, "/audit", action="question_closed")
    assert (noted["before"]["state"], noted["after"]["state"]) == ("open", "closed")
    assert "text" not in noted["before"], "what she wrote is forgotten in time, and not kept here"


async def test_an_operator_closes_what_her_own_groups_ask(
    world: World, asked: list[MessageId]
) -> None:
    path = f"{API}/groups/{GROUP}/questions/{asked[1]}/close"
    async with await as_viewer(world) as viewer:
        refused(await viewer.post(path), 403)
    async with await as_operator(world, channels=["社区"]) as other:
        refused(await other.post(path), 403)
    async with await as_operator(world, channels=["妇幼"]) as hers:
        assert (await hers.post(path)).status_code == 200
