"""How a line of the ledger is told. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.console import wording
from handlers.points.policy import REVERSIBLE
from models.points import OFFICE

Entry = Mapping[str, Any]


def points(entry: Entry) -> str:
    """`+5`, or `-3（还差 2）` where she had no more."""
    told = f"{entry['points']:+,}"
    return f"{told}（还差 {entry['shortfall']}）" if entry["shortfall"] else told


def why(entry: Entry) -> str:
    kind = wording.ENTRIES[entry["kind"]]
    return f"{kind}：{entry['note']}" if entry["note"] else kind


def decided_by(entry: Entry) -> str:
    """An operator by her name; who typed it in the group by what she is there."""
    if entry["by"] == "rules":
        return "规则"
    if entry["by"] == entry["person"]:
        return "她自己"
    of_office = (entry["cause"] or "").startswith(OFFICE) or entry["kind"] == "clawback"
    return str(entry["by"]) if of_office else "班长"


def can_be_reversed(entry: Entry) -> bool:
    return not entry["reversed"] and entry["kind"] in REVERSIBLE


def member(row: Mapping[str, Any]) -> str:
    """What she is called, or her id for who may not know it."""
    return str(row["member_name"] or row["person"])
