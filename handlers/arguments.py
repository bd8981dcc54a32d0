"""What is typed by thumb after a command's word, read forgivingly. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from models.groups import Member
from models.ids import PersonId

_WIDE = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}  # ０-９
_WIDE |= {code: code - 0xFEE0 for code in range(0xFF21, 0xFF3B)}  # Ａ-Ｚ
_WIDE |= {code: code - 0xFEE0 for code in range(0xFF41, 0xFF5B)}  # ａ-ｚ
_WIDE |= {
    ord(wide): ord(plain) for wide, plain in zip("＋－＝：＠／＃．", "+-=:@/#.", strict=True)
}
_WIDE |= dict.fromkeys(
    map(ord, "\u2005\u2002\u2003\u2004\u2006\u2009\u200a\u00a0\u3000\t\r\n"), 32
)
_WIDE |= dict.fromkeys(map(ord, "−–—"), ord("-"))
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f]")

_NUMERALS = {name: value for value, name in enumerate("零一二三四五六七八九十")} | {"两": 2}
_POINTS = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?P<digits>[0-9]{1,9})\s*(?:个?积?分|个|points?\b)?(?!\.?[0-9])"
)
_TENS = r"(?P<tens>[一二三四五六七八九两]?十)?(?P<ones>[一二三四五六七八九两])?"
_SPOKEN = re.compile(rf"\s*[+]?{_TENS}\s*(?:个?积?分)")
_PLACE = re.compile(rf"\s*第?\s*(?:(?P<digits>[0-9]{{1,9}})|{_TENS})\s*(?:[条个]|(?=[^\w.]|$))")
_SEPARATORS = " \t,，、:：;；。."


def plain(text: str) -> str:
    """Full-width digits, letters and signs made plain, every space an ordinary one; other
    punctuation stays, since it may be part of a reason or a title. Changes no length but by
    dropping what can't be seen."""
    return _UNSEEN.sub("", text.translate(_WIDE))


# Who


@dataclass(frozen=True, slots=True)
class Found:
    """The likeliest first; each with what follows her name."""

    readings: Sequence[tuple[Member, str]]


@dataclass(frozen=True, slots=True)
class Several:
    people: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Nobody:
    typed: str


def people(
    args: str, members: Collection[Member], mentioned: Collection[PersonId]
) -> Found | Several | Nobody:
    """Who is meant at the beginning of `args`.

    Whom the platform says was mentioned is surely meant; otherwise who is called so in full,
    then who is called so in part. `@` may be left out.
    """
    text = plain(args).lstrip()
    name = text.removeprefix("@").lstrip()
    chosen = [each for each in members if each.person in mentioned]
    if len(chosen) == 1:
        rests = _full(name, chosen) or [
            (chosen[0], _after_token(name) if text.startswith("@") else text)
        ]
        return Found(rests)
    if len(chosen) > 1:
        return Several(chosen)
    if full := _full(name, members):
        longest = [each for each in full if each[1] == full[0][1]]
        if len(longest) > 1:
            return Several([member for member, _ in longest])
        return Found(full)
    token = _token(name)
    partly = [each for each in members if token and any(token in one for one in _names(each))]
    if len(partly) == 1:
        return Found([(partly[0], name[len(token) :])])
    return Several(partly) if partly else Nobody(token)


def _full(text: str, members: Iterable[Member]) -> list[tuple[Member, str]]:
    """Those whose whole name the text begins with, the longest name first."""
    folded = text.casefold()
    found = {
        (len(name), each.person): (each, text[len(name) :])
        for each in members
        for name in _names(each)
        if folded.startswith(name)
    }
    return [found[key] for key in sorted(found, key=lambda key: (-key[0], key[1]))]


def _names(member: Member) -> set[str]:
    return {
        " ".join(plain(each).split()).casefold()
        for each in (member.nickname, member.name)
        if each.strip()
    }


def _token(text: str) -> str:
    """The name as far as it surely goes: up to a space, a sign or a number."""
    found = re.match(r"[^\s+,，。:：0-9]+", text)
    return found[0].casefold() if found else ""


def _after_token(text: str) -> str:
    """What follows a mention whose name we don't know: up to the space that ends it."""
    return text.partition(" ")[2]


# How many


def number(args: str) -> tuple[int, str] | None:
    """`5`, `+5`, `5分`, `五分`, and what follows; a minus is kept. None where there is none."""
    text = plain(args)
    if found := _POINTS.match(text):
        value = int(found["digits"]) * (-1 if found["sign"] == "-" else 1)
        return value, _rest(text[found.end() :])
    found = _SPOKEN.match(text)
    if found and (found["tens"] or found["ones"]):
        return _spoken(found), _rest(text[found.end() :])
    return None


def place(args: str) -> tuple[int, str] | None:
    """Which of a numbered list: `2`, `2条`, `第2条`, `二`, and what follows. None where there is
    none."""
    text = plain(args)
    found = _PLACE.match(text)
    if found and (found["digits"] or found["tens"] or found["ones"]):
        value = int(found["digits"]) if found["digits"] else _spoken(found)
        return value, _rest(text[found.end() :])
    return number(args)


def _spoken(found: re.Match[str]) -> int:
    tens = found["tens"] or ""
    value = (_NUMERALS.get(tens[:1], 1) if len(tens) == 2 else 1) * 10 if tens else 0
    return value + _NUMERALS.get(found["ones"] or "", 0)


def _rest(text: str) -> str:
    return text.lstrip(_SEPARATORS).strip()
