"""What a bench found, beside what, and whether what we promise of it held. Nothing here measures.

A row is of two figures that were measured one right after the other on the same machine. What is
promised must hold on any machine, so it is mostly of their ratio; a target is where we want to be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- figures: end -->"
HEAD = ("what", "ours", "beside", "ratio", "target", "promised", "")


class NoPlace(Exception):
    """The page has no two marks for the table to stand between."""


class Verdict(StrEnum):
    MET = "met"
    SHORT = "short of its target"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Figure:
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{_rounded(self.value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Bound:
    """Of our own figure where its limit is one, else of the ratio."""

    limit: Figure | float
    is_least: bool

    def holds(self, row: "Row") -> bool:
        if isinstance(self.limit, Figure):
            assert self.limit.unit == row.ours.unit, f"{row.what}: {self} of {row.ours}"
            found, limit = row.ours.value, self.limit.value
        else:
            found, limit = row.ratio, self.limit
        return found >= limit if self.is_least else found <= limit

    def __str__(self) -> str:
        limit = self.limit if isinstance(self.limit, Figure) else as_ratio(self.limit)
        return f"{'≥' if self.is_least else '≤'} {limit}"


def at_least(limit: Figure | float) -> Bound:
    return Bound(limit, is_least=True)


def at_most(limit: Figure | float) -> Bound:
    return Bound(limit, is_least=False)


@dataclass(frozen=True, slots=True)
class Row:
    """`see`: the part of the page that tells why it is short of its target, where it is."""

    what: str
    ours: Figure
    beside: str
    theirs: Figure
    target: Bound
    promise: Bound
    see: str = ""

    @property
    def ratio(self) -> float:
        return self.ours.value / self.theirs.value

    @property
    def verdict(self) -> Verdict:
        if not self.promise.holds(self):
            return Verdict.BROKEN
        return Verdict.MET if self.target.holds(self) else Verdict.SHORT

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.ours}; {self.beside}: {self.theirs};"
            f" {as_ratio(self.ratio)}, to be {self.target}, promised {self.promise}:"
            f" {self.verdict}"
        )

    def cells(self) -> tuple[str, ...]:
        told = str(self.verdict)
        if self.verdict is Verdict.SHORT and self.see:
            told += f": see [{self.see}](#{anchor(self.see)})"
        return (
            self.what,
            str(self.ours),
            f"{self.beside}: {self.theirs}",
            as_ratio(self.ratio),
            str(self.target),
            str(self.promise),
            told,
        )


def is_kept(rows: Iterable[Row]) -> bool:
    return all(each.verdict is not Verdict.BROKEN for each in rows)


def as_ratio(ratio: float) -> str:
    return f"{_rounded(100 * ratio)} %" if ratio < 1 else f"{_rounded(ratio)} x"


def _rounded(value: float) -> str:
    """Three digits, or all that stand before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def anchor(title: str) -> str:
    """Where a page's own links find the part that is called so."""
    kept = (each for each in title.lower() if each.isalnum() or each in " -")
    return "".join(kept).replace(" ", "-")


# The page


def table(rows: Sequence[Row]) -> str:
    lines = (HEAD, ["---"] * len(HEAD), *(each.cells() for each in rows))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def written(page: str, text: str) -> str:
    """The page with this text between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlace(f"no {BEGIN} with {END} behind it")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"
