"""A chat message as the clauses it is made of, without what decorates it."""

import re
from dataclasses import dataclass

# What somebody asks is said early or last; what lies between in a long text is the story.
HEAD, TAIL = 400, 200


@dataclass(frozen=True, slots=True)
class Clause:
    words: str
    asked: bool  # a question mark follows
    exclaimed: bool
    outcry: bool  # `!!` follows, or `???`
    ends_sentence: bool


def clauses(text: str) -> list[Clause]:
    found: list[Clause] = []
    for words, after in _CLAUSE.findall(text):
        asked = "?" in after or "？" in after
        exclaimed = "!" in after or "！" in after
        ends = asked or exclaimed or bool(_END.search(after))
        found.append(Clause(words, asked, exclaimed, bool(_OUTCRY.search(words + after)), ends))
    return found


def shortened(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def plain(text: str) -> str:
    """Simplified, lower case, without mentions, links, titles of works and emoji names."""
    text = text.translate(_SIMPLER)
    if _DECORATED.search(text):
        text = text.replace("[疑问]", "?")
        text = _MENTION.sub(" ", text)
        text = _LINK.sub(" ", text)
        text = _NAMED.sub(" ", text)
    if _SLANG.search(text):
        text = _SLANG.sub(lambda found: _MEANS[found.group()], text)
    return text.lower()


_CLAUSE = re.compile(r"((?:\w|(?<=\d)\.(?=\d))+)([^\w]*)")
_OUTCRY = re.compile(r"(?:[!！]\s?){2}|(?:[?？]\s?){3}|[啊呀呜]{3}")
_END = re.compile(r"[。…\n]|\.\.")

_DECORATED = re.compile(r"[@＠\[《]|://|www\.")
# WeChat ends a mention with U+2005; typed by hand it ends with a blank.
_MENTION = re.compile(r"[@＠][^\s@＠\u2005]{1,32}(?:[\u2005\s]|$)")
_LINK = re.compile(r"(?:https?://|www\.)[!-~]{1,300}")
_NAMED = re.compile(r"\[[^\[\]\s]{1,8}\]|《[^《》\n]{1,60}》")

_SIMPLER = str.maketrans(
    "嗎麼誰幾請問沒還個會時為裡裏樣過說辦點錢對買開應該們"
    "這邊媽寶兒歲講給與讓兩種話舉薦賣發後無論據爲甚"
    "\u200b\u200d\ufe0f❓❔",
    "吗么谁几请问没还个会时为里里样过说办点钱对买开应该们"
    "这边妈宝儿岁讲给与让两种话举荐卖发后无论据为什"
    "   ??",
)

_MEANS = {
    "有木有": "有没有",
    "肿么": "怎么",
    "神马": "什么",
    "虾米": "什么",
    "为毛": "为什么",
    "咋": "怎么",
    "多小钱": "多少钱",
    "怎莫": "怎么",
    "什末": "什么",
    "造不": "知道不",
}
_SLANG = re.compile("|".join(_MEANS))
