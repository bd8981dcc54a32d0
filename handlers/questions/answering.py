"""Which open question a message answers, judged by what has been said before it."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log1p
from operator import mul

from handlers.questions.wording import LONGEST, Kind, Wording, addressed, wording

THRESHOLD = 0.6  # a wrong credit angers more than a missed one
LONGEST_WINDOW = 40  # messages after which a question is only answered by quoting it
MOST_QUESTIONS = 8  # the newest: beyond them nobody scrolls back, but to quote
FADING = 0.95  # a message: who answered whom longer ago says little about now
FORGOTTEN = 200  # messages after which of a bond nothing is left
LARGEST_UNIT = 1e9


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


Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Link:
    question: str  # id of the question answered
    confidence: float  # 0..1
    values: Values  # of the signals, in the order of `_NAMES`

    @property
    def is_confident(self) -> bool:
        return self.confidence >= THRESHOLD

    @property
    def reasons(self) -> tuple[str, ...]:
        """The signals that spoke for it, strongest first."""
        shares = list(zip(map(mul, _WEIGHTS, self.values), _NAMES, strict=False))[1:]
        speaking_for = sorted((one for one in shares if one[0] > 0), key=lambda one: -one[0])
        return tuple(name for _, name in speaking_for)


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

# How much binds two speakers: an answer counts as much as it is likely.
_TOOK_UP_WORDS = 0.5
_ACKNOWLEDGED = 0.3
_UNBOUND = 0.3  # so that the first sign of a bond does not count as certainty
_MEMORY = 6  # messages back in which words are taken up


def judge(turn: Turn, before: Iterable[Turn], open_questions: Collection[str]) -> Link | None:
    """`before`: what was said, oldest first, with every open question that may be meant.

    A question stays open after an answer: others may have another one.
    """
    talk, quoted = Talk(), None
    for earlier in before:
        talk.take(earlier, is_open=earlier.asks and earlier.id in open_questions)
        quoted = earlier if earlier.id == turn.quotes else quoted
    return talk.judge(turn, open_questions, quoted)


@dataclass(slots=True)
class Question:
    turn: Turn
    said: Wording
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
    bound: float = 0.0


Candidate = tuple[float, Question, Values]
"""The log-odds, the question, and the values they were made of in the order of `_NAMES`."""


class Talk:
    """What has been said so far, each message judged by what stood before it.

    To take a message costs the same however much was said before. Bonds are kept in a unit that
    grows with every message, which is how they fade.
    """

    def __init__(self) -> None:
        self.recent: deque[Turn] = deque(maxlen=LONGEST_WINDOW)
        self.questions: list[Question] = []
        self._wordings: deque[Wording] = deque(maxlen=_MEMORY)
        self._judged: tuple[Turn, list[Candidate]] | None = None
        self._speakers: defaultdict[str, Speaker] = defaultdict(Speaker)
        self._length = 0
        self._unit = 1.0

    def judge(
        self, turn: Turn, open_questions: Collection[str], quoted: Turn | None = None
    ) -> Link | None:
        """What it answers, of the questions that are still open. `quoted` is what it quotes, which
        may be older than all that is remembered here."""
        said = wording(turn.text[:LONGEST])
        if turn.quotes is None and said.is_empty:
            return None  # most of what is said in a group; the rest would only confirm it
        self.questions = [each for each in self.questions if each.turn.id in open_questions]
        asked = self._of_others(turn)
        if quoted and quoted.asks and quoted.id in open_questions:
            asked += self._older(quoted, than=turn)
        found = self._candidates(turn, said, asked, quoted)
        self._judged = turn, found
        if not found:
            return None
        chances = _chances(found)
        best = max(range(len(found)), key=chances.__getitem__)
        _, question, values = found[best]
        return Link(question.turn.id, chances[best], values)

    def take(self, turn: Turn, *, is_open: bool) -> None:
        """`is_open`: it is a question that others may answer from now on."""
        me, said = turn.speaker, wording(turn.text[:LONGEST])
        states = not turn.asks and not said.is_empty
        if states:
            self._learn(turn, said)
        self._bind(me, said)
        for question in self.questions:
            if question.turn.speaker == me:
                question.asker_spoke += 1
                question.asker_asked += turn.asks
                question.is_closed |= said.is_empty
            else:
                question.spoke[me] = question.spoke.get(me, 0) + 1
                if states:
                    question.stated[me] = question.stated.get(me, 0) + 1
        speaker = self._speakers[me]
        speaker.last = self._length
        if turn.asks:
            speaker.asked_last = self._length
        elif states:
            speaker.asked_last = -1
        if is_open:
            self.questions.append(Question(turn, said, self._length, self._addressed(turn)))
        self.recent.append(turn)
        self._wordings.append(said)
        self._length += 1
        self._unit /= FADING
        self._forget()

    def _of_others(self, turn: Turn) -> list[Question]:
        return [each for each in self.questions if each.turn.speaker != turn.speaker]

    def _older(self, quoted: Turn, than: Turn) -> list[Question]:
        """The question that is quoted, if somebody else asked it and it is forgotten already."""
        known = any(each.turn.id == quoted.id for each in self.questions)
        if known or quoted.speaker == than.speaker:
            return []
        said, place = wording(quoted.text[:LONGEST]), self._length - LONGEST_WINDOW - 1
        return [Question(quoted, said, place, self._addressed(quoted))]

    def _forget(self) -> None:
        self.questions = [
            each
            for each in self.questions[-MOST_QUESTIONS:]
            if each.place >= self._length - LONGEST_WINDOW
        ]
        if self._unit < LARGEST_UNIT:
            return
        silent = {
            name for name, each in self._speakers.items() if each.last < self._length - FORGOTTEN
        }
        for name in silent:
            del self._speakers[name]
        for each in self._speakers.values():
            each.bonds = {
                name: bond / self._unit for name, bond in each.bonds.items() if name not in silent
            }
            each.bound = sum(each.bonds.values())
        self._unit = 1.0

    def _learn(self, turn: Turn, said: Wording) -> None:
        me = turn.speaker
        if self._judged is not None and self._judged[0] == turn:
            found = self._judged[1]
        else:
            found = self._candidates(turn, said, self._of_others(turn))
        for chance, (_, question, _) in zip(_chances(found), found, strict=True):
            if chance > 0.1:
                question.answered += chance
                question.answered_by[me] = question.answered_by.get(me, 0.0) + chance
                self._tie(me, question.turn.speaker, chance)

    def _bind(self, me: str, said: Wording) -> None:
        if said.is_empty:
            if self.recent and self.recent[-1].speaker != me:
                self._tie(me, self.recent[-1].speaker, _ACKNOWLEDGED)
            return
        for earlier, words in zip(reversed(self.recent), reversed(self._wordings), strict=False):
            if earlier.speaker != me and (shared := same_words(said, words)):
                self._tie(me, earlier.speaker, _TOOK_UP_WORDS * shared)

    def _tie(self, one: str, other: str, strength: float) -> None:
        for here, there in ((one, other), (other, one)):
            speaker = self._speakers[here]
            speaker.bonds[there] = speaker.bonds.get(there, 0.0) + strength * self._unit
            speaker.bound += strength * self._unit

    def _addressed(self, turn: Turn) -> frozenset[str]:
        called = addressed(turn.text, self._speakers)
        return (turn.mentions | called) - {turn.speaker} if called else turn.mentions

    def _candidates(
        self,
        turn: Turn,
        said: Wording,
        asked: Iterable[Question],
        quoted: Turn | None = None,
    ) -> list[Candidate]:
        """The questions, each with what speaks for and against its being answered by this."""
        me = turn.speaker
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
        speaker = self._speakers[me]
        mentions = self._addressed(turn)
        points_at_somebody = bool(mentions or turn.quotes)
        found: list[Candidate] = []
        for question in asked:
            fits = fit(said, question.said)
            standing = self._standing(speaker, me, question)
            score = told + sum(map(mul, _FIT, fits)) + sum(map(mul, _STANDING, standing))
            values = message + fits + standing
            hours = _hours(question.turn.at, turn.at)
            if points_at_somebody or question.asked_of:
                address = (hours, *_address(turn, mentions, question, quoted))
                score += sum(map(mul, _ADDRESS, address))
                values += address
            else:
                score += ADDRESS["hours passed"] * hours
                values += (hours,)
            found.append((score, question, values))
        return found

    def _standing(self, speaker: Speaker, me: str, question: Question) -> Values:
        asker = question.turn.speaker
        other = self._speakers[asker]
        bond, unbound = speaker.bonds.get(asker, 0.0), _UNBOUND * self._unit
        mine = question.answered_by.get(me, 0.0)
        between = self._length - 1 - question.place - question.asker_spoke
        return (
            log1p(between - question.spoke.get(me, 0)),
            question.stated.get(me, 0),
            speaker.asked_last > question.place and speaker.asked_last > other.last,
            question.asker_spoke,
            question.asker_asked,
            question.is_closed,
            mine,
            question.answered - mine,
            bond / (speaker.bound + unbound),
            (other.bound - bond) / (other.bound + unbound),
        )


def _address(
    turn: Turn, mentions: frozenset[str], question: Question, quoted: Turn | None
) -> Values:
    me, asker = turn.speaker, question.turn.speaker
    author = quoted.speaker if quoted else None
    is_quoted = turn.quotes == question.turn.id
    return (
        asker in mentions,
        bool(mentions) and asker not in mentions,
        me in question.asked_of,
        bool(question.asked_of) and me not in question.asked_of,
        is_quoted,
        author == asker and not is_quoted,
        author is not None and author not in (asker, me),
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


def fit(said: Wording, asked: Wording) -> Values:
    """How well the wording of an answer goes with that of a question."""
    kinds = asked.asks_for & _TELLING
    return (
        0.0 if not kinds else -1.0 if kinds.isdisjoint(said.offers) else 1.0,
        said.decides and not asked.verbs.isdisjoint(said.head),
        not asked.units.isdisjoint(said.units),
        not asked.alternatives.isdisjoint(said.grams),
        same_words(said, asked),
    )


def same_words(one: Wording, other: Wording) -> float:
    shared = one.grams & other.grams
    if not shared:
        return 0.0
    return min(sum(1.0 if len(gram) > 1 else 0.5 for gram in shared), 4.0) / 2


_HOUR = timedelta(hours=1)

# Anything can be the answer to `what`.
_TELLING = frozenset(Kind) - {Kind.THING, Kind.CHOICE}


def _hours(asked: datetime | None, said: datetime | None) -> float:
    if asked is None or said is None or said <= asked:
        return 0.0
    return log1p((said - asked) / _HOUR)
