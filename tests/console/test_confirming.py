"""Whom to ask, in the order in which they have kept us waiting."""

from typing import Any

import pytest

from bot.console import confirming

ROW: dict[str, Any] = {
    "account": "wecom",
    "owner": "afang",
    "owner_name": "阿芳",
    "means": "paste",
    "group": "g1",
    "group_name": "杭州·2026年3-5月·妇幼·01",
    "groups": 1,
    "people": 12,
    "waiting_since": "2026-03-02T20:05:00+08:00",
    "made_at": "2026-03-02T20:15:00+08:00",
    "page": None,
}
LATER = ROW | {"waiting_since": None, "made_at": "2026-03-02T20:10:00+08:00"}
MEI = {"owner": "amei", "owner_name": None}


def test_who_has_kept_somebody_waiting_the_longest_is_asked_first() -> None:
    missed = ROW | {"owner": "afei", "owner_name": "阿飞", "made_at": "2026-03-02T09:00:00+08:00"}
    found = confirming.owners([LATER | MEI, ROW, LATER], [missed, ROW])
    assert [each.name for each in found] == ["阿芳", "amei", "阿飞"]
    first, second, third = found
    assert (first.asked, first.missed) == ([ROW, LATER], [ROW])
    assert (len(second.asked), len(second.missed)) == (1, 0)
    assert (len(third.asked), len(third.missed)) == (0, 1)


def test_the_same_name_on_two_accounts_is_two_people() -> None:
    assert len(confirming.owners([ROW, ROW | {"account": "another"}], [])) == 2


def test_her_page_is_known_from_any_of_what_she_is_asked_for() -> None:
    (found,) = confirming.owners([ROW, LATER | {"page": "http://qunzhu/d/t"}], [])
    assert found.page == "http://qunzhu/d/t"


def test_what_is_asked_is_told_with_how_many_newcomers_and_where() -> None:
    assert confirming.what(ROW) == "粘贴欢迎语，12 位新朋友"
    assert confirming.where(ROW) == "杭州·2026年3-5月·妇幼·01"
    send = ROW | {"means": "group_send", "group": None, "groups": 40, "people": None}
    assert confirming.what(send) == "群发"
    assert confirming.where(send) == "40 个群"
    assert confirming.where(send | {"groups": 0}) == "她的群"


@pytest.mark.parametrize(
    ("budget", "used", "most", "told", "tone"),
    [
        ("month", 3, 30, "本月群发 3/30", ""),
        ("week", 7, 7, "本周群发 7/7", "bad"),
        ("day", 0, 1, "今天群发 0/1", ""),
    ],
)
def test_a_groups_budget_is_told(budget: str, used: int, most: int, told: str, tone: str) -> None:
    row = {"budget": budget, "used": used, "most": most, "left": most - used}
    assert (confirming.budget(row), confirming.budget_tone(row)) == (told, tone)
