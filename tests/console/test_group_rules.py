"""A group's rules are told in words, with where each comes from."""

from datetime import timedelta

import pytest

from bot.console.pages.group import rules
from config.rule_names import NAMES
from config.rules import Rules

SCHEMA = Rules.model_json_schema()


def test_what_was_changed_comes_apart_from_what_is_as_it_came() -> None:
    told = {
        "rules": Rules().model_dump(mode="json"),
        "layers": {"onboarding.calm_delay": "group:g1", "content.approval": "channel:妇幼"},
    }
    changed, usual = rules.split(told, SCHEMA, "g1")
    assert {each.source for each in changed} == {"这个群", "渠道「妇幼」"}
    assert {each.name for each in changed} == {
        NAMES["onboarding.calm_delay"],
        NAMES["content.approval"],
    }
    assert {each.source for each in usual} == {"出厂"}
    assert len(changed) + len(usual) == len(rules.units_of(SCHEMA))


SAID = [
    (timedelta(minutes=90).total_seconds(), "s", "1小时30分钟"),
    (0.05, "share", "5%"),
    (12, "messages", "12"),
    (True, "true or false", "是"),
    (None, "", "没设"),
    (["sat", "sun"], "", "周六、周日"),
    ([], "", "没有"),
    ("learned", "", "从群里学到的"),
    ("70:0:30", "dry:wet:warm", "70:0:30"),
]


@pytest.mark.parametrize(("value", "unit", "told"), SAID)
def test_a_value_is_said_as_one_says_it(value: object, unit: str, told: str) -> None:
    assert rules.said(value, unit) == told
