"""Months as the tables that are stored by them count: in UTC, by their beginnings."""

from datetime import UTC, datetime

from models.cohort import shift_months


def month_of(moment: datetime) -> datetime:
    """The month in which it lies."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    day = shift_months(month.date(), 1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
