"""How an item of the library is told: what it is called, and whom it is for. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from bot.console import wording
from models.cohort import Stage, week_told

Item = Mapping[str, Any]
LONGEST = 40
PLACES = {
    "city": "城市",
    "channel": "渠道",
    "window": "月龄段",
    "stage": "阶段",
    "week": "孕周",
    "monitor": "班长",
}
"""What a text may speak of, by what it is written as."""
COLUMNS = {
    "id": "编号",
    "kind": "种类",
    "voice": "谁来说",
    "title": "标题",
    "text": "正文",
    "image": "图片",
    "link": "链接",
    "stages": "阶段",
    "phases": "群阶段",
    "from_week": "起始周",
    "to_week": "结束周",
    "cities": "城市",
    "channels": "渠道",
    "valid_from": "开始日期",
    "valid_to": "结束日期",
    "weight": "权重",
    "source": "来源",
    "approved_by": "审核人",
}

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TAG = re.compile(r"\{[%#].*?[%#]\}", re.DOTALL)


def called(item: Item) -> str:
    """Its title, or how its text begins, with the names of what stands there in each group."""
    if item["title"]:
        return str(item["title"])
    text = _PLACE.sub(lambda found: f"〔{PLACES.get(found[1], found[1])}〕", item["text"])
    (line, *_) = _TAG.sub("", text).strip().splitlines() or [""]
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def week(number: int) -> str:
    """Of the baby: `孕28周`, `宝宝4周`."""
    stage = Stage.PRENATAL if number < 0 else Stage.POSTNATAL
    return week_told(stage, number) or "备孕"


def weeks(item: Item) -> str:
    first, last = item["from_week"], item["to_week"]
    if first is None and last is None:
        return ""
    if first is None:
        return f"{week(last)}以前"
    if last is None:
        return f"{week(first)}以后"
    return week(first) if first == last else f"{week(first)}到{week(last)}"


def days(item: Item) -> str:
    first, last = wording.day(item["valid_from"]), wording.day(item["valid_to"])
    if not first and not last:
        return ""
    return f"{first or '现在'}到{last or '以后'}"


def stages(item: Item) -> str:
    return "、".join(wording.STAGES[each] for each in item["stages"])


def phases(item: Item) -> str:
    return "、".join(wording.PHASES[each] for each in item["phases"])


def for_whom(item: Item) -> str:
    """Which groups it is for, in one line."""
    parts = [
        stages(item),
        weeks(item),
        phases(item),
        "、".join(item["cities"]),
        "、".join(item["channels"]),
        days(item),
    ]
    return " · ".join(each for each in parts if each) or "所有群"


def approval(item: Item) -> str:
    if item["withdrawn_at"]:
        return "已撤下"
    return f"{item['approved_by']} 审过" if item["approved_by"] else "没审"


def tone(item: Item) -> str:
    if item["withdrawn_at"]:
        return "bad"
    return "good" if item["approved_by"] else "warn"
