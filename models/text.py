"""Text from outside, made safe to keep, and comparable."""

import re
import unicodedata
from typing import Any

BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and symbols that show nothing: people set them as a blank name."""
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


def folded(text: str) -> str:
    """What all spellings of a name have in common: no case, width, blanks, emoji or punctuation;
    "" where it has nothing else."""
    # Twice, since lower case may decompose anew.
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(filter(str.isalnum, wide))
