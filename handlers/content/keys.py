"""The keys under which posts are promised to the outbox, and what they tell. Pure."""

from dataclasses import dataclass
from datetime import date

from models.content import Post
from models.ids import GroupId

SAID, HANDED, TEXT = "content", "handed", ":text"

Place = tuple[GroupId, date, int]
"""Group, day and slot: the key of a post."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Giving a post's item to the monitor; `number` counts those of the post, from 0."""

    place: Place
    number: int

    def is_latest(self, post: Post) -> bool:
        """Whether what was handed over is what the post still is to be."""
        return post.given[self.number :] == (post.item,)


def said(post: Post) -> str:
    return f"{SAID}:{post.group}:{post.day}:{post.slot}"


def place_said(key: str) -> Place:
    return _place(key.removeprefix(f"{SAID}:"))


def introduction(post: Post, number: int) -> str:
    """Of what is handed over for it, the `number`th time."""
    return f"{HANDED}:{post.group}:{post.day}:{post.slot}:{number}"


def text(post: Post, number: int) -> str:
    """What she is to copy, by itself."""
    return f"{introduction(post, number)}{TEXT}"


def handover(key: str) -> Handover | None:
    """Of the introduction or of the text; None where it is a key of something else."""
    feature, _, rest = key.removesuffix(TEXT).partition(":")
    if feature != HANDED:
        return None
    place, _, number = rest.rpartition(":")
    return Handover(_place(place), int(number))


def _place(told: str) -> Place:
    group, day, slot = told.rsplit(":", 2)
    return GroupId(group), date.fromisoformat(day), int(slot)
