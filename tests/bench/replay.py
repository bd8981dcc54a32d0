"""How fast a log is run again, beside its events through the handlers alone.

`talk` and `chatter`: an event a second in 20 groups, 1 in 500 or 1 in 20 of them something else
than talk. `joins`: newcomers in 20 groups within four hours. A replay lives through what is due as
well, and says what was promised; the handlers alone take the same events, 400 a transaction, and
nothing becomes of what they promise.
"""

import json
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot import scenario
from bot.dispatcher import BATCH, Arrival, Dispatcher
from bot.player import Player
from bot.postgres import throwaway
from bot.replay import replay
from bot.transactions import OnlyWriter
from config.daily import ZONE
from handlers.features import ROUTER
from tests.bench.figures import Figure, Row, at_least

START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
GROUPS = [f"g{number:02}" for number in range(1, 21)]
CHATTER, JOINS = 20_000, 5_000
NAME = "bench_replay"
UNIT = "events/s"

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
        at = (START + timedelta(seconds=number)).isoformat()
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


async def bench(url: str, talked: int = CHATTER, joined: int = JOINS) -> list[Row]:
    logs = {
        f"replay of {talked:,} events of mere talk": chatter(talked, 0.998),
        f"replay of {talked:,} events of chatter": chatter(talked),
        f"replay of {joined:,} joins": joins(joined),
    }
    rows = []
    for what, log in logs.items():
        lines = [json.dumps(each, ensure_ascii=False) for each in log]
        events = len(lines) - len(GROUPS)
        seconds, said = await measure(url, lines)
        print(f"  {what}: {said:,} messages said in {seconds:.1f} s", flush=True)
        rows.append(
            Row(
                what=what,
                ours=Figure(events / seconds, UNIT),
                beside="the handlers alone",
                theirs=Figure(events / await handled(url, lines), UNIT),
                target=at_least(Figure(5_000, UNIT)),
                promise=at_least(0.1),
                see="Replay",
            )
        )
    return rows


async def measure(url: str, lines: list[str]) -> tuple[float, int]:
    """Seconds from the file's text to the last message, and how many were said."""
    said: list[str] = []
    async with throwaway(url, NAME) as engine:
        begun = time.perf_counter()
        await replay(scenario.read(lines), engine, said.append)
        return time.perf_counter() - begun, len(said)


async def handled(url: str, lines: list[str]) -> float:
    """Seconds until the last event is handled."""
    told = scenario.read(lines)
    async with throwaway(url, NAME) as engine:
        transactions = OnlyWriter(engine)
        player = Player(transactions, START, lambda message: None)
        await player.open(told.set_up)
        await player.simulation.advance(START, inclusive=False)
        arrivals = []
        for line in told.events:
            player.told.set(line.at)
            await player.do(line)
            arrivals += [Arrival(each, line.at) for each in player.gateway.take()]
        dispatcher = Dispatcher(transactions, ROUTER)
        begun = time.perf_counter()
        for first in range(0, len(arrivals), BATCH):
            await dispatcher.take(arrivals[first : first + BATCH])
        seconds = time.perf_counter() - begun
        await transactions.aclose()
    return seconds
