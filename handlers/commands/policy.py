"""What counts as a command, which one it is, and what is said to those who typed none."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from handlers.arguments import plain

LONGEST_WORD = 12
LONGEST_ADDRESS = 40
_ENDS = re.compile(r"[\s@+\-=,，。.！!？?~～…0-9]")
"""What may follow a command's word without a space: people type by thumb."""
_CHOICE = re.compile(r"(?:第\s*)?([1-9][0-9]?)\s*个?群?[。.]?")


@dataclass(frozen=True, slots=True)
class Typed:
    """`word` is None where it is none that we know; `like` is then the one that was meant."""

    word: str | None
    args: str
    like: str | None = None


def read(text: str, words: Collection[str], *, addressed: bool) -> Typed | None:
    """The command in a message; None where it is talk.

    `/词` and `／词` need no space after the word; `#词`, which people use as hashtags too, does,
    and so does a bare word, which counts only where the bot is `addressed`. An unknown word
    is worth an answer only there.
    """
    if not addressed and text[:1] not in ("/", "／", "#", "＃"):
        return None
    text = plain(text).strip()
    sign = text[:1] if text[:1] in ("/", "#") else ""
    body = text.removeprefix(sign).lstrip()
    if (word := _beginning(body, words, glued=sign == "/")) is not None:
        return Typed(word, body[len(word) :].strip())
    return Typed(None, body, _like(body, words)) if addressed else None


def _beginning(body: str, words: Iterable[str], *, glued: bool) -> str | None:
    """The longest word that the text begins with, as it stands there."""
    folded = body.casefold()
    for word in sorted(words, key=len, reverse=True):
        if not folded.startswith(word):
            continue
        rest = body[len(word) :]
        # A Latin word goes on as long as its letters do: /points, not /pointsman; /KOC豆豆妈.
        goes_on = not glued or (word.isascii() and rest[:1].isascii())
        if not rest or _ENDS.match(rest) or not goes_on:
            return body[: len(word)]
    return None


def _like(body: str, words: Collection[str]) -> str | None:
    typed = re.split(r"[\s@]", body, maxsplit=1)[0][:LONGEST_WORD]
    found = get_close_matches(typed, list(words), n=1, cutoff=0.5) if typed else []
    return found[0] if found else None


def without_address(text: str, names: Iterable[str], *, is_mentioned: bool) -> tuple[str, bool]:
    """The text without `@小助手` at its beginning or end, and whether it is addressed to us:
    because the platform says so, or because it was typed there."""
    text = plain(text).strip()
    called = {" ".join(plain(each).split()) for each in names if each.strip()}
    for name in sorted(called, key=len, reverse=True):
        mark = f"@{name}"
        if text == mark or text.startswith(f"{mark} "):
            return text[len(mark) :].strip(), True
        if text.endswith(mark):
            return text[: -len(mark)].strip(), True
    if is_mentioned and text.startswith("@"):
        # Called by a name that we don't know, such as a remark of hers.
        head, _, rest = text.partition(" ")
        return (rest.strip(), True) if len(head) <= LONGEST_ADDRESS else (text, True)
    return text, is_mentioned


def choice(text: str, groups: int) -> int | None:
    """Which of so many groups is chosen, from 0, where the text is nothing but a number."""
    found = _CHOICE.fullmatch(plain(text).strip())
    return int(found[1]) - 1 if found and int(found[1]) <= groups else None


# Words


def which_group(names: Sequence[str]) -> str:
    lines = [f"{number}. {name}" for number, name in enumerate(names, 1)]
    return "是哪个群呢？回个数字就好：\n" + "\n".join(lines)


def unknown(typed: Typed) -> str:
    if not typed.args:
        return "我在呢～发 /帮助 看看我能做什么"
    if typed.like:
        return f"没看懂，是想发 /{typed.like} 吗？发 /帮助 看看都有什么"
    return "这个我答不上来，群里有经验的妈妈看到会来帮忙～发 /帮助 看看我能做什么"


def help_text(usable: Iterable[tuple[str, str]]) -> str:
    """Of each command, how it is typed and what it is for."""
    return "\n".join(f"{usage}　{about}" for usage, about in usable)
