"""What a reply quotes. WeChat and WeCom carry a quote as plain text, so anybody can type one:
it counts only where it is what somebody was seen to say.

The formats. WeChat: `「豆豆妈：原话」`, a line of spaced dashes (fifteen, or sixteen in an old
build), the reply. WeCom: `这是一条引用/回复消息：`, `“豆豆妈：` and the words in quotation marks,
a line of dashes, the reply.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from models.ids import PersonId

LONGEST = 20_000
"""What is longer has no quote that we would read."""

_RULER = r"[ \t]*-(?:[ \t]?-){5,}[ \t]*"
_LINES = rf"[^\n]*(?:\n(?!{_RULER}\n)[^\n]*)*"
_WECHAT = re.compile(rf"「(?P<head>{_LINES})」[ \t]*\n{_RULER}\n(?P<reply>.*)", re.S)
_WECOM = re.compile(
    r"(?:这是一条引用/回复消息|This is a quote/reply)[:：]\s*"
    rf"[“\"](?P<head>{_LINES})[”\"][ \t]*\n{_RULER}\n(?P<reply>.*)",
    re.S,
)
_NAMED = re.compile(r"(?P<name>[^\n：:]{1,64})[：:]\s*(?P<text>.+)", re.S)


@dataclass(frozen=True, slots=True)
class Quote:
    """As it was typed: who is said to have said what."""

    name: str
    text: str

    @property
    def beginning(self) -> str:
        """The first word, to look for it; spaces are not always kept as they were."""
        return self.text.split(maxsplit=1)[0][:40]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that was said, and what its speaker is called."""

    sender: PersonId | None
    text: str
    names: Collection[str]


def split(text: str) -> tuple[Quote | None, str]:
    """The quote, if the text has one, and what is said to it."""
    if not text.startswith(("「", "这是", "This")) or len(text) > LONGEST:
        return None, text
    found = _WECHAT.fullmatch(text) or _WECOM.fullmatch(text)
    named = _NAMED.fullmatch(found["head"]) if found else None
    if not found or not named or not named["text"].strip():
        return None, text
    return Quote(named["name"].strip(), named["text"].strip()), found["reply"].strip()


def original(quote: Quote, candidates: Sequence[Candidate]) -> int | None:
    """Which of these, newest first, is what was quoted.

    The words must be the same. The name may be a remark that only the quoting person uses; it
    decides where several people said the same.
    """
    same = [n for n, each in enumerate(candidates) if _flat(each.text) == _flat(quote.text)]
    named = [n for n in same if _flat(quote.name) in map(_flat, candidates[n].names)]
    if named:
        return named[0]
    return same[0] if len({candidates[n].sender for n in same}) == 1 else None


def _flat(text: str) -> str:
    return " ".join(text.split())
