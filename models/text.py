"""Text from outside, made safe to keep."""

import re
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Without what UTF-8 or PostgreSQL cannot hold: NUL and half surrogate pairs."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def storable_in(value: Any) -> Any:
    """The same for every text in a JSON value."""
    match value:
        case str():
            return storable(value)
        case list():
            return [storable_in(each) for each in value]
        case dict():
            return {storable_in(name): storable_in(each) for name, each in value.items()}
        case _:
            return value
