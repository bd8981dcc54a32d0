"""A group's posts as they are told in chat. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from config.daily import ZONE
from handlers.content.serving import clock
from handlers.excerpt import shortened
from models.content import KIND_NAMES, ContentKind, Post, PostState, Voice

STATES = {
    PostState.PLANNED: "",
    PostState.HANDED: "等班长发",
    PostState.PROMISED: "马上发",
    PostState.POSTED: "已发",
    PostState.LAPSED: "没发",
    PostState.SKIPPED: "跳过了",
    PostState.EMPTY: "空着",
    PostState.DROPPED: "排不下",
}
DAY = timedelta(days=1)
HOW = "换一条发 /换 2，不发就 /跳过 2，马上发 /现在发 2"


def calendar(
    posts: Sequence[Post],
    texts: Mapping[str, str],
    today: date,
    waiting: Collection[Post],
    *,
    needs_confirmation: bool = False,
) -> str:
    """Numbered over all days, as the other commands take them. `texts` are what the items say,
    `waiting` are the posts that wait for approval; what is promised may wait for the owner's
    confirmation after that."""
    if not posts:
        return "今天和明天都没有要发的内容"
    lines: list[str] = []
    day = None
    for number, post in enumerate(posts, 1):
        if post.day != day:
            day = post.day
            lines.append(named_day(day, today))
        told = entry(post, texts, waits=post in waiting, needs_confirmation=needs_confirmation)
        lines.append(f"{number}. {told}")
        if post.why:
            lines.append(f"   {post.why}")
    how = f"{HOW}，同意发 /同意 2" if waiting else HOW
    return "\n".join([*lines, how])


def entry(
    post: Post, texts: Mapping[str, str], *, waits: bool, needs_confirmation: bool = False
) -> str:
    """`16:20 湿货（班长）「宝宝湿疹怎么护理…」等班长发`"""
    voice = "（班长）" if post.voice is Voice.MONITOR and post.item else ""
    text = shortened(texts.get(post.item or "", ""))
    state = "还没人同意" if waits else _state(post, needs_confirmation)
    said = f"「{text}」" if text else " "
    return f"{when(post)} {KIND_NAMES[post.kind]}{voice}{said}{state}".rstrip()


def _state(post: Post, needs_confirmation: bool) -> str:
    if needs_confirmation and post.state is PostState.PROMISED:
        return "等群主确认"
    return STATES[post.state]


def when(post: Post) -> str:
    """Beneath its day: `16:20`, `次日00:24`."""
    return clock_of(_moment(post), post.day)


def clock_of(moment: datetime, day: date) -> str:
    """As it is told beneath a day, which may be another one."""
    on = moment.astimezone(ZONE).date()
    names = {day: "", day + DAY: "次日"}
    return f"{names.get(on, _written(on))}{clock(moment)}"


def meant(post: Post, today: date) -> str:
    """`明天16:20的湿货`"""
    moment = _moment(post)
    on = moment.astimezone(ZONE).date()
    return f"{named_day(on, today)}{clock(moment)}的{KIND_NAMES[post.kind]}"


def named_day(day: date, today: date) -> str:
    names = {today - DAY: "昨天", today: "今天", today + DAY: "明天"}
    return names.get(day, _written(day))


def _moment(post: Post) -> datetime:
    """When it was posted, or is to be."""
    planned = post.opens_at if post.voice is Voice.MONITOR else post.said_at
    return post.posted_at or planned


def _written(day: date) -> str:
    return f"{day.month}月{day.day}日"


def wanting(kinds: Iterable[ContentKind]) -> str:
    """For who is in charge of the group: what there is no more of, and what to do."""
    names = "、".join(dict.fromkeys(KIND_NAMES[each] for each in kinds))
    return f"内容库里适合这个群、又没轮过的{names}已经没有了，轮到时就空着。请运营补几条"


def unvoiced(kinds: Iterable[ContentKind]) -> str:
    """What there is nobody to say, and what to do."""
    names = "、".join(dict.fromkeys(KIND_NAMES[each] for each in kinds))
    return f"有{names}要班长来发，可这个群没有班长，轮到时就空着。请运营定一位班长"


def unapproved(count: int) -> str:
    return f"今天有{count}条内容要有人同意才发：发 /日历 看看，同意第2条就发 /同意 2"
