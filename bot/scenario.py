"""Scenarios: a group's log, or an invented one, as JSON lines (docs/scenarios.md)."""

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from config.daily import ZONE
from config.rules import GroupRules, Overrides, effective, patched
from handlers.content.items import Draft
from handlers.content.items import Id as ItemId
from handlers.groups.policy import adopted
from models.cohort import BirthWindow
from models.content import Item, Voice
from models.groups import Group
from models.ids import AccountId, GroupId
from models.people import Role
from models.rewards import Reward
from models.scopes import EVERYWHERE, check_scope, combinations, scopes_of
from models.text import storable

ACCOUNT = AccountId("replay")
MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1970, 2199


class BadScenario(Exception):
    """`line N: what is wrong`."""


def _scope(text: str) -> str:
    check_scope(text)
    return text


def _window(text: str) -> str:
    return str(BirthWindow.parse(text))


def _moment(value: object) -> object:
    if not isinstance(value, str) or not MOMENT.match(value):
        raise ValueError("a time is written like 2026-03-02T20:00:01+08:00")
    return value


def _within_reason(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year lies outside {FIRST_YEAR}-{LAST_YEAR}")
    return moment


def _day(value: object) -> object:
    if value is not None and not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError("a day is written like 2026-02-20")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_within_reason)]
Day = Annotated[date, BeforeValidator(_day)]
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
    opened_on: Day | None = None

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


class RewardLine(Line):
    type: Literal["reward"]
    reward: Name
    name: Name
    cost: Annotated[int, Field(ge=1, le=1_000_000)]
    stock: Annotated[int, Field(ge=0)] | None = None
    limit_each: Annotated[int, Field(ge=1)] | None = None
    valid_until: Moment | None = None
    scope: Annotated[str, AfterValidator(_scope)] = EVERYWHERE

    def as_reward(self) -> Reward:
        return Reward(
            id=self.reward,
            name=self.name,
            scope=self.scope,
            cost=self.cost,
            stock=self.stock,
            limit_each=self.limit_each,
            valid_until=self.valid_until,
        )


class ContentLine(Draft):
    """An item of the library, its fields named as in the library's table."""

    type: Literal["content"]
    content: ItemId
    approved_by: Name | None = None

    def as_entered(self) -> Item:
        """Nobody in a scenario pastes what is handed over, so without `voice` it is ours."""
        item = self.as_item(self.content, approved_by=self.approved_by)
        return item if self.voice else replace(item, voice=Voice.ASSISTANT)


class RulesLine(Line):
    type: Literal["rules"]
    at: Moment | None = None
    scope: Annotated[str, AfterValidator(_scope)] = "everywhere"
    set: dict[str, Any]


class Happening(Line):
    at: Moment


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
    until: Moment


class UntilLine(Happening):
    type: Literal["until"]


SetUp = GroupLine | MemberLine | RewardLine | ContentLine | RulesLine
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


def read(lines: Iterable[str | bytes]) -> Scenario:
    """Raises BadScenario; nothing has happened then."""
    scenario = Scenario([], [], [])
    groups: dict[str, Group] = {}
    layers: dict[str, Overrides] = {}
    declared: set[tuple[str, str]] = set()
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
            _check(line, groups, layers)
            _check_is_new(line, declared)
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


def _check(line: Any, groups: dict[str, Group], layers: dict[str, Overrides]) -> None:
    """What a line can't know alone: the groups it speaks of, and the rules it adds to."""
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


def _check_is_new(line: Any, declared: set[tuple[str, str]]) -> None:
    if not isinstance(line, ContentLine | RewardLine):
        return
    name = line.content if isinstance(line, ContentLine) else line.reward
    if (line.type, name) in declared:
        raise ValueError(f"{line.type} {name!r} is declared twice")
    declared.add((line.type, name))


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
