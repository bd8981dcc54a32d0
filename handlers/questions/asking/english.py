"""Questions in English, or with an English sentence in them."""

import re

from handlers.questions.asking.words import any_of

_WORDS = re.compile(r"[a-z]{2,}[ ,:]+[a-z]")
_THEY = r"(?:i|you|u|we|they|he|she|it|there|that|this|these|those|any\w*|some\w+|one|ya)"
_VERB = r"(?:is|are|am|was|were|do|does|did|can|could|would|will|should|has|have|'s|s|'re)"
_OPENING = (
    r"(?:^|[.!?\n,:;]|\b(?:hi|hello|hey|so|and|but|ok|okay|btw|also|guys|all|well|then))\s{0,3}"
)
# `what I mean is`, `when we were`: a subject right after the word makes it a clause.
_NO_SUBJECT = r"(?:(?!(?:i|you|we|he|she|it|they|the|is)\b)\w+\s+){0,3}?"
_ASKS = any_of(
    rf"{_OPENING}(?:what|where|when|why|who|how|which|whose)(?:'s|s)?\s+{_NO_SUBJECT}{_VERB}\s+\w",
    r"\bhow\s+(?:to|do|can|long|much|many|often|about|come)\b",
    rf"{_OPENING}(?:is|are|was|were|do|does|did|can|could|would|will|should|has|have|am|shall|may"
    rf"|don't|isn't|aren't|doesn't|didn't|can't|won't)\s+{_THEY}\b",
    rf"{_OPENING}(?:is|are|does|did|was|were|will)\s+(?:the|my|your|our)\b",
    r"\b(?:any|some)(?:one|body)\s+(?:else\s+)?(?:know|here|tried|have|has|using|use|used|got"
    r"|with|who|want|going|able|on|can|could|in|selling|familiar|had)",
    r"\bany\s+(?:idea|suggestion|recommend|advice|tip|thought|clue|news|chance)",
    r"\b(?:please|pls|plz|need|want some)\s+(?:\w+\s+)?help\b|\bhelp\s+me\b",
    r"\bi(?:'m| am| was)? wonder|\bi (?:want|need|would like|'d like) to (?:know|ask)",
    r"\btell me (?:how|what|why|where|if)\b|\brecommend(?:ation)?s?\s+(?:for|please)",
    r"\blooking for (?:a |some |any )?(?:recommend|advice|help|suggest)",
    r"\b(?:quick|one more|a) question\b",
)


def asks_in_english(text: str) -> bool:
    """Of a text in lower case."""
    return bool(_WORDS.search(text) and _ASKS.search(text))
