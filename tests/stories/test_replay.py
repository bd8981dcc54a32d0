"""A group's log is run again on a virtual clock, to see what a rule would have done."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay

ROOT = Path(__file__).resolve().parents[2]
NAME = "杭州·2026年3-5月·妇幼·01"
GROUP = {"type": "group", "group": "g1", "name": NAME, "opened_on": "2026-02-20"}
ROUND = ["onboarding.welcome", "onboarding.nickname", "onboarding.rules"]

DESIGN_PAGE = """\
{"type":"group","group":"g1","name":"杭州·2026年3-5月·妇幼·01","city":"杭州","channel":"妇幼","birth_window":"2026-03","opened_on":"2026-02-20"}
{"type":"member","group":"g1","member":"u1","name":"小雨妈妈","nickname":"杭州-孕36周-小雨","role":"monitor"}
{"type":"rules","scope":"everywhere","set":{"onboarding":{"calm_delay":5}}}
{"type":"content","content":"c1","kind":"dry","text":"...","from_week":-12,"to_week":-8}
{"type":"reward","reward":"r1","name":"试用装","cost":50,"stock":3}
{"type":"joined","at":"2026-03-02T20:00:01+08:00","group":"g1","member":"u9","name":"豆豆妈","inviter":"u1"}
{"type":"said","at":"2026-03-02T20:01:00+08:00","group":"g1","member":"u9","id":"m1","text":"孕晚期晚上总醒怎么办呀","mentions":["u1"],"quotes":"m0"}
{"type":"nickname","at":"2026-03-02T20:02:00+08:00","group":"g1","member":"u9","nickname":"杭州-孕37周-豆豆"}
{"type":"left","at":"2026-03-02T21:00:00+08:00","group":"g1","member":"u9"}
{"type":"renamed","at":"2026-03-02T21:00:00+08:00","group":"g1","name":"杭州妈妈"}
{"type":"until","at":"2026-03-03T00:00:00+08:00"}
"""


@pytest.fixture
async def stage(template: str, worker: str) -> AsyncIterator[AsyncEngine]:
    async with throwaway(template, f"stage_{worker}") as engine:
        yield engine


class Play:
    """What was said, in the order in which it was."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.said: list[dict[str, Any]] = [json.loads(each) for each in lines]

    @property
    def welcomes(self) -> list[tuple[str, list[str]]]:
        """(time of day, who is greeted)."""
        return [
            (each["at"][11:19], each["mentions"])
            for each in self.said
            if each.get("kind") == "onboarding.welcome"
        ]


def at(clock: str) -> str:
    """`20:00:01` on a day in March, by the groups' own clock."""
    return f"2026-03-02T{clock}+08:00"


def joined(clock: str, member: str, group: str = "g1", **more: object) -> dict[str, object]:
    event = {"type": "joined", "at": at(clock), "group": group, "member": member}
    return event | {"name": member} | more


def left(clock: str, member: str) -> dict[str, object]:
    return {"type": "left", "at": at(clock), "group": "g1", "member": member}


def until(clock: str) -> dict[str, object]:
    return {"type": "until", "at": at(clock)}


def rules(clock: str | None = None, scope: str = "everywhere", **onboarding: object) -> Any:
    line = {"type": "rules", "scope": scope, "set": {"onboarding": onboarding}}
    return line | ({"at": at(clock)} if clock else {})


def written(lines: Iterable[object]) -> list[str]:
    return [each if isinstance(each, str) else json.dumps(each) for each in lines]


async def play(stage: AsyncEngine, *lines: object, state: bool = False) -> Play:
    said: list[str] = []
    await replay(scenario.read(written(lines)), stage, said.append, state=state)
    return Play(said)


