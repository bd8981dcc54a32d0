"""Who brought whom, and what it was worth."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import Code, GroupId, PersonId, VisitorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody who joined `group` and whom somebody brought: by an entry `code` (`by_link` is
    whose, `by_name` how she is called, also where she is none of ours), by an invitation that the
    platform told of (`by_platform`), or both, which may disagree. `visitor` is who filled in the
    form, until she has it forgotten.

    At `due_at` it is judged, and again where something is learned late; None once it is.
    `credited` got points for it in `credited_in`. Where nobody did, or they were taken back,
    `why_not` says why. `left_at` is when she left, None where she came back.
    """

    group: GroupId
    person: PersonId
    joined_at: datetime
    code: Code | None = None
    visitor: VisitorId | None = None
    by_link: PersonId | None = None
    by_name: str = ""
    by_platform: PersonId | None = None
    due_at: datetime | None = None
    credited: PersonId | None = None
    credited_in: GroupId | None = None
    why_not: str = ""
    left_at: datetime | None = None

    @property
    def has_link(self) -> bool:
        """Whether the code that she came by is somebody's."""
        return bool(self.by_link or self.by_name)

    @property
    def referrer(self) -> PersonId | None:
        """The link is what she chose, also where it is of somebody who is none of ours; an
        invitation is only what the platform saw."""
        return self.by_link if self.has_link else self.by_platform

    @property
    def agrees(self) -> bool | None:
        """Whether link and platform name the same person; None where only one of them does."""
        if not self.has_link or self.by_platform is None:
            return None
        return self.by_link == self.by_platform


@dataclass(frozen=True, slots=True)
class Alike:
    """Another visitor who told the same city and day: who she is in chat, what she is called, and
    whether somebody got points for bringing her."""

    person: PersonId | None
    name: str
    credited: bool
