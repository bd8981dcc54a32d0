"""Before and after, side by side, in words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console import wording
from models.cohort import BirthWindow

NONE = "无"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "role": wording.MEMBER_ROLES | {"viewer": "查看", "operator": "运营", "admin": "管理员"},
    "standing": wording.STANDINGS,
    "stage": wording.STAGES,
    "stages": wording.STAGES,
    "template": wording.TEMPLATES,
    "kind": wording.MESSAGES | wording.KINDS,
}
"""What the values of these fields are called."""
_STATES: Mapping[str, Mapping[str, str]] = {
    "message": wording.OUTBOX,
    "opening": wording.OPENINGS,
}
"""`state` is another thing for each of these."""

_DERIVED = frozenset({"id", "link", "poster", "qr", "key"})
"""What nobody asks for who asks what was changed: addresses, and what programs call it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, as it was and as it is; `is_new` where they differ."""

    name: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return self.before != self.after


def side_by_side(entry: Mapping[str, Any], now: datetime) -> list[Difference]:
    """Every field of an entry of the audit log of which there is anything to say, those that were
    changed first."""
    kind = entry["target"].partition(":")[0]
    before, after = _flat(entry["before"]), _flat(entry["after"])
    names = sorted(
        (name for name in {**before, **after} if name not in _DERIVED),
        key=lambda name: before.get(name) == after.get(name),
    )
    told = [
        Difference(
            _name(name, kind),
            _value(name, before.get(name), kind, now) if before else "",
            _value(name, after.get(name), kind, now) if after else "",
        )
        for name in names
    ]
    return [each for each in told if {each.before, each.after} - {NONE, ""}]


def changed(entry: Mapping[str, Any], now: datetime) -> str:
    """Only what differs, in a line: `积分 50 → 60`."""
    is_first = not entry["before"]
    return "；".join(
        f"{each.name} {each.after}" if is_first else f"{each.name} {each.before} → {each.after}"
        for each in side_by_side(entry, now)
        if each.is_new
    )


def _flat(told: Mapping[str, Any] | None, within: str = "") -> dict[str, Any]:
    """`{"onboarding": {"calm_delay": 5}}` -> `{"onboarding.calm_delay": 5}`"""
    flat: dict[str, Any] = {}
    for name, each in (told or {}).items():
        if isinstance(each, Mapping) and each:
            flat |= _flat(each, f"{within}{name}.")
        else:
            flat[f"{within}{name}"] = each
    return flat


def _name(name: str, kind: str) -> str:
    called = wording.field(name)
    if called == name:
        # Rules stand below `set`, other things below what they belong to.
        called = " ".join(_parts(name))
    return called


def _parts(name: str) -> Iterator[str]:
    first, _, rest = name.partition(".")
    yield wording.field(first)
    if rest:
        known = wording.field(rest)
        yield from [known] if known != rest else _parts(rest)


def _value(name: str, value: Any, kind: str, now: datetime) -> str:
    last = name.rpartition(".")[2]
    match value:
        case None | "" | []:
            return NONE
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(_value(name, each, kind, now) for each in value)
        case str() if last == "scope":
            return wording.scope(value)
        case str() if last.endswith("_at") or last.endswith("_until"):
            return wording.moment(value, now)
        case str() if last in ("birth_window", "window"):
            return BirthWindow.parse(value).label
        case str() if last == "state":
            return _STATES.get(kind, {}).get(value, value)
    return _WORDS.get(last, {}).get(str(value), str(value))
