"""Entry codes in a scenario: who came by them, and what became of everybody."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay

NAME = "杭州·2026年3-5月·妇幼·01"
GROUP = {"type": "group", "group": "g1", "name": NAME, "opened_on": "2026-02-20"}
CODE = {"type": "code", "code": "k7m2pq9xwd", "channel": "妇幼", "referrer": "李护士"}


@pytest.fixture
async def stage(template: str, worker: str) -> AsyncIterator[AsyncEngine]:
    async with throwaway(template, f"entry_{worker}") as engine:
        yield engine


def at(clock: str) -> str:
    return f"2026-03-02T{clock}+08:00"


def scanned(clock: str, visitor: str) -> dict[str, Any]:
    return {"type": "scanned", "at": at(clock), "visitor": visitor, "code": CODE["code"]}


def answered(clock: str, visitor: str, name: str, due: str = "2026-04-10") -> dict[str, Any]:
    told = {"name": name, "due": due, "city": "杭州"}
    return scanned(clock, visitor) | {"type": "answered"} | told


def joined(clock: str, member: str, name: str) -> dict[str, Any]:
    event = {"type": "joined", "at": at(clock), "group": "g1", "member": member}
    return event | {"name": name}


def befriends(clock: str, member: str, name: str = "Tang", **how: str) -> dict[str, Any]:
    return {"type": "befriends", "at": at(clock), "member": member, "name": name} | how


def until(clock: str) -> dict[str, Any]:
    return {"type": "until", "at": at(clock)}


def written(*lines: Mapping[str, Any]) -> list[str]:
    return [json.dumps(each, ensure_ascii=False) for each in lines]


async def play(stage: AsyncEngine, *lines: Mapping[str, Any]) -> list[dict[str, Any]]:
    told: list[str] = []
    await replay(scenario.read(written(*lines)), stage, told.append, state=True)
    return [json.loads(each) for each in told]


def of_type(told: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in told if each.get("type") == kind]


async def test_each_is_counted_once_as_far_as_she_came(stage: AsyncEngine) -> None:
    told = await play(
        stage,
        *(GROUP, CODE, scanned("20:00:00", "v1"), scanned("20:00:00", "v2")),
        *(scanned("20:00:05", "v1"), answered("20:01:00", "v1", "豆豆妈")),
        *(joined("20:02:00", "u9", "豆豆妈"), joined("20:02:30", "u8", "路人"), until("20:03:00")),
    )
    assert of_type(told, "entry") == [
        {"type": "entry", "code": CODE["code"], "scanned": 2, "answered": 1, "waiting": 0}
        | {"placed": 1, "joined": 1, "left": 0}
    ]
    first, second = of_type(told, "visitor")
    assert (first["group"], first["member"], first["matched_by"]) == ("g1", "u9", "nickname")
    assert first["birth_window"] == "2026-03"
    assert (second["city"], second["joined"]) == (None, None)
    assert told[-1]["type"] == "outbox"


async def test_who_shows_her_ticket_is_accepted_answered_and_invited(stage: AsyncEngine) -> None:
    told = await play(
        stage,
        *(GROUP, CODE, answered("20:00:00", "v1", "豆豆妈")),
        *(befriends("20:00:00", "u9", visitor="v1"), befriends("20:00:01", "u8", hello="在吗")),
        until("20:10:00"),
    )
    (answer,) = (each for each in told if each.get("to") == "u9")
    assert answer["at"] == at("20:00:00")
    assert "豆豆妈" in answer["text"]
    assert not any(each.get("to") == "u8" for each in told)
    (welcome,) = (each for each in told if each.get("kind") == "onboarding.welcome")
    assert welcome["mentions"] == ["u9"]
    assert welcome["at"] == at("20:00:28"), "20 s between accepting and inviting, 8 s of calm"
    (visitor,) = of_type(told, "visitor")
    assert (visitor["joined"], visitor["matched_by"]) == ("g1", "ticket")


async def test_what_the_account_does_keeps_its_place_among_many_lines(stage: AsyncEngine) -> None:
    """It accepts, waits, and invites while others talk on."""
    talk = [
        {"type": "said", "at": at(f"20:00:{second:02}"), "group": "g1", "member": "u1"}
        | {"id": f"m{second}", "text": "早呀"}
        for second in range(2, 60)
    ]
    told = await play(
        stage,
        *(
            GROUP,
            CODE,
            answered("20:00:00", "v1", "豆豆妈"),
            befriends("20:00:01", "u9", visitor="v1"),
        ),
        *(*talk, until("20:10:00")),
    )
    (welcome,) = (each for each in told if each.get("kind") == "onboarding.welcome")
    assert welcome["at"] == at("20:00:29")


async def test_who_finds_no_group_waits_and_one_is_asked_for(stage: AsyncEngine) -> None:
    told = await play(
        stage, GROUP, CODE, answered("20:00:00", "v1", "豆豆妈", "2026-07-10"), until("20:01:00")
    )
    (visitor,) = of_type(told, "visitor")
    assert (visitor["waits"], visitor["group"]) == (True, None)
    assert [each["name"] for each in of_type(told, "opening")] == ["杭州·2026年6-8月·妇幼·01"]
    assert any("杭州·2026年6-8月·妇幼·01" in each.get("text", "") for each in told)


async def test_the_same_scenario_says_the_same(template: str, worker: str) -> None:
    lines = [
        *(GROUP, CODE),
        *(answered(f"20:00:{n:02}", f"v{n}", f"妈妈{n}") for n in range(20)),
        *(befriends(f"20:01:{n:02}", f"u{n}", visitor=f"v{n}") for n in range(20)),
        until("22:00:00"),
    ]
    plays = []
    for name in ("one", "other"):
        async with throwaway(template, f"entry_{worker}_{name}") as engine:
            plays.append(await play(engine, *lines))
    assert plays[0] == plays[1]
    assert len({each["ticket"] for each in of_type(plays[0], "visitor")}) == 20


async def test_without_codes_nothing_is_told_of_them(stage: AsyncEngine) -> None:
    told = await play(stage, GROUP, joined("20:00:00", "u9", "豆豆妈"), until("20:01:00"))
    assert {each["type"] for each in told if "type" in each} == {"outbox"}


# What is refused

ANSWERED = answered("20:00:00", "v1", "豆豆妈")


def without(line: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}


BAD = {
    "a code that is none": [CODE | {"code": "a b"}],
    "a code of no channel": [without(CODE, "channel")],
    "a code twice": [CODE, CODE],
    "two codes of a member in a channel": [
        CODE | {"member": "u1"},
        CODE | {"member": "u1", "code": "other2code"},
    ],
    "a code of an undeclared group": [CODE | {"group": "g1"}],
    "a code with a time": [CODE | {"at": at("20:00:00")}],
    "a code after the first event": [GROUP, joined("20:00:00", "u1", "豆豆妈"), CODE],
    "a scan of an undeclared code": [scanned("20:00:00", "v1")],
    "a scan of nobody": [CODE, without(scanned("20:00:00", "v1"), "visitor")],
    "answers to an undeclared code": [ANSWERED],
    "answers without a day": [GROUP, CODE, without(ANSWERED, "due")],
    "answers with two days": [GROUP, CODE, ANSWERED | {"born": "2026-01-01"}],
    "answers with a day that is none": [GROUP, CODE, ANSWERED | {"due": "2026-02-30"}],
    "a due date in two years": [GROUP, CODE, ANSWERED | {"due": "2028-02-28"}],
    "a birthday to come": [GROUP, CODE, without(ANSWERED, "due") | {"born": "2026-03-03"}],
    "answers without a city": [GROUP, CODE, without(ANSWERED, "city")],
    "a city that is not served": [GROUP, CODE, ANSWERED | {"city": "三亚"}],
    "another city than the code's": [GROUP, CODE | {"city": "宁波"}, ANSWERED],
    "a name that is none": [GROUP, CODE, ANSWERED | {"name": "！！"}],
    "a ticket of nobody": [GROUP, CODE, befriends("20:00:00", "u9", visitor="v1")],
    "a ticket and words": [
        *(GROUP, CODE, ANSWERED),
        befriends("20:00:00", "u9", visitor="v1", hello="你好"),
    ],
}


@pytest.mark.parametrize("lines", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named(lines: list[dict[str, Any]]) -> None:
    with pytest.raises(scenario.BadScenario) as bad:
        scenario.read(written(*lines))
    assert str(bad.value).startswith(f"line {len(lines)}: ")
    assert "\n" not in str(bad.value)


def test_a_city_that_a_rule_names_is_served() -> None:
    rules = {"type": "rules", "set": {"entry": {"cities": ["三亚"]}}}
    read = scenario.read(written(rules, CODE, ANSWERED | {"city": "三亚市", "name": " 豆豆妈 "}))
    assert (read.events[0].city, read.events[0].name) == ("三亚", "豆豆妈")
