"""Where a rule holds: everywhere, in a channel, for a cohort, in a group; later ones outrank."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from models.cohort import BirthWindow, Cohort
from models.groups import Group
from models.ids import GroupId
from models.text import storable

EVERYWHERE = "everywhere"
FORMS = "everywhere, channel:妇幼, cohort:杭州~妇幼~2026-03, group:ID"


def scopes_of(group: Group | None) -> tuple[str, ...]:
    """The layers that hold for a group, lowest first."""
    if group is None:
        return (EVERYWHERE,)
    return _scopes_of(group.id, group.channel, group.cohort)


@lru_cache(maxsize=4096)  # asked of every event
def _scopes_of(group: GroupId, channel: str | None, cohort: Cohort | None) -> tuple[str, ...]:
    of_channel = (f"channel:{channel}",) if channel else ()
    of_cohort = (f"cohort:{cohort}",) if cohort else ()
    return (EVERYWHERE, *of_channel, *of_cohort, f"group:{group}")


def group_of(scope: str) -> GroupId | None:
    """The one group that a layer is for, where it is a group's."""
    kind, _, name = scope.partition(":")
    return GroupId(name) if kind == "group" else None


def combinations(layers: Collection[str], groups: Iterable[Group]) -> set[tuple[str, ...]]:
    """Every choice of these layers that may be in force together, each lowest first: in one of
    the groups, and in one that is yet to come."""
    of_groups = {tuple(each for each in scopes_of(group) if each in layers) for group in groups}
    alone = {tuple(each for each in scopes_under(scope) if each in layers) for scope in layers}
    return of_groups | alone


def scopes_under(scope: str) -> tuple[str, ...]:
    """The layers that surely lie under this one, lowest first, and itself."""
    kind, _, name = scope.partition(":")
    channel = (f"channel:{name.split('~')[1]}",) if kind == "cohort" else ()
    return (EVERYWHERE, *channel, *((scope,) if scope != EVERYWHERE else ()))


def check_scope(scope: str) -> None:
    """Raises ValueError for what is not a scope."""
    kind, colon, name = scope.partition(":")
    is_text = storable(scope) == scope
    if scope == EVERYWHERE or (is_text and kind in ("channel", "group") and colon and name):
        return
    if kind == "cohort" and is_text:
        city, channel, window = [*name.split("~"), "", ""][:3]
        if city and channel and name == str(Cohort(city, channel, BirthWindow.parse(window))):
            return
    raise ValueError(f"{scope!r} is not a scope; scopes are {FORMS}")
