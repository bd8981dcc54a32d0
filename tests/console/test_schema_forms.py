"""Every rule is asked for as people think of it, and read, told and compared in Chinese."""

from typing import Any

import pytest

from bot.console.client import Refused
from bot.console.schema_forms import (
    COUNTED,
    Change,
    Form,
    Kind,
    changes_between,
    from_units,
    hint,
    in_units,
    limits,
    patch_of,
    refusal,
    sections_of,
    short,
    told,
    understood,
)
from bot.http.api.rules import schema_in_words
from config.rules import Rules
from handlers.rules.values import Misread

SECTIONS = sections_of(schema_in_words())
FORMS = {form.path: form for section in SECTIONS for form in section.forms}
KINDS = {
    "onboarding.calm_delay": Kind.DURATION,
    "onboarding.names_shown": Kind.COUNT,
    "growth.monitor_share": Kind.SHARE,
    "growth.leaving_times": Kind.TIMES,
    "content.approval": Kind.YES,
    "content.hours": Kind.CHOICE,
    "content.days_off": Kind.DAYS,
    "delivery.quiet_hours": Kind.SPAN,
    "hours.prenatal": Kind.SPANS,
    "content.forming": Kind.MIX,
    "entry.cities": Kind.WORDS,
    "entry.site": Kind.TEXT,
    "groups.name_template": Kind.TEXT,
    "texts.welcome": Kind.TEXT,
}

Layer = dict[str, dict[str, Any]]


def test_every_rule_is_a_form_of_its_kind() -> None:
    assert [each.name for each in SECTIONS] == list(Rules.model_fields)
    assert {path: FORMS[path].kind for path in KINDS} == KINDS
    assert set(KINDS.values()) == set(Kind)
    for form in FORMS.values():
        assert form.title, form.path
        assert form.reason, form.path
        if form.kind is Kind.COUNT:
            assert form.schema["unit"] in COUNTED, form.path


def as_filled_in(form: Form, value: Any) -> Any:
    """What stands in the field while this is in force."""
    match form.kind:
        case Kind.SHARE:
            return round(value * 100, 4)
        case Kind.SPANS | Kind.WORDS:
            return "、".join(value)
    return value


def test_what_stands_in_a_field_is_read_as_it_is_in_force() -> None:
    for form in FORMS.values():
        if form.path != "groups.doubt":
            assert understood(form, as_filled_in(form, form.default)) == form.default, form.path
        assert told(form, form.default), form.path
        assert len(short(form, form.default)) <= 25, form.path


TOLD = [
    ("onboarding.calm_delay", 90, "1分钟30秒"),
    ("delivery.group_gap", 1.5, "1.5秒"),
    ("groups.postnatal_shift", -86400, "-1天"),
    ("onboarding.names_shown", 5, "5人"),
    ("delivery.per_minute", 100000, "100,000条"),
    ("growth.monitor_share", 0.05, "5%"),
    ("growth.fading_under", 1, "100%"),
    ("growth.leaving_times", 3.0, "3倍"),
    ("content.approval", True, "要"),
    ("content.hours", "learned", "按群里实际聊天的时段"),
    ("content.days_off", ["sat", "sun"], "周六、周日"),
    ("content.days_off", [], "无"),
    ("delivery.quiet_hours", "23:00-07:30", "23:00-07:30"),
    ("delivery.quiet_hours", "00:00-00:00", "无"),
    ("hours.prenatal", ["11:00-12:00", "20:00-21:00"], "11:00-12:00、20:00-21:00"),
    ("content.forming", "70:0:30", "70:0:30"),
    ("entry.cities", ["杭州", "苏州"], "杭州、苏州"),
    ("entry.site", "", "没有填"),
]


@pytest.mark.parametrize(("path", "value", "words"), TOLD)
def test_values_are_told_as_one_says_them(path: str, value: Any, words: str) -> None:
    assert told(FORMS[path], value) == words


READ = [
    ("onboarding.names_shown", 5.0, 5),
    ("growth.monitor_share", 7.5, 0.075),
    ("hours.prenatal", "11点到12点、20:00-21:30", ["11:00-12:00", "20:00-21:30"]),
    ("content.forming", "70/0/30", "70:0:30"),
    ("entry.cities", "杭州，苏州 杭州", ["杭州", "苏州"]),
    ("entry.cities", "", []),
    ("content.days_off", ["sun"], ["sun"]),
    ("content.approval", False, False),
    ("delivery.quiet_hours", "22:00-08:00", "22:00-08:00"),
]


@pytest.mark.parametrize(("path", "given", "value"), READ)
def test_what_is_filled_in_is_understood(path: str, given: Any, value: Any) -> None:
    assert understood(FORMS[path], given) == value


