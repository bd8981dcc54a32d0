"""What an answer, a task or a bonus is worth, and how it is told.

The method: who helps answer questions, or responds to the monitor, gets points. The figures, and
what earns nothing, are rules (config/rules.py); wrong points anger people more than missed ones.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from config.daily import ZONE, midnight
from config.rules import DeliveryRules, PointsRules
from models.events import AnswerAccepted, AnswerFact
from models.groups import Member
from models.ids import PersonId
from models.messages import mention
from models.people import Role
from models.points import ANSWERED, EARNED, Entry, EntryKind, PraiseDesk

LINES = 8
"""Named in one news of points; the rest are counted."""
CLOCKS_AGREE = timedelta(days=1)
TELLS_OF = (*ANSWERED, EntryKind.CLAWBACK)
"""Tasks are credited silently, and a bonus was answered when it was given."""

_BRACKET_EMOJI = re.compile(r"\[[^\[\]\s]{1,8}\]")
_MENTIONED = re.compile(r"@[^\s\u2005]{1,40}(?:[\s\u2005]|$)")


# What is earned


@dataclass(frozen=True, slots=True)
class Worth:
    """Points to book, or none and why."""

    points: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What the limits are measured by: what she earned today, what this answer earned already,
    and how many other answers between these two people earned something today."""

    today: Collection[Entry]
    of_answer: Collection[Entry]
    of_pair: int


def answer_worth(fact: AnswerFact, helper: Role, history: History, rules: PointsRules) -> Worth:
    """What this answer earns on top of what it has earned already."""
    if helper.is_staff:
        return Worth(0, "staff earn no points")
    if fact.asker == fact.helper:
        return Worth(0, "it is her own question")
    if fact.repeats:
        return Worth(0, "the same was said before")
    if letters(fact.text) < rules.shortest:
        return Worth(0, "it is too short")
    had = sum(each.points for each in history.of_answer)
    if not history.of_answer and history.of_pair >= rules.pair_daily:
        return Worth(0, "these two have had their share today")
    worth = rules.accepted if isinstance(fact, AnswerAccepted) else rules.given
    if worth <= had:
        return Worth(0, "it was credited already")
    return within_day(worth - had, history.today, rules)


def may_have_earned_since(asked_at: datetime, now: datetime) -> datetime:
    """Before this no answer can have earned anything: platforms' clocks are not off by more."""
    return min(asked_at, now) - CLOCKS_AGREE


def within_day(points: int, today: Iterable[Entry], rules: PointsRules) -> Worth:
    """As much of it as she may still earn today."""
    left = left_today(today, rules)
    return Worth(min(points, left)) if left else Worth(0, "she has earned enough today")


def left_today(today: Iterable[Entry], rules: PointsRules) -> int:
    return max(rules.daily_most - sum(each.points for each in today), 0)


def letters(text: str) -> int:
    """How many characters say something: not emoji, stickers, punctuation or mentions."""
    said = _MENTIONED.sub("", _BRACKET_EMOJI.sub("", text))
    return sum(map(str.isalnum, said))


# What somebody decides


class Refusal(Enum):
    """Why not: for HTTP, and for the chat, where `{name}` is the member's."""

    NOT_OURS = ("the group is not ours", "这个群不归小助手管")
    STAFF = ("staff have no points", "班长、小助手和工作人员不参加积分哦")
    NOTHING_LEFT = ("she has no points that could be taken", "{name}现在没有积分，不用扣啦")
    NOT_REVERSED = (
        "what was spent, returned or taken back is not reversed here",
        "兑换、退回和收回的分不能再收回",
    )
    REVERSED = ("it was taken back already", "这笔已经收回过了")


