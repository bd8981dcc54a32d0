"""Setting text in Chinese: where lines may break, and at which size it fits.

Widths come from whoever knows the font: `measure(text)` is the width at size 1.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

Measure = Callable[[str], float]

NOT_FIRST = frozenset("，。、！？；：）》」』】〕〉”’…—～·‧％‰℃°ー々,.!?;:)]}%~>+")
"""What no line begins with."""
NOT_LAST = frozenset("（《「『【〔〈“‘￥([{<$#@&")
"""What no line ends with."""
PAUSES = frozenset("，。、！？；：…—,.!?;:·|")
ELLIPSIS = "…"
MID_PHRASE = 0.08
"""What it costs to break where there is no pause, beside the squared part of a line left empty."""

_PIECES = re.compile(r"[A-Za-z0-9\u00c0-\u024f'’_@#&+./:-]+|…+|—+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """A size that may be tried, and the lines that there is room for at that size."""

    size: int
    lines: int


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that fit, at their size."""

    size: int
    lines: tuple[str, ...]


def fitted(text: str, width: float, settings: Sequence[Setting], measure: Measure) -> Block:
    """At the first of the settings that holds it; at the last, cut, where none does."""
    for setting in settings:
        lines = wrapped(text, width / setting.size, setting.lines, measure)
        if lines is not None:
            return Block(setting.size, lines)
    last = settings[-1]
    return Block(last.size, _cut(text, width / last.size, last.lines, measure))


def wrapped(text: str, width: float, most: int, measure: Measure) -> tuple[str, ...] | None:
    """In as few lines as it takes, of like lengths; None where that is more than `most`."""
    found: list[str] = []
    paragraphs = _paragraphs(text, most)
    if sum(map(measure, paragraphs)) > width * most:
        return None
    for paragraph in paragraphs:
        units = list(_units(paragraph, width, measure))
        fewest = len(_filled(units, width, measure))
        if len(found) + fewest > most:
            return None
        found += _balanced(units, width, fewest, measure)
    return tuple(found)


def _cut(text: str, width: float, most: int, measure: Measure) -> tuple[str, ...]:
    """As much as `most` lines hold, and an ellipsis."""
    units = [
        unit
        for paragraph in _paragraphs(text, most)
        for unit in (*_units(paragraph, width, measure), "\n")
    ]
    lines = _filled(units, width, measure)
    rest = " ".join(lines[most - 1 :])
    while rest and measure(rest + ELLIPSIS) > width:
        rest = rest[:-1].rstrip()
    while rest and (rest[-1] in NOT_LAST or rest[-1] in PAUSES):
        rest = rest[:-1].rstrip()
    return (*lines[: most - 1], rest + ELLIPSIS)


def _paragraphs(text: str, most: int) -> list[str]:
    """The lines as they were given, unless these alone are too many."""
    given = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in given if line]
    return lines if len(lines) <= most else [" ".join(lines)]


def _units(paragraph: str, width: float, measure: Measure) -> Iterator[str]:
    """What stays on one line; what is wider than any line, in pieces."""
    for unit in _glued(_PIECES.findall(paragraph)):
        if measure(unit) <= width:
            yield unit
        else:
            yield from _pieces(unit, width, measure)


def _glued(pieces: Sequence[str]) -> Iterator[str]:
    """Signs with the words that they belong to, a number with what it counts."""
    unit = ""
    for piece in pieces:
        is_apart = piece.isspace() or not unit or unit.isspace()
        belongs = not is_apart and (
            piece[0] in NOT_FIRST
            or unit[-1] in NOT_LAST
            or (unit[-1].isdigit() and _is_han(piece[0]))
        )
        if unit and not belongs:
            yield unit
            unit = ""
        unit += piece
    if unit:
        yield unit


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def _pieces(unit: str, width: float, measure: Measure) -> Iterator[str]:
    piece = ""
    for char in unit:
        if piece and measure(piece + char) > width:
            yield piece
            piece = ""
        piece += char
    yield piece


def _filled(units: Sequence[str], width: float, measure: Measure) -> list[str]:
    """Each line as full as can be; "\\n" among the units ends one."""
    lines, line = [], ""
    for unit in units:
        if line and (unit == "\n" or measure((line + unit).rstrip()) > width):
            lines.append(line.rstrip())
            line = ""
        line += "" if not line and unit.isspace() else unit
    return [*lines, line.rstrip()] if line else lines


def _balanced(units: Sequence[str], width: float, count: int, measure: Measure) -> list[str]:
    """Of all ways to make `count` lines, the one whose lines are the most alike in length, and
    break at pauses rather than in the middle of a phrase."""

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[str, ...]]:
        if left == 0:
            return (0.0, ()) if start == len(units) else (float("inf"), ())
        found: tuple[float, tuple[str, ...]] = (float("inf"), ())
        for end in range(start + 1, len(units) + 1):
            line = "".join(units[start:end]).strip()
            if measure(line) > width:
                break
            price, rest = best(end, left - 1)
            price += (1 - measure(line) / width) ** 2
            is_pause = units[end - 1].isspace() or line[-1:] in PAUSES
            price += 0 if left == 1 or is_pause else MID_PHRASE
            if line and price < found[0]:
                found = (price, (line, *rest))
        return found

    _, lines = best(0, count)
    return list(lines)
