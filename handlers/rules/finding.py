"""Which rule is named in what was typed. Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from config.rule_names import NAMES
from config.rules import Rules

LONGEST = 20
"""Of a name that is none, as it is said again."""

_LATIN = re.compile(r"[a-z][a-z_.\-]*")
_BETWEEN = re.compile(
    r"[\s=:，,]*(?:改为|改成|改到|设为|设成|调为|调成|调到|换成|变成|为|成|到|是)?[\s=:，,]*"
)


@dataclass(frozen=True, slots=True)
class Rule:
    section: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def chinese(self) -> str:
        return NAMES.get(self.path, self.path)

    @property
    def title(self) -> str:
        """`calm_delay（凑人等待）`: both of the names under which she finds it again."""
        short = self.name if len(_SPELLINGS[self.name]) == 1 else self.path
        return f"{short}（{self.chinese}）"

    @property
    def type(self) -> Any:
        return _section(self.section).model_fields[self.name].annotation

    def of(self, rules: Rules) -> Any:
        return getattr(getattr(rules, self.section), self.name)

    def is_in(self, layer: Mapping[str, Mapping[str, Any]]) -> bool:
        return self.name in layer.get(self.section, {})


def _section(name: str) -> Any:
    return type(Rules.model_fields[name].default)


EVERY = [
    Rule(section, name)
    for section in Rules.model_fields
    for name in _section(section).model_fields
]


def _spellings() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in EVERY:
        # One that has no Chinese name yet is called by its path.
        for spelling in dict.fromkeys((rule.path, rule.name, rule.chinese.casefold())):
            found[spelling].append(rule)
    return dict(found)


_SPELLINGS = _spellings()


@dataclass(frozen=True, slots=True)
class Found:
    """`rest` is what it is to be; empty where nothing was said of that."""

    rule: Rule
    rest: str


@dataclass(frozen=True, slots=True)
class Several:
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Unknown:
    typed: str
    like: Rule | None


def find(args: str) -> Found | Several | Unknown:
    """The rule that is named at the beginning, in English or Chinese; a space may be missing."""
    text = args.strip().casefold()
    spelling, length = _beginning(text)
    if spelling is None:
        typed = re.split(r"[\s=:，,0-9]", text, maxsplit=1)[0][:LONGEST]
        like = get_close_matches(typed, list(_SPELLINGS), 1, 0.5)
        return Unknown(typed, _SPELLINGS[like[0]][0] if like else None)
    rules = _SPELLINGS[spelling]
    if len(rules) > 1:
        return Several(rules)
    between = _BETWEEN.match(text, length)
    return Found(rules[0], text[between.end() if between else length :].strip())


def _beginning(text: str) -> tuple[str | None, int]:
    """The spelling with which the text begins, and how much of the text it is. A Latin name goes
    on as long as its letters do."""
    for spelling in sorted(_SPELLINGS, key=len, reverse=True):
        if text.startswith(spelling) and not spelling.isascii():
            return spelling, len(spelling)
    latin = _LATIN.match(text)
    word = latin[0].rstrip("_.-") if latin else ""
    spelling = word.replace("-", "_")
    return (spelling, len(word)) if spelling in _SPELLINGS else (None, 0)
