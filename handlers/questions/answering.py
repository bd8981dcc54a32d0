"""Which open question a message answers, judged by what has been said before it."""

from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from math import exp, log1p
from operator import mul

from handlers.questions.wording import LONGEST, Kind, Wording, addressed, wording

THRESHOLD = 0.6  # a wrong credit angers more than a missed one
LONGEST_WINDOW = 40
LEARNING_WINDOW = 20  # who answers whom further back says little about now
MOST_QUESTIONS = 8  # the newest: beyond them nobody scrolls back, but to quote


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the group, its quote block removed from `text`."""

    id: str
    speaker: str
    text: str
    at: datetime | None = None  # None: unknown, judged by order alone
    mentions: frozenset[str] = frozenset()  # speakers addressed with @, where known
    quotes: str | None = None  # id of the message it quotes, where known
    asks: bool = False  # judged to be a question itself


@dataclass(frozen=True, slots=True)
class Link:
    question: str  # id of the question answered
    confidence: float  # 0..1
    reasons: tuple[str, ...]  # the signals that spoke for it, strongest first

    @property
    def is_confident(self) -> bool:
        return self.confidence >= THRESHOLD


# What each signal adds to the log-odds that a message answers this question, and not another or
# none. Set by hand: no figure hangs on any single one of them.
MESSAGE = {
    "says something": 0.6,  # what every message starts with
    "says nothing": -8.0,
    "asks": -4.5,
    "acknowledges": -1.5,
    "advertises": -4.0,
    "evades": -1.0,
    "nods": 0.7,
}
FIT = {
    "right kind of answer": 1.0,
    "verb taken up": 1.0,
    "unit taken up": 1.4,
    "alternative chosen": 0.7,
    "same words": 1.6,
}
STANDING = {
    "distance": -0.1,
    "spoke since": -1.6,
    "follows own question": -2.2,
    "asker spoke since": -0.4,
    "asker asked since": -0.9,
    "asker closed": -1.8,
    "answered before": -2.0,
    "answered by others": -0.9,
    "partners": 1.7,
    "asker has a partner": -2.0,
}
ADDRESS = {
    "hours passed": -0.5,
    "mentions asker": 2.5,
    "mentions others": -3.0,
    "asked of her": 1.0,
    "asked of others": -1.5,
    "quotes": 5.0,
    "quotes asker": 2.5,
    "quotes others": -3.0,
}
_NAMES = (*MESSAGE, *FIT, *STANDING, *ADDRESS)

Values = tuple[float, ...]

# How much binds two speakers: an answer counts as much as it is likely.
_TOOK_UP_WORDS = 0.5
_ACKNOWLEDGED = 0.3
_UNBOUND = 0.3  # so that the first sign of a bond does not count as certainty
_MEMORY = 6  # messages back in which words are taken up


def judge(turn: Turn, before: Sequence[Turn], open_questions: Collection[str]) -> Link | None:
    """`before`: the last messages, oldest first, with every open question that may be meant.

    A question stays open after an answer: others may have another one.
    """
    if turn.quotes is None and wording(turn.text[:LONGEST]).is_empty:
        return None  # most of what is said in a group; the rest would only confirm it
    talk = Talk(quoted=turn.quotes)
    window = before[-LONGEST_WINDOW:]
    for place, earlier in enumerate(window, start=LEARNING_WINDOW - len(window)):
        talk.take(earlier, is_open=earlier.id in open_questions, learns=place >= 0)
    found = talk.candidates(turn)
    if not found:
        return None
    chances = _chances(found)
    best = max(range(len(found)), key=chances.__getitem__)
    _, question, values = found[best]
    return Link(question.turn.id, chances[best], _reasons(values))


def _reasons(values: Values) -> tuple[str, ...]:
    shares = list(zip(map(mul, _WEIGHTS, values), _NAMES, strict=False))[1:]  # less the start
    speaking_for = sorted((one for one in shares if one[0] > 0), key=lambda one: -one[0])
    return tuple(name for _, name in speaking_for)


@dataclass(slots=True)
class Question:
    turn: Turn
    place: int
    asked_of: frozenset[str]
    asker_spoke: int = 0  # since
    asker_asked: int = 0
    is_closed: bool = False  # its asker has said thanks or fine
    spoke: dict[str, int] = field(default_factory=dict)  # who else since, how often
    stated: dict[str, int] = field(default_factory=dict)
    answered_by: dict[str, float] = field(default_factory=dict)
    answered: float = 0.0


@dataclass(slots=True)
class Speaker:
    last: int = -1
    asked_last: int = -1  # where she asked, if she has said nothing since
    bonds: dict[str, float] = field(default_factory=dict)
    bound: float = _UNBOUND


Candidate = tuple[float, Question, Values]
"""The log-odds, the question, and the values they were made of in the order of `_NAMES`."""


class Talk:
    """What has been said so far, each message judged by what stood before it."""

    def __init__(self, quoted: str | None = None) -> None:
        self.quoted = quoted  # a question that is not forgotten however old
        self.speakers: defaultdict[str, Speaker] = defaultdict(Speaker)
        self.questions: list[Question] = []
        self.authors: dict[str, str] = {}
        self.recent: deque[tuple[str, str]] = deque(maxlen=_MEMORY)
        self.length = 0

    def take(self, turn: Turn, *, is_open: bool, learns: bool = True) -> None:
        text, me = turn.text[:LONGEST], turn.speaker
        said = wording(text)
        if learns:
            if not turn.asks and not said.is_empty:
                self._learn(turn)
            self._bind(me, text, said)
        states = not turn.asks and not said.is_empty
        for question in self.questions:
            if question.turn.speaker == me:
                question.asker_spoke += 1
                question.asker_asked += turn.asks
                question.is_closed |= said.is_empty
            else:
                question.spoke[me] = question.spoke.get(me, 0) + 1
                if states:
                    question.stated[me] = question.stated.get(me, 0) + 1
        speaker = self.speakers[me]
        speaker.last = self.length
        if turn.asks:
            speaker.asked_last = self.length
            if is_open:
                self._forget()
                self.questions.append(Question(turn, self.length, self._addressed(turn)))
        elif states:
            speaker.asked_last = -1
        self.authors[turn.id] = me
        self.recent.append((me, text))
        self.length += 1

    def _forget(self) -> None:
        if len(self.questions) >= MOST_QUESTIONS:
            oldest = self.questions[0].turn.id
            del self.questions[oldest == self.quoted]

    def _learn(self, turn: Turn) -> None:
        found, me = self.candidates(turn), turn.speaker
        for chance, (_, question, _) in zip(_chances(found), found, strict=True):
            if chance > 0.1:
                question.answered += chance
                question.answered_by[me] = question.answered_by.get(me, 0.0) + chance
                self._tie(me, question.turn.speaker, chance)

    def _bind(self, me: str, text: str, said: Wording) -> None:
        if said.is_empty:
            if self.recent and self.recent[-1][0] != me:
                self._tie(me, self.recent[-1][0], _ACKNOWLEDGED)
            return
        for other, words in self.recent:
            if other != me and (shared := same_words(text, words)):
                self._tie(me, other, _TOOK_UP_WORDS * shared)

    def _tie(self, one: str, other: str, strength: float) -> None:
        for here, there in ((one, other), (other, one)):
            speaker = self.speakers[here]
            speaker.bonds[there] = speaker.bonds.get(there, 0.0) + strength
            speaker.bound += strength

    def _addressed(self, turn: Turn) -> frozenset[str]:
        called = addressed(turn.text, self.speakers)
        return (turn.mentions | called) - {turn.speaker} if called else turn.mentions

    def candidates(self, turn: Turn) -> list[Candidate]:
        """The newest open questions of others, each with what speaks for and against it."""
        me = turn.speaker
        asked = [question for question in self.questions if question.turn.speaker != me]
        if not asked:
            return []
        text = turn.text[:LONGEST]
        said = wording(text)
        message = (
            1.0,
            said.is_empty,
            turn.asks,
            said.acknowledges,
            said.sells,
            said.evades,
            said.nods,
        )
        told = sum(map(mul, _MESSAGE, message))
        speaker = self.speakers[me]
        mentions = self._addressed(turn)
        found: list[Candidate] = []
        for question in asked:
            fits, fitting = fit(text, question.turn.text[:LONGEST])
            standing = self._standing(speaker, me, question)
            score = told + fitting + sum(map(mul, _STANDING, standing))
            values = message + fits + standing
            if mentions or question.asked_of or turn.quotes or turn.at:
                address = self._address(turn, mentions, question)
                score += sum(map(mul, _ADDRESS, address))
                values += address
            found.append((score, question, values))
        return found

    def _standing(self, speaker: Speaker, me: str, question: Question) -> Values:
        asker = question.turn.speaker
        other = self.speakers[asker]
        bond = speaker.bonds.get(asker, 0.0)
        mine = question.answered_by.get(me, 0.0)
        between = self.length - 1 - question.place - question.asker_spoke
        return (
            log1p(between - question.spoke.get(me, 0)),
            question.stated.get(me, 0),
            speaker.asked_last > question.place and speaker.asked_last > other.last,
            question.asker_spoke,
            question.asker_asked,
            question.is_closed,
            mine,
            question.answered - mine,
            bond / speaker.bound,
            (other.bound - _UNBOUND - bond) / other.bound,
        )

    def _address(self, turn: Turn, mentions: frozenset[str], question: Question) -> Values:
        me, asker = turn.speaker, question.turn.speaker
        quoted = self.authors.get(turn.quotes) if turn.quotes else None
        is_quoted = turn.quotes == question.turn.id
        return (
            _hours(question.turn.at, turn.at),
            asker in mentions,
            bool(mentions) and asker not in mentions,
            me in question.asked_of,
            bool(question.asked_of) and me not in question.asked_of,
            is_quoted,
            quoted == asker and not is_quoted,
            quoted is not None and quoted not in (asker, me),
        )


_MESSAGE, _FIT, _STANDING, _ADDRESS = (
    tuple(weights.values()) for weights in (MESSAGE, FIT, STANDING, ADDRESS)
)
_WEIGHTS = _MESSAGE + _FIT + _STANDING + _ADDRESS


def _chances(found: Sequence[Candidate]) -> list[float]:
    """How likely each is the one, leaving room for none of them."""
    odds = [exp(score) for score, _, _ in found]
    total = 1.0 + sum(odds)
    return [one / total for one in odds]


@lru_cache(maxsize=16_384)
def fit(answer: str, question: str) -> tuple[Values, float]:
    """How well the wording of one goes with that of the other: by signal, and weighed."""
    said, asked = wording(answer), wording(question)
    kinds = asked.asks_for & _TELLING
    values = (
        0.0 if not kinds else 1.0 if kinds & said.offers else -1.0,
        Kind.POLAR in said.offers and not asked.verbs.isdisjoint(said.head),
        not asked.units.isdisjoint(said.units),
        not asked.alternatives.isdisjoint(said.grams),
        same_words(answer, question),
    )
    return values, sum(map(mul, _FIT, values))


@lru_cache(maxsize=16_384)
def same_words(one: str, other: str) -> float:
    shared = wording(one).grams & wording(other).grams
    return min(sum(1.0 if len(gram) > 1 else 0.5 for gram in shared), 4.0) / 2


# Anything can be the answer to `what`.
_TELLING = frozenset(Kind) - {Kind.THING, Kind.CHOICE}


def _hours(asked: datetime | None, said: datetime | None) -> float:
    if asked is None or said is None:
        return 0.0
    return log1p(max((said - asked).total_seconds(), 0.0) / 3600)
