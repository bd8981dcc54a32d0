"""What a day came to, counted once it is over."""

from dataclasses import dataclass
from datetime import date, datetime

from models.ids import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """Of all groups of a channel, "" for those of none. `heard` is how much of the day was heard,
    0-1, over its `groups`. `messages` are those of members; `answered` is how many of the
    questions `asked` that day were answered before the monitor had to be told of them; `said` are
    posts; `points` are those that were given, less what was taken back of them."""

    day: date
    channel: str
    groups: int = 0
    heard: float = 0.0
    joined: int = 0
    gone: int = 0
    messages: int = 0
    asked: int = 0
    answered: int = 0
    said: int = 0
    points: int = 0
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Watched:
    """How many groups of a channel are with an account, and since when any of them is watched."""

    channel: str
    account: AccountId
    groups: int
    since: datetime
