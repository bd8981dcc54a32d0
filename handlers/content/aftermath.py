"""What members said in the hour after a post, against what they say in that hour otherwise.
Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from models.activity import HourCount
from models.coverage import Spell, heard

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOKED_BACK = timedelta(days=28)
FULLY = 0.95
"""An hour is known where at least this share of it was heard."""


SILENCE = HourCount()


def usual(
    said: Mapping[datetime, HourCount], spells: Sequence[Spell], since: datetime, start: datetime
) -> HourCount | None:
    """The mean of the hours that began at the minute of `start` on the days before it.

    `said` counts by whole hours, so an hour that lies across two of them takes its part of each.
    Hours that were not heard, and those before `since`, when we began to listen, are left out;
    None where none is known.
    """
    days = (start - n * DAY for n in range(1, LOOKED_BACK // DAY + 1))
    known = [_across(said, day) for day in days if _is_known(spells, since, day)]
    if not known:
        return None
    return HourCount(
        sum(each.messages for each in known) / len(known),
        sum(each.speakers for each in known) / len(known),
    )


def was_heard(spells: Sequence[Spell], since: datetime, start: datetime) -> bool:
    """Whether the hour from `start` on is known."""
    return heard(spells, since, start, start + HOUR) >= FULLY


def _across(said: Mapping[datetime, HourCount], start: datetime) -> HourCount:
    whole = _whole(start)
    into = (start - whole) / HOUR
    first, second = said.get(whole, SILENCE), said.get(whole + HOUR, SILENCE)
    return HourCount(
        first.messages * (1 - into) + second.messages * into,
        first.speakers * (1 - into) + second.speakers * into,
    )


def _is_known(spells: Sequence[Spell], since: datetime, start: datetime) -> bool:
    whole = _whole(start)
    hours = [whole] if whole == start else [whole, whole + HOUR]
    return all(was_heard(spells, since, each) for each in hours)


def _whole(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
