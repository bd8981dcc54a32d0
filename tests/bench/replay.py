"""How fast a log is run again: `python -m tests.bench.replay`, one line of figures.

`talk` and `chatter`: 50,000 events of 20 groups in a day, 1 in 500 or 1 in 20 of them something
else than talk. `joins`: 5,000 newcomers in 20 groups within four hours. Each in a throw-away
database on the embedded server, or on the one that BOT_DATABASE_URL names.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import uvloop

from bot import scenario
from bot.commandline import database_url
from bot.postgres import throwaway
from bot.replay import replay
from config.daily import ZONE
from config.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
GROUPS = [f"g{number:02}" for number in range(1, 21)]


QUESTIONS = ["晚上总醒怎么办呀", "有没有妈妈知道周末门诊几点开门", "宝宝38度5要不要吃退烧药"]
ANSWERS = ["左侧睡会好一点，睡前少喝水", "周末八点就开门了", "38度5以上再吃，先物理降温"]
SMALL_TALK = [
    "早呀",
    "哈哈哈哈",
    "今天太阳真好",
    "我家这个刚睡着",
    "[捂脸]",
    "下午去打疫苗",
    "真羡慕你们",
    "抱抱",
    "没有什么是一顿火锅解决不了的",
    "昨天奶奶来带了一天",
    "好的呀",
    "终于周五了",
]
"""A third of it says nothing, as in real groups."""


def words(number: int, rng: random.Random) -> str:
    """15 in 100 ask, 10 in 100 answer; both are told apart by their number."""
    draw = rng.random()
    if draw < 0.25:
        return f"{rng.choice(QUESTIONS if draw < 0.15 else ANSWERS)} {number}"
    return rng.choice(SMALL_TALK)


def chatter(events: int, talk: float = 0.95) -> Iterator[dict[str, Any]]:
    """So large a share of the events is talk; of the others most are joins."""
    rng = random.Random(7)
    yield from _groups()
    for number in range(events):
        at = (START + timedelta(seconds=number * 50_000 / events)).isoformat()
        group = rng.choice(GROUPS)
        event: dict[str, Any] = {"at": at, "group": group, "member": f"u{rng.randrange(4000)}"}
        draw = rng.random()
        if draw < talk:
            yield event | {"type": "said", "id": f"m{number}", "text": words(number, rng)}
        elif draw < talk + (1 - talk) * 0.6:
            yield event | {"type": "joined", "name": "豆豆妈"}
        elif draw < talk + (1 - talk) * 0.8:
            yield event | {"type": "nickname", "nickname": "杭州-孕37周-豆豆"}
        else:
            yield event | {"type": "left"}


def joins(events: int) -> Iterator[dict[str, Any]]:
    yield from _groups()
    rng = random.Random(7)
    for number in range(events):
        at = (START + timedelta(seconds=number * 4 * 3600 / events)).isoformat()
        joined = {"type": "joined", "at": at, "group": rng.choice(GROUPS), "member": f"u{number}"}
        yield joined | {"name": f"妈妈{number}"}


def _groups() -> Iterator[dict[str, Any]]:
    for number, group in enumerate(GROUPS, 1):
        yield {"type": "group", "group": group, "name": f"杭州·2026年3-5月·妇幼·{number:02}"}


async def measure(url: str, lines: list[str]) -> tuple[float, int]:
    """Seconds from the file's text to the last message, and how many were said."""
    said: list[str] = []
    async with throwaway(url, "bench_replay") as engine:
        begun = time.perf_counter()
        await replay(scenario.read(lines), engine, said.append)
        return time.perf_counter() - begun, len(said)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chatter", type=int, default=50_000)
    parser.add_argument("--joins", type=int, default=5_000)
    given = parser.parse_args()
    url = await database_url(Settings())
    figures = []
    logs = {
        "talk": chatter(given.chatter, 0.998),
        "chatter": chatter(given.chatter),
        "joins": joins(given.joins),
    }
    for name, log in logs.items():
        lines = [json.dumps(each, ensure_ascii=False) for each in log]
        if len(lines) == len(GROUPS):
            continue
        seconds, said = await measure(url, lines)
        events = len(lines) - len(GROUPS)
        figures.append(
            f"{name} {events} events {seconds:.1f} s {events / seconds:.0f}/s {said} said"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("replay:", "; ".join(figures), f"; {peak} MB")


if __name__ == "__main__":
    uvloop.run(main())
