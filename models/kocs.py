"""KOCs: members who carry their group, for a term that is renewed or thanked for."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import GroupId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class KocTerm:
    """`until` is None once the term is over."""

    group: GroupId
    person: PersonId
    since: datetime
    until: datetime | None
