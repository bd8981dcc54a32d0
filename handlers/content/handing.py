"""Handing a post over to the monitor, and recognising it when she says it."""

import re
import unicodedata
from difflib import SequenceMatcher

from config.daily import ZONE
from models.content import Post

SHORTEST_RUN = 2
"""Shorter runs in common are chance: any two Chinese texts share 的 and 了."""
ALIKE = 0.7
"""Of both texts together, what they must have in common. She changes a word or a name, drops a
line, adds a greeting; two texts about the same subject share less than a third."""
WHOLE = 0.9
"""Of the given text, what must be there where she wrote more around it."""
_UNTOLD = re.compile(r"[\W_]+")


def introduction(post: Post, monitor: str, group: str | None) -> str:
    """What the monitor, as she is called, reads before the text itself; `group` names the one
    that is meant where she has several."""
    until = f"{post.closes_at.astimezone(ZONE):%H:%M}"
    where = f"「{group}」" if group else "群里"
    return (
        f"{monitor}，这会儿{where}的妈妈们正有空，想请你发一条～"
        f"下面这条长按就能复制，{until}前发都行，改几个字也没关系🌷"
    )


def is_same(said: str, given: str) -> bool:
    """Whether what she said is what was handed to her: a copy, maybe with a few words changed,
    left out or added. What is no letter or digit does not count."""
    ours, hers = _bare(given), _bare(said)
    if not ours or not hers:
        return False
    if ours in hers:
        return True
    matcher = SequenceMatcher(None, hers, ours, autojunk=False)
    runs = (each.size for each in matcher.get_matching_blocks())
    common = sum(size for size in runs if size >= SHORTEST_RUN)
    return common / len(ours) >= WHOLE or 2 * common / (len(ours) + len(hers)) >= ALIKE


def _bare(text: str) -> str:
    """Letters and digits only, as they are compared."""
    return _UNTOLD.sub("", unicodedata.normalize("NFKC", text)).casefold()
