"""Of what is unknown, since nobody tells us what members say: how much, and why."""

from nicegui import ui

from bot.console import wording
from bot.console.frame import Visit


async def tell_untold(visit: Visit, what: str) -> None:
    """Where there are groups of which it is unknown; built where it is called."""
    asked = {"standing": "ours", "hears": "false", "limit": 1, "count": "true"}
    found = await visit.api.get("/groups", **asked)
    if found["total"]:
        ui.label(told(found["total"], what)).classes("faint untold").props("data-testid=untold")


def told(groups: int, what: str) -> str:
    return f"有 {wording.number(groups)} 个群{what}未知：{wording.UNTOLD}"
