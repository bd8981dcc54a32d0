"""Rules as forms: what of the API's schema of rules is asked for in which way, how values are read
and told, and what is wrong with them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import Any

from bot.console import reasons, wording
from bot.console.client import Refused
from config.daily import DailySpan
from config.mix import Mix
from handlers.rules.values import TIMES, UNITS, Misread, bounds, read, shown

Values = Mapping[str, Mapping[str, Any]]
"""Section -> rule -> value, as the API has them."""
NAMED = {name: size for size, name in UNITS}
"""How long each unit of a duration is, the longest first."""
COUNTED = {
    **dict.fromkeys(("joins", "people", "members"), "人"),
    **dict.fromkeys(("reminders", "attempts", "replies", "pages", "forms", "tickets"), "次"),
    **dict.fromkeys(("messages", "posts"), "条"),
    **dict.fromkeys(("tasks", "groups"), "个"),
    "answers": "次",
    "months": "个月",
    "month": "月",
    "weeks": "周",
    "points": "分",
    "characters": "字",
}
SAID = {
    "given": "按设的时段",
    "learned": "按群里实际聊天的时段",
    "paste": "群主粘贴到群里",
    "send": "群主确认后群发",
    "month": "按月，一个月有几天就几次",
    "week": "一周 7 次",
    "day": "一天 1 次",
}
WEEK = {
    each: f"周{name}"
    for each, name in zip(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), wording.WEEKDAYS, strict=True
    )
}
MOST_TEXT = 24
"""Of a long text, where it is told in a line."""


class Kind(StrEnum):
    DURATION = auto()
    COUNT = auto()
    SHARE = auto()
    TIMES = auto()
    YES = auto()
    CHOICE = auto()
    DAYS = auto()
    SPAN = auto()
    SPANS = auto()
    MIX = auto()
    WORDS = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """One rule. `schema` is what the API says of it."""

    section: str
    name: str
    title: str
    reason: str
    kind: Kind
    default: Any
    schema: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def unit(self) -> str:
        """What stands behind the number."""
        known = {Kind.SHARE: "%", Kind.TIMES: "倍", Kind.COUNT: COUNTED.get(self._unit, "")}
        return known.get(self.kind, "")

    @property
    def options(self) -> dict[str, str]:
        if self.kind is Kind.DAYS:
            return WEEK
        return {each: SAID.get(each, each) for each in self.schema.get("enum", ())}

    @property
    def _unit(self) -> str:
        return str(self.schema.get("unit", ""))


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    about: str
    forms: Sequence[Form]


# From the schema


def sections_of(schema: Mapping[str, Any]) -> list[Section]:
    """All there are, in the schema's order."""
    return [
        Section(name, told["x-name"], told["x-reason"], list(_forms(schema, name, told)))
        for name, told in schema["properties"].items()
    ]


def _forms(schema: Mapping[str, Any], section: str, told: Mapping[str, Any]) -> Iterator[Form]:
    definition = schema["$defs"][str(told["$ref"]).rpartition("/")[2]]
    for name, rule in definition["properties"].items():
        title, reason = rule["x-name"], rule["x-reason"]
        yield Form(section, name, title, reason, kind_of(rule), rule["default"], rule)


def kind_of(rule: Mapping[str, Any]) -> Kind:
    unit, items = rule.get("unit"), rule.get("items", {})
    match rule["type"]:
        case "boolean":
            return Kind.YES
        case "integer":
            return Kind.COUNT
        case "number":
            return {"s": Kind.DURATION, TIMES: Kind.TIMES}.get(str(unit), Kind.SHARE)
        case "array":
            return _kind_of_list(items)
    if "enum" in rule:
        return Kind.CHOICE
    return {DailySpan.pattern: Kind.SPAN, Mix.pattern: Kind.MIX}.get(
        rule.get("pattern", ""), Kind.TEXT
    )


def _kind_of_list(items: Mapping[str, Any]) -> Kind:
    if "enum" in items:
        return Kind.DAYS
    return Kind.SPANS if "pattern" in items else Kind.WORDS


