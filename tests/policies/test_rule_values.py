"""Yes or no, choices, mixes and days of the week, as they are typed and said in a group."""

from collections.abc import Mapping
from typing import Any

import pytest

from config.rules import Overrides, Rules, effective, patched
from handlers.rules import policy
from handlers.rules.finding import EVERY, Found, Rule, find
from handlers.rules.values import Misread, bounds, read, shown
from models.people import Role
from tests.world import World

BY_PATH = {rule.path: rule for rule in EVERY}
APPROVAL = BY_PATH["content.approval"]
HOURS = BY_PATH["content.hours"]
GROWING = BY_PATH["content.growing"]
DAYS_OFF = BY_PATH["content.days_off"]
TIMES = BY_PATH["growth.leaving_times"]

TYPED = [
    (APPROVAL, "要", True),
    (APPROVAL, "是。", True),
    (APPROVAL, "打开", True),
    (APPROVAL, "不要", False),
    (APPROVAL, "关闭", False),
    (APPROVAL, "默认", None),
    (HOURS, "设定的", "given"),
    (HOURS, "统一", "given"),
    (HOURS, "学到的", "learned"),
    (HOURS, "Learned", "learned"),
    (GROWING, "60:15:25", "60:15:25"),
    (GROWING, "60：15：25", "60:15:25"),
    (GROWING, "70/0/30", "70:0:30"),
    (GROWING, "50% 30% 20%", "50:30:20"),
    (DAYS_OFF, "周日", ["sun"]),
    (DAYS_OFF, "星期天", ["sun"]),
    (DAYS_OFF, "礼拜日、礼拜六", ["sat", "sun"]),
    (DAYS_OFF, "周六日", ["sat", "sun"]),
    (DAYS_OFF, "周一，三 和周五", ["mon", "wed", "fri"]),
    (DAYS_OFF, "周一到周三", ["mon", "tue", "wed"]),
    (DAYS_OFF, "周六至周一", ["mon", "sat", "sun"]),
    (DAYS_OFF, "周1", ["mon"]),
    (DAYS_OFF, "周末", ["sat", "sun"]),
    (DAYS_OFF, "工作日", ["mon", "tue", "wed", "thu", "fri"]),
    (DAYS_OFF, "Sunday", ["sun"]),
    (DAYS_OFF, "sat sun", ["sat", "sun"]),
    (DAYS_OFF, "周日周日", ["sun"]),
    (DAYS_OFF, "无", []),
    (DAYS_OFF, "不要", []),
    (DAYS_OFF, "恢复默认", None),
    (TIMES, "5倍", 5.0),
    (TIMES, "5", 5.0),
]


@pytest.mark.parametrize(("rule", "typed", "value"), TYPED)
def test_it_is_read_as_it_is_meant(rule: Rule, typed: str, value: object) -> None:
    got = read(rule.type, typed)
    assert got == value
    assert type(got) is type(value)
    effective([patched({}, {rule.section: {rule.name: got}})])


MISREAD = [
    (APPROVAL, "也许", "要写 要 或 不要"),
    (APPROVAL, "1", "要写 要 或 不要"),
    (HOURS, "随便", "要写 设定的 或 学到的"),
    (GROWING, "60:15", "要写干货:湿货:互动，加起来100，湿货最多50，例如 60:15:25"),
    (GROWING, "60:15:26", "加起来100"),
    (GROWING, "20:60:20", "湿货最多50"),
    (GROWING, "多一点", "例如 60:15:25"),
    (DAYS_OFF, "三天", "要写星期几，例如 周日"),
    (DAYS_OFF, "2天", "要写星期几"),
    (DAYS_OFF, "天", "要写星期几"),
    (DAYS_OFF, "周八", "要写星期几"),
    (DAYS_OFF, "周日 2天", "要写星期几"),
    (DAYS_OFF, "周日吧", "要写星期几"),
    (DAYS_OFF, "明天", "要写星期几"),
]


@pytest.mark.parametrize(("rule", "typed", "why"), MISREAD)
def test_what_is_not_understood_is_said_with_how_to_write_it(
    rule: Rule, typed: str, why: str
) -> None:
    with pytest.raises(Misread) as raised:
        read(rule.type, typed)
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


