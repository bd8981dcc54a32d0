"""Whether a post whose time has come is said now, later, or not at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.daily import ZONE
from config.rules import ContentRules, Rules
from handlers.content.planning import AFTER_WET, due_at
from models.content import ContentKind, Item, Post, PostState, Voice
from models.delivery import Lapsed, Parked, Sent, Unsure, Verdict
from models.groups import Group, Member

AGAIN = timedelta(minutes=5)
"""Until we look again at what may go away by itself: a pause, a missing approval."""

MISSED = "这个时段里没能发（当时小助手不在线）"
NO_MONITOR = "这条要班长来发，群里现在没有班长"
NOT_SAID = "班长在这个时段里没有发"
NOT_TOLD = "交给班长了，收不到群消息，不知道发没发"
SAID_LATE = "过了时段，班长还是发了"
SAID_ANYWAY = "说好不发，班长还是发了"
HAD = "这条群里已经有过了"
LEFT = "班长退群了，没有人来发"
UNREACHED = "班长收不到小助手的私信，该她发的没法交给她，请她加小助手为好友，或者换一位班长"
WITHDRAWN = "这条内容已经下架了"
NO_WORDS = "这条要提的这个群没有，说不完整，请运营看看它的写法"


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Lapse:
    """`why` is for the calendar, in Chinese."""

    why: str


@dataclass(frozen=True, slots=True)
class Serve:
    """It is said, or handed over, now."""


Move = Wait | Lapse | Serve


def made_due(post: Post, now: datetime) -> Post:
    """When it is looked at, if it is planned."""
    if post.state is not PostState.PLANNED:
        return post
    return replace(post, due_at=max(due_at(post, post.voice), now))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of the group, as it is when a post is due. `rest` is until when it should be left alone
    after a lively moment, `last_said` the kind of what it heard last; `has_had` the item itself:
    the monitor may have said it late."""

    group: Group
    monitor: Member | None = None
    rest: datetime | None = None
    last_said: ContentKind | None = None
    has_had: bool = False


def move(post: Post, item: Item | None, around: Surroundings, now: datetime, rules: Rules) -> Move:
    """What happens to a planned post now that it is due. What is handed over disturbs nobody."""
    why = hindrance(post, item, around.group, now, rules)
    if now >= post.closes_at:
        return Lapse(why or MISSED)
    if why is not None:
        return Wait(min(now + AGAIN, post.closes_at))
    if (due := due_at(post, post.voice)) > now:
        return Wait(due)
    if around.has_had:
        return Lapse(HAD)
    if post.kind is ContentKind.WET and around.last_said is ContentKind.WET:
        return Lapse(AFTER_WET)
    if post.voice is Voice.MONITOR:
        return Serve() if around.monitor is not None else Lapse(NO_MONITOR)
    if around.rest is None or around.rest <= now:
        return Serve()
    if around.rest < post.closes_at:
        return Wait(around.rest)
    return Lapse(f"群里聊得正热闹，到{clock(post.closes_at)}都没有空下来")


def hindrance(
    post: Post, item: Item | None, group: Group, now: datetime, rules: Rules
) -> str | None:
    """Why it can't be said at this moment, though it may be in a while; None where it can."""
    if not group.is_ours:
        return "这个群现在不归小助手管"
    if group.paused_at is not None:
        return "小助手在群里暂停着"
    if rules.delivery.quiet_hours.covers(now):
        return "在安静时段里"
    if item is None or item.withdrawn_at is not None:
        return WITHDRAWN
    if waits_for_approval(post, item, rules.content):
        return "还没有人同意发这条"
    return None


def waits_for_approval(post: Post, item: Item | None, rules: ContentRules) -> bool:
    """Whether nobody has approved of what is planned, nor of its item, where that is asked for."""
    if not rules.approval or post.state is not PostState.PLANNED:
        return False
    if item is None or item.withdrawn_at is not None:
        return False
    return not (item.approved_by or post.approved_by)


def rest_until(times: Sequence[datetime], now: datetime, rules: ContentRules) -> datetime | None:
    """Until when the group is left alone: `lively_rest` after the last message with which
    `lively_messages` had been said within `lively_within`. `times` in order; None where there
    was no such moment, or its rest is over."""
    span = rules.lively_messages - 1
    for last in range(len(times) - 1, span - 1, -1):
        if times[last] - times[last - span] < rules.lively_within:
            rest = times[last] + rules.lively_rest
            return rest if rest > now else None
    return None


def why_not_said(verdict: Verdict) -> str | None:
    """In Chinese, for a promise that came to nothing; None where it was said."""
    match verdict:
        case Sent() | Unsure():
            return None
        case Parked(reason):
            return f"没有发出去：{reason}"
        case Lapsed():
            return (
                "时段里没能发出去（可能是掉线了、消息太多，或者群里暂停着、正聊得热闹），"
                "过了时段就不发了"
            )
        case _:
            return "没有发出去"


def why_not_handed(verdict: Verdict) -> str | None:
    """The same of what was to be given to the monitor."""
    match verdict:
        case Sent() | Unsure():
            return None
        case Parked(reason):
            return f"没能交给班长：{reason}"
        case _:
            return "没能及时交给班长"


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%H:%M}"
