"""An item of the library as people write it: over HTTP, in a table, in a scenario. Pure.

What is wrong is told by field: in English, and for who fills in a table, in Chinese (`chinese`
in the context of the error).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from config.numbers import WHOLE
from config.texts import LONGEST_POST, check_post, variants_of
from config.written import SENSELESS
from handlers.addressed import OUR_NAME, is_for_us
from models.cohort import Stage
from models.content import ContentKind, Item, Voice
from models.phase import Phase

FIRST_WEEK, LAST_WEEK = -42, 156
"""Of the baby: from 42 weeks before its birth, which is longer than a pregnancy is counted to
last, to its third birthday."""
HEAVIEST = 100
LONGEST_ID, LONGEST_NAME, LONGEST_TITLE, LONGEST_SOURCE = 64, 50, 60, 300
LONGEST_ADDRESS = 2_000
MOST_PLACES = 500
NOT_SHOWN = ("it holds a character that can't be shown", "里面有看不见的字符，请重新输入")
NO_ADDRESS = (
    "an address begins with http:// or https://, and holds no blank",
    "要写完整的网址，以 http:// 或 https:// 开头，中间没有空格",
)
SEPARATORS = re.compile(r"[;；、,，\n]")
"""Between several values in one text. No city and no channel has one of these in its name."""

_UNSEEN = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
"""What steers, but for blanks and line breaks."""
LINE = f"^[^{_UNSEEN}]*$"
FILLED = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
ADDRESS = r"^https?://\S+$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

V = TypeVar("V")


def refused(english: str, chinese: str) -> PydanticCustomError:
    return PydanticCustomError("item", "{english}", {"english": english, "chinese": chinese})


def senseless(english: str, chinese: str) -> PydanticCustomError:
    """Of what has the form that the schema asks for."""
    return PydanticCustomError(SENSELESS, "{english}", {"english": english, "chinese": chinese})


# The parts of an item


def several(value: object) -> object:
    """One text may name several, and nothing is none."""
    if value is None:
        return ()
    if isinstance(value, str):
        return [each.strip() for each in SEPARATORS.split(value) if each.strip()]
    return value


def _once(values: tuple[V, ...]) -> tuple[V, ...]:
    return tuple(dict.fromkeys(values))


def _line(text: str) -> str:
    if not re.match(LINE, text):
        raise refused(*NOT_SHOWN)
    line = " ".join(text.split())
    if any(unicodedata.category(each) == "Cs" for each in line):
        raise senseless(*NOT_SHOWN)
    return line


def _without_unseen(text: str) -> str:
    """What is compared with another name has to be what it looks like."""
    if not text.isprintable():
        raise senseless(*NOT_SHOWN)
    return text


def _one_name(text: str) -> str:
    if SEPARATORS.search(text):
        raise senseless("one name, without ; or ,", "一个一个写，名字里不能有分号、逗号、顿号")
    return text


def _day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise refused("a day is written like 2026-02-20", "要写日期，例如 2026-03-01 或 2026/3/1")
    return value


def _postable(text: str) -> str:
    """With the line breaks that everybody uses, so that the same text is the same."""
    text = "\n".join(text.splitlines()).strip()
    if not text:
        raise refused("an item says something", "正文不能空着")
    try:
        template = check_post(text)
    except ValueError as error:
        raise senseless(str(error), _told(text, str(error))) from error
    if any(map(is_for_us, variants_of(template))):
        raise senseless(
            "said in a group it would be taken for a command: one begins with / or # and a word, "
            f"or calls @{OUR_NAME} first or last",
            "发到群里会被当成给小助手的命令：不能以 / 或 # 加命令开头，"
            f"也不能以 @{OUR_NAME} 开头或结尾，换个说法就好",
        )
    return template


def _told(text: str, why: str) -> str:
    if "{" not in text and len(text) > LONGEST_POST:
        return f"正文有{len(text)}个字，最多{LONGEST_POST}个，请缩短或拆成几条"
    if "{" not in text:
        return "正文里有看不见的字符，请重新输入"
    return (
        "正文里的 {{ }} 写法有误：只能用 city、channel、window、stage、week、monitor，"
        f"它们为空时正文也不能是空的，展开后最多{LONGEST_POST}个字（{why}）"
    )


def _address(text: str) -> str:
    if not re.match(ADDRESS, text):
        raise refused(*NO_ADDRESS)
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or any(each.isspace() or not each.isprintable() for each in text):
        raise senseless(*NO_ADDRESS)
    return text


Line = Annotated[str, AfterValidator(_line), Field(json_schema_extra={"pattern": LINE})]
Id = Annotated[
    Line,
    Field(min_length=1, max_length=LONGEST_ID, json_schema_extra={"pattern": FILLED}),
    AfterValidator(_without_unseen),
]
Name = Annotated[
    Line,
    Field(min_length=1, max_length=LONGEST_NAME, json_schema_extra={"pattern": FILLED}),
    AfterValidator(_without_unseen),
    AfterValidator(_one_name),
]
Address = Annotated[
    str,
    Field(max_length=LONGEST_ADDRESS, json_schema_extra={"pattern": ADDRESS}),
    AfterValidator(_address),
]
Week = Annotated[int, Field(ge=FIRST_WEEK, le=LAST_WEEK), WHOLE]
Day = Annotated[date, BeforeValidator(_day)]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(several), AfterValidator(_once)]
Phases = Annotated[tuple[Phase, ...], BeforeValidator(several), AfterValidator(_once)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(several),
    AfterValidator(_once),
    Field(max_length=MOST_PLACES),
]


class Draft(BaseModel):
    """What an item says, and for whom it is. What is empty or absent fits everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ContentKind = Field(description="Knowledge, selling, getting people talking.")
    voice: Voice | None = Field(
        None, description="Who says it; the monitor what is wet, the assistant the rest."
    )
    text: Annotated[str, AfterValidator(_postable)] = Field(
        description="A template: city, channel, window, stage, week, monitor.",
        json_schema_extra={"unit": "template", "pattern": r"\S"},
    )
    image: Address | None = Field(None, description="The address of a picture.")
    link: Address | None = Field(None, description="Where a card leads to.")
    title: Annotated[Line, Field(max_length=LONGEST_TITLE)] = Field(
        "", validate_default=True, description="Of a card; the text's first line if it has none."
    )
    stages: Stages = ()
    phases: Phases = ()
    from_week: Week | None = Field(None, description="The baby's; -12 is the 28th of a pregnancy.")
    to_week: Week | None = Field(None, description="That week included.")
    cities: Names = ()
    channels: Names = ()
    valid_from: Day | None = None
    valid_to: Day | None = Field(None, description="That day included.")
    weight: Annotated[int, Field(ge=1, le=HEAVIEST), WHOLE] = Field(
        1, description="Of what fits equally well, the heavier comes first."
    )
    source: Annotated[Line, Field(max_length=LONGEST_SOURCE)] = Field(
        "", description="The authority it goes by."
    )

    @field_validator("title")
    @classmethod
    def card_has_title(cls, title: str, info: ValidationInfo) -> str:
        text, link = info.data.get("text"), info.data.get("link")
        if title or not link or not text:
            return title
        first = _line(str(text).splitlines()[0])
        if "{" in first:
            raise senseless(
                "a card needs a title where the text begins with a template",
                "有链接就要有标题（正文第一行里有 {{ }}，不能当标题）",
            )
        return first if len(first) <= LONGEST_TITLE else f"{first[: LONGEST_TITLE - 1]}…"

    @field_validator("to_week")
    @classmethod
    def weeks_in_order(cls, to_week: int | None, info: ValidationInfo) -> int | None:
        _in_order(info, "from_week", to_week, "结束周比起始周还早，请对调一下")
        return to_week

    @field_validator("valid_to")
    @classmethod
    def days_in_order(cls, valid_to: date | None, info: ValidationInfo) -> date | None:
        _in_order(info, "valid_from", valid_to, "结束日期比开始日期还早，请对调一下")
        return valid_to

    def as_item(self, name: str, *, approved_by: str | None = None) -> Item:
        """`name` is its id."""
        return Item(
            **self.model_dump(include=set(Draft.model_fields))
            | {
                "id": name,
                "approved_by": approved_by,
                "voice": self.voice or usual_voice(self.kind),
            }
        )


