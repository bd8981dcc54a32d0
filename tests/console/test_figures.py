"""Yesterday is told with how it differs, and what nobody observed is unknown."""

from typing import Any

import pytest

from bot.console import figures

NOTHING = {"value": None, "week_before": None, "usual": None}
CHANGES = [
    (412, 388, False, "比上周同日多 24"),
    (388, 412, False, "比上周同日少 24"),
    (5, 5, False, "和上周同日一样"),
    (0.91, 0.86, True, "比上周同日多 5.0 个百分点"),
    (0, 3, False, "比上周同日少 3"),
    (3, None, False, "上周同日未知"),
    (None, 3, False, ""),
]


@pytest.mark.parametrize(("value", "before", "is_share", "told"), CHANGES)
def test_the_change_is_said(
    value: float | None, before: float | None, is_share: bool, told: str
) -> None:
    assert figures.change(value, before, is_share=is_share) == told


def test_there_are_six_figures() -> None:
    found = dict.fromkeys(figures.NAMES, NOTHING) | {
        "answered": {"value": 0.905, "week_before": 0.9, "usual": 0.88},
        "left": {"value": 0, "week_before": 0, "usual": 1.5},
    }
    told = {each.title: each for each in figures.told(found)}
    assert len(told) == 6
    assert told["问题答上了"][1:] == ("90.5%", "比上周同日多 0.5 个百分点", "平常 88.0%")
    assert told["退群"][1:] == ("0", "和上周同日一样", "平常 1.5")
    assert told["进群"][1:] == ("未知", "", "")


def overview(**more: Any) -> dict[str, Any]:
    return {
        "outbox": {"waiting": 4, "proposed": 0, "parked": 0, "unsure": 1},
        "confirmations": {"open": 0, "lapsed": 0},
        "questions": {"open": 3, "overdue": 1},
        "accounts": {"up": 2, "deaf": 0},
        "groups": {"ours": 9, "paused": 0, "without_monitor": 2, "untold": 0},
        "unapproved": {"today": 0, "tomorrow": 5},
    } | more


def test_what_waits_leads_to_where_it_is_seen_to() -> None:
    found = {each.title: each for each in figures.waiting(overview(), "妇幼")}
    assert found["不知道说没说"].value == "1"
    assert found["不知道说没说"].tone == "warn"
    assert found["消息没说成"].tone == "", "nothing is the matter"
    assert found["没有班长的群"].link.startswith("/console/groups?without_monitor=true&channel=")
    assert found["问题没人答"].note == "1 个等久了"
    assert found["内容等同意"][1:3] == ("5", "今天 0，明天 5")


def test_an_account_that_hears_nothing_is_bad() -> None:
    found = figures.waiting(overview(accounts={"up": 2, "deaf": 1}))
    (account,) = [each for each in found if each.title == "账号掉线"]
    assert (account.value, account.note, account.tone) == ("1", "在线 2 个", "bad")


def test_questions_that_nobody_could_hear_are_unknown() -> None:
    unknown = {
        "questions": {"open": None, "overdue": None},
        "groups": {"ours": 9, "paused": 0, "without_monitor": 2, "untold": 9},
    }
    found = figures.waiting(overview(**unknown))
    (asked,) = [each for each in found if each.title == "问题没人答"]
    assert asked[1:3] == ("未知", "企业微信没有会话存档，收不到群消息")
    assert asked.tone == ""


def test_what_owners_are_asked_for_is_told_where_there_is_any() -> None:
    assert "等群主确认" not in {each.title for each in figures.waiting(overview())}
    asked = overview(confirmations={"open": 5, "lapsed": 2})
    found = {each.title: each for each in figures.waiting(asked, "妇幼")}
    assert found["等群主确认"][1:] == (
        "5",
        "一天里 2 条没人点",
        "/console/proposals?channel=妇幼",
        "warn",
    )
    assert figures.waiting(asked)[2].link == "/console/proposals"
