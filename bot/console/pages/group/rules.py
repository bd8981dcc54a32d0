"""The rules of a group, and where each comes from; they are changed elsewhere."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from nicegui import ui

from bot.console import wording
from bot.console.frame import empty
from bot.console.pages.group.shown import Row, Shown, heading
from config.rule_names import NAMES

DEFAULT = "default"
NOTHING = "这个群的规则全是出厂的样子，没有人改过。"
BY_ITSELF = "这个群"


class Rule(NamedTuple):
    name: str
    value: str
    source: str


async def show_rules(group: Shown) -> None:
    told, schema = await asyncio.gather(
        group.visit.api.get("/rules", group=group.id), group.visit.api.get("/rules/schema")
    )
    where = f"/console/rules?scope={quote(f'group:{group.id}', safe='')}"
    ui.link("去改这个群的规则", where).classes("go").style("justify-self: start")
    changed, usual = split(told, schema, group.id)
    heading("改过的")
    if changed:
        _table(changed, "rules-changed")
    else:
        empty(NOTHING)
    with ui.expansion(f"没改过的 {len(usual)} 条").classes("w-full"):
        _table(usual, "rules-usual")


def split(told: Row, schema: Row, group: str) -> tuple[list[Rule], list[Rule]]:
    """Those that some layer sets, and those that are as they came."""
    units = units_of(schema)
    changed: list[Rule] = []
    usual: list[Rule] = []
    for section, values in told["rules"].items():
        for name, value in values.items():
            path = f"{section}.{name}"
            source = told["layers"].get(path, DEFAULT)
            rule = Rule(
                NAMES.get(path, path), said(value, units.get(path, "")), _from(source, group)
            )
            (usual if source == DEFAULT else changed).append(rule)
    return changed, usual


def _from(source: str, group: str) -> str:
    if source == DEFAULT:
        return "出厂"
    return BY_ITSELF if source == f"group:{group}" else wording.scope(source)


def units_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """`onboarding.calm_delay` -> `s`"""
    found = {}
    for section, told in schema["properties"].items():
        kind = told.get("$ref", "").rpartition("/")[2]
        for name, rule in schema["$defs"].get(kind, {}).get("properties", {}).items():
            found[f"{section}.{name}"] = rule.get("unit", "")
    return found


def said(value: Any, unit: str) -> str:
    """As one says it: durations in hours and minutes, shares in percent, yes or no."""
    if value is None:
        return "没设"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(said(each, unit) for each in value) or "没有"
    if isinstance(value, int | float):
        return _measured(value, unit)
    return WORDS.get(value, str(value))


def _measured(value: float, unit: str) -> str:
    if unit == "s":
        return wording.lasting(value)
    return f"{value * 100:g}%" if unit == "share" else f"{value:g}"


WORDS = {
    "given": "规则里写的",
    "learned": "从群里学到的",
    **{
        each: f"周{day}"
        for each, day in zip(
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), wording.WEEKDAYS, strict=True
        )
    },
}


def _table(rules: Sequence[Rule], name: str) -> None:
    columns = [
        {"name": each, "label": title, "field": each, "align": "left"}
        for each, title in (("name", "规则"), ("value", "现在是"), ("source", "哪里定的"))
    ]
    table = ui.table(columns=columns, rows=[each._asdict() for each in rules], row_key="name")
    table.props(f"flat dense hide-pagination data-testid={name} :rows-per-page-options=[0]")
    table.classes("rows")
    table.add_slot("body-cell", CELL)


CELL = """
<q-td :props="props" :data-title="props.col.label">{{ props.value }}</q-td>
"""
