"""Scenarios: a group's log, or an invented one, as JSON lines (docs/scenarios.md)."""

import codecs
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError

from bot.scenario_lines import (
    AnsweredLine,
    BefriendsLine,
    ByCode,
    CodeLine,
    ContentLine,
    DeafLine,
    Event,
    GroupLine,
    RewardLine,
    RulesLine,
    SetUp,
    UntilLine,
)
from config.daily import ZONE
from config.rules import GroupRules, Overrides, effective, patched
from handlers.entry import answers
from handlers.groups.policy import adopted
from models.groups import Group, of_channel
from models.scopes import combinations, scopes_of


class BadScenario(Exception):
    """`line N: what is wrong`."""


_ANY: TypeAdapter[Any] = TypeAdapter(Annotated[SetUp | Event, Field(discriminator="type")])
TYPES = tuple(
    dict.fromkeys(
        name
        for line in get_args(SetUp | Event)
        for name in get_args(line.model_fields["type"].annotation)
    )
)
BOM = codecs.BOM_UTF8.decode()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The set-up in the order of the file, then the events in order of time."""

    set_up: list[SetUp]
    events: list[Any]
    left_out: list[str]

    @property
    def has_codes(self) -> bool:
        return any(isinstance(each, CodeLine) for each in self.set_up)


@dataclass(slots=True)
class Known:
    """What the lines so far have spoken of."""

    groups: dict[str, Group] = field(default_factory=dict)
    layers: dict[str, Overrides] = field(default_factory=dict)
    codes: dict[str, CodeLine] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    declared: set[tuple[str, str]] = field(default_factory=set)


def read(lines: Iterable[str | bytes]) -> Scenario:
    """Raises BadScenario; nothing has happened then."""
    scenario = Scenario([], [], [])
    known = Known()
    last: datetime | None = None
    is_over = False
    for number, text in enumerate(lines, 1):
        try:
            if (line := _parse(text, is_first=number == 1)) is None:
                continue
            at = getattr(line, "at", None)
            if at is None and last is not None:
                raise ValueError(f"{line.type!r} without `at` belongs before the first event")
            if at is not None and last is not None and at < last:
                raise ValueError(f"`at` goes back in time, from {last.isoformat()}")
            _check(line, known)
            _check_way_in(line, known)
            _check_is_new(line, known.declared)
            if isinstance(line, AnsweredLine):
                line = _as_taken(line, known)
        except ValidationError as error:
            raise BadScenario(f"line {number}: {_explain(error)}") from error
        except ValueError as error:
            raise BadScenario(f"line {number}: {error}") from error
        last = at or last
        if is_over:
            scenario.left_out.append(f"line {number}: is after `until`, and left out")
        elif at is None:
            scenario.set_up.append(line)
        else:
            scenario.events.append(line)
            is_over = isinstance(line, UntilLine)
    return scenario


def _parse(given: str | bytes, *, is_first: bool) -> Any:
    """None where the line is empty. An editor's mark at the start of a file is no part of it."""
    try:
        text = given.decode() if isinstance(given, bytes) else given
        text = text.removeprefix(BOM) if is_first else text
        if not text.strip():
            return None
        value = json.loads(text)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("a line is a JSON object")
    if value.get("type") not in TYPES:
        raise ValueError(f"`type` is one of {', '.join(TYPES)}, not {value.get('type')!r}")
    return _ANY.validate_python(value)


def _check(line: Any, known: Known) -> None:
    """What a line can't know alone: the groups it speaks of, and the rules it adds to."""
    groups, layers = known.groups, known.layers
    group = getattr(line, "group", None)
    if isinstance(line, GroupLine):
        if line.group in groups:
            raise ValueError(f"group {line.group!r} is declared twice")
        groups[line.group] = _as_adopted(line)
    elif group is not None and group not in groups:
        raise ValueError(f"group {group!r} is not declared; add a `group` line before")
    at, opened_on = getattr(line, "at", None), groups[group].opened_on if group else None
    if at is not None and opened_on is not None and at.astimezone(ZONE).date() < opened_on:
        raise ValueError(f"group {group!r} is opened only on {opened_on}")
    if isinstance(line, DeafLine) and line.until < line.at:
        raise ValueError("`until` is before `at`")
    if isinstance(line, GroupLine):
        effective(layers.get(scope, {}) for scope in scopes_of(groups[line.group]))
    if isinstance(line, RulesLine):
        layers[line.scope] = patched(layers.get(line.scope, {}), line.set)
        for scopes in sorted(combinations(layers, groups.values()), key=len):
            if line.scope in scopes:
                effective(layers[scope] for scope in scopes)


def _check_way_in(line: Any, known: Known) -> None:
    """The codes it speaks of, and the answers."""
    if isinstance(line, ByCode) and line.code not in known.codes:
        raise ValueError(f"code {line.code!r} is not declared; add a `code` line before")
    match line:
        case CodeLine():
            known.codes[line.code] = line
        case AnsweredLine():
            known.answered.add(line.visitor)
        case BefriendsLine(visitor=str(visitor)) if visitor not in known.answered:
            raise ValueError(f"visitor {visitor!r} has answered nothing yet, and has no ticket")


def _as_taken(line: AnsweredLine, known: Known) -> AnsweredLine:
    """As the form takes it; raises ValueError, in its words, where it would not."""
    code = known.codes[line.code]
    if code.city is not None and line.city not in (None, code.city):
        raise ValueError(f"code {code.code!r} is for {code.city}: leave `city` out")
    layers = (known.layers.get(scope, {}) for scope in scopes_of(of_channel(code.channel)))
    rules = effective(layers)
    cities = rules.entry.cities or {each.city for each in known.groups.values() if each.city}
    form: dict[str, str] = {
        answers.Field.BABY: line.baby.value,
        answers.Field.DAY: line.day.isoformat(),
        answers.Field.CITY: line.city or "",
        answers.Field.NAME: line.name,
        answers.Field.CONSENT: "yes",
    }
    today = line.at.astimezone(ZONE).date()
    taken = answers.check(form, code.as_code(line.at), cities, today, rules)
    if isinstance(taken, answers.Faults):
        field, why = next(iter(taken.texts.items()))
        raise ValueError(f"{field}: {why}")
    return line.model_copy(update={"name": taken.name, "city": taken.city})


def _check_is_new(line: Any, declared: set[tuple[str, str]]) -> None:
    for named in _declares(line):
        if named in declared:
            raise ValueError(f"{named[0]} {named[1]!r} is declared twice")
        declared.add(named)


def _declares(line: Any) -> list[tuple[str, str]]:
    match line:
        case ContentLine():
            return [(line.type, line.content)]
        case RewardLine():
            return [(line.type, line.reward)]
        case CodeLine(member=str(member)):
            return [(line.type, line.code), ("code of", f"{member}, {line.channel}")]
        case CodeLine():
            return [(line.type, line.code)]
    return []


def _as_adopted(line: GroupLine) -> Group:
    """What the line says, and where it is silent, what the group's name says."""
    said = line.as_group()
    read = adopted(said, GroupRules())
    return replace(
        read,
        city=said.city or read.city,
        channel=said.channel or read.channel,
        birth_window=said.birth_window or read.birth_window,
    )


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(each) for each in first["loc"][1:]) or ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
