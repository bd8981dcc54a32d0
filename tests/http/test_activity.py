"""An operator looks at who speaks when, and by which hours posts go."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from models.growth import Life
from models.ids import GroupId, PersonId
from models.people import Role
from models.stores.unit import Unit
from tests.http.api import items, refused
from tests.world import EVENING, GROUP, World, shanghai

ACTIVITY = f"/api/v1/groups/{GROUP}/activity"
HOURS = "/api/v1/hours"
NOTHING = {"messages": 0, "speakers": 0}
UNKNOWN = {"messages": None, "speakers": None}
ROLES = ("member", "koc", "monitor", "assistant", "host")


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


@pytest.fixture
async def watched(world: World) -> World:
    """From the beginning of the World on, which is 19:00."""

    async def work(facts: Unit) -> None:
        group = GroupId(GROUP)
        life = Life(group=group, since=EVENING, opened_on=EVENING.date(), look_at=None)
        facts.lives.put(life)

    await world.transactions.run(work)
    return world


async def by_hour(http: httpx.AsyncClient, days: int = 1) -> dict[str, Any]:
    answer = await http.get(ACTIVITY, params={"days": days})
    assert answer.status_code == 200, answer.text
    return {local(each["hour"])[:5]: each for each in answer.json()["hours"]}


def local(moment: str) -> str:
    """`02T19:00` in Shanghai."""
    assert moment.endswith("+08:00")
    return f"{datetime.fromisoformat(moment):%dT%H:%M}"


# Activity


async def test_every_hour_is_shown_with_what_each_role_said(
    watched: World, http: httpx.AsyncClient
) -> None:
    await watched.becomes("小雨妈妈", Role.MONITOR)
    await watched.becomes("氛围小李", Role.HOST)
    for name in ("桃子", "米粒", "桃子", "小雨妈妈", "氛围小李"):
        await watched.says(name, "今天太阳真好")
    await watched.until("2026-03-02 21:30")
    answer = (await http.get(ACTIVITY, params={"days": 1})).json()
    assert answer["group"] == GROUP
    assert datetime.fromisoformat(answer["since"]) == shanghai("2026-03-01 21:00")
    assert datetime.fromisoformat(answer["until"]) == shanghai("2026-03-02 21:30")
    hours = answer["hours"]
    assert len(hours) == 25
    assert [local(each["hour"]) for each in hours][-3:] == ["02T19:00", "02T20:00", "02T21:00"]
    said, silent, begun = hours[-3:]
    assert said["roles"] == {
        "member": {"messages": 3, "speakers": 2},
        "koc": NOTHING,
        "monitor": {"messages": 1, "speakers": 1},
        "assistant": NOTHING,
        "host": {"messages": 1, "speakers": 1},
    }
    assert (silent["heard"], silent["roles"]) == (1, dict.fromkeys(ROLES, NOTHING))
    assert begun["heard"] == 0.5


async def test_what_was_not_heard_is_unknown_and_not_nothing(
    watched: World, http: httpx.AsyncClient
) -> None:
    await watched.until("2026-03-02 20:45")
    await watched.goes_deaf()
    await watched.until("2026-03-02 23:30")
    await watched.hears_again()
    await watched.until("2026-03-03 00:30")
    hours = await by_hour(http)
    heard = {hour: each["heard"] for hour, each in hours.items()}
    assert heard["02T18"] == 0
    assert heard["02T19"] == 1
    assert heard["02T20"] == 0.75
    assert heard["02T21"] == heard["02T22"] == 0
    assert heard["02T23"] == 0.5
    for hour in ("02T18", "02T21", "02T22"):
        assert hours[hour]["roles"] == dict.fromkeys(ROLES, UNKNOWN)
    for hour in ("02T19", "02T20", "02T23"):
        assert hours[hour]["roles"] == dict.fromkeys(ROLES, NOTHING)


async def test_while_the_account_is_deaf_nothing_is_known(
    watched: World, http: httpx.AsyncClient
) -> None:
    await watched.until("2026-03-02 20:00")
    await watched.goes_deaf()
    await watched.until("2026-03-02 22:30")
    hours = await by_hour(http)
    assert [hours[hour]["heard"] for hour in ("02T19", "02T20", "02T21", "02T22")] == [1, 0, 0, 0]
    assert hours["02T21"]["roles"]["member"] == UNKNOWN


async def test_a_group_that_is_not_there_or_an_endless_time_is_refused(
    http: httpx.AsyncClient,
) -> None:
    refused(await http.get("/api/v1/groups/nowhere/activity"), 404)
    for days in ("0", "93", "-1", "many", "1e9"):
        refused(await http.get(ACTIVITY, params={"days": days}), 422)


async def test_only_who_has_a_token_may_look(world: World) -> None:
    async with world.admin(token="") as stranger:
        refused(await stranger.get(ACTIVITY), 401)
        refused(await stranger.get(HOURS), 401)


# A usual week


async def test_a_usual_week_is_told_by_the_hours_that_were_heard(
    watched: World, http: httpx.AsyncClient
) -> None:
    await watched.becomes("小雨妈妈", Role.MONITOR)
    for week in range(2):
        for name in ("桃子", "米粒", "桃子", "小雨妈妈")[week:]:
            await watched.says(name, "今天太阳真好")
        await watched.passes(days=7)
    answer = await http.get(f"/api/v1/groups/{GROUP}/rhythm", params={"days": 15})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    cells = {(each["weekday"], each["hour"]): each["messages"] for each in found["week"]}
    assert len(cells) == 168
    assert cells[1, 19] == 2.5, "of two Mondays"
    assert cells[2, 19] == 0
    assert found["posting"] == {
        "stage": "prenatal",
        "in_use": "given",
        "spans": ["11:00-12:00", "16:00-17:00", "20:00-21:00"],
    }
    assert found["monitor"] == {"share": None, "line": 0.05, "messages": 2, "of": 7}
    for _ in range(13):
        await watched.says("桃子", "带娃出门啦")
    found = (await http.get(f"/api/v1/groups/{GROUP}/rhythm")).json()
    assert found["monitor"] == {"share": 0.1, "line": 0.05, "messages": 2, "of": 20}


async def test_hours_that_nobody_ever_heard_have_no_mean(
    watched: World, http: httpx.AsyncClient
) -> None:
    await watched.passes(hours=2)
    await watched.goes_deaf()
    await watched.passes(days=2)
    found = (await http.get(f"/api/v1/groups/{GROUP}/rhythm", params={"days": 7})).json()
    cells = {(each["weekday"], each["hour"]): each["messages"] for each in found["week"]}
    assert (cells[1, 19], cells[1, 20], cells[1, 21], cells[1, 18]) == (0, 0, None, None)
    assert found["monitor"] == {"share": None, "line": 0.05, "messages": None, "of": None}
    refused(await http.get("/api/v1/groups/nowhere/rhythm"), 404)


# Hours


async def of_cohort(http: httpx.AsyncClient, cohort: str) -> Any:
    (found,) = await items(http, "/hours", q=cohort)
    return found


async def test_each_cohort_has_its_hours_by_its_stage(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.opens("g2", "苏州·2025年3-5月·妇幼·01")
    await world.opens("g3", "苏州·2025年3-5月·妇幼·02")
    await world.opens("g4", "周末爬山群")
    answer = await items(http, "/hours", limit=1)
    assert [(each["cohort"], each["stage"]) for each in answer] == [
        ("杭州~妇幼~2026-03", "prenatal"),
        ("苏州~妇幼~2025-03", "postnatal"),
    ]
    assert answer[0] == {
        "cohort": "杭州~妇幼~2026-03",
        "city": "杭州",
        "channel": "妇幼",
        "birth_window": "2026-03",
        "stage": "prenatal",
        "given": ["11:00-12:00", "16:00-17:00", "20:00-21:00"],
        "learned": None,
        "known": None,
        "shares": None,
        "learned_on": None,
        "in_use": "given",
        "active": ["11:00-12:00", "16:00-17:00", "20:00-21:00"],
    }


async def test_what_was_learned_is_shown_beside_what_is_given(
    watched: World, http: httpx.AsyncClient
) -> None:
    lively = {9: 9, 13: 9, 19: 9, **dict.fromkeys((10, 11, 16, 17, 20, 21), 2)}

    async def work(facts: Unit) -> None:
        for day in range(3, 23):
            for hour, people in lively.items():
                for person in range(people):
                    at = shanghai(f"2026-03-{day:02} {hour:02}:05")
                    facts.activity.add(GroupId(GROUP), at, PersonId(f"p{person}"), Role.MEMBER)

    await watched.transactions.run(work)
    await watched.until("2026-03-23 12:00")
    found = await of_cohort(http, "杭州~妇幼~2026-03")
    assert found["learned"] == ["09:00-10:00", "13:00-14:00", "19:00-20:00"]
    assert found["active"] == found["given"]
    assert found["in_use"] == "given"
    assert found["learned_on"] == "2026-03-23"
    assert 0.7 < found["known"] < 0.9
    assert len(found["shares"]) == 24
    await watched.rules("cohort:杭州~妇幼~2026-03", content={"hours": "learned"})
    found = await of_cohort(http, "杭州~妇幼~2026-03")
    assert (found["in_use"], found["active"]) == ("learned", found["learned"])


# Rules of these kinds, as they are set over HTTP


async def test_rules_of_every_kind_are_set_and_shown(http: httpx.AsyncClient) -> None:
    content = {
        "hours": "learned",
        "growing": "50:20:30",
        "days_off": ["sun", "wed"],
        "approval": True,
    }
    answer = await http.patch("/api/v1/rules/everywhere", json={"content": content})
    assert answer.status_code == 200, answer.text
    rules = (await http.get("/api/v1/rules", params={"group": GROUP})).json()["rules"]
    assert {name: rules["content"][name] for name in content} == content
    for wrong, status in (
        ({"hours": "guessed"}, 422),
        ({"growing": "50:20:31"}, 409),
        ({"growing": "20:60:20"}, 409),
        ({"days_off": ["someday"]}, 422),
        ({"approval": "yes"}, 422),
        ({"approval": 1}, 422),
    ):
        answer = await http.patch("/api/v1/rules/everywhere", json={"content": wrong})
        refused(answer, status)
    layer = (await http.get("/api/v1/rules/everywhere")).json()["set"]
    assert layer == {"content": content}
