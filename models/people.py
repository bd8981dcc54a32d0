"""Who is in a group, and as what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.ids import GroupId

TOMBSTONE = "gone-"
"""What stands for a person who was erased begins like this; no platform's ids do."""
UNNAMED = "一位群友"
"""What she is called who was erased and is still in the room."""

ANYBODY = frozenset(
    {
        "妈",
        "妈妈",
        "妈咪",
        "麻麻",
        "宝妈",
        "宝宝",
        "宝贝",
        "宝宝妈",
        "宝宝妈妈",
        "宝贝妈妈",
        "孕妈",
        "孕妈妈",
        "孕妇",
        "准妈妈",
        "新手妈妈",
        "爸爸",
        "宝爸",
        "大家",
        "所有人",
        "小助手",
        "班长",
    }
)
"""Names that tell nobody apart: they are words of every other message."""


class OurAccount(ValueError):
    """It is no person, but the account of a bot."""


def is_erased(person: str) -> bool:
    return person.startswith(TOMBSTONE)


class Role(StrEnum):
    MEMBER = "member"
    KOC = "koc"
    MONITOR = "monitor"
    ASSISTANT = "assistant"
    HOST = "host"
    BOT = "bot"

    @property
    def is_staff(self) -> bool:
        """Those who run the group: not greeted, not reminded, and their talk earns nothing."""
        return self not in (Role.MEMBER, Role.KOC)

    @property
    def leads(self) -> bool:
        """Those whose commands run the group."""
        return self in (Role.MONITOR, Role.ASSISTANT)


@dataclass(frozen=True, slots=True)
class Brief:
    """What is kept of a person, as it is told in chat: by section (models/stores/people.py) rows
    or how many there are, and how many of her messages still have their words."""

    groups: Mapping[GroupId, str]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    counts: Mapping[str, int]
    worded: int


@dataclass(frozen=True, slots=True)
class Profile:
    """`name` is the person's own; `nickname` is the one used in this group ("" if none is set)."""

    name: str
    nickname: str = ""

    @property
    def shown(self) -> str:
        return self.nickname or self.name
