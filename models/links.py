"""Short links for what is posted, and who followed them."""

from dataclasses import dataclass
from datetime import date, datetime

from models.ids import GroupId, Slug, VisitorId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortLink:
    """`/s/{slug}` leads to `target`, as it was posted in a group's slot of a day (`item`)."""

    slug: Slug
    target: str
    group: GroupId
    day: date
    slot: int
    item: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """One browser's, however often."""

    slug: Slug
    visitor: VisitorId
    first_at: datetime
    times: int = 1
