"""Scenarios: a group's log, or an invented one, as JSON lines (docs/scenarios.md)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from config.rules import GroupRules, Overrides, effective, patched
from handlers.groups.policy import adopted
from models.cohort import BirthWindow
from models.groups import Group
from models.ids import AccountId, GroupId
from models.people import Role
from models.scopes import EVERYWHERE, check_scope, scopes_of
from models.text import storable

ACCOUNT = AccountId("replay")


class BadScenario(Exception):
    """`line N: what is wrong`."""


def _scope(text: str) -> str:
    check_scope(text)
    return text


def _window(text: str) -> str:
    return str(BirthWindow.parse(text))


Words = Annotated[str, AfterValidator(storable)]
Name = Annotated[Words, Field(min_length=1)]


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupLine(Line):
    type: Literal["group"]
    group: Name
    name: Words
    city: Name | None = None
    channel: Name | None = None
    birth_window: Annotated[str, AfterValidator(_window)] | None = None
    opened_on: date | None = None

    def as_group(self) -> Group:
        return Group(
            id=GroupId(self.group),
            account=ACCOUNT,
            name=self.name,
            city=self.city,
            channel=self.channel,
            birth_window=self.birth_window,
            opened_on=self.opened_on,
        )


class MemberLine(Line):
    type: Literal["member"]
    group: Name
    member: Name
    name: Words = ""
    nickname: Words = ""
    role: Role = Role.MEMBER


class LaterLine(Line):
    """What belongs to a feature that this version does not have: read, checked, and left out."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: Literal["content", "reward"]


class RulesLine(Line):
    type: Literal["rules"]
    at: AwareDatetime | None = None
    scope: Annotated[str, AfterValidator(_scope)] = "everywhere"
    set: dict[str, Any]


class Happening(Line):
    at: AwareDatetime


class InGroup(Happening):
    group: Name


class JoinedLine(InGroup):
    type: Literal["joined"]
    member: Name
    name: Words = ""
    nickname: Words = ""
    inviter: Name | None = None


class LeftLine(InGroup):
    type: Literal["left"]
    member: Name
    by: Name | None = None


class NicknameLine(InGroup):
    type: Literal["nickname"]
    member: Name
    nickname: Words


class RenamedLine(InGroup):
    type: Literal["renamed"]
    name: Words


class SaidLine(Happening):
    type: Literal["said"]
    group: Name | None = None
    member: Name
    id: Name
    text: Words
    mentions: tuple[Name, ...] = ()
    quotes: Name | None = None


class RecalledLine(InGroup):
    type: Literal["recalled"]
    id: Name
    member: Name | None = None


class RoleLine(InGroup):
    type: Literal["role"]
    member: Name
    role: Role


class DeafLine(Happening):
    type: Literal["deaf"]
    until: AwareDatetime


class UntilLine(Happening):
    type: Literal["until"]


SetUp = GroupLine | MemberLine | LaterLine | RulesLine
Event = (
    JoinedLine
    | LeftLine
    | NicknameLine
    | RenamedLine
    | SaidLine
    | RecalledLine
    | RoleLine
    | DeafLine
    | UntilLine
    | RulesLine
)
_ANY: TypeAdapter[Any] = TypeAdapter(Annotated[SetUp | Event, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Scenario:
    """The set-up in the order of the file, then the events in order of time."""

    set_up: list[GroupLine | MemberLine | RulesLine]
    events: list[Any]
    ends_at: datetime | None
    left_out: list[str]


def read(lines: Iterable[str]) -> Scenario:
    """Raises BadScenario; nothing has happened then."""
    scenario = Scenario([], [], None, [])
    groups: dict[str, Group] = {}
    layers: dict[str, Overrides] = {}
    last: datetime | None = None
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _parse(text)
            at = getattr(line, "at", None)
            if at is None and last is not None:
                raise ValueError(f"{line.type!r} without `at` belongs before the first event")
            if at is not None and last is not None and at < last:
                raise ValueError(f"`at` goes back in time, from {last.isoformat()}")
            _check(line, groups, layers)
        except ValidationError as error:
            raise BadScenario(f"line {number}: {_explain(error)}") from error
        except ValueError as error:
            raise BadScenario(f"line {number}: {error}") from error
        last = at or last
        if isinstance(line, LaterLine):
            scenario.left_out.append(f"line {number}: {line.type!r} is not used by this version")
        elif at is None:
            scenario.set_up.append(line)
        else:
            scenario.events.append(line)
    return scenario


def _parse(text: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("a line is a JSON object")
    return _ANY.validate_python(value)


def _check(line: Any, groups: dict[str, Group], layers: dict[str, Overrides]) -> None:
    """What a line can't know alone: the groups it speaks of, and the rules it adds to."""
    group = getattr(line, "group", None)
    if isinstance(line, GroupLine):
        if line.group in groups:
            raise ValueError(f"group {line.group!r} is declared twice")
        groups[line.group] = adopted(line.as_group(), GroupRules())
    elif group is not None and not isinstance(line, LaterLine) and group not in groups:
        raise ValueError(f"group {group!r} is not declared; add a `group` line before")
    if isinstance(line, DeafLine) and line.until < line.at:
        raise ValueError("`until` is before `at`")
    if isinstance(line, RulesLine):
        layers[line.scope] = patched(layers.get(line.scope, {}), line.set)
    if isinstance(line, GroupLine | RulesLine):
        for scopes in [(EVERYWHERE, scope) for scope in layers] + [
            scopes_of(each) for each in groups.values()
        ]:
            effective(layers.get(scope, {}) for scope in scopes)


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(each) for each in first["loc"][1:]) or ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
