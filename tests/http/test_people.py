"""An admin hands somebody what is kept of her, or erases it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.transactions import Transactions
from models.access import Access
from models.stores.people import TRACES
from models.stores.tokens import TokenStore
from tests.world import GROUP, NAME, World

SHE = "豆豆妈"
EXPORT, PERSON = f"/api/v1/people/{SHE}/export", f"/api/v1/people/{SHE}"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await world.joins("小雨妈妈", SHE, nickname="杭州-孕36周-豆豆")
    async with world.admin() as client:
        yield client


async def test_everything_is_told_by_what_it_is(world: World, http: httpx.AsyncClient) -> None:
    asked = await world.says(SHE, "孕晚期晚上总醒怎么办呀")
    await world.says("小雨妈妈", f"@{SHE} 侧躺会好些", at=(SHE,))
    answer = await http.get(EXPORT)
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert kept["person"] == SHE
    assert kept["groups"] == {GROUP: NAME}
    assert {each.section for each in TRACES} == kept.keys() - {"person", "groups"}
    (stay,) = kept["memberships"]
    assert (stay["group"], stay["nickname"], stay["present"]) == (GROUP, "杭州-孕36周-豆豆", True)
    (said,) = kept["messages"]
    assert (said["id"], said["text"]) == (asked, "孕晚期晚上总醒怎么办呀")
    assert said["said_at"] == "2026-03-02T11:00:00Z"
    (question,) = kept["questions"]
    assert question["id"] == asked
    assert kept["joins"][0]["group"] == GROUP


async def test_what_others_said_of_her_is_not_told(world: World, http: httpx.AsyncClient) -> None:
    await world.says("小雨妈妈", f"@{SHE} 侧躺会好些", at=(SHE,))
    kept = (await http.get(EXPORT)).json()
    assert [each.keys() for each in kept["mentioned"]] == [{"chat", "id", "said_at"}]
    assert "侧躺" not in str(kept)


async def test_who_is_erased_is_only_there(http: httpx.AsyncClient) -> None:
    answer = await http.delete(PERSON)
    assert (answer.status_code, answer.text) == (204, "")
    kept = (await http.get(EXPORT)).json()
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
    for answer in (await http.get(EXPORT), await http.delete(PERSON)):
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"nothing is kept of {SHE}"


async def test_our_own_account_is_not_erased(http: httpx.AsyncClient) -> None:
    answer = await http.delete("/api/v1/people/bot")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


async def test_both_are_for_admins(world: World, http: httpx.AsyncClient) -> None:
    token = await Transactions(world.engine).run(
        lambda facts: TokenStore(facts.connection).issue(
            "值班", Access.OPERATOR, world.clock.now()
        )
    )
    async with world.admin(token) as operator:
        for answer in (await operator.get(EXPORT), await operator.delete(PERSON)):
            assert answer.status_code == 403
    async with world.admin("qz_none") as nobody:
        assert (await nobody.get(EXPORT)).status_code == 401
