"""The lines of a scenario, one class each (docs/scenarios.md)."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from handlers.content.items import Draft
from handlers.content.items import Id as ItemId
from models.cohort import BirthWindow
from models.content import Item, Voice
from models.entry import Baby, EntryCode, Template
from models.groups import Group
from models.ids import AccountId, Code, GroupId, PersonId
from models.people import Role
from models.rewards import Reward
from models.scopes import EVERYWHERE, check_scope
from models.text import storable

ACCOUNT = AccountId("replay")
OPERATOR = "scenario"
MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1970, 2199


def _scope(text: str) -> str:
    check_scope(text)
    return text


def _window(text: str) -> str:
    return str(BirthWindow.parse(text))


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not MOMENT.match(value):
        raise ValueError("a time is written like 2026-03-02T20:00:01+08:00")
    return value


def _within_reason(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year lies outside {FIRST_YEAR}-{LAST_YEAR}")
    return moment


def _day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError("a day is written like 2026-02-20")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_within_reason)]
Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[str, AfterValidator(storable)]
Name = Annotated[Words, Field(min_length=1)]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


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

    def as_group(self, account: AccountId = ACCOUNT) -> Group:
        return Group(
            id=GroupId(self.group),
            account=account,
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


class CodeLine(Line):
    type: Literal["code"]
    code: Slug
    channel: Name
    city: Name | None = None
    referrer: Words = ""
    member: Name | None = None
    group: Name | None = None
    headline: Words = ""
    template: Template = Template.MOTHER

    def as_code(self, made_at: datetime, made_by: str = OPERATOR) -> EntryCode:
        return EntryCode(
            code=Code(self.code),
            channel=self.channel,
            city=self.city,
            referrer=self.referrer,
            member=PersonId(self.member) if self.member else None,
            group=GroupId(self.group) if self.group else None,
            headline=self.headline,
            template=self.template,
            created_at=made_at,
            created_by=made_by,
        )


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


class ByCode(Happening):
    """What somebody does on the public pages; `visitor` is her browser."""

    visitor: Name
    code: Slug


class ScannedLine(ByCode):
    type: Literal["scanned"]


class AnsweredLine(ByCode):
    """`city` is left out where the code says it."""

    type: Literal["answered"]
    name: Name
    due: Day | None = None
    born: Day | None = None
    city: Name | None = None

    @model_validator(mode="after")
    def one_day(self) -> Self:
        if (self.due is None) == (self.born is None):
            raise ValueError("either `due` or `born` is given")
        return self

    @property
    def baby(self) -> Baby:
        return Baby.DUE if self.due else Baby.BORN

    @property
    def day(self) -> date:
        day = self.due or self.born
        assert day is not None
        return day


class BefriendsLine(Happening):
    """She wants to be the account's friend; with `visitor` she says the ticket that was given
    to that browser."""

    type: Literal["befriends"]
    member: Name
    name: Words = ""
    hello: Words = ""
    visitor: Name | None = None

    @model_validator(mode="after")
    def one_hello(self) -> Self:
        if self.hello and self.visitor:
            raise ValueError("either `hello` or `visitor` is given")
        return self


class DeafLine(Happening):
    type: Literal["deaf"]
    until: Moment


class UntilLine(Happening):
    type: Literal["until"]


SetUp = GroupLine | MemberLine | RewardLine | ContentLine | CodeLine | RulesLine
Event = (
    JoinedLine
    | LeftLine
    | NicknameLine
    | RenamedLine
    | SaidLine
    | RecalledLine
    | RoleLine
    | ScannedLine
    | AnsweredLine
    | BefriendsLine
    | DeafLine
    | UntilLine
    | RulesLine
)
