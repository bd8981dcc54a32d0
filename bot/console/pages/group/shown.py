"""The group that a page shows."""

from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.console.client import at
from bot.console.frame import Visit

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """`may`: whether who looks at it may change it."""

    visit: Visit
    known: Row
    may: bool

    @property
    def id(self) -> str:
        return str(self.known["id"])

    def at(self, *parts: object) -> str:
        """A path of the API below the group's."""
        return at("groups", self.id, *parts)

    @property
    def hears(self) -> bool:
        """Whether its account is told what members say."""
        return bool(self.known["hears"])

    @property
    def fixed(self) -> Row:
        """What its lists are asked for."""
        return {"group": self.id}


def heading(text: str) -> None:
    """Within a part."""
    with ui.element("h3"):
        ui.label(text)
