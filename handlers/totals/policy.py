"""When the totals of a day are counted, and how much of it was heard. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from config.daily import ZONE, midnight
from models.coverage import Spell, heard
from models.ids import AccountId
from models.totals import Watched

A_DAY = timedelta(days=1)
COUNTED_AT = (time(0, 10), time(8, 15), time(12))
"""Of yesterday: as soon as it is over, for the morning, and once what was asked late in the
evening was answered, or not."""
KEPT_AHEAD = 7 * A_DAY
"""Before yesterday: what it is compared with."""


def count_after(moment: datetime) -> datetime:
    """When yesterday is counted next."""
    local = moment.astimezone(ZONE)
    days = (local.date(), local.date() + A_DAY)
    times = (datetime.combine(day, at, ZONE) for day in days for at in COUNTED_AT)
    return min(each for each in times if each > local)


def heard_of(
    watched: Sequence[Watched], spells: Mapping[AccountId, Sequence[Spell]], day: date
) -> tuple[int, float]:
    """How many groups there are, and how much of the day was heard, over all of them. Those that
    came only after it were none of ours that day."""
    start, end = midnight(day), midnight(day + A_DAY)
    watched = [each for each in watched if each.since < end]
    groups = sum(each.groups for each in watched)
    listened = sum(
        each.groups * heard(spells.get(each.account, ()), each.since, start, end)
        for each in watched
    )
    return groups, listened / groups if groups else 0.0
