"""What somebody's decision makes of a post, and why it can't be carried out. Pure."""

from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from handlers.content import choice, slots
from handlers.content.choice import Library
from handlers.content.planning import Ground
from handlers.content.serving import made_due
from models.content import Item, Post, PostState, Voice

NOW_LASTS = timedelta(hours=1)
"""What is to be said at once is not said later than this."""


class Refusal(Enum):
    """Why not: for HTTP, and for the chat."""

    NO_SLOT = ("there is no such slot", "没有这个时段")
    NO_ITEM = ("there is no such item in the library", "内容库里没有这一条")
    OVER = ("its hours are over", "它的时段已经过了")
    POSTED = ("it has been posted", "它已经发过了")
    BEING_SAID = ("it is being posted", "它正在发")
    HANDED = ("the monitor has been given it", "它已经交给班长了")
    SKIPPED = ("it is skipped already", "它已经跳过了")
    EMPTY = ("there is nothing to post in it", "这个时段没有可发的内容")
    SEEN = ("the group has had this item", "这条群里已经发过了")
    PLANNED = ("this item is planned for another slot", "这条已经排在别的时段了")
    NO_WORDS = ("it speaks of what the group does not have", "这条要提的这个群没有，说不完整")
    NOTHING_ELSE = ("there is nothing else to choose", "没有别的可以换了")
    NO_MONITOR = ("the group has no monitor to say it", "这条要班长来发，群里现在没有班长")
    PAUSED = ("the group is paused", "小助手在群里暂停着")
    QUIET = ("these are quiet hours", "现在是安静时段")
    NOT_OURS = ("the group is not ours", "这个群不归小助手管")


class PostRefused(Exception):
    """The decision can't be carried out; nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.english, self.chinese = refusal.value
        super().__init__(self.english)


DONE = {
    PostState.POSTED: Refusal.POSTED,
    PostState.LAPSED: Refusal.OVER,
    PostState.PROMISED: Refusal.BEING_SAID,
}
"""Nothing can be decided about these any more."""


def approved(post: Post, by: str, now: datetime) -> Post:
    _must_be_open(post, now)
    if post.state is PostState.SKIPPED:
        raise PostRefused(Refusal.SKIPPED)
    if post.state is not PostState.PLANNED and post.state is not PostState.HANDED:
        raise PostRefused(Refusal.EMPTY)
    # Whoever decided before is named in `why`, and must be found there.
    agreed = replace(post, approved_by=by, pinned_by=post.pinned_by or by)
    return made_due(agreed, now)


def skipped(post: Post, by: str, now: datetime) -> Post:
    _must_be_open(post, now)
    if post.state is PostState.SKIPPED:
        raise PostRefused(Refusal.SKIPPED)
    return replace(
        post, state=PostState.SKIPPED, due_at=None, pinned_by=by, why=f"{who(by)}决定不发"
    )


def swapped(post: Post, item: Item, ground: Ground, by: str, now: datetime) -> Post:
    """Also where nothing was to be posted. The monitor gets the new one where it is hers to say,
    even if she has been given another one already."""
    _must_be_open(post, now)
    if ground.lacks_monitor_for(item):
        raise PostRefused(Refusal.NO_MONITOR)
    return made_due(
        replace(
            post,
            state=PostState.PLANNED,
            kind=item.kind,
            item=item.id,
            voice=ground.voice_of(item),
            why=f"{who(by)}换的",
            pinned_by=by,
            approved_by=None,
            handed_to=None,
        ),
        now,
    )


def said_now(post: Post, ground: Ground, by: str, now: datetime) -> Post:
    """Due at once, outside its hours or not: whoever says so has seen the group, and agrees."""
    if (refusal := DONE.get(post.state)) is not None:
        raise PostRefused(refusal)
    if post.state is PostState.HANDED:
        raise PostRefused(Refusal.HANDED)
    if post.item is None:
        raise PostRefused(Refusal.EMPTY)
    if post.item in ground.programme.seen:
        raise PostRefused(Refusal.SEEN)
    if not ground.group.is_ours:
        raise PostRefused(Refusal.NOT_OURS)
    if ground.group.paused_at is not None:
        raise PostRefused(Refusal.PAUSED)
    if ground.rules.delivery.quiet_hours.covers(now):
        raise PostRefused(Refusal.QUIET)
    if post.voice is Voice.MONITOR and not ground.has_monitor:
        raise PostRefused(Refusal.NO_MONITOR)
    return replace(
        post,
        state=PostState.PLANNED,
        opens_at=now,
        closes_at=_now_until(ground, now),
        said_at=now,
        due_at=now,
        why=f"{who(by)}让现在发",
        pinned_by=by,
        approved_by=post.approved_by or by,
    )


def _now_until(ground: Ground, now: datetime) -> datetime:
    until = now + NOW_LASTS
    if not ground.needs_confirmation:
        return until
    return slots.confirmed_until(now, until, ground.rules)


def named(item: Item | None, ground: Ground, planned: Container[str]) -> Item:
    """The item that somebody asked for; `planned` are those of the group's other slots."""
    if item is None or item.withdrawn_at is not None:
        raise PostRefused(Refusal.NO_ITEM)
    if item.id in ground.programme.seen:
        raise PostRefused(Refusal.SEEN)
    if item.id in planned:
        raise PostRefused(Refusal.PLANNED)
    group = ground.group
    if not choice.has_words(item, ground.stage, ground.week, group.city, group.channel):
        raise PostRefused(Refusal.NO_WORDS)
    return item


def another(post: Post, ground: Ground, library: Library, planned: Iterable[str]) -> Item:
    """The next in the order of choice after the one that is planned, of those that are not
    planned for other slots; after the last comes the first again, so that whoever asks again and
    again sees them all."""
    had = {*ground.programme.seen, *planned, post.item or ""}
    candidates = ground.candidates(post.kind, post.day, library)
    places = (n for n, each in enumerate(candidates, start=1) if each.id == post.item)
    after = next(places, 0)
    in_turn = (*candidates[after:], *candidates[:after])
    if (found := ground.choose(in_turn, had)) is None:
        raise PostRefused(Refusal.NOTHING_ELSE)
    return found


def who(by: str) -> str:
    """`小雨 (wxid_1)` is called 小雨."""
    return by.rpartition(" (")[0] or by


def _must_be_open(post: Post, now: datetime) -> None:
    if (refusal := DONE.get(post.state)) is not None:
        raise PostRefused(refusal)
    if now >= post.closes_at:
        raise PostRefused(Refusal.OVER)