class Entry(Draft):
    """A whole item. Whoever fills in `approved_by` vouches for it."""

    id: Id
    approved_by: Annotated[Line, Field(max_length=LONGEST_NAME)] | None = None

    def as_entered(self) -> Item:
        return self.as_item(self.id, approved_by=self.approved_by or None)


def usual_voice(kind: ContentKind) -> Voice:
    """What sells is the monitor's to say: one role doing everything is a shop praising its own
    melons."""
    return Voice.MONITOR if kind is ContentKind.WET else Voice.ASSISTANT


SAID = ("kind", "voice", "text", "image", "link", "title")
"""What somebody approves who approves an item."""


def says_the_same(one: Item, other: Item) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in SAID)


PLANNED_BY = (
    *("kind", "voice", "stages", "phases", "from_week", "to_week", "cities", "channels"),
    *("valid_from", "valid_to", "withdrawn_at"),
)
"""What decides for whom an item is planned, and how."""


def is_planned_alike(one: Item, other: Item) -> bool:
    """Whether what was planned for the one is right for the other, and as approved."""
    return bool(one.approved_by) == bool(other.approved_by) and all(
        getattr(one, name) == getattr(other, name) for name in PLANNED_BY
    )


def as_approved_before(item: Item, known: Item | None) -> Item:
    """An approval lasts as long as the item says what was approved, unless somebody else vouches
    for it."""
    if item.approved_by or known is None or not says_the_same(item, known):
        return item
    return replace(item, approved_by=known.approved_by)


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of a library, by the ids of the items."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def differing(self) -> frozenset[str]:
        return frozenset((*self.added, *self.changed))

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
        }


def compare(known: Mapping[str, Item], given: Iterable[Item]) -> Changes:
    """`known` are the items there are or ever were; one that was withdrawn is added anew."""
    added, changed, unchanged = [], [], []
    for item in given:
        before = known.get(item.id)
        if before is None or before.withdrawn_at is not None:
            added.append(item.id)
        elif before == item:
            unchanged.append(item.id)
        else:
            changed.append(item.id)
    return Changes(tuple(added), tuple(changed), tuple(unchanged))


def _in_order(info: ValidationInfo, first: str, last: Any, chinese: str) -> None:
    start = info.data.get(first)
    if start is not None and last is not None and last < start:
        raise senseless(f"it is before {first} ({start})", chinese)
