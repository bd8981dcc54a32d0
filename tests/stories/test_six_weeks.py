"""Six weeks of two groups: one that is born into and grows slowly at first, one that has its
babies. Run as a scenario, as an operator would who wants to see what a library does."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay
from config.daily import ZONE, DailySpan
from config.mix import Mix
from models.cohort import BirthWindow, week_on

EXPECTING, BORN = "g1", "g2"
WINDOWS = {EXPECTING: BirthWindow(2026, 3), BORN: BirthWindow(2025, 12)}
OPENED = {EXPECTING: date(2026, 3, 9), BORN: date(2025, 12, 1)}
FIRST, LAST = date(2026, 3, 9), date(2026, 4, 19)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
TURNS = date(2026, 4, 15)
"""The middle of the first group's window."""
SLOW = FIRST + timedelta(days=14)
"""Until then a few mothers come each day, and then many."""

PRENATAL = [DailySpan.parse(each) for each in ("11:00-12:00", "16:00-17:00", "20:00-21:00")]
POSTNATAL = [
    DailySpan.parse(each) for each in ("11:00-12:00", "13:00-15:00", "16:00-17:00", "21:00-23:00")
]
GROWING, MATURE = Mix.parse("60:15:25"), Mix.parse("50:30:20")


@dataclass(frozen=True)
class Posted:
    at: datetime
    kind: str
    item: str


def library() -> Iterator[dict[str, Any]]:
    """Enough for six weeks of three a day; dry items are due in their weeks."""
    for week in range(-8, 20):
        for n in range(20):
            yield {"kind": "dry", "from_week": week, "to_week": week + 2, "weight": n + 1}
    for _ in range(60):
        yield {"kind": "warm"}
    for _ in range(50):
        yield {"kind": "wet", "phases": ["growing", "mature"]}


LIBRARY = {f"c{n}": each for n, each in enumerate(library(), 1)}


def set_up() -> Iterator[dict[str, Any]]:
    for group, window in WINDOWS.items():
        name = f"杭州·{window.label}·妇幼·01"
        yield {"type": "group", "group": group, "name": name, "opened_on": str(OPENED[group])}
        monitor = {"type": "member", "group": group, "member": f"{group}-班长", "role": "monitor"}
        yield monitor | {"name": "小雨妈妈"}
    for n in range(160):
        yield {"type": "member", "group": BORN, "member": f"b{n}", "name": f"妈妈{n}"}
    for id_, item in LIBRARY.items():
        yield {"type": "content", "content": id_, "text": f"{id_} 要说的话"} | item


def events() -> Iterator[dict[str, Any]]:
    mothers, messages = 0, 0
    for day in DAYS:
        coming = 3 if day < SLOW else 14 if mothers < 160 else 0
        for n in range(coming):
            mothers += 1
            joined = {"type": "joined", "at": at(day, 9, 30 + n), "group": EXPECTING}
            yield joined | {"member": f"a{mothers}", "name": f"豆豆妈{mothers}"}
        for group, first in ((EXPECTING, "a"), (BORN, "b")):
            for n in range(3 if group == EXPECTING else 4):
                messages += 1
                speaker = f"{first}{(messages * 7) % max(mothers, 1) + 1}"
                said = {"type": "said", "at": at(day, 10, 10 * n + (group == BORN))}
                yield said | {
                    "group": group,
                    "member": speaker,
                    "id": f"m{messages}",
                    "text": "今天天气真好",
                }
    yield {"type": "until", "at": at(LAST, 23, 59)}


def at(day: date, hour: int, minute: int) -> str:
    return datetime.combine(day, time(hour, minute), ZONE).isoformat()


