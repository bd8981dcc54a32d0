"""What is typed after /设置 and /角色, by thumb, and what comes of it."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.daily import DailySpan
from config.rule_names import NAMES
from config.rules import Overrides, Rules, effective, patched
from handlers.groups import roles
from handlers.rules import finding, policy, values
from handlers.rules.finding import EVERY, Found, Rule, Several, Unknown
from handlers.rules.values import Misread
from models.people import Role

SPANS = tuple[DailySpan, ...]
CALM = Rule("onboarding", "calm_delay")
LEADERS = [rule for rule in EVERY if policy.is_leaders(rule)]


# Names


def test_names_name_rules_that_there_are_and_no_two_alike() -> None:
    assert set(NAMES) <= {rule.path for rule in EVERY}
    names = [name.casefold() for name in NAMES.values()]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 10 and not name[-1].isdecimal() for name in names)


def test_what_a_leader_may_set_has_a_name() -> None:
    assert [rule.path for rule in LEADERS if rule.path not in NAMES] == []


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: str(rule.path))
def test_a_rule_is_found_by_each_of_its_names(rule: Rule) -> None:
    for spelling in (rule.path, rule.chinese):
        assert finding.find(spelling) == Found(rule, "")
        assert finding.find(f"{spelling} 5") == Found(rule, "5")
        assert finding.find(f"{spelling.upper()}＝5".replace("＝", "=")) == Found(rule, "5")
    by_name = finding.find(rule.name)
    assert by_name == Found(rule, "") or (isinstance(by_name, Several) and rule in by_name.rules)


@pytest.mark.parametrize(
    "typed",
    [
        "calm_delay 5",
        "calm-delay 5",
        "calm_delay5",
        "calm_delay: 5",
        "Calm_Delay = 5",
        "onboarding.calm_delay 5",
        "onboarding.calm_delay改为5",
        "凑人等待 5",
        "凑人等待5",
        "凑人等待，5",
        "凑人等待设为 5",
        "凑人等待 是 5",
    ],
)
def test_a_name_and_a_value_whatever_is_between_them(typed: str) -> None:
    assert finding.find(typed) == Found(CALM, "5")


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        ("calm_dely 5", CALM),
        ("凑人等 5", CALM),
        ("onboarding 5", None),
        ("calm_delayed 5", CALM),
        ("随便", None),
        ("=5", None),
    ],
)
def test_a_name_that_is_none(typed: str, like: Rule | None) -> None:
    found = finding.find(typed)
    assert isinstance(found, Unknown)
    if like is not None:
        assert found.like == like
        assert like.title in policy.unknown(found)


def test_a_name_that_two_rules_share_is_asked_about() -> None:
    found = finding.find("quiet_hours 23:00-07:30")
    assert isinstance(found, Several)
    assert policy.which(found.rules) == (
        "有几条叫这个：欢迎休息时段（onboarding.quiet_hours）、"
        "免打扰时段（delivery.quiet_hours），请写全是哪条"
    )


# Values


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (timedelta, "5", 5),
        (timedelta, "5秒", 5),
        (timedelta, "５秒钟", 5),
        (timedelta, "0.5", 0.5),
        (timedelta, "5分钟", 300),
        (timedelta, "5分", 300),
        (timedelta, " 5 分 钟 。", 300),
        (timedelta, "十五分钟", 900),
        (timedelta, "二十五分", 1500),
        (timedelta, "1小时", 3600),
        (timedelta, "1.5小时", 5400),
        (timedelta, "１．５小时", 5400),
        (timedelta, "一个半小时", 5400),
        (timedelta, "1小时半", 5400),
        (timedelta, "半小时", 1800),
        (timedelta, "半个钟头", 1800),
        (timedelta, "两个小时", 7200),
        (timedelta, "1小时30分", 5400),
        (timedelta, "1h30m", 5400),
        (timedelta, "90S", 90),
        (timedelta, "2天", 172_800),
        (timedelta, "一周", 604_800),
        (timedelta, "-5天", -432_000),
        (int, "5", 5),
        (int, "+5", 5),
        (int, "-1", -1),
        (int, "５人", 5),
        (int, "5 个人", 5),
        (int, "十二条", 12),
        (int, "三次。", 3),
        (float, "30%", 0.3),
        (float, "30％", 0.3),
        (float, "0.3", 0.3),
        (DailySpan, "23:00-07:30", "23:00-07:30"),
        (DailySpan, "23：00～7:30", "23:00-07:30"),
        (DailySpan, "23:00 — 7:30", "23:00-07:30"),
        (DailySpan, "23点到7点半", "23:00-07:30"),
        (DailySpan, "23点至7点30分", "23:00-07:30"),
        (DailySpan, "22:00-24:00", "22:00-00:00"),
        (DailySpan, "无", "00:00-00:00"),
        (SPANS, "11:00-12:00", ["11:00-12:00"]),
        (SPANS, "11:00-12:00、20:00-21:00", ["11:00-12:00", "20:00-21:00"]),
        (SPANS, "11：00～12：00 20点-21点", ["11:00-12:00", "20:00-21:00"]),
        (SPANS, "11:00 - 12:00，和 20:00 - 21:00", ["11:00-12:00", "20:00-21:00"]),
        *((kind, "默认", None) for kind in (timedelta, int, float, DailySpan, SPANS)),
        (int, "Default", None),
        (int, "恢复默认", None),
    ],
)
def test_a_value_as_it_is_typed(kind: Any, typed: str, value: object) -> None:
    assert values.read(kind, typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (timedelta, "快点"),
        (timedelta, "分钟"),
        (timedelta, "5%"),
        (timedelta, "5个"),
        (timedelta, "5-6分钟"),
        (timedelta, "三二分钟"),
        (timedelta, "1小时30"),
        (timedelta, "5分钟吧大概"),
        (timedelta, "9" * 5000),
        (timedelta, "٥"),
        (int, "5.5"),
        (int, "5分钟"),
        (int, "五六个"),
        (int, ""),
        (int, "9" * 5000),
        (float, "三成"),
        (float, "30%%"),
        (float, "nan"),
        (DailySpan, "23:00"),
        (DailySpan, "25:00-07:30"),
        (DailySpan, "23:60-07:30"),
        (DailySpan, "24:30-07:30"),
        (DailySpan, "00:00-24:00"),
        (DailySpan, "晚上-早上"),
        (DailySpan, "11:00-12:00、20:00-21:00"),
        (SPANS, "11:00-12:00、"[:-1] + "左右"),
        (SPANS, "大概 11:00-12:00"),
        (SPANS, ""),
    ],
)
def test_a_value_that_is_none(kind: Any, typed: str) -> None:
    with pytest.raises(Misread, match=r"例如|可以写"):
        values.read(kind, typed)


@given(st.text(max_size=30), st.sampled_from([timedelta, int, float, DailySpan, SPANS]))
def test_whatever_is_typed_is_read_or_refused(typed: str, kind: Any) -> None:
    with contextlib.suppress(Misread):
        values.read(kind, typed)


@given(st.integers(-(10**8), 10**8))
def test_a_duration_is_said_as_it_may_be_typed(seconds: int) -> None:
    said = values.shown(timedelta(seconds=seconds))
    assert values.read(timedelta, said) == seconds


@pytest.mark.parametrize("rule", LEADERS, ids=lambda rule: str(rule.path))
def test_what_is_said_of_a_rule_may_be_typed_again(rule: Rule) -> None:
    value = rule.of(Rules())
    typed = values.read(rule.type, values.shown(value))
    again = rule.of(effective([{rule.section: {rule.name: typed}}]))
    assert again == (pytest.approx(value, abs=1e-4) if rule.type is float else value)


# Bounds


def refused(rule: Rule, value: object, layer: dict[str, Any] | None = None) -> str:
    with pytest.raises(ValidationError) as error:
        effective([patched(layer or {}, {rule.section: {rule.name: value}})])
    return policy.refusal(rule, error.value)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("onboarding.calm_delay", 601, "calm_delay（凑人等待）要在 0 到 600 秒之间"),
        ("onboarding.calm_delay", 10**20, "calm_delay（凑人等待）要在 0 到 600 秒之间"),
        ("onboarding.min_gap", -1, "min_gap（最短欢迎间隔）要在 0 到 60 分钟之间"),
        ("onboarding.peak_window", 0, "peak_window（高峰统计时长）要在 1秒 到 1小时之间"),
        ("onboarding.remind_gap", 60, "remind_gap（提醒间隔）要在 1小时 到 30天之间"),
        ("groups.postnatal_shift", 61 * 86400, "要在 -60 到 60 天之间"),
        ("groups.doubt", 0.0, "要在 0% 到 100%之间"),
        ("onboarding.remind_times", 6, "remind_times（提醒次数）要在 0 到 5之间"),
        ("hours.prenatal", ["11:00-12:00"] * 13, "最多写12段"),
        (
            "onboarding.surge_interval",
            60,
            "最短欢迎间隔、高峰欢迎间隔、最长欢迎间隔要一个比一个大（可以相等），"
            "这样改会变成 2分钟、15分钟、1分钟",
        ),
        ("onboarding.surge_joins", 5, "高峰人数、大高峰人数要一个比一个大，这样改会变成 5、5"),
    ],
)
def test_a_refusal_says_which_bound(path: str, value: object, why: str) -> None:
    section, _, name = path.partition(".")
    assert refused(Rule(section, name), value).endswith(why)


def test_a_fault_elsewhere_in_the_layer_is_not_blamed_on_her() -> None:
    """A rule that is gone with a newer version, say."""
    why = refused(CALM, 5, {"onboarding": {"min_gap": "soon"}})
    assert why == "calm_delay（凑人等待）这样改，会和「最短欢迎间隔」冲突，请找运营看看"


@pytest.mark.parametrize("rule", LEADERS, ids=lambda rule: str(rule.path))
def test_every_bound_can_be_said(rule: Rule) -> None:
    text = policy.described(rule, {})
    assert text.startswith(f"{rule.title}：")
    assert "None" not in text
    if rule.type in (timedelta, int, float):
        assert "可设" in text


# Who may set what


def test_what_the_operators_keep_for_themselves() -> None:
    kept = {rule.section for rule in EVERY if not policy.is_leaders(rule)}
    open_ = {rule.section for rule in LEADERS}
    assert {"points", "rewards", "kocs", "privacy", "texts", "tasks"} <= kept - open_
    assert {rule.name for rule in LEADERS if rule.section == "delivery"} == {
        "quiet_hours",
        "daily_budget",
        "group_gap",
    }
    assert {"name_template", "first_month"} == {
        rule.name for rule in EVERY if rule.section == "groups" and rule not in LEADERS
    }


# What is in force


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ({}, "8秒（默认）"),
        ({"everywhere": 9}, "9秒（运营统一设置）"),
        ({"everywhere": 9, "channel:妇幼": 10}, "10秒（渠道「妇幼」统一设置）"),
        ({"channel:妇幼": 10, "cohort:杭州~妇幼~2026-03": 11}, "11秒（同批群统一设置）"),
        ({"everywhere": 9, "group:g1": 12}, "12秒（本群单独设置）"),
        # A layer that contradicts those below it is left out.
        ({"everywhere": 9, "group:g1": 6000}, "9秒（运营统一设置）"),
    ],
)
def test_where_a_value_comes_from(layers: dict[str, int], said: str) -> None:
    given_layers = {scope: {"onboarding": {"calm_delay": each}} for scope, each in layers.items()}
    assert f"：{said}，可设" in policy.described(CALM, given_layers)


def test_the_overview_shows_what_the_group_sets_even_texts_in_short() -> None:
    long = "{{ names }}" + "欢迎" * 50
    own: Overrides = {"texts": {"welcome": long}, "onboarding": {"calm_delay": 5}}
    first, *mine = policy.overview(own, {"group:g1": own}).splitlines()
    assert first == "本群单独设置了："
    assert mine[0] == "凑人等待：5秒"
    assert mine[1].startswith("欢迎语：{{ names }}欢迎")
    assert len(mine[1]) < 30


# Roles


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("小助手", Role.ASSISTANT),
        (" 助手 ", Role.ASSISTANT),
        ("ASSISTANT", Role.ASSISTANT),
        ("＝小助手", Role.ASSISTANT),
        ("做小助手吧", Role.ASSISTANT),
        ("设为ＫＯＣ。", Role.KOC),
        ("koc", Role.KOC),
        ("成员", Role.MEMBER),
        ("为成员", Role.MEMBER),
        ("群友", Role.MEMBER),
        ("member", Role.MEMBER),
        ("班长", Role.MONITOR),
        ("氛围组", Role.HOST),
        ("bot", Role.BOT),
        ("", None),
        ("大王", None),
        ("小助手和KOC", None),
    ],
)
def test_the_role_that_is_wanted(typed: str, role: Role | None) -> None:
    assert roles.wanted(typed) is role


def test_who_may_make_whom_what() -> None:
    """A monitor makes and unmakes KOCs and assistants; an assistant does not touch assistants."""
    for caller in (Role.MONITOR, Role.ASSISTANT):
        for present in Role:
            for role in Role:
                may = roles.refusal(caller, "豆豆妈", present, role) is None
                open_ = {Role.ASSISTANT, Role.KOC, Role.MEMBER}
                both = {present, role} <= open_
                assert may is (both and not (caller is present is Role.ASSISTANT))
