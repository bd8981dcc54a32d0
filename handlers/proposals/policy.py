"""How much a group may get, and what becomes of what a person was asked for. Pure."""

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Literal

from config.daily import ZONE, midnight

Budget = Literal["month", "week", "day"]
A_WEEK = 7


def allowance(budget: Budget, now: datetime) -> tuple[datetime, int]:
    """(since, most): how many mass sends a group may get from `since` on. In a calendar month as
    many as it has days, in a week from Monday 7, in a day 1, by the groups' own calendar (doc
    92135)."""
    today = now.astimezone(ZONE).date()
    if budget == "day":
        return midnight(today), 1
    if budget == "week":
        return midnight(today - timedelta(days=today.weekday())), A_WEEK
    return midnight(today.replace(day=1)), monthrange(today.year, today.month)[1]