def in_order(happened: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(happened, key=lambda each: str(each["at"]))


class Life:
    """What the two groups, and those who lead them, heard."""

    def __init__(self, lines: list[str]) -> None:
        self.said = [json.loads(each) for each in lines]

    def posts(self, group: str) -> list[Posted]:
        return [
            Posted(datetime.fromisoformat(each["at"]), each["kind"][8:], each["text"].split()[0])
            for each in self.said
            if each["kind"].startswith("content.") and each["group"] == group
        ]

    def by_day(self, group: str) -> dict[date, list[Posted]]:
        days = defaultdict(list)
        for each in self.posts(group):
            days[each.at.date()].append(each)
        return days

    def told(self, group: str, words: str) -> list[date]:
        """On which days its monitor heard this."""
        return [
            datetime.fromisoformat(each["at"]).date()
            for each in self.said
            if each["kind"] == "staff.notice"
            and each["to"] == f"{group}-班长"
            and words in each["text"]
        ]


@pytest.fixture(scope="module")
def life(template: str, worker: str) -> Life:
    lines = [*set_up(), *in_order(events())]
    given = scenario.read(json.dumps(each, ensure_ascii=False) for each in lines)
    said: list[str] = []

    async def live() -> None:
        async with throwaway(template, f"six_weeks_{worker}") as engine:
            await replay(given, engine, said.append)

    asyncio.run(live())
    return Life(said)


def test_every_post_comes_at_an_hour_of_its_group(life: Life) -> None:
    for post in life.posts(EXPECTING):
        hours = PRENATAL if post.at.date() < TURNS else POSTNATAL
        assert any(each.covers(post.at) for each in hours), post
    for post in life.posts(BORN):
        assert any(each.covers(post.at) for each in POSTNATAL), post


def test_there_are_three_a_day_and_never_more(life: Life) -> None:
    for group in WINDOWS:
        days = life.by_day(group)
        assert {len(days[day]) for day in DAYS} == {3}


def test_the_group_that_is_born_into_changes_its_hours_by_itself(life: Life) -> None:
    late = DailySpan.parse("21:00-23:00")
    before = [each for each in life.posts(EXPECTING) if each.at.date() < TURNS]
    after = [each for each in life.posts(EXPECTING) if each.at.date() >= TURNS]
    assert not any(late.covers(each.at) for each in before)
    assert any(late.covers(each.at) for each in after)


def test_knowledge_comes_in_the_week_it_is_for(life: Life) -> None:
    for group, window in WINDOWS.items():
        for post in life.posts(group):
            item = LIBRARY[post.item]
            assert item["kind"] == post.kind
            if "from_week" in item:
                week = week_on(window, post.at.date())
                assert item["from_week"] <= week <= item["to_week"], post


def test_nobody_hears_the_same_twice(life: Life) -> None:
    for group in WINDOWS:
        assert max(Counter(each.item for each in life.posts(group)).values()) == 1


def test_nothing_is_sold_while_the_group_gathers_and_never_twice_in_a_row(life: Life) -> None:
    (formed,) = life.told(EXPECTING, "150")[-1:]
    gathering = [each for each in life.posts(EXPECTING) if each.at.date() < formed]
    assert gathering
    assert all(each.kind != "wet" for each in gathering)
    for group in WINDOWS:
        kinds = [each.kind for each in life.posts(group)]
        assert "wet" in kinds
        assert ("wet", "wet") not in pairwise(kinds)
        assert all(
            sum(post.kind == "wet" for post in posts) <= 1 for posts in life.by_day(group).values()
        )


def test_the_mix_holds_over_any_two_weeks(life: Life) -> None:
    days = life.by_day(BORN)
    for first in DAYS[:-13]:
        posts = [each for n in range(14) for each in days[first + timedelta(days=n)]]
        kinds = Counter(each.kind for each in posts)
        for kind, share in zip(("dry", "wet", "warm"), MATURE.shares, strict=True):
            assert abs(kinds[kind] - share * len(posts)) <= 1, (first, kinds)


def test_two_groups_do_not_hear_it_in_the_same_minute_every_day(life: Life) -> None:
    minutes = {each.at.time() for each in life.posts(EXPECTING)}
    assert len(minutes) > len(PRENATAL) * 5


def test_the_monitor_hears_early_that_the_group_may_not_gather(life: Life) -> None:
    (first, *_) = life.told(EXPECTING, "150")
    assert FIRST + timedelta(days=3) <= first < SLOW


def test_and_hears_it_when_it_has_gathered_after_all(life: Life) -> None:
    formed = life.told(EXPECTING, "KOC")
    assert len(formed) == 1
    assert SLOW < formed[0] <= FIRST + timedelta(days=28)


def test_a_group_that_is_well_needs_nobody(life: Life) -> None:
    assert life.told(BORN, "150") == []
