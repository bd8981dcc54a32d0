"""What a group lived through is written as a scenario, and lives through it again."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import scenario
from bot.history import History, TooMuch, history_of
from bot.postgres import throwaway
from bot.replay import replay
from models.content import ContentKind, Item, Voice
from models.events import RewardOffered
from models.ids import PersonId
from models.messages import Kind
from models.people import Profile, Role
from models.rewards import Reward
from models.tables import MessageRow
from tests.world import GROUP, World

NEWCOMERS = [f"妈妈{number}" for number in range(24)]


@pytest.fixture
async def stage(template: str, worker: str) -> AsyncIterator[AsyncEngine]:
    async with throwaway(template, f"again_{worker}") as engine:
        yield engine


async def history(world: World, days: int = 1, **bounds: Any) -> History:
    until = world.clock.now()
    since = until - timedelta(days=days)
    given = {"most_groups": 5, "most_messages": 1000} | bounds
    scope = given.pop("scope", "group:g1")
    return await world.transactions.read(
        lambda facts: history_of(facts, scope, since, until, **given)
    )


async def again(stage: AsyncEngine, found: History) -> list[dict[str, Any]]:
    """What is said when it is run again."""
    said: list[str] = []
    await replay(scenario.read(found.scenario()), stage, said.append)
    return [json.loads(each) for each in said]


async def peak(world: World) -> None:
    """Two dozen come within some minutes, a few leave, and some talk."""
    await world.becomes("班长小雨", Role.MONITOR)
    await world.joins("班长小雨")
    await world.passes(hours=1)
    for number, name in enumerate(NEWCOMERS):
        await world.joins(name, nickname="杭州-孕37周-豆豆" if number % 3 else "")
        await world.passes(seconds=25)
        if number % 8 == 7:
            await world.leaves(NEWCOMERS[number - 1])
    await world.passes(hours=1)


async def test_a_peak_is_greeted_as_it_was(world: World, stage: AsyncEngine) -> None:
    await world.rules("group:g1", onboarding={"names_shown": 3})
    await peak(world)
    found = await history(world)
    assert (found.of, found.groups) == (1, [GROUP])
    told = [each for each in await again(stage, found) if each["kind"] == Kind.WELCOME]
    assert [sorted(each["mentions"]) for each in told] == world.rounds
    assert len(told) == 2
    welcomes = world.heard(Kind.WELCOME)
    for each, was in zip(told, welcomes, strict=True):
        assert abs((datetime.fromisoformat(each["at"]) - was.at).total_seconds()) < 5


async def test_talk_earns_the_points_it_earned(world: World, stage: AsyncEngine) -> None:
    await world.joins("豆豆妈", "米粒妈")
    await world.passes(minutes=10)
    question = await world.says("豆豆妈", "孕晚期晚上总醒怎么办呀？")
    await world.passes(minutes=1)
    answer = await world.says("米粒妈", "左侧睡会好一点，睡前少喝水", quotes=question)
    await world.passes(seconds=90)
    await world.says("豆豆妈", "谢谢，太有用了", quotes=answer, at=("米粒妈",))
    await world.passes(minutes=20)
    assert await world.points("米粒妈") > 0
    said = await again(stage, await history(world))
    news = [(each["mentions"], each["text"]) for each in said if each["kind"] == Kind.AWARDED]
    was = [each.message for each in world.heard(Kind.AWARDED)]
    assert news == [([*each.mentions], each.text) for each in was]


async def test_only_names_that_are_needed_are_told(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈")
    await world.says("豆豆妈", "大家好呀")
    told = "".join((await history(world)).scenario())
    assert '"name": "豆豆妈"' in told
    assert '"name": "米粒妈"' not in told


async def test_what_is_not_told_is_counted(world: World) -> None:
    await world.becomes("班长小雨", Role.MONITOR)
    for text in ("早呀", "今天太阳真好", "下午去打疫苗"):
        await world.says("豆豆妈", text)
    await world.types("班长小雨", "/设置 点名人数 3")
    async with world.engine.begin() as connection:
        await connection.execute(
            update(MessageRow).where(MessageRow.text == "早呀").values(text=None)
        )
    found = await history(world)
    assert [each["text"] for each in found.events if each["type"] == "said"] == [
        "今天太阳真好",
        "下午去打疫苗",
    ]
    counts = {each.what: each.count for each in found.gaps}
    assert counts["texts that are forgotten"] == 1
    assert counts["rules set or asked for in chat"] == 1
    (layer,) = [each for each in found.set_up if each["type"] == "rules"]
    assert layer == {
        "type": "rules",
        "scope": "group:g1",
        "set": {"onboarding": {"names_shown": 3}},
    }


async def test_library_and_rewards_come_along(world: World) -> None:
    item = Item(id="c1", kind=ContentKind.WET, text="试用装", voice=Voice.MONITOR, to_week=8)
    await world.stocks(item)
    reward = Reward(
        id="r1", name="试用装", scope="everywhere", cost=50, valid_until=world.clock.now()
    )
    await world.happens(RewardOffered(at=world.clock.now(), by="运营小王", reward=reward))
    read = scenario.read((await history(world)).scenario())
    types = [each.type for each in read.set_up]
    assert (types.count("content"), types.count("reward")) == (1, 1)


async def test_deafness_and_who_came_meanwhile(world: World, stage: AsyncEngine) -> None:
    await world.passes(hours=1)
    await world.goes_deaf()
    await world.passes(minutes=30)
    world.gateway.join(GROUP, PersonId("豆豆妈"), Profile("豆豆妈"))
    await world.hears_again()
    await world.passes(minutes=30)
    assert world.greeted == ["豆豆妈"]
    found = await history(world)
    (deaf,) = [each for each in found.events if each["type"] == "deaf"]
    assert deaf["until"] == "2026-03-02T20:30:00+08:00"
    greeted = [
        each["mentions"] for each in await again(stage, found) if each["kind"] == Kind.WELCOME
    ]
    assert greeted == [["豆豆妈"]]


async def test_of_many_groups_a_sample_is_taken(world: World) -> None:
    for number in range(2, 8):
        name = f"杭州·2026年3-5月·妇幼·{number:02}"
        await world.opens(f"g{number}", name)
    for _ in range(2):
        found = await history(world, scope="channel:妇幼", most_groups=3)
        assert (len(found.groups), found.of) == (3, 7)
        again = await history(world, scope="channel:妇幼", most_groups=3)
        assert found.groups == again.groups
    nobody = await history(world, scope="channel:母婴店")
    assert (nobody.groups, nobody.of) == ([], 0)
    cohort = await history(world, scope="cohort:杭州~妇幼~2026-03")
    assert cohort.of == 7


async def test_more_than_can_be_run_is_not_taken(world: World) -> None:
    for _ in range(3):
        await world.says("豆豆妈", "早呀")
    with pytest.raises(TooMuch):
        await history(world, most_messages=2)


async def test_a_move_to_come_is_no_rule_of_today(world: World) -> None:
    """A group's layer that contradicts its channel's since it moved there is not in force."""
    async with world.admin() as http:
        await http.patch("/api/v1/rules/group:g1", json={"onboarding": {"min_gap": 600}})
    await world.transactions.run(
        lambda facts: facts.rules.lay(
            "channel:妇幼", {"onboarding": {"peak_interval": 300}}, "运营小王", world.clock.now()
        )
    )
    found = await history(world)
    layers = [each["scope"] for each in found.set_up if each["type"] == "rules"]
    assert layers == ["channel:妇幼"]
    scenario.read(found.scenario())


async def test_it_is_exported_at_the_command_line(world: World, tmp_path: Path) -> None:
    file = tmp_path / "month.jsonl"

    def export(group: str) -> subprocess.CompletedProcess[str]:
        url = world.engine.url.render_as_string(hide_password=False)
        return subprocess.run(
            [sys.executable, "-m", "bot", "export-scenario", "--group", group, str(file)],
            env=os.environ | {"BOT_DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=120,
        )

    unknown = await asyncio.to_thread(export, "g9")
    assert (unknown.returncode, file.exists()) == (2, False)
    done = await asyncio.to_thread(export, "g1")
    assert done.returncode == 0, done.stderr
    assert "left out: private messages" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert scenario.read(file.read_text("utf-8").splitlines()).set_up
    again = await asyncio.to_thread(export, "g1")
    assert (again.returncode, "exists" in again.stderr) == (2, True)