# Told


def told(form: Form, value: Any) -> str:
    """`8秒`, `30%`, `11:00-12:00、20:00-21:00`, `要`, `周日`"""
    match form.kind:
        case Kind.DURATION:
            return shown(timedelta(seconds=value))
        case Kind.SHARE | Kind.TIMES:
            return shown(float(value), form.schema.get("unit"))
        case Kind.YES:
            return shown(bool(value))
        case Kind.SPAN:
            return shown(DailySpan.parse(value))
        case Kind.SPANS:
            return shown(tuple(map(DailySpan.parse, value)))
        case Kind.CHOICE:
            return form.options.get(str(value), str(value))
        case Kind.DAYS | Kind.WORDS:
            return "、".join(form.options.get(each, each) for each in value) or "无"
        case Kind.COUNT:
            return f"{value:,}{form.unit}"
    return str(value) or "没有填"


def short(form: Form, value: Any) -> str:
    """In a line, however long it is."""
    line = " ".join(told(form, value).split())
    return line if len(line) <= MOST_TEXT else f"{line[:MOST_TEXT]}…"


def limits(form: Form) -> str:
    """`0 到 600 秒`; nothing where there is nothing to say."""
    match form.kind:
        case Kind.DURATION:
            return bounds(timedelta, form.schema) or ""
        case Kind.SHARE | Kind.TIMES:
            return bounds(float, form.schema) or ""
        case Kind.COUNT:
            return f"{form.schema['minimum']:,} 到 {form.schema['maximum']:,} {form.unit}"
        case Kind.MIX:
            return bounds(Mix, form.schema) or ""
        case Kind.SPAN:
            return "起止一样就是没有"
        case Kind.SPANS:
            return f"一段接一段写，用、隔开，最多 {form.schema['maxItems']} 段"
        case Kind.WORDS:
            return f"用、隔开，最多 {form.schema['maxItems']} 个"
        case Kind.TEXT:
            return f"最多 {form.schema['maxLength']} 个字"
    return ""


def hint(form: Form) -> str:
    """How it is filled in."""
    found = limits(form)
    is_said = form.kind in (Kind.SPAN, Kind.SPANS, Kind.WORDS, Kind.TEXT, Kind.MIX)
    return found if is_said or not found else f"可设 {found}"


# Durations, which are asked for in the unit that reads best


def in_units(seconds: float) -> tuple[float, str]:
    """The longest unit of which it is a whole number: `(15, "分钟")`, `(1.5, "秒")`."""
    for name, size in NAMED.items():
        if seconds and seconds % size == 0:
            return seconds // size, name
    return seconds, "秒"


def from_units(amount: float, unit: str) -> float:
    """Seconds; whole where they are."""
    seconds = round(amount * NAMED[unit], 6)
    return int(seconds) if seconds == int(seconds) else seconds


# Read


def understood(form: Form, given: Any) -> Any:
    """What was filled in, as the API takes it; raises Misread. A duration is given in seconds, a
    share in percent."""
    match form.kind:
        case Kind.DURATION | Kind.COUNT | Kind.SHARE | Kind.TIMES:
            return _number(form, given)
        case Kind.MIX:
            return read(Mix, given or "")
        case Kind.SPAN:
            return read(DailySpan, given or "")
        case Kind.SPANS:
            return _few(form, read(tuple[DailySpan, ...], given or ""))
        case Kind.WORDS:
            return _few(form, [each for each in re.split(r"[、,，;；\s]+", given or "") if each])
        case Kind.TEXT:
            return _text(form, given or "")
    return given


def _number(form: Form, given: float | None) -> float:
    if given is None:
        raise Misread("这里要填")
    value = given / 100 if form.kind is Kind.SHARE else given
    value = int(value) if float(value).is_integer() else round(value, 9)
    if form.kind is Kind.COUNT and not isinstance(value, int):
        raise Misread("要填整数")
    lowest, above, highest = (
        form.schema.get(each) for each in ("minimum", "exclusiveMinimum", "maximum")
    )
    too_low = (lowest is not None and value < lowest) or (above is not None and value <= above)
    if too_low or (highest is not None and value > highest):
        raise Misread(f"要在 {limits(form)} 之间")
    return value


