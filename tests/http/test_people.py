"""An admin hands somebody what is kept of her, or erases it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.http.api.exports import EXPORT
from models.people import TOMBSTONE
from models.stores.people import TRACES
from tests.http.api import as_operator, items
from tests.world import GROUP, NAME, World

SHE = "豆豆妈"
HERS, PERSON = f"/api/v1/people/{SHE}/export", f"/api/v1/people/{SHE}"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await world.joins("小雨妈妈", SHE, nickname="杭州-孕36周-豆豆")
    async with world.admin() as client:
        yield client


async def test_everything_is_told_by_what_it_is(world: World, http: httpx.AsyncClient) -> None:
    asked = await world.says(SHE, "孕晚期晚上总醒怎么办呀")
    await world.says("小雨妈妈", f"@{SHE} 侧躺会好些", at=(SHE,))
    answer = await http.get(HERS)
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert kept["person"] == SHE
    assert kept["groups"] == {GROUP: NAME}
    assert {each.section for each in TRACES} == kept.keys() - {"person", "groups"}
    (stay,) = kept["memberships"]
    assert (stay["group"], stay["nickname"], stay["present"]) == (GROUP, "杭州-孕36周-豆豆", True)
    (said,) = kept["messages"]
    assert (said["id"], said["text"]) == (asked, "孕晚期晚上总醒怎么办呀")
    assert said["said_at"] == "2026-03-02T19:00:00+08:00"
    (question,) = kept["questions"]
    assert question["id"] == asked
    assert kept["joins"][0]["group"] == GROUP


async def test_what_others_said_of_her_is_not_told(world: World, http: httpx.AsyncClient) -> None:
    await world.says("小雨妈妈", f"@{SHE} 侧躺会好些", at=(SHE,))
    kept = (await http.get(HERS)).json()
    assert [each.keys() for each in kept["mentioned"]] == [{"chat", "id", "said_at"}]
    assert "侧躺" not in str(kept)


async def test_who_is_erased_is_only_there(http: httpx.AsyncClient) -> None:
    answer = await http.delete(PERSON)
    assert (answer.status_code, answer.text) == (204, "")
    kept = (await http.get(HERS)).json()
    (stay,) = kept["memberships"]
    known = {"group": GROUP, "person": SHE, "name": "一位群友", "present": True}
    known |= {"role": "member", "origin": "baseline", "erased": True}
    assert {name: value for name, value in stay.items() if value} == known
    assert [each.section for each in TRACES if kept[each.section]] == ["memberships"]
    assert (await http.delete(PERSON)).status_code == 204


async def test_who_is_erased_and_gone_was_never_there(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.leaves(SHE)
    assert (await http.delete(PERSON)).status_code == 204
    for answer in (await http.get(HERS), await http.delete(PERSON)):
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"there is no person {SHE}"


async def test_our_own_account_is_not_erased(http: httpx.AsyncClient) -> None:
    answer = await http.delete("/api/v1/people/bot")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


async def test_that_somebody_was_erased_is_noted_and_not_whom(http: httpx.AsyncClient) -> None:
    await http.put(f"/api/v1/groups/{GROUP}/members/{SHE}/role", json={"role": "koc"})
    await http.put(f"/api/v1/staff/{SHE}", json={"role": "host"})
    assert (await http.delete(PERSON)).status_code == 204
    erased, *decided = await items(http, "/audit")
    assert (erased["action"], erased["by"]) == ("person_erased", "运营小王")
    assert erased["target"] == "person"
    assert [each["action"] for each in decided] == ["role_given", "role_given"]
    assert all(TOMBSTONE in each["target"] for each in decided)
    for each in (erased, *decided):
        assert SHE not in str(each)
        assert (each["before"], each["after"]) == (None, None)


def test_the_schema_tells_each_section() -> None:
    schema = EXPORT.model_json_schema()
    assert {each.section for each in TRACES} <= schema["properties"].keys()
    messages = schema["$defs"]["ExportedMessages"]["properties"]
    assert messages.keys() >= {"chat", "text", "said_at"}


async def test_both_are_for_admins(world: World, http: httpx.AsyncClient) -> None:
    async with await as_operator(world, channels=["妇幼"]) as operator:
        for answer in (await operator.get(HERS), await operator.delete(PERSON)):
            assert answer.status_code == 403
    async with world.admin("qz_none") as nobody:
        assert (await nobody.get(HERS)).status_code == 401
