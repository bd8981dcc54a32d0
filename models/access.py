"""Who may do what over HTTP."""

from dataclasses import dataclass
from enum import IntEnum

from models.groups import Group
from models.scopes import EVERYWHERE


class Access(IntEnum):
    """What a token may do; each may do what those before it may. An operator changes what
    concerns her own groups only."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


OPERATORS = ("channel:", "group:")
"""How the scopes begin that an operator may be given."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is, as changes are signed. An operator's groups are those of her `scopes`,
    which are channels and single groups (`channel:妇幼`, `group:g1`)."""

    name: str
    access: Access
    token: int = 0
    scopes: frozenset[str] = frozenset()

    def covers(self, scope: str, group: Group | None = None) -> bool:
        """Whether she may change what holds in this scope; `group` is the one it names, where it
        names one that is known."""
        if self.access is not Access.OPERATOR:
            return self.access is Access.ADMIN
        return scope in self.scopes or _channel_of(scope, group) in self.scopes

    @property
    def reach(self) -> str:
        """What she may change, in words."""
        if self.access is Access.OPERATOR:
            return ", ".join(sorted(self.scopes))
        return EVERYWHERE if self.access is Access.ADMIN else "nothing"


def _channel_of(scope: str, group: Group | None) -> str | None:
    """The scope of the channel that a cohort or a group belongs to."""
    kind, _, name = scope.partition(":")
    if kind == "cohort":
        return f"channel:{name.split('~')[1]}"
    return f"channel:{group.channel}" if kind == "group" and group and group.channel else None
