"""Whatever the route: nobody comes in without a token, and nobody changes what is not hers."""

import itertools
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models.access import Access
from models.people import Role
from models.tables import Base, TokenRow
from tests.http.api import token_of
from tests.http.shapes import Operation, operations
from tests.proposing import mass_send, needs_confirmation
from tests.world import ACCOUNT, GROUP, World

ROLES = [each.name.lower() for each in Access]
KNOWN = {
    "group": GROUP,
    "account": ACCOUNT,
    "member": "豆豆妈",
    "person": "豆豆妈",
    "scope": f"group:{GROUP}",
    "cohort": "杭州~妇幼~2026-03",
    "reward": "r1",
    "item": "c1",
    "day": "2026-03-03",
    "proposal": "send:1",
}
NOBODY = "没有这个渠道"

Dump = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
async def lively(world: World) -> World:
    """A group with something of most things in it."""
    await world.joins("班长小雨", "豆豆妈", "米粒妈")
    await world.becomes("班长小雨", Role.MONITOR)
    await world.says("豆豆妈", "孕晚期晚上总醒怎么办呀？")
    await world.types("班长小雨", "/加分 @豆豆妈 50 热心")
    async with world.admin() as http:
        reward = {"id": "r1", "name": "试用装", "cost": 50, "scope": f"group:{GROUP}"}
        assert (await http.post("/api/v1/rewards", json=reward)).status_code == 201
    await world.types("豆豆妈", "/兑换 试用装")
    await world.types("班长小雨", "/任务 今天喝水打卡 关键词=已喝 分=1 到=21:00")
    await needs_confirmation(world)
    await mass_send(world, key=KNOWN["proposal"])
    return world


def all_of(world: World) -> tuple[dict[str, Any], list[Operation]]:
    schema = world.app().openapi()
    return schema, list(operations(schema))


async def ask(
    http: httpx.AsyncClient, operation: Operation, schema: dict[str, Any]
) -> httpx.Response:
    return await http.request(
        operation.method.upper(),
        operation.at(KNOWN),
        params=operation.query(schema),
        json=operation.body(schema, KNOWN),
    )


async def dump(world: World) -> Dump:
    """All that is kept, but for when a token was used."""
    kept: Dump = {}
    async with world.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [each for each in table.columns if each.name != TokenRow.used_at.name]
            rows = await connection.execute(select(*columns).order_by(*table.primary_key))
            kept[table.name] = [tuple(row) for row in rows]
    return kept


def test_every_route_says_who_may_use_it(world: World) -> None:
    _, found = all_of(world)
    assert len(found) > 50
    assert [str(each) for each in found if each.role not in (*ROLES, "public")] == []


async def test_without_a_token_nobody_comes_in(lively: World) -> None:
    schema, found = all_of(lively)
    before = await dump(lively)
    async with lively.browser() as nobody, lively.admin("qz_guessed") as guesser:
        for operation, http in itertools.product(found, (nobody, guesser)):
            if operation.role != "public":
                answer = await ask(http, operation, schema)
                assert answer.status_code == 401, str(operation)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert await dump(lively) == before


@pytest.mark.parametrize("access", list(Access))
async def test_each_role_may_do_what_the_route_says(lively: World, access: Access) -> None:
    """As far as that goes with everything in her reach: what is refused is refused for its role
    alone."""
    schema, found = all_of(lively)
    of_group = [GROUP] if access is Access.OPERATOR else []
    token = await token_of(lively, access, groups=of_group, channels=["妇幼"] * len(of_group))
    async with lively.admin(token) as http:
        for operation in found:
            if operation.role == "public" or operation.path.endswith("/session"):
                continue
            answer = await ask(http, operation, schema)
            told = f"{operation}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code < 500 or answer.status_code == 503, told
            is_for_her = Access[operation.role.upper()] <= access
            refused = answer.status_code == 403
            if refused and is_for_her:
                assert access is Access.OPERATOR, told
                assert "this concerns" in answer.json()["detail"], told
            else:
                assert refused is not is_for_her, told


@pytest.mark.parametrize("access", [Access.VIEWER, Access.OPERATOR])
async def test_nothing_is_changed_outside_of_her_reach(lively: World, access: Access) -> None:
    schema, found = all_of(lively)
    channels = [NOBODY] if access is Access.OPERATOR else []
    token = await token_of(lively, access, channels=channels)
    before = await dump(lively)
    async with lively.admin(token) as http:
        for operation in found:
            if operation.changes and not operation.path.endswith("/session"):
                answer = await ask(http, operation, schema)
                assert answer.status_code < 500, f"{operation}: {answer.text[:200]}"
    after = await dump(lively)
    assert {name for name in after if after[name] != before[name]} == set()