SHOWN = [
    ({"content": {"approval": True}}, APPROVAL, "要"),
    ({}, APPROVAL, "不要"),
    ({}, HOURS, "设定的"),
    ({"content": {"hours": "learned"}}, HOURS, "学到的"),
    ({}, GROWING, "60:15:25"),
    ({}, DAYS_OFF, "无"),
    ({"content": {"days_off": ["sun", "wed"]}}, DAYS_OFF, "周日、周三"),
    ({}, TIMES, "3倍"),
    ({}, BY_PATH["growth.leaving_share"], "3%"),
]


@pytest.mark.parametrize(("layer", "rule", "text"), SHOWN)
def test_it_is_said_in_chinese(layer: Overrides, rule: Rule, text: str) -> None:
    told = policy.described(rule, {"everywhere": layer})
    assert told.startswith(f"{rule.title}：{text}（")


LIMITS = [
    (APPROVAL, "要 或 不要"),
    (HOURS, "设定的 或 学到的"),
    (GROWING, "干货:湿货:互动，加起来100，湿货最多50"),
    (DAYS_OFF, "周一到周日里的几天，或 无"),
    (TIMES, "1倍 到 100倍"),
    (BY_PATH["growth.nearly_full"], "0% 到 100%"),
]


@pytest.mark.parametrize(("rule", "limits"), LIMITS)
def test_what_it_may_be(rule: Rule, limits: str) -> None:
    assert bounds(rule.type, _schema_of(rule)) == limits


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.path)
def test_every_rule_is_found_by_its_name_and_described(rule: Rule) -> None:
    found = find(rule.chinese)
    assert found == Found(rule, "")
    told = policy.described(rule, {"everywhere": {}})
    assert told.startswith(rule.title)
    assert (policy.OPERATORS in told) is not policy.is_leaders(rule)


def test_what_was_said_of_a_value_is_read_as_the_same_value() -> None:
    for _, rule, text in SHOWN:
        value = read(rule.type, text)
        after = effective([patched({}, {rule.section: {rule.name: value}})])
        assert shown(rule.of(after), _schema_of(rule).get("unit")) in (text, "周三、周日")


def test_a_leader_decides_how_much_and_when_and_not_what_is_posted() -> None:
    hers = {rule.path for rule in EVERY if policy.is_leaders(rule)}
    assert {each for each in hers if each.startswith(("content.", "growth."))} == {
        "content.posts_daily",
        "content.days_off",
        "content.lively_messages",
        "content.lively_within",
        "content.lively_rest",
    }


async def test_a_monitor_gives_her_group_sundays_off(world: World) -> None:
    await world.joins("小雨妈妈")
    await world.becomes("小雨妈妈", Role.MONITOR)
    typed = {
        "/设置 停发日 周日": "好的，days_off（停发日）现在是 周日（本群单独设置），原来是 无",
        "/设置 停发日": (
            "days_off（停发日）：周日（本群单独设置），可设 周一到周日里的几天，或 无"
        ),
        "/设置 停发日 三天": (
            "days_off（停发日）要写星期几，例如 周日、周六和周日，不停发就写 无"
        ),
        "/设置 停发日 无": "好的，days_off（停发日）现在是 无（本群单独设置），原来是 周日",
        "/设置 每天内容条数 2": (
            "好的，posts_daily（每天内容条数）现在是 2（本群单独设置），原来是 3"
        ),
        "/设置 每天内容条数 99": "posts_daily（每天内容条数）要在 0 到 12之间",
        "/设置 内容要审核": "approval（内容要审核）：不要（默认），这条由运营统一设置",
        "/设置 成长期配比 60:15:25": "growing（成长期配比）：这条由运营统一设置，有需要可以找运营",
        "/设置 发布时段来源 学到的": (
            "hours（发布时段来源）：这条由运营统一设置，有需要可以找运营"
        ),
        "/设置 退群倍数": "leaving_times（退群倍数）：3倍（默认），这条由运营统一设置",
    }
    for words, answer in typed.items():
        assert await world.types("小雨妈妈", words) == answer


def _schema_of(rule: Rule) -> Mapping[str, Any]:
    schema = Rules.model_json_schema()
    name = schema["properties"][rule.section]["$ref"].rpartition("/")[2]
    found: Mapping[str, Any] = schema["$defs"][name]["properties"][rule.name]
    return found
