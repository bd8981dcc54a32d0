"""What people of the past are called and say, from the lists in `words/`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.cohort import Stage

FOLDER = Path(__file__).parent / "words"


def _text(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    return _text(name).splitlines()


@dataclass(frozen=True, slots=True)
class Remark:
    """`by` is a letter: the same one, the same speaker. `quotes`: what was said first."""

    by: str
    text: str
    quotes: bool = False


Conversation = tuple[Remark, ...]

STAGES = {"孕": (Stage.PRENATAL,), "产": (Stage.POSTNATAL,), "都": tuple(Stage)}
"""What stands above a conversation, and in which groups it may be."""


def _conversations() -> Mapping[Stage, list[Conversation]]:
    found: dict[Stage, list[Conversation]] = {each: [] for each in Stage}
    for block in _text("conversations").strip().split("\n\n"):
        heading, *remarks = block.splitlines()
        conversation = tuple(map(_remark, remarks))
        for stage in STAGES[heading.removeprefix("# ")]:
            found[stage].append(conversation)
    return found


def _remark(line: str) -> Remark:
    """`A text`, or `B> text` where it quotes."""
    speaker, _, text = line.partition(" ")
    return Remark(speaker.rstrip(">"), text, speaker.endswith(">"))


def _names() -> Iterator[tuple[str, str]]:
    """(what she is called on WeChat, her baby's name), each once; no two shapes of one name
    follow each other."""
    babies, shapes = _text("babies").split(), _lines("shapes")
    for turn in range(len(shapes)):
        for number, baby in enumerate(babies):
            yield shapes[(turn + number) % len(shapes)].format(baby), baby


NAMES = list(_names())
CONVERSATIONS = _conversations()
SMALL_TALK = _lines("small_talk")
MORNINGS = _lines("mornings")
TASKS = _lines("tasks")
OPEN_QUESTIONS = _lines("open_questions")
