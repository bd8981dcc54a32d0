"""What owners hear of what waits for them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.confirming.policy import names
from config.daily import ZONE


@dataclass(frozen=True, slots=True)
class Ready:
    """A text that an owner is to paste into the group of this name, for so many newcomers (0: it
    greets nobody) who have come since then."""

    group: str
    people: int
    since: datetime
    text: str


def ready(pastes: Sequence[Ready], link: str) -> str:
    """Without a link she gets the text itself."""
    if not link:
        texts = "\n\n".join(each.text for each in pastes)
        return f"{_what(pastes)}下面的话复制到群里就行：\n\n{texts}"
    return f"{_what(pastes)}话已经写好了，点开复制到群里就行：\n{link}"


def waiting(pastes: Sequence[Ready], link: str) -> str:
    """A reminder."""
    where = f"：\n{link}" if link else "，有空时发一下～"
    return f"{names([each.group for each in pastes])}的新朋友还在等欢迎，不忙时发一下就好{where}"


def _what(pastes: Sequence[Ready]) -> str:
    if len(pastes) == 1 and (only := pastes[0]).people:
        return f"「{only.group}」{_time(only.since)}起来了{only.people}位新朋友，"
    people = sum(each.people for each in pastes)
    came = f"来了{people}位新朋友，" if people else "有几句话要说，"
    return f"{names([each.group for each in pastes])}{came}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%H:%M}"
