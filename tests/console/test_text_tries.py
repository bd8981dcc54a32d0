"""What a template says in every kind of group, and what is wrong with it, is told in Chinese."""

from typing import Any

import pytest

from bot.console import text_tries
from bot.console.text_tries import EVERY_GROUP, IN_GROUP, Said, fault, said
from config.texts import SAMPLES, BadTemplate, tried


def trial(template: str, name: str = "welcome", in_group: str | None = None) -> dict[str, Any]:
    variants = [{"values": values, "says": says} for values, says in tried(name, template)]
    return {"variants": variants, "in_group": in_group, "fault": None}


def test_the_same_words_are_told_once() -> None:
    template = '{{ names }}{{ "孕" if stage == "prenatal" else "宝" }}'
    names = SAMPLES["welcome"]["names"]
    assert said(trial(template)) == [
        Said("孕期，有班长；孕期，没班长；孕期，没班长，不知道城市", f"{names}孕"),
        Said("产后，有班长；产后，没班长；产后，没班长，不知道城市", f"{names}宝"),
    ]
    assert said(trial("大家好")) == [Said(EVERY_GROUP, "大家好")]
    assert said(trial("谢谢", "awarded")) == [Said(EVERY_GROUP, "谢谢")]


def test_what_is_said_in_the_group_comes_first() -> None:
    assert said(trial("大家好", in_group="大家好呀"))[0] == Said(IN_GROUP, "大家好呀")


def test_every_word_that_templates_may_use_is_told_in_chinese() -> None:
    assert {name for uses in SAMPLES.values() for name in uses} == set(text_tries.USES)


FAULTS = [
    ("你好\n{{ citi }}欢迎", "第 2 行「{{ citi }}欢迎」：没有「citi」这个词，能用的在下面"),
    ("{% for a in names %}x{% endfor %}", "只能写 if 和 else"),
    ("{% if monitor %}你好", "没写完"),
    ("{{ names }", "写在这里不对"),
    ("{% if monitor %}班长{% endif %}", "总要说一句"),
    ('{{ "a" if monitor }}', "还要写 else"),
    ("{{ 5 }}", "只能和文字比"),
    ('{% if monitor > "a" %}a{% else %}b{% endif %}', "只能用 ==、!= 或 in"),
    ("长" * 501, "最多 500 个字"),
    ("\x07", "显示不出来"),
    ("{% iff %}", "没有「iff」这个写法"),
]


@pytest.mark.parametrize(("template", "words"), FAULTS)
def test_what_is_wrong_is_told_where_it_is(template: str, words: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        tried("welcome", template)
    assert words in fault(str(bad.value), bad.value.line, template)


def test_the_rules_of_a_group_are_short() -> None:
    with pytest.raises(BadTemplate) as bad:
        tried("rules", "一\n" * 6)
    assert fault(str(bad.value), bad.value.line, "") == "最多 5 行，刚进群的人看不了更多"


def test_what_nobody_foresaw_is_wrong_all_the_same() -> None:
    assert fault("what is that", 9, "x") == "这样写不行"
