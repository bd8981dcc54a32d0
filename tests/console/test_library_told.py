"""An item of the library is told so that one sees what it is and whom it is for."""

from typing import Any

import pytest

from bot.console import library
from bot.console.pages.content_item import fields

ITEM: dict[str, Any] = {
    "id": "c1",
    "kind": "dry",
    "voice": "assistant",
    "text": "叶酸每天400微克",
    "image": None,
    "link": None,
    "title": "",
    "stages": [],
    "phases": [],
    "from_week": None,
    "to_week": None,
    "cities": [],
    "channels": [],
    "valid_from": None,
    "valid_to": None,
    "weight": 1,
    "source": "",
    "approved_by": None,
    "withdrawn_at": None,
}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"title": "叶酸"}, "叶酸"),
        ({}, "叶酸每天400微克"),
        ({"text": "{{ city }}的{{week}}妈妈\n第二行"}, "〔城市〕的〔孕周〕妈妈"),
        ({"text": "{% if monitor %}{{ monitor }}说{% endif %}早上好"}, "〔班长〕说早上好"),
        ({"text": "长" * 60}, "长" * 40 + "…"),
    ],
)
def test_an_item_is_called_by_its_title_or_its_beginning(item: dict[str, Any], told: str) -> None:
    assert library.called(ITEM | item) == told


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({}, "所有群"),
        ({"from_week": -12, "to_week": -8}, "孕28周到孕32周"),
        ({"from_week": -12, "to_week": -12}, "孕28周"),
        ({"from_week": 0}, "宝宝刚出生以后"),
        ({"to_week": 4}, "宝宝4周以前"),
        ({"from_week": -40, "to_week": -28}, "备孕到孕12周"),
        (
            {"stages": ["prenatal"], "phases": ["mature", "fading"], "cities": ["杭州"]},
            "孕期 · 成熟期、沉寂期 · 杭州",
        ),
        ({"channels": ["妇幼"], "valid_from": "2026-03-01"}, "妇幼 · 3月1日到以后"),
    ],
)
def test_whom_it_is_for_is_one_line(item: dict[str, Any], told: str) -> None:
    assert library.for_whom(ITEM | item) == told


def test_who_approved_of_it_is_told() -> None:
    assert (library.approval(ITEM), library.tone(ITEM)) == ("没审", "warn")
    approved = ITEM | {"approved_by": "张医生"}
    assert (library.approval(approved), library.tone(approved)) == ("张医生 审过", "good")
    gone = approved | {"withdrawn_at": "2026-03-02T09:00:00+08:00"}
    assert (library.approval(gone), library.tone(gone)) == ("已撤下", "bad")


def test_every_field_of_an_item_has_a_name() -> None:
    asked = [each.name for each in fields({})]
    assert set(asked) == set(library.COLUMNS) - {"approved_by"}
    assert "id" not in [each.name for each in fields(ITEM)]
