"""Yesterday's figures, and how they differ from a week before. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.console import wording

NAMES = {
    "joined": "进群",
    "left": "退群",
    "messages": "妈妈说的话",
    "answered": "问题答上了",
    "said": "发的内容",
    "points": "给出的积分",
}
SHARES = ("answered",)
SAME = 0.0005
"""Shares that are closer are told alike."""


class Told(NamedTuple):
    """`change` is against the same weekday before, `usual` the mean of the week before."""

    title: str
    value: str
    change: str
    usual: str


def told(figures: Mapping[str, Mapping[str, float | None]]) -> list[Told]:
    return [_told(name, figures[name], is_share=name in SHARES) for name in NAMES]


def _told(name: str, figure: Mapping[str, float | None], *, is_share: bool) -> Told:
    said = wording.share if is_share else wording.number
    usual = figure["usual"]
    return Told(
        title=NAMES[name],
        value=said(figure["value"]),
        change=change(figure["value"], figure["week_before"], is_share=is_share),
        usual=f"平常 {said(usual)}" if usual is not None else "",
    )


def change(value: float | None, before: float | None, *, is_share: bool) -> str:
    """`比上周同日多 24`; nothing where today's is not known either."""
    if value is None:
        return ""
    if before is None:
        return "上周同日未知"
    more = value - before
    if abs(more) < SAME:
        return "和上周同日一样"
    size = f"{abs(more) * 100:.1f} 个百分点" if is_share else wording.number(abs(more))
    return f"比上周同日{'多' if more > 0 else '少'} {size}"


class Waiting(NamedTuple):
    """`note` says more of it; `tone` is good, warn, bad or nothing."""

    title: str
    value: str
    note: str
    link: str
    tone: str = ""


def waiting(overview: Mapping[str, Any], channel: str = "") -> Sequence[Waiting]:
    """What waits for somebody, each with where to see to it."""
    outbox, questions, groups = overview["outbox"], overview["questions"], overview["groups"]
    untold = bool(groups["untold"]) and questions["open"] is None
    posts, deaf = overview["unapproved"], overview["accounts"]["deaf"]
    of_channel = f"&channel={channel}" if channel else ""
    return (
        _count(
            "消息没说成", outbox["parked"], "最近七天", f"/outbox?state=parked{of_channel}", "bad"
        ),
        _count(
            "不知道说没说",
            outbox["unsure"],
            "最近七天",
            f"/outbox?state=unsure{of_channel}",
            "warn",
        ),
        *_confirmations(overview, of_channel),
        _count("消息等着说", outbox["waiting"], "", f"/outbox?state=waiting{of_channel}"),
        Waiting(
            "账号掉线",
            wording.number(deaf),
            f"在线 {wording.number(overview['accounts']['up'])} 个",
            "/console/accounts",
            "bad" if deaf else "",
        ),
        Waiting(
            "问题没人答",
            wording.number(questions["open"]),
            wording.UNTOLD
            if untold
            else f"{wording.number(questions['overdue'])} 个等久了"
            if questions["overdue"]
            else "",
            f"/console/questions?state=open{of_channel}",
            "warn" if questions["overdue"] else "",
        ),
        Waiting(
            "内容等同意",
            wording.number(posts["today"] + posts["tomorrow"]),
            f"今天 {wording.number(posts['today'])}，明天 {wording.number(posts['tomorrow'])}",
            "/console/calendar",
            "warn" if posts["today"] else "",
        ),
        _count(
            "没有班长的群",
            groups["without_monitor"],
            "",
            f"/groups?without_monitor=true{of_channel}",
            "warn",
        ),
        _count("暂停着的群", groups["paused"], "", f"/groups?paused=true{of_channel}", "warn"),
    )


def _confirmations(overview: Mapping[str, Any], of_channel: str) -> Sequence[Waiting]:
    """Where all accounts speak by themselves there are never any."""
    asked = overview["confirmations"]
    if not any(asked.values()):
        return ()
    lapsed = f"一天里 {wording.number(asked['lapsed'])} 条没人点" if asked["lapsed"] else ""
    where = f"/console/proposals?{of_channel.removeprefix('&')}".removesuffix("?")
    return (Waiting("等群主确认", wording.number(asked["open"]), lapsed, where, "warn"),)


def _count(title: str, count: int, note: str, where: str, tone: str = "") -> Waiting:
    return Waiting(title, wording.number(count), note, f"/console{where}", tone if count else "")
