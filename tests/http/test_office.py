"""What holds for every resource: who may come in, pages, entity tags, keys, and the audit log."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.http.door import COOKIE
from models.access import Access
from models.people import Role
from tests.http.api import API, as_operator, as_viewer, items, refused, token_of
from tests.world import GROUP, World

TRIAL = {"id": "r1", "name": "试用装", "cost": 50, "stock": 3}
KEY = {"Idempotency-Key": "0b5d0c5e-4a53-4f04-9d5a-5f9a5c8f1f11"}
OPERATOR = {"name": "杭州妇幼小陈", "role": "operator", "scopes": ["channel:妇幼"]}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


# Tokens


async def test_a_token_is_shown_once_and_opens_the_door(
    world: World, http: httpx.AsyncClient
) -> None:
    answer = await http.post(f"{API}/tokens", json=OPERATOR)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    async with world.admin(made.pop("token")) as hers:
        who = (await hers.get(f"{API}/session")).json()
    assert (who["name"], who["role"], who["scopes"]) == (
        "杭州妇幼小陈",
        "operator",
        ["channel:妇幼"],
    )
    known = (await http.get(f"{API}/tokens/{made['id']}")).json()
    assert known == made | {"used_at": "2026-03-02T19:00:00+08:00"}
    assert "token" not in (await items(http, "/tokens"))[0]


async def test_a_token_that_is_revoked_or_too_old_opens_nothing(
    world: World, http: httpx.AsyncClient
) -> None:
    viewer = {"name": "看板", "role": "viewer", "expires_at": "2026-03-03T00:00:00+08:00"}
    first, second = [(await http.post(f"{API}/tokens", json=viewer)).json() for _ in range(2)]
    revoked = await http.delete(f"{API}/tokens/{first['id']}")
    assert revoked.json()["revoked_at"] == "2026-03-02T19:00:00+08:00"
    async with world.admin(first["token"]) as gone, world.admin(second["token"]) as kept:
        refused(await gone.get(f"{API}/session"), 401)
        assert (await kept.get(f"{API}/session")).status_code == 200
        await world.passes(hours=5)
        refused(await kept.get(f"{API}/session"), 401)


@pytest.mark.parametrize(
    "given",
    [
        {"name": "小陈", "role": "operator"},
        {"name": "小陈", "role": "viewer", "scopes": ["channel:妇幼"]},
        {"name": "小陈", "role": "admin", "scopes": ["group:g1"]},
        {"name": "小陈", "role": "operator", "scopes": []},
        {"name": "小陈", "role": "operator", "scopes": ["everywhere"]},
        {"name": "小陈", "role": "root"},
        {"name": "", "role": "viewer"},
    ],
)
async def test_a_token_says_what_it_is_for(http: httpx.AsyncClient, given: dict[str, Any]) -> None:
    refused(await http.post(f"{API}/tokens", json=given), 422)
    assert len(await items(http, "/tokens")) == 1


# Signing in


async def test_who_signs_in_stays_until_she_signs_out(world: World) -> None:
    async with world.browser() as browser:
        answer = await browser.post(f"{API}/session", json={"token": world.token})
        assert answer.status_code == 201, answer.text
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        who = (await browser.get(f"{API}/session")).json()
        assert who["csrf_token"] == answer.json()["csrf_token"]
        forged = await browser.post(f"{API}/rewards", json=TRIAL)
        assert "X-CSRF-Token" in refused(forged, 403)["detail"]
        ours = {"X-CSRF-Token": who["csrf_token"]}
        made = await browser.post(f"{API}/rewards", json=TRIAL, headers=ours)
        assert made.status_code == 201, made.text
        assert (await browser.delete(f"{API}/session", headers=ours)).status_code == 204
        refused(await browser.get(f"{API}/session"), 401)


async def test_a_session_ends_after_a_week_and_with_its_token(
    world: World, http: httpx.AsyncClient
) -> None:
    token = (await http.post(f"{API}/tokens", json=OPERATOR)).json()
    async with world.browser() as browser:
        await browser.post(f"{API}/session", json={"token": token["token"]})
        await http.delete(f"{API}/tokens/{token['id']}")
        refused(await browser.get(f"{API}/session"), 401)
        await browser.post(f"{API}/session", json={"token": world.token})
        world.clock.set(world.clock.now() + timedelta(days=7))
        refused(await browser.get(f"{API}/session"), 401)


async def test_a_session_lasts_no_longer_than_its_token(
    world: World, http: httpx.AsyncClient
) -> None:
    soon = "2026-03-02T20:00:00+08:00"
    token = (await http.post(f"{API}/tokens", json=OPERATOR | {"expires_at": soon})).json()
    async with world.browser() as browser:
        session = await browser.post(f"{API}/session", json={"token": token["token"]})
        assert session.json()["expires_at"] == soon
        assert "Max-Age=3600;" in session.headers["set-cookie"]
        assert (await browser.get(f"{API}/session")).json()["expires_at"] == soon


async def test_a_token_that_is_revoked_while_a_body_comes_changes_nothing(
    world: World, http: httpx.AsyncClient
) -> None:
    given = {"name": "小陈", "role": "admin"}
    token = (await http.post(f"{API}/tokens", json=given)).json()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"kind,text\n"
        await http.delete(f"{API}/tokens/{token['id']}")
        yield "dry,叶酸每天400微克\n".encode()

    async with world.admin(token["token"]) as hers:
        headers = {"Content-Type": "text/csv"}
        answer = await hers.post(f"{API}/content-table", content=slowly(), headers=headers)
        refused(answer, 401)
    assert await items(http, "/content") == []


async def test_who_is_not_known_does_not_fill_our_memory(world: World) -> None:
    sent = 0

    async def blanks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 100_000

    async with world.browser() as nobody:
        headers = {"Content-Type": "application/json"}
        for path in ("/rewards", "/session"):
            answer = await nobody.post(f"{API}{path}", content=blanks(), headers=headers)
            refused(answer, 413)
    assert sent < 30


async def test_nobody_may_guess_for_long(world: World) -> None:
    async with world.browser() as browser:
        tries = [await browser.post(f"{API}/session", json={"token": "qz_x"}) for _ in range(11)]
    assert [each.status_code for each in tries] == [401] * 10 + [429]
    assert int(tries[-1].headers["Retry-After"]) > 0
    assert COOKIE not in "".join(str(each.headers) for each in tries)


# An operator's groups


async def test_an_operator_changes_what_concerns_her_channel_and_nothing_else(
    world: World,
) -> None:
    async with await as_operator(world, channels=["妇幼"]) as hers:
        for scope in ("everywhere", "channel:爱婴", "cohort:杭州~爱婴~2026-03", "group:g2"):
            problem = refused(
                await hers.post(f"{API}/rewards", json=TRIAL | {"scope": scope}), 403
            )
            assert problem["detail"] == f"this concerns {scope}; your token is for channel:妇幼"
        for scope in ("channel:妇幼", "cohort:杭州~妇幼~2026-03", f"group:{GROUP}"):
            given = {"name": "试用装", "cost": 5, "scope": scope}
            assert (await hers.post(f"{API}/rewards", json=given)).status_code == 201
        (first, *_) = await items(hers, "/rewards")
        path = f"{API}/rewards/{first['id']}"
        refused(await hers.patch(path, json={"scope": "everywhere"}), 403)
        assert (await hers.patch(path, json={"cost": 6})).json()["cost"] == 6


async def test_a_viewer_looks_and_changes_nothing(world: World) -> None:
    async with await as_viewer(world) as http:
        assert await items(http, "/rewards") == []
        refused(await http.post(f"{API}/rewards", json=TRIAL), 403)
        refused(await http.get(f"{API}/tokens"), 403)


# Pages


async def test_a_list_is_read_page_by_page_in_either_order(http: httpx.AsyncClient) -> None:
    for n in range(7):
        await http.post(
            f"{API}/rewards", json={"id": f"r{n}", "name": "试用装", "cost": 5 + n // 3}
        )
    for sort in ("cost", "-cost", "name", "-id"):
        whole = await items(http, "/rewards", sort=sort)
        assert len(whole) == 7
        assert await items(http, "/rewards", sort=sort, limit=2) == whole
    first = (await http.get(f"{API}/rewards", params={"limit": 2, "count": True})).json()
    assert first["total"] == 7
    other = await http.get(f"{API}/rewards", params={"cursor": first["next"], "sort": "-cost"})
    refused(other, 404, "cursor")


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "IntcIg", "WyJjb3N0IiwxXQ", "好"])
async def test_what_is_no_cursor_is_refused(http: httpx.AsyncClient, cursor: str) -> None:
    refused(await http.get(f"{API}/rewards", params={"cursor": cursor}), 404, "cursor")


async def test_a_cursor_that_somebody_made_up_is_none(http: httpx.AsyncClient) -> None:
    deep = "[" * 1_490
    for told in (deep, '["cost",1e30,"r1"]', f'["cost",{10**30},"r1"]', r'["cost",1,"\u0000"]'):
        cursor = urlsafe_b64encode(told.encode()).decode().rstrip("=")
        asked = {"cursor": cursor, "sort": "cost"}
        refused(await http.get(f"{API}/rewards", params=asked), 404, "cursor")


async def test_a_list_is_also_a_table(http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json=TRIAL | {"name": "=试用装"})
    answer = await http.get(f"{API}/rewards", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == [
        "\ufeffid,name,scope,cost,stock,limit_each,valid_until,withdrawn",
        "r1,'=试用装,everywhere,50,3,,,false",
    ]


# Changes


async def test_nobody_overwrites_what_another_just_changed(http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json=TRIAL)
    path = f"{API}/rewards/r1"
    tag = (await http.get(path)).headers["ETag"]
    seen = {"If-Match": tag}
    assert (await http.patch(path, json={"cost": 60}, headers=seen)).status_code == 200
    refused(await http.patch(path, json={"cost": 70}, headers=seen), 412)
    assert (await http.get(path)).json()["cost"] == 60
    for anything in ("*", f'W/"x", {(await http.get(path)).headers["ETag"]}'):
        again = await http.patch(path, json={}, headers={"If-Match": anything})
        assert again.status_code == 200


async def test_what_is_sent_again_is_done_once(world: World, http: httpx.AsyncClient) -> None:
    given = {"name": "试用装", "cost": 50}
    first = await http.post(f"{API}/rewards", json=given, headers=KEY)
    again = await http.post(f"{API}/rewards", json=given, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await items(http, "/rewards")) == 1
    other = await http.post(f"{API}/rewards", json=given | {"cost": 1}, headers=KEY)
    refused(other, 409, "Idempotency-Key")
    world.clock.set(world.clock.now() + timedelta(days=1))
    late = await http.post(f"{API}/rewards", json=given, headers=KEY)
    assert late.json()["id"] != first.json()["id"]


async def test_what_is_out_of_reach_by_now_is_not_answered_again(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("豆豆妈")
    path, given = f"{API}/groups/{GROUP}/members/豆豆妈/points", {"points": 5, "reason": "热心"}
    async with await as_operator(world, channels=["妇幼"]) as hers:
        assert (await hers.post(path, json=given, headers=KEY)).status_code == 201
        await http.patch(f"{API}/groups/{GROUP}", json={"channel": "爱婴"})
        refused(await hers.post(path, json=given, headers=KEY), 403)


async def test_a_key_is_not_used_up_by_what_failed(http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json=TRIAL)
    refused(await http.post(f"{API}/rewards", json=TRIAL, headers=KEY), 409)
    again = await http.post(f"{API}/rewards", json=TRIAL | {"id": "r2"}, headers=KEY)
    assert again.status_code == 201


async def test_who_changed_what_is_known(world: World, http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json=TRIAL)
    await http.patch(f"{API}/rewards/r1", json={"cost": 60})
    refused(await http.patch(f"{API}/rewards/r2", json={"cost": 60}), 404)
    changed, offered = await items(http, "/audit", target="reward:r1")
    assert (offered["action"], offered["by"]) == ("reward_offered", "运营小王")
    assert (offered["before"], offered["after"]["cost"]) == (None, 50)
    assert (changed["before"]["cost"], changed["after"]["cost"]) == (50, 60)
    assert changed["at"] == "2026-03-02T19:00:00+08:00"
    token = await token_of(world, Access.OPERATOR, channels=["妇幼"])
    async with world.admin(token) as hers:
        refused(await hers.get(f"{API}/audit"), 403)


async def test_what_a_monitor_changes_by_command_is_known_too(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("班长小雨", "豆豆妈")
    await world.becomes("班长小雨", Role.MONITOR)
    await world.types("班长小雨", "/加分 @豆豆妈 5 热心")
    await world.types("班长小雨", "/设置")
    await world.types("班长小雨", "/加分 @豆豆妈 5000 热心")
    (entry,) = await items(http, "/audit", group=GROUP, action="/加分")
    assert entry["note"] == "加分 @豆豆妈 5 热心"
    assert entry["by"] == "班长小雨 (班长小雨)"
    assert [each["action"] for each in await items(http, "/audit", group=GROUP)] == ["/加分"]


async def test_what_was_done_about_somebody_is_found(
    world: World, http: httpx.AsyncClient
) -> None:
    for person in ("wxid_xiaoli", "wxid_ayun"):
        given = await http.put(f"{API}/staff/{person}", json={"role": "assistant"})
        assert given.status_code == 200
    (entry,) = await items(http, "/audit", person="wxid_ayun")
    assert (entry["action"], entry["target"]) == ("role_given", "staff:wxid_ayun")


async def test_what_was_typed_of_somebody_goes_with_her(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("班长小雨", "豆豆妈")
    await world.becomes("班长小雨", Role.MONITOR)
    await world.types("班长小雨", "/加分 @豆豆妈 5 热心")
    assert (await http.delete(f"{API}/people/豆豆妈")).status_code == 204
    erased, given = await items(http, "/audit")
    assert (given["action"], given["note"]) == ("/加分", "")
    assert "豆豆妈" not in str([erased, given])


async def test_nobody_locks_herself_out(http: httpx.AsyncClient) -> None:
    (own,) = await items(http, "/tokens")
    refused(await http.delete(f"{API}/tokens/{own['id']}"), 409)
    assert (await http.get(f"{API}/session")).status_code == 200


# Addresses


async def test_a_slash_of_an_id_does_not_separate(http: httpx.AsyncClient) -> None:
    await http.post(f"{API}/rewards", json=TRIAL | {"id": "体温计/2026"})
    found = await http.get(f"{API}/rewards/体温计%2f2026")
    assert found.json()["id"] == "体温计/2026"
    refused(await http.get(f"{API}/rewards/体温计/2026"), 404)


async def test_an_address_tells_all_of_its_methods(http: httpx.AsyncClient) -> None:
    answer = await http.put(f"{API}/rewards/r1", json={})
    refused(answer, 405)
    assert answer.headers["Allow"] == "GET, PATCH"