def command(
    template: str, file: Path, *options: str, **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """`python -m bot replay` as it is typed."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "replay", str(file), *options],
        cwd=ROOT,
        env=os.environ | {"BOT_DATABASE_URL": template} | settings,
        capture_output=True,
        timeout=120,
    )


# What can't be handled

REFUSES = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'not this one'; END $$",
    "CREATE TRIGGER refuses BEFORE INSERT ON message "
    "FOR EACH ROW WHEN (new.id = 'm1') EXECUTE FUNCTION refuse()",
)


async def test_what_cannot_be_handled_is_put_aside_and_nothing_is_told_twice(
    stage: AsyncEngine,
) -> None:
    """The first newcomer was greeted before; the second comes afterwards."""
    async with stage.begin() as connection:
        for each in REFUSES:
            await connection.execute(text(each))
    said = {"type": "said", "at": at("20:30:00"), "group": "g1", "member": "u9", "id": "m1"}
    lines = [rules(calm_delay=5), joined("20:00:00", "u9"), said | {"text": "大家好"}]
    run = await play(stage, GROUP, *lines, joined("21:00:00", "u8"), until("22:00:00"))
    assert run.welcomes == [("20:00:05", ["u9"]), ("21:00:05", ["u8"])]
    async with stage.connect() as connection:
        letters = await connection.execute(text("SELECT kind FROM dead_letter"))
        assert letters.scalars().all() == ["MessageReceived"]


# On the command line


def test_the_scenario_of_the_design_page(template: str, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text(DESIGN_PAGE, encoding="utf-8")
    one = command(template, file, "--state", PYTHONHASHSEED="1")
    assert one.returncode == 0, one.stderr.decode()
    *said, state = [json.loads(each) for each in one.stdout.decode().splitlines()]
    assert [each["kind"] for each in said] == [*ROUND, "staff.notice"]
    assert list(said[0]) == ["at", "group", "kind", "text", "mentions", "key"]
    assert said[0]["at"] == "2026-03-02T20:00:06+08:00"
    assert said[0]["mentions"] == ["u9"]
    assert "@豆豆妈\u2005" in said[0]["text"]
    assert "小雨" in said[0]["text"]
    assert said[2]["mentions"] == []
    assert len({each["key"] for each in said}) == 4
    assert list(said[3]) == ["at", "to", "kind", "text", "mentions", "key"]
    assert (said[3]["at"], said[3]["to"]) == ("2026-03-02T20:31:00+08:00", "u1")
    assert "孕晚期晚上总醒怎么办呀" in said[3]["text"]
    assert state == {"type": "outbox", "waiting": 0, "parked": 0}
    assert one.stderr == b""
    # Again, on a machine with other habits and in a file that another editor wrote.
    file.write_bytes(b"\xef\xbb\xbf" + DESIGN_PAGE.replace("\n", "\r\n").encode())
    other = command(
        template, file, "--state", PYTHONHASHSEED="2", TZ="America/New_York", PYTHONUTF8="0",
        PYTHONIOENCODING="latin-1",
    )  # fmt: skip
    assert other.returncode == 0
    assert other.stdout == one.stdout


def test_bad_input_is_told_by_its_line_and_nothing_is_run(template: str, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(DESIGN_PAGE.encode() + b'{"type":"joined"}\n')
    done = command(template, file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"line 12: ")
    file.write_bytes(DESIGN_PAGE.encode("gb18030"))
    done = command(template, file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"line 1: not UTF-8")
    done = command(template, tmp_path / "nowhere.jsonl")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nowhere.jsonl" in done.stderr


# What is refused

JOINED = joined("20:00:00", "u1")
SAID = {"type": "said", "at": at("20:00:00"), "group": "g1", "member": "u1", "id": "1", "text": ""}

REWARD = {"type": "reward", "reward": "r1", "name": "试用装", "cost": 50, "stock": 3}


def without(line: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in line.items() if name not in names}


BAD = {
    "not JSON": ["{"],
    "two values": ["{} {}"],
    "an array": ["[]"],
    "a number of 5000 digits": ['{"type":' + "1" * 5000 + "}"],
    "too deep": ["[" * 100_000],
    "no type": [{}],
    "an unknown type": [{"type": "jioned"}],
    "a type that is no text": [{"type": ["joined"]}],
    "a missing field": [GROUP, without(JOINED, "member")],
    "an extra field": [GROUP, JOINED | {"colour": "red"}],
    "an empty id": [GROUP, JOINED | {"member": ""}],
    "an id that is a number": [GROUP, JOINED | {"member": 5}],
    "a naive time": [GROUP, JOINED | {"at": "2026-03-02T20:00:00"}],
    "a time that is a number": [GROUP, JOINED | {"at": 1772452801}],
    "a time that is a number in quotes": [GROUP, JOINED | {"at": "1772452801"}],
    "a time that is none": [GROUP, JOINED | {"at": "2026-02-30T20:00:00+08:00"}],
    "a time long ago": [GROUP, JOINED | {"at": "0001-01-01T00:00:00+08:00"}],
    "a time that is null": [GROUP, JOINED | {"at": None}],
    "an event without a time": [GROUP, without(JOINED, "at")],
    "time that goes back": [GROUP, JOINED, left("19:59:59", "u1")],
    "an undeclared group": [JOINED],
    "a member of an undeclared group": [{"type": "member", "group": "g1", "member": "u1"}],
    "a talk in an undeclared group": [GROUP, SAID | {"group": "g2"}],
    "a group twice": [GROUP, GROUP],
    "a group with a time": [GROUP | {"at": at("20:00:00")}],
    "a group after the first event": [GROUP, JOINED, GROUP | {"group": "g2"}],
    "content with a time": [{"type": "content", "content": "c1", "at": at("20:00:00")}],
    "content after the first event": [GROUP, JOINED, {"type": "content", "content": "c1"}],
    "a reward that costs nothing": [REWARD | {"cost": 0}],
    "a reward twice": [REWARD, REWARD],
    "a reward with a time": [REWARD | {"at": at("20:00:00")}],
    "a bad window": [GROUP | {"birth_window": "2026-3"}],
    "a window of no month": [GROUP | {"birth_window": "2026-13"}],
    "a bad day": [GROUP | {"opened_on": "2026-02-30"}],
    "a day that is a number": [GROUP | {"opened_on": 0}],
    "a group before it is opened": [
        GROUP | {"opened_on": "2026-03-02"},
        GROUP | {"group": "g2", "opened_on": "2026-03-03"},
        JOINED,
        JOINED | {"group": "g2"},
    ],
    "an unknown role": [GROUP, {"type": "member", "group": "g1", "member": "u1", "role": "boss"}],
    "an unknown scope": [rules(scope="city:杭州", calm_delay=5)],
    "an unknown rule": [rules(calm_dealy=5)],
    "a rule of no section": [{"type": "rules", "set": {"calm_delay": 5}}],
    "a rule out of bounds": [rules(calm_delay=601)],
    "a rule of the wrong kind": [rules(calm_delay="5")],
    "a rule that is no number": ['{"type":"rules","set":{"onboarding":{"calm_delay":NaN}}}'],
    "contradictory rules": [rules(min_gap=1000)],
    "contradictory layers": [
        GROUP,
        rules(scope="group:g1", min_gap=600),
        rules(scope="channel:妇幼", peak_interval=300),
    ],
    "contradictory layers of a group declared later": [
        rules(scope="group:g1", min_gap=600),
        rules(scope="channel:妇幼", peak_interval=300),
        GROUP,
    ],
    "a contradiction later on": [GROUP, JOINED, rules("20:00:01", min_gap=1000)],
    "mentions that are no list": [GROUP, SAID | {"mentions": "u1"}],
    "a deafness that ends before it begins": [
        GROUP,
        {"type": "deaf", "at": at("20:00:00"), "until": at("19:00:00")},
    ],
}


@pytest.mark.parametrize("lines", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named(lines: list[object]) -> None:
    with pytest.raises(scenario.BadScenario) as bad:
        scenario.read(written(lines))
    assert str(bad.value).startswith(f"line {len(lines)}: ")
    assert "\n" not in str(bad.value)
    assert len(str(bad.value)) < 400


def test_many_groups_and_rules_are_read_quickly() -> None:
    groups = [GROUP | {"group": f"g{n}"} for n in range(3000)]
    changes = [rules(scope=f"group:g{n}", calm_delay=5) for n in range(50)]
    read = scenario.read(written([*changes, *groups]))
    assert len(read.set_up) == 3050


# What is said


async def test_nothing_happens_in_an_empty_file(stage: AsyncEngine) -> None:
    assert (await play(stage)).lines == []
    assert (await play(stage, "", "  ", state=True)).said == [
        {"type": "outbox", "waiting": 0, "parked": 0}
    ]


async def test_the_same_scenario_says_the_same(template: str, worker: str) -> None:
    lines = [GROUP, *(joined(f"20:00:{n:02}", f"u{n}") for n in range(40)), until("22:00:00")]
    plays = []
    for name in ("one", "other"):
        async with throwaway(template, f"stage_{worker}_{name}") as engine:
            plays.append(await play(engine, *lines))
    assert plays[0].lines == plays[1].lines
    assert len(plays[0].lines) > 5


async def test_who_leaves_at_the_due_instant_is_not_greeted(stage: AsyncEngine) -> None:
    played = await play(
        stage,
        *(GROUP, joined("20:00:00", "u1"), joined("20:00:00", "u2")),
        *(left("20:00:08", "u1"), until("20:10:00")),
    )
    assert played.welcomes == [("20:00:08", ["u2"])]


async def test_who_joins_at_the_due_instant_is_greeted_too(stage: AsyncEngine) -> None:
    played = await play(
        stage, GROUP, joined("20:00:00", "u1"), joined("20:00:08", "u2"), until("20:10:00")
    )
    assert played.welcomes == [("20:00:08", ["u1", "u2"])]


async def test_what_happens_at_one_instant_happens_in_the_order_of_the_file(
    stage: AsyncEngine,
) -> None:
    played = await play(
        stage,
        *(GROUP, joined("20:00:00", "u1"), left("20:00:00", "u1"), left("20:00:00", "u2")),
        *(joined("20:00:00", "u2"), until("20:10:00")),
    )
    assert played.welcomes == [("20:00:08", ["u2"])]


async def test_it_ends_with_until_and_not_before(stage: AsyncEngine) -> None:
    lines = [GROUP, joined("20:00:00", "u1")]
    assert (await play(stage, *lines, until("20:00:07"))).lines == []


async def test_what_is_due_when_it_ends_is_still_said(stage: AsyncEngine) -> None:
    played = await play(stage, GROUP, joined("20:00:00", "u1"), until("20:00:08"), state=True)
    assert played.welcomes == [("20:00:08", ["u1"])]
    assert played.said[-1] == {"type": "outbox", "waiting": 2, "parked": 0}


async def test_without_until_it_ends_with_the_last_event(stage: AsyncEngine) -> None:
    played = await play(stage, GROUP, joined("20:00:00", "u1"), left("20:00:07", "u3"))
    assert played.lines == []


async def test_what_comes_after_until_is_left_out() -> None:
    read = scenario.read(written([GROUP, JOINED, until("20:05:00"), left("20:05:00", "u1")]))
    assert len(read.events) == 2
    assert read.left_out == ["line 4: is after `until`, and left out"]


async def test_a_rule_changed_in_between_moves_those_who_wait(stage: AsyncEngine) -> None:
    played = await play(
        stage,
        *(GROUP, rules(calm_delay=60), joined("20:00:00", "u1")),
        *(rules("20:00:10", calm_delay=20), until("20:10:00")),
    )
    assert played.welcomes == [("20:00:20", ["u1"])]


async def test_a_nearer_rule_outranks_a_wider_one(stage: AsyncEngine) -> None:
    played = await play(
        stage,
        *(rules(scope="group:g1", calm_delay=30), GROUP, rules(calm_delay=60)),
        *(joined("20:00:00", "u1"), rules("20:00:10", scope="channel:妇幼", calm_delay=5)),
        until("20:10:00"),
    )
    assert played.welcomes == [("20:00:30", ["u1"])]


async def test_whoever_is_given_a_role_is_staff_from_then_on(stage: AsyncEngine) -> None:
    role = {"type": "role", "group": "g1", "role": "assistant"}
    played = await play(
        stage,
        *(GROUP, role | {"at": at("19:00:00"), "member": "u1"}, joined("20:00:00", "u1")),
        *(joined("20:00:00", "u2"), joined("20:00:00", "u3")),
        *(role | {"at": at("20:00:05"), "member": "u2"}, until("20:10:00")),
    )
    assert played.welcomes == [("20:00:08", ["u3"])]


async def test_who_joins_while_the_bot_is_deaf_is_greeted_when_it_hears_again(
    stage: AsyncEngine,
) -> None:
    played = await play(
        stage,
        *(GROUP, {"type": "deaf", "at": at("20:00:00"), "until": at("20:30:00")}),
        *(joined("20:10:00", "u1"), joined("20:10:00", "u2"), left("20:20:00", "u2")),
        until("21:00:00"),
    )
    assert played.welcomes == [("20:30:08", ["u1"])]


async def test_a_deaf_bot_says_nothing(stage: AsyncEngine) -> None:
    deaf = {"type": "deaf", "at": at("20:00:03"), "until": at("20:04:00")}
    longer = {"type": "deaf", "at": at("20:02:00"), "until": at("20:06:00")}
    played = await play(stage, GROUP, joined("20:00:00", "u1"), deaf, longer, until("20:30:00"))
    assert [each[1] for each in played.welcomes] == [["u1"]]
    assert "20:06:00" <= played.welcomes[0][0] <= "20:12:00"


async def test_it_may_end_deaf(stage: AsyncEngine) -> None:
    deaf = {"type": "deaf", "at": at("20:00:03"), "until": at("21:00:00")}
    lines = [GROUP, joined("20:00:00", "u1"), deaf]
    assert (await play(stage, *lines, until("20:30:00"))).lines == []


async def test_talk_of_a_stranger_and_in_private_greets_nobody(stage: AsyncEngine) -> None:
    private = without(SAID | {"id": "2"}, "group")
    played = await play(stage, GROUP, SAID, private, until("22:00:00"))
    assert played.lines == []


async def test_who_spoke_and_then_joins_is_greeted(stage: AsyncEngine) -> None:
    played = await play(stage, GROUP, SAID, joined("20:01:00", "u1"), until("22:00:00"))
    assert played.welcomes == [("20:01:08", ["u1"])]


async def test_who_was_declared_a_member_is_not_greeted(stage: AsyncEngine) -> None:
    member = {"type": "member", "group": "g1", "member": "u1", "name": "老成员"}
    played = await play(stage, GROUP, member, joined("20:00:00", "u1"), until("22:00:00"))
    assert played.lines == []


async def test_names_with_broken_characters_break_nothing(stage: AsyncEngine) -> None:
    broken = '"豆\\u0000豆\\ud83d妈"'
    played = await play(
        stage,
        GROUP,
        f'{{"type":"joined","at":"{at("20:00:00")}","group":"g1","member":"u1","name":{broken}}}',
        f'{{"type":"joined","at":"{at("20:00:00")}","group":"g1","member":{broken}}}',
        f'{{"type":"said","at":"{at("20:00:01")}","group":"g1","member":"u1","id":{broken},'
        f'"text":{broken}}}',
        f'{{"type":"nickname","at":"{at("20:00:02")}","group":"g1","member":"u1",'
        f'"nickname":{broken}}}',
        f'{{"type":"renamed","at":"{at("20:00:02")}","group":"g1","name":{broken}}}',
        until("20:10:00"),
    )
    assert [len(each[1]) for each in played.welcomes] == [2]
    "".join(played.lines).encode()


async def test_a_renamed_group_goes_on_as_it_was(stage: AsyncEngine) -> None:
    renamed = {"type": "renamed", "at": at("19:00:00"), "group": "g1", "name": "苏州·闲聊"}
    played = await play(stage, GROUP, renamed, joined("20:00:00", "u1"), until("20:10:00"))
    assert played.welcomes == [("20:00:08", ["u1"])]
    assert "杭州" in played.said[0]["text"]


async def test_what_a_group_line_says_outranks_the_groups_name(stage: AsyncEngine) -> None:
    group = GROUP | {"city": "苏州", "birth_window": "2025-03"}
    played = await play(stage, group, joined("20:00:00", "u1"), until("20:10:00"))
    assert "苏州2025年3-5月" in played.said[0]["text"]


async def test_two_groups_are_greeted_each_by_itself(stage: AsyncEngine) -> None:
    other = GROUP | {"group": "g2", "name": "苏州·2026年6-8月·妇幼·01"}
    played = await play(
        stage,
        *(GROUP, other, joined("20:00:00", "u1"), joined("20:00:00", "u1", group="g2")),
        *(joined("20:00:05", "u2", group="g2"), until("20:10:00")),
    )
    greeted = {
        each["group"]: each["mentions"]
        for each in played.said
        if each["kind"] == "onboarding.welcome"
    }
    assert greeted == {"g1": ["u1"], "g2": ["u1", "u2"]}
    for group in ("g1", "g2"):
        assert [each["kind"] for each in played.said if each["group"] == group] == ROUND


async def test_a_message_taken_back_changes_nothing_that_is_said(stage: AsyncEngine) -> None:
    recalled = {"type": "recalled", "at": at("20:00:01"), "group": "g1", "id": "1"}
    played = await play(stage, GROUP, SAID, recalled, joined("20:00:02", "u2"), until("20:05:00"))
    assert played.welcomes == [("20:00:10", ["u2"])]


async def test_after_a_deafness_we_are_no_newcomer_ourselves(stage: AsyncEngine) -> None:
    """Not of us either: one more would make this group one of 150."""
    there = [
        {"type": "member", "group": "g1", "member": f"u{n}", "name": f"妈妈{n}"}
        for n in range(149)
    ]
    deaf = {"type": "deaf", "at": at("12:00:00"), "until": at("12:30:00")}
    until = {"type": "until", "at": "2026-03-03T12:00:00+08:00"}
    played = await play(stage, GROUP, *there, deaf, until)
    told = [each["text"] for each in played.said if each["kind"] == "staff.notice"]
    assert any("掉线" in each for each in told)
    assert not any("成群" in each for each in told)
