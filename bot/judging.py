"""`python -m bot judge`: how well the judges do on messages that people have labelled.

Questions: lines of label (1 asks, 0 does not), text and, if there is one, source, separated by
tabs. Answers: JSON lines, each a conversation with an `id` and `messages`, each of them with `i`,
`speaker`, `text`, `is_question` and `reply_to`, the indices of the questions it answers. A source
is what stands before the first `/`, or the first `-` of an id.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from handlers.questions import answering, asking
from handlers.questions.answering import Turn
from models.stores.talk import REMEMBERED


class BadLabels(Exception):
    """`line N: what is wrong`."""


class Message(BaseModel):
    i: int
    speaker: str
    text: str
    is_question: bool
    reply_to: list[int]


class Conversation(BaseModel):
    id: str = ""
    messages: list[Message]


@dataclass(slots=True)
class Tally:
    """What was found and is true, what was found and is not, and what was not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, found: set[Any], true: set[Any]) -> None:
        self.right += len(found & true)
        self.wrong += len(found - true)
        self.missed += len(true - found)

    def figures(self) -> dict[str, Any]:
        return {
            "precision": _share(self.right, self.right + self.wrong),
            "recall": _share(self.right, self.right + self.missed),
            "counts": {"right": self.right, "wrong": self.wrong, "missed": self.missed},
        }


def judge_questions(lines: Iterable[str]) -> dict[str, Any]:
    """Precision and recall over all, and by source; raises BadLabels."""
    everything, by_source = Tally(), defaultdict[str, Tally](Tally)
    count = 0
    for number, asks, text, source in _labelled(lines):
        found = {number} if asking.judge(text).is_question else set()
        true = {number} if asks else set()
        for tally in (everything, by_source[source]):
            tally.add(found, true)
        count += 1
    figures = everything.figures()
    figures["counts"]["messages"] = count
    return figures | {"by_source": _figures(by_source)}


def judge_answers(lines: Iterable[str]) -> dict[str, Any]:
    """Precision and recall of links, by our own detection of questions, and given them; raises
    BadLabels."""
    conversations = list(_conversations(lines))

    def figures(asks: Callable[[Message], bool]) -> dict[str, Any]:
        everything, by_source = Tally(), defaultdict[str, Tally](Tally)
        for each in conversations:
            links = set(_links(each, asks))
            true = {(message.i, to) for message in each.messages for to in message.reply_to}
            for tally in (everything, by_source[each.id.partition("-")[0]]):
                tally.add(links, true)
        found = everything.figures()
        found["counts"] |= {
            "conversations": len(conversations),
            "messages": sum(len(each.messages) for each in conversations),
        }
        return found | {"by_source": _figures(by_source)}

    own = figures(lambda message: asking.judge(message.text).is_question)
    return own | {"gold_questions": figures(lambda message: message.is_question)}


def _links(
    conversation: Conversation, asks: Callable[[Message], bool]
) -> Iterator[tuple[int, int]]:
    """(answer, question), each message judged by what was said before it, as in the service."""
    turns: list[Turn] = []
    for message in conversation.messages:
        turn = Turn(
            id=str(message.i), speaker=message.speaker, text=message.text, asks=asks(message)
        )
        before = turns[-REMEMBERED:]
        link = answering.judge(turn, before, {each.id for each in before if each.asks})
        if link is not None and link.is_confident:
            yield message.i, int(link.question)
        turns.append(turn)


def _labelled(lines: Iterable[str]) -> Iterator[tuple[int, bool, str, str]]:
    """(line, asks, text, source); a first line that labels nothing is a heading."""
    for number, line in enumerate(lines, 1):
        label, *rest = line.rstrip("\r\n").split("\t")
        if (label.strip() not in ("0", "1") and number == 1) or not line.strip():
            continue
        if label.strip() not in ("0", "1") or not rest:
            raise BadLabels(f"line {number}: a line is a label (0 or 1), a tab and a text")
        yield number, label.strip() == "1", rest[0], "".join(rest[1:2]).partition("/")[0]


def _conversations(lines: Iterable[str]) -> Iterator[Conversation]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield Conversation.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(each) for each in first["loc"])
            raise BadLabels(f"line {number}: {place}: {first['msg']}") from error


def _figures(tallies: dict[str, Tally]) -> dict[str, Any]:
    return {name: tallies[name].figures() for name in sorted(tallies)}


def _share(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of."""
    return round(part / whole, 4) if whole else None
