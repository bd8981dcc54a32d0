"""Where a rule holds: everywhere, in a channel, for a cohort, in a group; later ones outrank."""

from models.cohort import BirthWindow, Cohort
from models.groups import Group

EVERYWHERE = "everywhere"
FORMS = "everywhere, channel:妇幼, cohort:杭州~妇幼~2026-03, group:ID"


def scopes_of(group: Group | None) -> tuple[str, ...]:
    """The layers that hold for a group, lowest first."""
    if group is None:
        return (EVERYWHERE,)
    channel = (f"channel:{group.channel}",) if group.channel else ()
    cohort = (f"cohort:{group.cohort}",) if group.cohort else ()
    return (EVERYWHERE, *channel, *cohort, f"group:{group.id}")


def check_scope(scope: str) -> None:
    """Raises ValueError for what is not a scope."""
    kind, colon, name = scope.partition(":")
    if scope == EVERYWHERE or (kind in ("channel", "group") and colon and name):
        return
    if kind == "cohort":
        city, channel, window = [*name.split("~"), "", ""][:3]
        if city and channel and name == str(Cohort(city, channel, BirthWindow.parse(window))):
            return
    raise ValueError(f"{scope!r} is not a scope; scopes are {FORMS}")
