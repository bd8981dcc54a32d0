"""What a gateway tells, without what can't be kept: NUL, and halves of surrogate pairs.

A name that was cut in the middle of an emoji holds such a half; nothing that anybody is called or
writes may cost her the event, or those that came with it their transaction.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from models.events import GatewayEvent
from models.people import Profile
from models.text import storable

E = TypeVar("E", bound=GatewayEvent)


def clean(event: E) -> E:
    """The event itself where there is nothing to clean, as nearly always."""
    kind: type = type(event)
    changed = {
        name: cleaned
        for name in _names(kind)
        if (given := getattr(event, name)) and (cleaned := _cleaned(given)) != given
    }
    return replace(event, **changed) if changed else event


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "at")


def _cleaned(value: Any) -> Any:
    if type(value) is str:  # and no member of an enumeration
        return storable(value)
    match value:
        case tuple():
            return tuple(map(_cleaned, value))
        case frozenset():
            return frozenset(map(_cleaned, value))
        case Mapping():
            return {_cleaned(key): _cleaned(each) for key, each in value.items()}
        case Profile():
            return Profile(storable(value.name), storable(value.nickname))
        case _:
            return value
