"""How a nickname is made readable, and where its parts begin and end."""

import re
import unicodedata
from collections.abc import Iterator

from models.text import BLANKS

LONGEST = 200  # no platform lets a nickname grow this long; what lies beyond is not read
MARK = "\n"  # stands where a part was taken out; readable() leaves no other

_SEPARATORS = r"\-‐‑‒–—―−·•‧∙⋅・.+_|│/\\:,、;~〜。*=&#()\[\]{}<>【】《》「」『』〈〉"
SEPARATOR = rf"[\s{_SEPARATORS}]"
_PART = re.compile(rf"[^\s{_SEPARATORS}]+")
_EDGES = re.compile(rf"^{SEPARATOR}+|{SEPARATOR}+$")

# Joiners and variation selectors belong to emoji; within words they only hide the word.
_STRAY_JOINERS = re.compile("(?<![^\\w\\s])[\u200d\ufe0e\ufe0f]|\u200d(?![^\\w\\s])")
_JOINER = "\u200d"
_UNSEEN = ("Cf", "Cs")
_PICTURES = ("So", "Co")  # old WeChat emoji are private-use characters


def readable(text: str) -> str:
    """NFKC, single spaces, nothing invisible, no lone surrogates (they can't be stored)."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    seen = "".join(_shown(char) for char in BLANKS.sub("", folded))
    return " ".join(_STRAY_JOINERS.sub("", seen).split())


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    return "" if category in _UNSEEN and char != _JOINER else char


def parts(text: str) -> Iterator[re.Match[str]]:
    return _PART.finditer(text)


def cut(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + MARK + text[found.end() :]


def named(text: str) -> str:
    """What is left of a nickname as a name: its own punctuation kept, "" if it shows nothing."""
    pieces = (_EDGES.sub("", piece) for piece in text.split(MARK))
    return " ".join(piece for piece in pieces if any(map(_says_something, piece)))


def _says_something(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) in _PICTURES
