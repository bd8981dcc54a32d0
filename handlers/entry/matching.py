"""Who among those that a group waits for is the person who joined, as far as names tell.

A wrong guess would take one mother for another, so in doubt she stays unknown.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from config.rules import Rules
from handlers.nickname.judge import Verdict, births_told, judge
from handlers.nickname.spelling import readable
from handlers.nickname.suggest import name_told, suggestion
from models.entry import Visitor
from models.groups import Group, Member
from models.people import ANYBODY

NAMESAKES = timedelta(days=21)
"""Of several with one name it is she whose day is within this of what the nickname says."""


def who(
    member: Member, group: Group, awaited: Sequence[Visitor], today: date, rules: Rules
) -> Visitor | None:
    """Her name, or the name in her nickname, is that of one of them and of no other; or they can
    be told apart by the age that her nickname says. An age that is none of this group's is
    another's."""
    read = judge(
        member.shown,
        city=group.city,
        window=group.window,
        on=today,
        tolerance_months=rules.onboarding.age_tolerance,
    )
    if read.age is Verdict.CONTRADICTS:
        return None
    names = {key(readable(each)) for each in (member.name, member.nickname, read.called)}
    whole = key(readable(member.shown))
    named = [
        each
        for each in awaited
        if tells_apart(each.name)
        and (key(each.name) in names or _is_all_of(whole, each, group, today))
    ]
    if len(named) > 1:
        births = births_told(member.shown, group.city, today)
        named = [
            each
            for each in named
            if each.day and any(one.allows(each.day, NAMESAKES) for one in births)
        ]
    return named[0] if len(named) == 1 else None


def suggested_nickname(visitor: Visitor, group: Group, today: date) -> str:
    """What she may call herself in the group; "" where her answers are forgotten."""
    if visitor.baby is None or visitor.day is None:
        return ""
    return suggestion(visitor.name, visitor.baby, visitor.day, group, today)


def key(name: str) -> str:
    """What all spellings of a name have in common: no case, blanks, emoji or punctuation."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(filter(str.isalnum, folded))


def tells_apart(name: str) -> bool:
    found = key(name)
    return found != "" and found not in ANYBODY


def _is_all_of(nickname: str, visitor: Visitor, group: Group, today: date) -> bool:
    """Whether it is the group's city, an age, and her name as we would write it: that name may
    itself look like an age or a city, and is then not read as a name."""
    if key(visitor.name) not in nickname or visitor.baby is None or visitor.day is None:
        return False
    name = key(name_told(visitor.name, visitor.baby, visitor.day, group, today))
    head = nickname.removesuffix(name)
    if head == nickname or not tells_apart(name):
        return False
    read = judge(head, city=group.city, window=group.window, on=today)
    return read.city is Verdict.FITS and read.age is Verdict.FITS and not read.called
