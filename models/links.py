"""Short links for what is posted, and who followed them."""

from dataclasses import dataclass
from datetime import date, datetime

from models.content import ContentKind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFigures:
    """What came of a short link. `kind` and `said_at` are those of its post, None where it was not
    said (any more); `members` are those who were in the group by then, None where nobody knows."""

    link: ShortLink
    group_name: str
    kind: ContentKind | None
    said_at: datetime | None
    clicks: int
    people: int
    members: int | None

    @property
    def share(self) -> float | None:
        """Of the members, how many followed it: an estimate, since a link can be passed on."""
        return self.people / self.members if self.members else None
