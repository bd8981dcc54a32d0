"""How a line of the ledger is told. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.console import wording
from handlers.points.policy import REVERSIBLE

Entry = Mapping[str, Any]
BY_RULES = "规则"


def points(entry: Entry) -> str:
    """`+5`, or `-3（还差 2）` where she had no more."""
    told = f"{entry['points']:+,}"
    return f"{told}（还差 {entry['shortfall']}）" if entry["shortfall"] else told


def why(entry: Entry) -> str:
    kind = wording.ENTRIES[entry["kind"]]
    return f"{kind}：{entry['note']}" if entry["note"] else kind


def decided_by(entry: Entry) -> str:
    return BY_RULES if entry["by"] == "rules" else str(entry["by"])


def can_be_reversed(entry: Entry) -> bool:
    return not entry["reversed"] and entry["kind"] in REVERSIBLE


def member(row: Mapping[str, Any]) -> str:
    """What she is called, or her id for who may not know it."""
    return str(row["member_name"] or row["person"])
