"""The clause that asks most stands for the message; then it matters what surrounds it."""

import math
from dataclasses import dataclass
from functools import lru_cache

from handlers.questions.asking.broadcast import weigh_broadcast
from handlers.questions.asking.clause import weigh_clause
from handlers.questions.asking.english import asks_in_english
from handlers.questions.asking.standing import weigh_standing
from handlers.questions.asking.surroundings import weigh_surroundings
from handlers.questions.asking.text import clauses, plain, shortened
from handlers.questions.asking.words import CUE

THRESHOLD = 0.5
BIAS = -2.2  # most of what is said in a group asks nothing
ENOUGH = 4.8  # however much asks, an advert stays an advert
RAW = 80  # so far notices and emoji names are looked for
FORMS = {"question word", "A-not-A", "choice"}
ENGLISH = ("English", 3.0)


@dataclass(frozen=True, slots=True)
class Asking:
    confidence: float
    """0 to 1."""
    reasons: tuple[str, ...]
    """The signals that decided, strongest first."""

    @property
    def is_question(self) -> bool:
        return self.confidence >= THRESHOLD


NOTHING = Asking(0.0, ())


def judge(text: str) -> Asking:
    return _judged(shortened(text))


@lru_cache(maxsize=1024)  # asked when a batch is prepared, and again of each message in it
def _judged(text: str) -> Asking:
    said = plain(text)
    if not CUE.search(said):
        return NOTHING
    parts = clauses(said)
    best: list[tuple[str, float]] = []
    most, place = 0.0, -1
    for at, clause in enumerate(parts):
        if not (clause.asked or CUE.search(clause.words)):
            continue
        found = list(weigh_clause(clause))
        score = sum(weight for _, weight in found)
        if score > 0 and score >= most:
            best, most, place = found, score, at
    if most < ENGLISH[1] and asks_in_english(said):
        best, place = [ENGLISH], -1
    if not best:
        return NOTHING
    raw = text[:RAW]
    best += weigh_broadcast(raw, said)
    if place >= 0:
        if FORMS.issuperset(name for name, weight in best if weight > 0):
            best += weigh_standing(parts, place)
        best += weigh_surroundings(raw, said, parts, place)
    asks = sum(weight for _, weight in best if weight > 0)
    speaks_against = sum(weight for _, weight in best if weight < 0)
    decided = sorted(best, key=lambda signal: -abs(signal[1]))
    return Asking(
        _probability(BIAS + min(asks, ENOUGH) + speaks_against),
        tuple(dict.fromkeys(name for name, _ in decided)),
    )


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
