"""The signals of one clause, each with a name and a weight.

The weights are log-odds set by hand: one clear signal is enough, what speaks against it can
outweigh it, and two weak signals make a clear one.
"""

from collections.abc import Iterator

from handlers.questions.asking.rhetoric import (
    EXCLAMATION,
    FOUND_OUT,
    INDIGNANT,
    RHETORIC,
    SURPRISE,
    WHY,
)
from handlers.questions.asking.statements import (
    GOES_ON,
    INDEFINITE,
    NEVER_ASKS,
    OFFER,
    WHOEVER,
    is_correlative,
    weight_of_holding,
    without_question_words,
)
from handlers.questions.asking.text import Clause
from handlers.questions.asking.words import (
    A_NOT_A,
    ASKING_WORD,
    PARTICLES,
    SEEKING,
    WHAT_ABOUT,
    chooses,
)


def weigh_clause(clause: Clause) -> Iterator[tuple[str, float]]:
    words, asked = clause.words, clause.asked
    if asked:
        yield "question mark", 2.9
    asking = NEVER_ASKS.sub("~", words)
    if not asked:
        if is_correlative(asking):
            asking = without_question_words(asking)
        asking = EXCLAMATION.sub("~", INDEFINITE.sub("~", asking))
    elif EXCLAMATION.search(words):
        yield "exclamation", -1.2
    for signal in SEEKING:
        if signal.pattern.search(asking):
            yield signal.name, signal.weight
    particle = next((known for known in PARTICLES if known.pattern.search(words)), None)
    if particle:
        yield particle.name, particle.weight
    forms = list(_forms(asking))
    yield from forms
    if words.endswith("呢") and not forms and not particle:
        if WHAT_ABOUT.search(words):
            yield "what about", 2.6
        elif GOES_ON.search(words):
            yield "goes on", -0.8
    if not particle:
        yield from _weigh_mood(clause, bool(forms))
        held = forms and not asked and weight_of_holding(words)
        if held:
            yield held
    if OFFER.search(words):
        yield "offer", -3.2
    if not asked and WHOEVER.search(words):
        yield "whoever", -3.2
    if RHETORIC.search(words):
        yield "rhetoric", -3.4
    if FOUND_OUT.search(words):
        yield "found out", -3.4
    if SURPRISE.search(words):
        yield "surprise", -1.5


def _weigh_mood(clause: Clause, in_form: bool) -> Iterator[tuple[str, float]]:
    """`in_form`: it has the form of a question, not only a mark."""
    words = clause.words
    if in_form:
        if (clause.outcry and WHY.search(words)) or (clause.exclaimed and "谁" in words):
            yield "outcry", -2.0
    elif clause.asked and ((clause.outcry and len(words) > 6) or INDIGNANT.search(words)):
        yield "indignant", -1.5


def _forms(words: str) -> Iterator[tuple[str, float]]:
    if ASKING_WORD.search(words):
        yield "question word", 3.0
    if A_NOT_A.search(words):
        yield "A-not-A", 3.2
    if chooses(words):
        yield "choice", 2.9
