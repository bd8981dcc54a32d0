"""What is said to the bot: what counts as a command, and which one it is. Pure.

The front desk reads by it, and the library is kept free of what it would read.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from handlers.arguments import plain

OUR_NAME = "小助手"
WORDS = frozenset(
    (
        *("帮助", "help", "？", "?", "积分", "points", "排行", "rank", "排行榜", "加分", "award"),
        *("扣分", "deduct", "兑换", "redeem", "核销", "redeemed", "我的", "me", "角色", "role"),
        *("暂停", "pause", "恢复", "resume", "群况", "growth", "日历", "calendar", "跳过", "skip"),
        *("换", "swap", "现在发", "now", "同意", "approve", "群规", "rules", "欢迎", "welcome"),
        *("我的信息", "mydata", "删除我的信息", "forgetme", "确认删除", "任务", "task", "koc"),
        *("登记", "registry"),
        *("问题", "questions", "采纳", "accept", "设置", "set", "邀请", "invite"),
    )
)
"""Those that the features answer to, folded. Each registers its own; they stand here as well for
who can't ask the features, and a test holds the two together."""
LONGEST_WORD = 12
LONGEST_ADDRESS = 40
_ENDS = re.compile(r"[\s@+\-=,，。.！!？?~～…0-9]")
"""What may follow a command's word without a space: people type by thumb."""


@dataclass(frozen=True, slots=True)
class Typed:
    """`word` is None where it is none that we know; `like` is then the one that was meant."""

    word: str | None
    args: str
    like: str | None = None


def read(text: str, words: Collection[str], *, addressed: bool) -> Typed | None:
    """The command in a message; None where it is talk.

    `/词` and `／词` need no space after the word; `#词`, which people use as hashtags too, does,
    and so does a bare word, which counts only where the bot is `addressed`. An unknown word
    is worth an answer only there.
    """
    if not addressed and text[:1] not in ("/", "／", "#", "＃"):
        return None
    text = plain(text).strip()
    sign = text[:1] if text[:1] in ("/", "#") else ""
    body = text.removeprefix(sign).lstrip()
    if (word := _beginning(body, words, glued=sign == "/")) is not None:
        return Typed(word, body[len(word) :].strip())
    return Typed(None, body, _like(body, words)) if addressed else None


def _beginning(body: str, words: Iterable[str], *, glued: bool) -> str | None:
    """The longest word that the text begins with, as it stands there."""
    folded = body.casefold()
    for word in sorted(words, key=len, reverse=True):
        if not folded.startswith(word):
            continue
        rest = body[len(word) :]
        # A Latin word goes on as long as its letters do: /points, not /pointsman; /KOC豆豆妈.
        goes_on = not glued or (word.isascii() and rest[:1].isascii())
        if not rest or _ENDS.match(rest) or not goes_on:
            return body[: len(word)]
    return None


def _like(body: str, words: Collection[str]) -> str | None:
    typed = re.split(r"[\s@]", body, maxsplit=1)[0][:LONGEST_WORD]
    found = get_close_matches(typed, list(words), n=1, cutoff=0.5) if typed else []
    return found[0] if found else None


def without_address(text: str, names: Iterable[str], *, is_mentioned: bool) -> tuple[str, bool]:
    """The text without `@小助手` at its beginning or end, and whether it is addressed to us:
    because the platform says so, or because it was typed there."""
    text = plain(text).strip()
    called = {" ".join(plain(each).split()) for each in names if each.strip()}
    for name in sorted(called, key=len, reverse=True):
        mark = f"@{name}"
        if text == mark or text.startswith(f"{mark} "):
            return text[len(mark) :].strip(), True
        if text.endswith(mark):
            return text[: -len(mark)].strip(), True
    if is_mentioned and text.startswith("@"):
        # Called by a name that we don't know, such as a remark of hers.
        head, _, rest = text.partition(" ")
        return (rest.strip(), True) if len(head) <= LONGEST_ADDRESS else (text, True)
    return text, is_mentioned


def is_for_us(text: str) -> bool:
    """Whether we would answer it, said in a group as it is."""
    text, addressed = without_address(text, [OUR_NAME], is_mentioned=False)
    return read(text, WORDS, addressed=addressed) is not None
