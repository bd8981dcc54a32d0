"""Points, questions, tasks and rewards in a scenario, as `replay` tells them."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay

SET_UP: list[dict[str, Any]] = [
    {"type": "group", "group": "g1", "name": "杭州·2026年3-5月·妇幼·01"},
    {"type": "member", "group": "g1", "member": "u1", "name": "小雨妈妈", "role": "monitor"},
    {"type": "member", "group": "g1", "member": "u2", "name": "豆豆妈"},
    {"type": "member", "group": "g1", "member": "u3", "name": "米粒妈"},
    {"type": "reward", "reward": "r1", "name": "试用装", "cost": 5, "stock": 1},
]


def said(clock: str, member: str, message: str, text: str, **more: Any) -> dict[str, Any]:
    at = f"2026-03-02T{clock}:00+08:00"
    group = {} if more.pop("private", False) else {"group": "g1"}
    line = {"type": "said", "at": at, "member": member, "id": message, "text": text}
    return line | group | more


EVENING = [
    said("20:00", "u3", "m1", "孕晚期晚上总醒怎么办呀"),
    said("20:01", "u2", "m2", "左侧睡加个孕妇枕会好很多，睡前少喝水", quotes="m1"),
    said("20:02", "u3", "m3", "谢谢亲，我试试"),
    said("20:03", "u2", "m4", "/积分"),
    said("20:04", "u1", "m5", "/任务 打卡 今天喝水了吗 关键词=已喝 分=2 到=21:00"),
    said("20:05", "u2", "m6", "已喝"),
    said("20:05", "u3", "m7", "已喝～"),
    said("20:06", "u2", "m8", "/兑换 试用装"),
    said("20:07", "u3", "m9", "/兑换 试用装"),
    said("20:08", "u1", "m10", "排行", private=True),
    said("20:09", "u3", "m11", "建档要带什么材料呢"),
    {"type": "until", "at": "2026-03-02T22:00:00+08:00"},
]


async def play(engine: AsyncEngine, *lines: dict[str, Any]) -> list[str]:
    written: list[str] = []
    text = [json.dumps(each, ensure_ascii=False) for each in lines]
    await replay(scenario.read(text), engine, written.append, state=True)
    return written


async def test_an_evening_with_points(template: str, worker: str) -> None:
    runs = []
    for n in range(2):
        async with throwaway(template, f"evening_{worker}_{n}") as engine:
            runs.append(await play(engine, *SET_UP, *EVENING))
    assert runs[0] == runs[1], "the same scenario says the same"
    told = [json.loads(each) for each in runs[0]]
    assert [(each.get("kind", each.get("type")), each["at"][11:16]) for each in told[:-3]] == [
        ("points.awarded", "20:02"),
        ("command.reply", "20:03"),
        ("command.reply", "20:04"),
        ("command.reply", "20:06"),
        ("command.reply", "20:06"),
        ("command.reply", "20:07"),
        ("command.reply", "20:08"),
        ("staff.notice", "20:39"),
        ("group.notice", "21:00"),
    ]
    code, in_group = told[3:5]
    assert (code["to"], in_group["group"]) == ("u2", "g1")
    number = code["key"].rpartition(":")[2]
    assert number in code["text"]
    assert number not in in_group["text"]
    assert told[6]["to"] == "u1"
    assert told[7]["to"] == "u1"
    assert told[-3:] == [
        {"type": "points", "group": "g1", "member": "u2", "balance": 2},
        {"type": "points", "group": "g1", "member": "u3", "balance": 2},
        {"type": "outbox", "waiting": 0, "parked": 0},
    ]


async def test_without_a_monitor_staff_are_told(template: str, worker: str) -> None:
    async with throwaway(template, f"nobody_{worker}") as engine:
        told = await play(
            engine,
            SET_UP[0],
            said("20:00", "u3", "m1", "建档要带什么材料呢"),
            {"type": "until", "at": "2026-03-02T22:00:00+08:00"},
        )
    assert json.loads(told[0])["to"] == "staff"