def _few(form: Form, values: list[str]) -> list[str]:
    if len(values) > form.schema["maxItems"]:
        raise Misread(f"最多 {form.schema['maxItems']} 个")
    return list(dict.fromkeys(values))


def _text(form: Form, given: str) -> str:
    if len(given) > form.schema["maxLength"]:
        raise Misread(f"最多 {form.schema['maxLength']} 个字，现在是 {len(given)} 个")
    return given


# Differences


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that becomes different; None is where nothing is, or was, set."""

    form: Form
    before: Any
    after: Any

    def __str__(self) -> str:
        was, now = (
            "不单独设" if each is None else short(self.form, each)
            for each in (self.before, self.after)
        )
        return f"{self.form.title} {was} → {now}"


def changes_between(forms: Mapping[str, Form], before: Values, after: Values) -> list[Change]:
    """What a layer sets differently; rules that are gone by now are left out."""
    was, now = (
        {
            f"{section}.{name}": value
            for section, values in layer.items()
            for name, value in values.items()
        }
        for layer in (before, after)
    )
    return [
        Change(forms[path], was.get(path), now.get(path))
        for path in forms
        if was.get(path) != now.get(path)
    ]


def patch_of(drafts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`onboarding.calm_delay` -> value, as a merge patch; None unsets."""
    patch: dict[str, dict[str, Any]] = {}
    for path, value in drafts.items():
        section, _, name = path.partition(".")
        patch.setdefault(section, {})[name] = value
    return patch


# Refused

_ORDERED = "does not hold"
_PROBLEMS = (
    (r"are 100 together, not (\d+)", "干货、湿货、互动加起来要是 100，现在是 {0}"),
    (r"wet is (\d+) at most", "湿货最多 {0}"),
    (r"^(\S+) is too short to post in: that takes (\d+)", "{0} 太短，发不了内容，至少 {1} 分钟"),
    (r"^an address is written", "网址要写成 https://q.example.com，后面不带路径"),
    (r"^it is no address|^the port is not", "这不是网址"),
    (r"^a city is a name", "城市写名字就好，不能有 ~"),
    (r"^there is no rule", "这条规则已经没有了"),
)


def refusal(why: Refused, forms: Mapping[str, Form], scope: str) -> list[str]:
    """What is wrong with a change of the scope's layer, a line each."""
    lines = dict.fromkeys(_together(why, forms) + _single(why, forms))
    told = list(lines) or [wording.refused(why)]
    under = re.match(r"under (.+?): ", why.detail)
    others = [each for each in under[1].split(" + ") if each != scope] if under else []
    if others and lines:
        told.append(f"（和{'、'.join(map(wording.scope, others))}的设置合起来是这样）")
    return told


def _together(why: Refused, forms: Mapping[str, Form]) -> list[str]:
    """Rules that are each fine and not together."""
    found: dict[str, list[tuple[Form, Any]]] = {}
    for each in why.errors:
        form = forms.get(str(each.get("field")))
        if form and _ORDERED in str(each.get("problem")):
            found.setdefault(str(each["problem"]), []).append((form, each.get("value")))
    return [
        f"{'、'.join(form.title for form, _ in rules)}要一个比一个大"
        f"{'（可以相等）' if '<=' in problem else ''}，"
        f"这样改会变成 {'、'.join(told(form, value) for form, value in rules)}"
        for problem, rules in found.items()
    ]


def _single(why: Refused, forms: Mapping[str, Form]) -> list[str]:
    lines = []
    for each in why.errors:
        form = forms.get(".".join(str(each.get("field")).split(".")[:2]))
        problem = str(each.get("problem"))
        if form and _ORDERED not in problem:
            told_so = reasons.fitting(_PROBLEMS, problem) or f"要在 {limits(form)} 之间"
            lines.append(f"{form.title}：{told_so}")
    return lines
