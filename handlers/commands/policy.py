"""What is asked back of those who typed something, and said to those who typed no command."""

import re
from collections.abc import Iterable, Sequence

from handlers.addressed import Typed
from handlers.arguments import plain

_CHOICE = re.compile(r"(?:第\s*)?([1-9][0-9]?)\s*个?群?[。.]?")


def choice(text: str, groups: int) -> int | None:
    """Which of so many groups is chosen, from 0, where the text is nothing but a number."""
    found = _CHOICE.fullmatch(plain(text).strip())
    return int(found[1]) - 1 if found and int(found[1]) <= groups else None


# Words


def which_group(names: Sequence[str]) -> str:
    lines = [f"{number}. {name}" for number, name in enumerate(names, 1)]
    return "是哪个群呢？回个数字就好：\n" + "\n".join(lines)


def unknown(typed: Typed) -> str:
    if not typed.args:
        return "我在呢～发 /帮助 看看我能做什么"
    if typed.like:
        return f"没看懂，是想发 /{typed.like} 吗？发 /帮助 看看都有什么"
    return "这个我答不上来，群里有经验的妈妈看到会来帮忙～发 /帮助 看看我能做什么"


def help_text(usable: Iterable[tuple[str, str]]) -> str:
    """Of each command, how it is typed and what it is for."""
    return "\n".join(f"{usage}　{about}" for usage, about in usable)
