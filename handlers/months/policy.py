"""Which months need a place, and which are done with."""

from datetime import datetime, timedelta

from config.rules import Rules
from models.months import month_of, next_month

A_DAY = timedelta(days=1)
AHEAD = 2
"""Months opened before they begin: so long nobody may look after the service."""
READ_BACK = timedelta(days=31)
"""Who spoke when is asked of the last weeks, however soon texts are forgotten."""


def to_open(now: datetime) -> list[datetime]:
    """By their beginnings."""
    months = [next_month(month_of(now))]
    while len(months) < AHEAD:
        months.append(next_month(months[-1]))
    return months


def needed_since(now: datetime, rules: Rules) -> datetime:
    """By the rules of everywhere: a month is everybody's."""
    return now - max(rules.privacy.keep_text, rules.kocs.window, READ_BACK)