class PointsRefused(Exception):
    """The decision can't be carried out; nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.english, self.chinese = refusal.value
        super().__init__(self.english)


REVERSIBLE = (*EARNED, EntryKind.REFERRAL, EntryKind.DEDUCTION)
"""What a redemption moved belongs to the redemption, and what was taken back is done with."""


def why_not_adjusted(role: Role, points: int, had: int) -> Refusal | None:
    """Why she is not given, or (below 0) does not lose, these points, of which she had `had`."""
    if role.is_staff:
        return Refusal.STAFF
    if points < 0 and had <= 0:
        return Refusal.NOTHING_LEFT
    return None


def why_not_reversed(entry: Entry) -> Refusal | None:
    return None if entry.kind in REVERSIBLE else Refusal.NOT_REVERSED


# Since when


def monday(today: date) -> datetime:
    return midnight(today - timedelta(days=today.weekday()))


def first_of_month(today: date) -> datetime:
    return midnight(today.replace(day=1))


# When the group hears of it


def praise_due(
    desk: PraiseDesk, now: datetime, rules: PointsRules, delivery: DeliveryRules
) -> datetime | None:
    """When the group hears of what was earned; None while something is being told. An earlier
    due time stays: who earns points does not put off the news of the others."""
    if desk.telling is not None:
        return None
    due = now + rules.announce_delay
    if desk.said_at is not None:
        due = max(due, desk.said_at + rules.announce_gap)
    if desk.due_at is not None:
        due = min(due, max(desk.due_at, now))
    return delivery.quiet_hours.leave(due)


@dataclass(frozen=True, slots=True)
class Praise:
    """What one member earned lately; `accepted` and `given` count answers."""

    person: PersonId
    points: int
    accepted: int
    given: int


def praises(entries: Iterable[Entry]) -> list[Praise]:
    """Who is praised for these entries, most points first; not for what was taken back again."""
    entries = [each for each in entries if each.kind in TELLS_OF]
    undone = {each.reverses for each in entries}
    standing = [
        each
        for each in entries
        if each.kind in ANSWERED and each.key not in undone and each.points > 0
    ]
    points: Counter[PersonId] = Counter()
    accepted: dict[PersonId, set[str]] = {}
    given: dict[PersonId, set[str]] = {}
    for each in standing:
        points[each.person] += each.points
        kinds = accepted if each.kind is EntryKind.ACCEPTED else given
        kinds.setdefault(each.person, set()).add(each.cause or each.key)
    found = [
        Praise(
            person,
            total,
            accepted=len(accepted.get(person, set())),
            given=len(given.get(person, set()) - accepted.get(person, set())),
        )
        for person, total in points.items()
    ]
    return sorted(found, key=lambda each: (-each.points, each.person))


def praise_lines(found: Sequence[Praise], members: Mapping[PersonId, Member]) -> str:
    lines = [
        f"{mention(members[each.person].shown)}+{each.points}（{_for_what(each)}）"
        for each in found[:LINES]
    ]
    if len(found) > LINES:
        lines.append(f"还有{len(found) - LINES}位妈妈也帮了忙")
    return "\n".join(lines)


def _for_what(praise: Praise) -> str:
    parts = []
    if praise.accepted:
        parts.append(f"{praise.accepted}个回答被采纳")
    if praise.given:
        parts.append(f"回答了{praise.given}个问题")
    return "，".join(parts)


# What is answered


def statement(
    balance: int, entries: Sequence[Entry], names: Mapping[PersonId, str], *, page: int, more: bool
) -> str:
    """Her points and where they came from, newest first."""
    if not entries:
        return (
            f"你现在有{balance}分，再往前没有记录啦"
            if page > 1
            else "你还没有积分哦，帮群友解答问题、完成班长的任务都能得分～"
        )
    lines = [f"你现在有{balance}分" + ("，最近的记录：" if page == 1 else f"，第{page}页：")]
    lines += [_line(each, names) for each in entries]
    if more:
        lines.append(f"更早的发 /积分 {page + 1}")
    return "\n".join(lines)


def _line(entry: Entry, names: Mapping[PersonId, str]) -> str:
    day = entry.at.astimezone(ZONE)
    missing = f"（还差{entry.shortfall}分没扣）" if entry.shortfall else ""
    return f"{day:%m-%d} {entry.points:+d} {_reason(entry, names)}{missing}"


def _reason(entry: Entry, names: Mapping[PersonId, str]) -> str:
    helped = names.get(entry.counterpart) if entry.counterpart else None
    whose = f"{helped}的" if helped else ""
    match entry.kind:
        case EntryKind.GIVEN:
            return f"回答了{whose}问题"
        case EntryKind.ACCEPTED:
            return f"{whose}问题，你的回答被采纳"
        case EntryKind.TASK:
            return f"完成任务「{entry.note}」"
        case EntryKind.BONUS:
            return f"{_who(entry)}加分：{entry.note}"
        case EntryKind.DEDUCTION:
            return f"{_who(entry)}扣分：{entry.note}"
        case EntryKind.REFERRAL:
            return f"你邀请的{helped or '朋友'}留下来了"
        case EntryKind.CLAWBACK:
            return f"收回：{entry.note}"
        case EntryKind.SPENT:
            return f"兑换「{entry.note}」"
        case EntryKind.RETURNED:
            return f"「{entry.note}」过期没领，分退回来了"


def _who(entry: Entry) -> str:
    return "运营" if entry.is_of_office else "班长"


def ranking(ranked: Sequence[tuple[str, int]], place: int | None, month: int) -> str:
    """The first ten by name and points; `place` is the asker's own, from 1."""
    if not ranked:
        return f"{month}月还没有人得分，第一个就是你～"
    lines = [f"{month}月积分榜："]
    lines += [f"{n}. {name} {points}分" for n, (name, points) in enumerate(ranked[:10], 1)]
    if place is not None and place > 10:
        lines.append(f"你排第{place}，{ranked[place - 1][1]}分")
    return "\n".join(lines)
