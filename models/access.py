"""Who may do what over HTTP."""

from dataclasses import dataclass
from enum import IntEnum

from models.groups import Group
from models.ids import GroupId
from models.scopes import EVERYWHERE


class Access(IntEnum):
    """What a token may do; each may do what those before it may. An operator changes what
    concerns her own groups only."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is, as changes are signed. An operator's groups are those of her `channels`
    and the `groups` that are named."""

    name: str
    access: Access
    token: int = 0
    channels: frozenset[str] = frozenset()
    groups: frozenset[GroupId] = frozenset()

    def covers(self, scope: str, group: Group | None = None) -> bool:
        """Whether she may change what holds in this scope; `group` is the one it names, where it
        names one that is known."""
        if self.access is not Access.OPERATOR:
            return self.access is Access.ADMIN
        kind, _, name = scope.partition(":")
        match kind:
            case "group":
                channel = group.channel if group else None
                return GroupId(name) in self.groups or channel in self.channels
            case "channel":
                return name in self.channels
            case "cohort":
                return name.split("~")[1] in self.channels
        return False

    @property
    def reach(self) -> str:
        """What she may change, in words."""
        if self.access is Access.VIEWER:
            return "nothing"
        if self.access is Access.ADMIN:
            return EVERYWHERE
        channels = (f"channel:{each}" for each in sorted(self.channels))
        groups = (f"group:{each}" for each in sorted(self.groups))
        return ", ".join([*channels, *groups])
