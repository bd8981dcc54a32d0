"""A library in a scenario: what a group would be posted, week by week."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay
from bot.scenario import BadScenario
from bot.scenario_lines import ContentLine
from config.rules import HoursRules
from models.cohort import BirthWindow, week_on
from models.ids import GroupId
from models.stores.unit import Unit

ROOT = Path(__file__).resolve().parents[2]
GROUP = {"type": "group", "group": "g1", "name": "杭州·2026年3-5月·妇幼·01"}
OPENED = GROUP | {"opened_on": "2026-03-23"}
MONITOR = {"type": "member", "group": "g1", "member": "u1", "name": "小雨", "role": "monitor"}
UNTIL = {"type": "until", "at": "2026-05-04T00:00:00+08:00"}
ONLY_DRY = {
    "type": "rules",
    "scope": "everywhere",
    "set": {"content": dict.fromkeys(("forming", "growing", "mature", "fading"), "100:0:0")},
}
BORN = date(2026, 4, 15)
"""The middle of the group's window."""


def item(id_: str, kind: str = "dry", **more: Any) -> dict[str, Any]:
    return {"type": "content", "content": id_, "kind": kind, "text": id_} | more


def week_by_week() -> Iterator[dict[str, Any]]:
    """Three a day for each week before and after birth."""
    for week in range(-4, 4):
        for n in range(21):
            yield item(f"{week}/{n}", from_week=week, to_week=week, text=f"{week} {{{{ week }}}}")


def read(*lines: Any) -> scenario.Scenario:
    return scenario.read(json.dumps(each, ensure_ascii=False) for each in lines)


async def play(engine: AsyncEngine, *lines: Any) -> list[dict[str, Any]]:
    said: list[str] = []
    await replay(read(*lines), engine, said.append)
    return [json.loads(each) for each in said]


@pytest.fixture
async def stage(template: str, worker: str) -> Any:
    async with throwaway(template, f"content_{worker}") as engine:
        yield engine


# What is posted


async def test_six_weeks_of_what_each_week_is_for(stage: AsyncEngine) -> None:
    told = await play(stage, OPENED, MONITOR, ONLY_DRY, *week_by_week(), UNTIL)
    posts = [each for each in told if each["kind"] == "content.dry"]
    assert len(posts) == 42 * 3
    assert len({each["key"] for each in posts}) == len(posts)
    hours = HoursRules()
    for post in posts:
        at = datetime.fromisoformat(post["at"])
        spans = hours.prenatal if at.date() < BORN else hours.postnatal
        assert any(span.covers(at) for span in spans), post
        week = week_on(BirthWindow(2026, 3), at.date())
        age = "宝宝刚出生" if week == 0 else f"宝宝{week}周" if week > 0 else f"孕{40 + week}周"
        assert post["text"] == f"{week} {age}"


async def test_without_a_voice_it_is_ours_also_what_sells(stage: AsyncEngine) -> None:
    wet = ONLY_DRY | {"set": {"content": {"forming": "0:50:50"}}}
    told = await play(
        stage,
        OPENED,
        MONITOR,
        wet,
        item("ours", "wet", weight=2),
        item("hers", "wet", voice="monitor"),
        *(item(f"warm{n}", "warm") for n in range(9)),
        {"type": "until", "at": "2026-03-26T00:00:00+08:00"},
    )
    wet_ones = [each["text"] for each in told if each["kind"] == "content.wet"]
    handed = [each["text"] for each in told if each["kind"] == "staff.notice"]
    assert wet_ones == ["ours"]
    assert "hers" in handed


async def test_the_members_that_were_declared_are_counted(stage: AsyncEngine) -> None:
    mothers = [MONITOR | {"member": f"m{n}", "role": "member"} for n in range(149)]
    other = GROUP | {"group": "g2"}
    joined = {"type": "joined", "at": "2026-03-23T12:00:00+08:00", "group": "g1", "member": "x"}
    await play(stage, OPENED, other, MONITOR, *mothers, mothers[0], joined)
    async with stage.connect() as connection:
        facts = Unit(connection)
        groups = [await facts.groups.peek(GroupId(each)) for each in ("g1", "g2")]
    assert [(each.members, each.opened_on) for each in groups if each] == [
        (151, date(2026, 3, 23)),
        (0, None),
    ]


# What can be written


def test_all_of_an_item_can_be_said() -> None:
    line = item(
        "c1",
        voice="monitor",
        title="补铁",
        image="https://example.org/a.png",
        link="https://example.org/a",
        stages=["prenatal", "postnatal"],
        phases="forming",
        from_week=-12,
        to_week=-8,
        cities="杭州",
        channels=["妇幼"],
        valid_from="2026-03-01",
        valid_to="2026-03-31",
        weight=5,
        source="WHO",
        approved_by="张医生",
    )
    (read_line,) = read(line).set_up
    assert isinstance(read_line, ContentLine)
    read_item = read_line.as_entered()
    assert read_item.stages == ("prenatal", "postnatal")
    assert (read_item.phases, read_item.cities) == (("forming",), ("杭州",))
    assert (read_item.valid_from, read_item.approved_by) == (date(2026, 3, 1), "张医生")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([item("c1"), item("c1")], "line 2: content 'c1' is declared twice"),
        ([item("c1", "funny")], "line 1: kind: "),
        ([item("c1", text="{{ nobody }}")], "line 1: text: the template does not render"),
        ([item("c1", text="")], "line 1: text: "),
        ([item("c1", from_week=-8, to_week=-12)], "line 1: to_week: it is before from_week (-8)"),
        ([item("c1", from_week=-99)], "line 1: from_week: "),
        ([item("c1", stages=["unborn"])], "line 1: stages.0: "),
        ([item("c1", valid_from="2026/3/1")], "line 1: valid_from: a day is written like"),
        ([item("c1", image="a.png")], "line 1: image: an address begins with http"),
        ([item("c1", weight=0)], "line 1: weight: "),
        ([item("c1", colour="red")], "line 1: colour: "),
        ([item("c1", at="2026-03-23T12:00:00+08:00")], "line 1: at: "),
        ([{"type": "content", "kind": "dry", "text": "你好"}], "line 1: content: "),
        ([{"type": "content", "content": "c1", "kind": "dry"}], "line 1: text: "),
    ],
)
def test_bad_items_are_told_by_their_line(lines: list[Any], told: str) -> None:
    with pytest.raises(BadScenario) as refused:
        read(*lines)
    assert str(refused.value).startswith(told)


def test_on_the_command_line(template: str, tmp_path: Path) -> None:
    file = tmp_path / "weeks.jsonl"
    end = UNTIL | {"at": "2026-03-25T00:00:00+08:00"}
    lines = [OPENED, ONLY_DRY, *week_by_week(), end]
    file.write_text("\n".join(json.dumps(each) for each in lines), "utf-8")
    runs = [
        subprocess.run(
            [sys.executable, "-m", "bot", "replay", str(file)],
            cwd=ROOT,
            env=os.environ | {"BOT_DATABASE_URL": template, "PYTHONHASHSEED": seed},
            capture_output=True,
            timeout=120,
        )
        for seed in "12"
    ]
    assert [(each.returncode, each.stderr) for each in runs] == [(0, b"")] * 2
    assert runs[0].stdout == runs[1].stdout
    posts = [json.loads(each) for each in runs[0].stdout.splitlines()]
    assert [(each["kind"], each["text"]) for each in posts] == [("content.dry", "-4 孕36周")] * 6
