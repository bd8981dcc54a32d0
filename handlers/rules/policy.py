"""Which rules may be set from within a group, and what is said about a rule.

A leader sets how her group is greeted, asked and spoken to, and how much is posted into it when.
What is posted, what points are worth, what is kept of people, how groups are watched, what we say
and how fast an account speaks are the operators' to set: a monitor who could raise her own budget
has none.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError

from config.rule_names import NAMES
from config.rules import Overrides, Rules, compatible, effective
from handlers.rules.finding import EVERY, Rule, Unknown
from handlers.rules.values import bounds, shown

LEADERS_SECTIONS = ("onboarding", "hours", "questions", "groups", "delivery", "content")
LEADERS_DELIVERY = ("quiet_hours", "daily_budget", "group_gap")
LEADERS_CONTENT = ("posts_daily", "days_off", "lively_messages", "lively_within", "lively_rest")
OPERATORS_GROUPS = ("name_template", "first_month")
OPERATORS = "这条由运营统一设置"
HOW_TO = "改：/设置 凑人等待 5秒\n看：/设置 凑人等待\n改回：/设置 凑人等待 默认"
LONGEST_TEXT = 20

Layers = Mapping[str, Overrides]
"""Those of a group, by scope, lowest first."""


def is_leaders(rule: Rule) -> bool:
    """Whether those who lead a group may set it there."""
    if rule.section == "delivery":
        return rule.name in LEADERS_DELIVERY
    if rule.section == "content":
        return rule.name in LEADERS_CONTENT
    if rule.section == "groups":
        return rule.name not in OPERATORS_GROUPS
    return rule.section in LEADERS_SECTIONS


# What is in force


def overview(own: Overrides, layers: Layers) -> str:
    """What this group's layer sets, and how to set more."""
    rules = effective(compatible(layers).values())
    lines = [f"{rule.chinese}：{_value(rule, rules)}" for rule in EVERY if rule.is_in(own)]
    heading = "本群单独设置了：" if lines else "本群还没有单独设置，都按统一的来"
    settable = "、".join(rule.chinese for rule in EVERY if is_leaders(rule))
    return "\n".join([heading, *lines, HOW_TO, f"能设的：{settable}"])


def described(rule: Rule, layers: Layers) -> str:
    """Its value, where that comes from, and what it may be."""
    limits = bounds(rule.type, _schema(rule))
    settable = f"，可设 {limits}" if limits else ""
    return f"{rule.title}：{_in_force(rule, layers)}" + (
        settable if is_leaders(rule) else f"，{OPERATORS}"
    )


def changed(rule: Rule, before: Layers, after: Layers) -> str:
    was = _value(rule, effective(compatible(before).values()))
    return f"好的，{rule.title}现在是 {_in_force(rule, after)}，原来是 {was}"


def unchanged(rule: Rule, layers: Layers) -> str:
    return f"{rule.title}已经是 {_in_force(rule, layers)}"


def _in_force(rule: Rule, layers: Layers) -> str:
    kept = compatible(layers)
    return f"{_value(rule, effective(kept.values()))}（{_source(rule, kept)}）"


def _value(rule: Rule, rules: Rules) -> str:
    text = shown(rule.of(rules), _schema(rule).get("unit"))
    return f"{text[:LONGEST_TEXT]}…" if rule.type is str and len(text) > LONGEST_TEXT else text


def _source(rule: Rule, layers: Layers) -> str:
    setting = [scope for scope, layer in layers.items() if rule.is_in(layer)]
    kind, _, name = setting[-1].partition(":") if setting else ("default", "", "")
    sources = {
        "default": "默认",
        "group": "本群单独设置",
        "cohort": "同批群统一设置",
        "channel": f"渠道「{name}」统一设置",
        "everywhere": "运营统一设置",
    }
    return sources[kind]


# What is refused


def which(rules: Iterable[Rule]) -> str:
    names = "、".join(f"{rule.chinese}（{rule.path}）" for rule in rules)
    return f"有几条叫这个：{names}，请写全是哪条"


def unknown(found: Unknown) -> str:
    if not found.typed:
        return "没看懂要设哪条，发 /设置 看看都有什么"
    meant = f"，是想设 {found.like.title}吗？" if found.like else "，"
    return f"没有「{found.typed}」这条{meant}发 /设置 看看都有什么"


def refusal(rule: Rule, error: ValidationError) -> str:
    """The first thing that is wrong, with the bound that it breaks."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"][:2]))
    together = first.get("ctx", {}).get("values")
    if together:
        return _contradiction(str(first["loc"][0]), together, may_equal="<=" in first["msg"])
    if place != rule.path:
        return f"{rule.title}这样改，会和「{NAMES.get(place, place)}」冲突，请找运营看看"
    if first["type"] == "too_brief":
        told = first["ctx"]
        return f"{told['span']} 太短了，发不了内容，每段至少{told['minutes']}分钟"
    if first["type"] == "too_long":
        return f"{rule.title}最多写{first['ctx']['max_length']}段"
    return f"{rule.title}要在 {bounds(rule.type, _schema(rule))}之间"


def _contradiction(section: str, together: Mapping[str, Any], *, may_equal: bool) -> str:
    rules = [Rule(section, name) for name in together]
    names = "、".join(each.chinese for each in rules)
    said = "、".join(shown(_typed(each, together[each.name])) for each in rules)
    equal = "（可以相等）" if may_equal else ""
    return f"{names}要一个比一个大{equal}，这样改会变成 {said}"


def _typed(rule: Rule, value: Any) -> Any:
    """A value as JSON has it, as the rules have it."""
    return timedelta(seconds=value) if rule.type is timedelta else value


def _schema(rule: Rule) -> Mapping[str, Any]:
    definition = str(_schemas()["properties"][rule.section]["$ref"]).rpartition("/")[2]
    found: Mapping[str, Any] = _schemas()["$defs"][definition]["properties"][rule.name]
    return found


@cache
def _schemas() -> dict[str, Any]:
    return Rules.model_json_schema()
