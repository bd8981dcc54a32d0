"""How much is said, counted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.daily import ZONE


@dataclass(frozen=True, slots=True)
class HourCount:
    """How much was said in an hour, and by how many; or the mean of several hours."""

    messages: float = 0
    speakers: float = 0


Cell = tuple[int, int]
"""A weekday (1 is Monday) and an hour of the day."""


def usual_week(
    heard: Mapping[datetime, float], said: Mapping[datetime, HourCount]
) -> dict[Cell, float]:
    """How many messages are said in each hour of a usual week, of the hours that were heard as
    far as they were; without those of which nothing was."""
    listened: dict[Cell, float] = defaultdict(float)
    messages: dict[Cell, float] = defaultdict(float)
    for hour, share in heard.items():
        if share > 0:
            local = hour.astimezone(ZONE)
            cell = local.isoweekday(), local.hour
            listened[cell] += share
            messages[cell] += said.get(hour, HourCount()).messages
    return {cell: messages[cell] / hours for cell, hours in listened.items()}