MISREAD = [
    ("onboarding.calm_delay", None, "这里要填"),
    ("onboarding.calm_delay", 601, "要在 0 到 600 秒 之间"),
    ("onboarding.calm_delay", -1, "要在 0 到 600 秒 之间"),
    ("onboarding.names_shown", 2.5, "要填整数"),
    ("onboarding.names_shown", 21, "要在 1 到 20 人 之间"),
    ("content.account_share", 0, "要在 0% 到 100% 之间"),
    ("growth.leaving_times", 101, "要在 1倍 到 100倍 之间"),
    ("content.forming", "70:0:40", "加起来100"),
    ("content.forming", "", "加起来100"),
    ("hours.prenatal", "中午", "要写时段"),
    ("hours.prenatal", "、".join(f"{n:02}:00-{n:02}:30" for n in range(13)), "最多 12 个"),
    ("delivery.quiet_hours", "-07:30", "要写时段"),
    ("entry.cities", "、".join(map(str, range(401))), "最多 400 个"),
    ("groups.name_template", "x" * 81, "最多 80 个字，现在是 81 个"),
]


@pytest.mark.parametrize(("path", "given", "why"), MISREAD)
def test_what_makes_no_sense_is_told_at_its_field(path: str, given: Any, why: str) -> None:
    with pytest.raises(Misread, match=why):
        understood(FORMS[path], given)


def test_bounds_are_told_in_the_unit_that_reads_best() -> None:
    assert limits(FORMS["onboarding.calm_delay"]) == "0 到 600 秒"
    assert hint(FORMS["onboarding.names_shown"]) == "可设 1 到 20 人"
    assert hint(FORMS["delivery.quiet_hours"]) == "起止一样就是没有"
    assert hint(FORMS["content.approval"]) == ""


@pytest.mark.parametrize(
    ("seconds", "amount", "unit"),
    [(90, 90, "秒"), (900, 15, "分钟"), (5400, 90, "分钟"), (86400, 1, "天"), (1.5, 1.5, "秒")],
)
def test_a_duration_is_asked_for_in_the_longest_unit_that_fits(
    seconds: float, amount: float, unit: str
) -> None:
    assert in_units(seconds) == (amount, unit)
    assert from_units(amount, unit) == seconds


def test_a_duration_of_nothing_is_no_seconds() -> None:
    assert in_units(0) == (0, "秒")
    assert from_units(1.5, "小时") == 5400


# Changes


def test_what_a_layer_sets_differently_is_told_rule_by_rule() -> None:
    before: Layer = {"onboarding": {"calm_delay": 8, "names_shown": 5}, "gone": {"rule": 1}}
    after: Layer = {"onboarding": {"calm_delay": 60}, "content": {"approval": True}}
    changes = changes_between(FORMS, before, after)
    assert list(map(str, changes)) == [
        "凑人等待 8秒 → 1分钟",
        "点名人数 5人 → 不单独设",
        "内容要审核 不单独设 → 要",
    ]
    assert changes_between(FORMS, after, after) == []


def test_a_long_text_is_short_in_a_line() -> None:
    assert str(Change(FORMS["texts.rules"], None, "第一行\n" * 20)).endswith("…")


def test_drafts_are_a_merge_patch() -> None:
    drafts: dict[str, Any] = {
        "onboarding.calm_delay": 60,
        "onboarding.names_shown": None,
        "hours.prenatal": [],
    }
    assert patch_of(drafts) == {
        "onboarding": {"calm_delay": 60, "names_shown": None},
        "hours": {"prenatal": []},
    }


# Refused


def refused(*errors: dict[str, Any], detail: str = "under group:g1: x") -> Refused:
    return Refused(409, {"detail": detail, "errors": list(errors)})


def test_rules_that_do_not_go_together_are_told_with_what_they_would_be() -> None:
    problem = "min_gap (1000) <= peak_interval (900) does not hold"
    why = refused(
        {"field": "onboarding.min_gap", "problem": problem, "value": 1000},
        {"field": "onboarding.peak_interval", "problem": problem, "value": 900},
        detail="under channel:妇幼 + group:g1: x",
    )
    assert refusal(why, FORMS, "group:g1") == [
        "最短欢迎间隔、高峰欢迎间隔要一个比一个大（可以相等），这样改会变成 16分钟40秒、15分钟",
        "（和渠道「妇幼」的设置合起来是这样）",
    ]


def test_a_single_rule_that_is_refused_is_told_by_its_name() -> None:
    cases = {
        ("hours.prenatal", "11:00-11:05 is too short to post in: that takes 10 minutes"): (
            "孕期活跃时段：11:00-11:05 太短，发不了内容，至少 10 分钟"
        ),
        ("entry.site", "it is no address: x"): "对外网址：这不是网址",
        ("onboarding.calm_delay", "whatever"): "凑人等待：要在 0 到 600 秒 之间",
    }
    for (field, problem), line in cases.items():
        assert refusal(refused({"field": field, "problem": problem}), FORMS, "group:g1") == [line]


def test_what_is_refused_as_a_whole_is_told_as_everywhere() -> None:
    why = Refused(412, {"detail": "it was changed"})
    assert refusal(why, FORMS, "group:g1") == ["刚刚有别人改过，请关掉重新打开，看过最新的再改"]
