"""Who among those that a group waits for is the person who joined, as far as names tell.

A wrong guess would take one mother for another, so in doubt she stays unknown.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.daily import ZONE
from config.rules import Rules
from handlers.nickname.judge import Verdict, births_told, judge
from handlers.nickname.spelling import readable
from handlers.nickname.suggest import name_told, suggestion
from models.entry import Visitor
from models.groups import Group, Member
from models.people import ANYBODY
from models.text import folded

NAMESAKES = timedelta(days=21)
"""Of several with one name it is she whose day is within this of what the nickname says."""


def may_be(visitor: Visitor, member: Member, group: Group) -> bool:
    """Whether she can have joined this group now, as who she said she is."""
    if visitor.is_in or visitor.person not in (None, member.person):
        return False
    if member.seen_at is not None and member.seen_at < visitor.scanned_at:
        return False
    is_hers = group.id in (visitor.group, visitor.joined_in)
    return is_hers or (visitor.cohort is not None and visitor.cohort == group.cohort)


def answered_before(visitor: Visitor, member: Member) -> bool:
    """Only who had answered before she joined is looked for by her name."""
    answered_at, seen_at = visitor.answered_at, member.seen_at
    return answered_at is not None and (seen_at is None or answered_at <= seen_at)


def who(
    member: Member, group: Group, awaited: Sequence[Visitor], today: date, rules: Rules
) -> Visitor | None:
    """Her nickname is what one of them was told to copy; or her name, or the name in her
    nickname, is that of one of them and of no other; or they can be told apart by the age that
    her nickname says. An age that is none of this group's is another's."""
    shown = readable(member.shown)
    copied = [
        each
        for each in awaited
        # Few are looked at closely: a nickname is written and read back for that.
        if readable(each.name) in shown and _has_copied(shown, each, group, today)
    ]
    read = judge(
        member.shown,
        city=group.city,
        window=group.window,
        on=today,
        tolerance_months=rules.onboarding.age_tolerance,
    )
    if read.age is Verdict.CONTRADICTS and not copied:
        return None
    names = {folded(readable(each)) for each in (member.name, member.nickname, read.called)}
    whole = folded(shown)
    named = [
        each
        for each in awaited
        if each in copied
        or (
            tells_apart(each.name)
            and (folded(each.name) in names or _is_all_of(whole, each, group, today))
        )
    ]
    if len(named) > 1:
        births = births_told(member.shown, group.city, today)
        named = [
            each
            for each in named
            if each.day and any(one.allows(each.day, NAMESAKES) for one in births)
        ]
    return named[0] if len(named) == 1 else None


def by_code(
    member: Member, group: Group, came_by: Sequence[Visitor], now: datetime, rules: Rules
) -> Visitor | None:
    """Who of those that came by an entry code and are to join a group of this cohort she is, who
    joined by that code's own way into it: the one that her name tells, or the only one, if she has
    seen the way, is still expected, and says no age that is another group's. A way can be passed
    on, so in doubt it is nobody."""
    possible = [
        each for each in came_by if may_be(each, member, group) and answered_before(each, member)
    ]
    named = who(member, group, possible, now.astimezone(ZONE).date(), rules)
    if named is not None:
        return named
    if len(possible) != 1 or not _is_expected(possible[0], now, rules):
        return None
    read = judge(
        member.shown,
        city=group.city,
        window=group.window,
        on=now.astimezone(ZONE).date(),
        tolerance_months=rules.onboarding.age_tolerance,
    )
    return None if read.age is Verdict.CONTRADICTS else possible[0]


def _is_expected(visitor: Visitor, now: datetime, rules: Rules) -> bool:
    """She was shown a way in, and a place is still kept for her; or she waits for a group, which
    is opened when she comes by the way."""
    if visitor.waiting_since is not None:
        return True
    if visitor.shown_at is None or visitor.placed_at is None:
        return False
    return now < visitor.placed_at + rules.entry.seat_kept


def suggested_nickname(visitor: Visitor, group: Group, today: date) -> str:
    """What she may call herself in the group; "" where her answers are forgotten."""
    if visitor.baby is None or visitor.day is None:
        return ""
    return suggestion(visitor.name, visitor.baby, visitor.day, group, today)


def tells_apart(name: str) -> bool:
    found = folded(name)
    return found != "" and found not in ANYBODY


def _has_copied(shown: str, visitor: Visitor, group: Group, today: date) -> bool:
    """Whether her nickname is the one that her page told her to copy, now or when she answered;
    it may be of pictures only, or read as somebody else's age."""
    if visitor.baby is None or visitor.day is None or visitor.answered_at is None:
        return False
    for on in {today, visitor.answered_at.astimezone(ZONE).date()}:
        name = name_told(visitor.name, visitor.baby, visitor.day, group, on)
        told = suggestion(visitor.name, visitor.baby, visitor.day, group, on)
        if folded(name) not in ANYBODY and shown == readable(told):
            return True
    return False


def _is_all_of(nickname: str, visitor: Visitor, group: Group, today: date) -> bool:
    """Whether it is the group's city, an age, and her name as we would write it: that name may
    itself look like an age or a city, and is then not read as a name."""
    if folded(visitor.name) not in nickname or visitor.baby is None or visitor.day is None:
        return False
    name = folded(name_told(visitor.name, visitor.baby, visitor.day, group, today))
    head = nickname.removesuffix(name)
    if head == nickname or not tells_apart(name):
        return False
    read = judge(head, city=group.city, window=group.window, on=today)
    return read.city is Verdict.FITS and read.age is Verdict.FITS and not read.called
