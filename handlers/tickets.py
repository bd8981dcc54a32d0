"""The six digits by which a mother makes herself known in chat. Pure."""

import re
import unicodedata

DIGITS = 6
_TOGETHER = re.compile(rf"(?<![0-9])[0-9]{{{DIGITS}}}(?![0-9])")
_GAP = r"[\s\-–—.·,、]{1,2}"
_APART = re.compile(
    rf"(?<![0-9])(?:[0-9]{{6}}|[0-9]{{3}}{_GAP}[0-9]{{3}}|[0-9](?:{_GAP}[0-9]){{5}})(?![0-9])"
)
"""Together, three and three, or each by itself: a date is written otherwise."""
_AROUND = re.compile(r"[\W_]*")
LONGEST = 200
"""Of what is looked through; no platform lets anybody say hello at such length."""


def said(text: str) -> str | None:
    """The ticket, where the message is six digits and nothing else that means anything."""
    plain = _plain(text)
    found = _APART.search(plain)
    if found is None:
        return None
    digits = _digits(found[0])
    around = (plain[: found.start()], plain[found.end() :])
    return digits if all(_AROUND.fullmatch(each) for each in around) else None


def told(hello: str) -> str | None:
    """The ticket that a greeting holds; None where it holds none, or several."""
    plain = _plain(hello)
    found = set(_TOGETHER.findall(plain)) or set(map(_digits, _APART.findall(plain)))
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:LONGEST])
    return "".join(each for each in folded if unicodedata.category(each) != "Cf").strip()


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit())
