"""How a post is introduced to the monitor, and recognised when she says it. Pure."""

import re
import unicodedata
from collections import Counter
from datetime import timedelta

from config.daily import ZONE
from models.content import Post

PIECE = 3
"""Letters in a row that are compared. Two in a row any two Chinese texts share (我们, 宝宝)."""
ALIKE = 0.5
"""Of the given text's pieces, how many must be there. She changes a few words, drops a line, adds
a greeting; two texts about the same subject share up to a third."""
SHORT = 12
"""Letters; of a shorter text a word changed leaves too little, so it must be there as it is, or
be all that she says, with a word more or less."""
A_WORD = 4 / 3
"""How much longer a short text is at most with a word more."""
TOLD_APART = 6
"""Letters; a shorter text (早安) is part of many others, so it must be all that she says."""
TOGETHER = timedelta(minutes=5)
"""What she says within it may be one text, sent in several messages."""
_UNTOLD = re.compile(r"[\W_]+")


def introduction(post: Post, monitor: str, group: str | None) -> str:
    """What the monitor, as she is called, reads before the text itself; `group` names the one
    that is meant where she has several."""
    until = f"{post.closes_at.astimezone(ZONE):%H:%M}"
    where = f"「{group}」" if group else "群里"
    if post.is_hurried:
        asked = f"{monitor}，想请你在{where}发一条～"
    else:
        asked = f"{monitor}，这会儿{where}的妈妈们正有空，想请你发一条～"
    return f"{asked}下面这条长按就能复制，{until}前发都行，改几个字也没关系🌷"


def is_same(said: str, given: str) -> bool:
    """Whether what she said is what was handed to her: a copy, maybe with a few words changed,
    left out or added. What is no letter or digit does not count, unless there is nothing else."""
    ours, hers = _bare(given), _bare(said)
    if not ours:
        return _unspaced(said) == _unspaced(given) != ""
    if len(ours) < TOLD_APART:
        return ours == hers
    if ours in hers:
        return True
    if len(ours) < SHORT:
        return _has_a_word_more(hers, ours) or _has_a_word_more(ours, hers)
    wanted = _pieces(ours)
    enough = ALIKE * wanted.total()
    # What she says before and after must not add up: a copy lies within twice its length.
    starts = range(0, max(len(hers) - len(ours), 1), len(ours))
    parts = (hers[start : start + 2 * len(ours)] for start in starts)
    return any((wanted & _pieces(part)).total() >= enough for part in parts)


def _has_a_word_more(longer: str, shorter: str) -> bool:
    rest = iter(longer)
    return len(longer) <= A_WORD * len(shorter) and all(each in rest for each in shorter)


def _pieces(letters: str) -> Counter[str]:
    return Counter(letters[n : n + PIECE] for n in range(len(letters) - PIECE + 1))


def _bare(text: str) -> str:
    """Letters and digits only, as they are compared."""
    return _UNTOLD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _unspaced(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
