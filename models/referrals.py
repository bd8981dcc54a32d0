"""Who brought whom, and what it was worth."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import Code, GroupId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody who joined `group` and whom somebody brought: by an entry `code` (`by_link` is
    whose, `by_name` how she is called, also where she is none of ours), by an invitation that the
    platform told of (`by_platform`), or both, which may disagree.

    At `due_at` it is judged; None once it is. `credited` got points for it in `credited_in`, or
    nobody did, and `why_not` says why.
    """

    group: GroupId
    person: PersonId
    joined_at: datetime
    code: Code | None = None
    by_link: PersonId | None = None
    by_name: str = ""
    by_platform: PersonId | None = None
    due_at: datetime | None = None
    credited: PersonId | None = None
    credited_in: GroupId | None = None
    why_not: str = ""
    left_at: datetime | None = None

    @property
    def referrer(self) -> PersonId | None:
        """The link is what she chose; an invitation is what the platform saw."""
        return self.by_link or self.by_platform
