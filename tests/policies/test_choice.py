"""Which item is chosen, and how that is explained."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.daily import ZONE
from handlers.content import choice
from handlers.content.choice import Library
from models.cohort import Stage
from models.content import ContentKind, Item, Voice
from models.phase import Phase

DAY = date(2026, 3, 2)
ASKED: dict[str, Any] = {
    "kind": ContentKind.DRY,
    "stage": Stage.PRENATAL,
    "phase": Phase.GROWING,
    "week": -12,
    "city": "杭州",
    "channel": "妇幼",
    "day": DAY,
}


def item(name: str = "i1", **fields: Any) -> Item:
    given: dict[str, Any] = {"kind": ContentKind.DRY, "text": "…", "voice": Voice.ASSISTANT}
    return Item(id=name, **(given | fields))


def found(*items: Item, **asked: Any) -> list[str]:
    return [each.id for each in Library(items).candidates(**(ASKED | asked))]


# What fits


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, True),
        ({"kind": ContentKind.WARM}, False),
        ({"stages": (Stage.PRENATAL,)}, True),
        ({"stages": (Stage.POSTNATAL,)}, False),
        ({"phases": (Phase.MATURE, Phase.GROWING)}, True),
        ({"phases": (Phase.MATURE,)}, False),
        ({"from_week": -12, "to_week": -12}, True),
        ({"from_week": -11}, False),
        ({"to_week": -13}, False),
        ({"from_week": -20, "to_week": 5}, True),
        ({"cities": ("上海", "杭州")}, True),
        ({"cities": ("上海",)}, False),
        ({"channels": ("妇幼",)}, True),
        ({"channels": ("地推",)}, False),
        ({"valid_from": DAY, "valid_to": DAY}, True),
        ({"valid_from": date(2026, 3, 3)}, False),
        ({"valid_to": date(2026, 3, 1)}, False),
        ({"withdrawn_at": datetime(2026, 3, 1, tzinfo=ZONE)}, False),
    ],
)
def test_what_fits(fields: dict[str, Any], fits: bool) -> None:
    assert found(item(**fields)) == (["i1"] if fits else [])


def test_where_nothing_is_known_only_what_is_for_everybody_fits() -> None:
    items = [
        item("week", to_week=3),
        item("city", cities=("杭州",)),
        item("channel", channels=("妇幼",)),
        item("all"),
        item("asks", text="{% if week %}{{ week }}{% endif %}好"),
        *(item(f"of-{each}", text=f"{{{{ {each} }}}}好") for each in ("city", "window", "week")),
    ]
    assert found(*items, week=None, city=None, channel=None) == ["all", "asks"]


def test_what_is_not_counted_in_weeks_is_not_spoken_of_in_weeks() -> None:
    items = [item("week", text="{{ week }}啦"), item("window", text="{{ window }}的宝宝")]
    assert found(*items, week=3) == ["window"]
    assert found(*items, week=2) == ["week", "window"]


def test_who_is_named_has_to_be_there() -> None:
    named, other = item("a", text="有事找{{ monitor }}"), item("b")
    assert choice.choose([named, other], (), has_monitor=True) == named
    assert choice.choose([named, other], (), has_monitor=False) == other


# In which order


def test_what_is_due_by_week_comes_first_then_the_heavier_then_by_id() -> None:
    items = [
        item("b"),
        item("a"),
        item("heavy", weight=9),
        item("later", to_week=-2, weight=9),
        item("soon", to_week=-11),
        item("soon-heavy", to_week=-11, weight=2),
        item("open-ended", from_week=-20, weight=3),
    ]
    assert found(*items) == ["soon-heavy", "soon", "later", "heavy", "open-ended", "a", "b"]


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_the_order_of_the_library_does_not_matter(order: list[int], seen: set[int]) -> None:
    items = [
        item(f"i{number}", weight=number % 3, to_week=number if number % 2 else None)
        for number in range(6)
    ]
    had = {f"i{number}" for number in seen}
    chosen = [
        choice.choose(Library(shuffled).candidates(**ASKED), had, has_monitor=True)
        for shuffled in (items, [items[number] for number in order])
    ]
    assert chosen[0] == chosen[1]
    assert (chosen[0] is None) == (len(had) == 6)
    assert chosen[0] is None or chosen[0].id not in had


def test_what_the_monitor_says_needs_a_monitor() -> None:
    hers, ours = item("a", voice=Voice.MONITOR), item("b")
    assert choice.choose([hers, ours], (), has_monitor=True) is hers
    assert choice.choose([hers, ours], (), has_monitor=False) is ours
    assert choice.choose([hers], (), has_monitor=False) is None


# Why


@pytest.mark.parametrize(
    ("stage", "week", "fields", "why"),
    [
        (
            Stage.PRENATAL,
            -12,
            {"from_week": -14, "to_week": -12},
            "孕28周 · 孕26-28周要看的 · 干货轮到",
        ),
        (Stage.PRENATAL, -12, {}, "孕28周 · 干货轮到"),
        (Stage.PRENATAL, -12, {"to_week": -11}, "孕28周 · 到孕29周为止 · 干货轮到"),
        (Stage.PRENATAL, -12, {"from_week": -13}, "孕28周 · 从孕27周起看的 · 干货轮到"),
        (
            Stage.PRENATAL,
            -32,
            {"from_week": -42, "to_week": -30},
            "孕8周 · 到孕10周为止 · 干货轮到",
        ),
        (Stage.PRENATAL, -12, {"from_week": -42}, "孕28周 · 干货轮到"),
        (
            Stage.PRENATAL,
            -1,
            {"from_week": -2, "to_week": 2},
            "孕39周 · 孕38周到宝宝2周要看的 · 干货轮到",
        ),
        (
            Stage.POSTNATAL,
            3,
            {"from_week": 2, "to_week": 6},
            "宝宝3周 · 宝宝2-6周要看的 · 干货轮到",
        ),
        (
            Stage.POSTNATAL,
            3,
            {"from_week": 0, "to_week": 6},
            "宝宝3周 · 宝宝刚出生到宝宝6周要看的 · 干货轮到",
        ),
        (Stage.POSTNATAL, 0, {"from_week": 0, "to_week": 0}, "宝宝刚出生 · 这周要看的 · 干货轮到"),
        (Stage.POSTNATAL, None, {"kind": ContentKind.WARM}, "产后 · 互动轮到"),
    ],
)
def test_why_this_one(stage: Stage, week: int | None, fields: dict[str, Any], why: str) -> None:
    assert choice.why(item(**fields), stage, week) == why


def test_why_nothing() -> None:
    items = [item(f"i{number}") for number in range(3)]
    hers = [replace(item(f"m{number}"), voice=Voice.MONITOR) for number in range(2)]

    def why(candidates: list[Item], seen: set[str], had: set[str]) -> str:
        return choice.why_none(ContentKind.WET, candidates, seen, had)

    everything = {each.id for each in items}
    assert why([], set(), set()) == "库里没有适合这个群的湿货"
    assert why(items, everything, everything) == "没有合适的湿货了：3条都轮过了"
    assert why(items, {"i0"}, everything) == "没有合适的湿货了：1条轮过了，2条已经排上了"
    assert why([*items, *hers], everything, everything) == (
        "没有合适的湿货了：3条都轮过了，有2条要班长来发，可这个群没有班长"
    )
