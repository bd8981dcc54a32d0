"""What a preview of changed rules tells, in words, figures and charts. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.console import charts, wording
from bot.console.charts import BLUE, GREEN, ORANGE, PURPLE, Options
from bot.console.client import Refused

OLD, NEW = "现在的规则", "改了以后"
LEFT_OUT = {
    "private messages to the assistant": "和小助手私聊的话",
    "forms, scans and friend requests on the way in": "进群前的扫码、填表和加好友",
    "recalls of messages: they stay said": "撤回：当作没有撤回",
    "earlier names of groups, nicknames and roles: they are those of today": (
        "以前的群名、昵称和角色：都按今天的"
    ),
    "points, questions, tasks and posts from before: all begins with none": (
        "更早的积分、问题、任务和内容：都从零开始"
    ),
    "hours learned from activity: posts go by the given ones": (
        "按聊天学到的时段：内容都按设定的时段发"
    ),
    "texts that are forgotten": "到期删掉了原文的消息",
    "rules set or asked for in chat": "在群里用命令看规则、改规则",
    "groups that are paused: here they are not": "暂停着的群：当作没有暂停",
    "when each account heard nothing, and what each may say": (
        "各个账号什么时候掉线、能说多少：当作一个账号"
    ),
}
_REFUSED = (
    ("^another preview is running", "有人正在预览，一次只能跑一个，请等它跑完再试"),
    ("^it was not done within", "跑得太久，停下了，请少选几天或几个群"),
    ("^it takes more than", "内存不够，停下了，请少选几天或几个群"),
    ("^no group of ours belongs", "这里还没有接管的群，没有可以试的"),
    (r"^\d+ messages in one group", "有的群消息太多，请少选几天"),
    ("^the replay failed", "没有跑成，原因记在日志里，请告诉管服务器的人"),
)


def refused(why: Refused) -> str:
    """Why there is no preview."""
    for pattern, chinese in _REFUSED:
        if re.search(pattern, why.detail):
            return chinese
    return wording.refused(why)


def progress(step: Mapping[str, Any], now: datetime) -> tuple[float, str]:
    """How far both runs are, and what is lived through."""
    is_new = step["run"] == "new"
    name = NEW if is_new else OLD
    told = f"按{name}重放到 {wording.moment(step['at'], now)}"
    return (step["done"] + is_new) / 2, told


def extent(found: Mapping[str, Any], now: datetime) -> str:
    """What was run again."""
    taken, of = found["groups"]["taken"], found["groups"]["of"]
    groups = f"{taken} 个群" if taken == of else f"{of:,} 个群里抽的 {taken} 个"
    since, until = (wording.moment(found[each], now) for each in ("since", "until"))
    events = f"{found['events']:,} 件事（进群、发言、退群）"
    return f"重放了 {groups}：{since} 到 {until}，{events}"


def left_out(found: Mapping[str, Any]) -> list[str]:
    return [
        LEFT_OUT.get(each["what"], each["what"])
        + ("" if each["count"] is None else f"（{each['count']:,}）")
        for each in found["left_out"]
    ]


# Figures

Row = tuple[str, str, str, str]
"""What it is, by the old rules, by the new ones, and the difference."""
_FIGURES = (
    ("messages", "群里的消息"),
    ("a_group_and_day", "每群每天"),
    ("rounds", "欢迎轮数"),
    ("posts", "发的内容"),
    ("points", "给出的积分"),
    ("longest_wait", "新人最久等"),
    ("median_wait", "新人一般等"),
)
_WAITS = ("longest_wait", "median_wait")


def figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Row]:
    return [_figure(title, name in _WAITS, old[name], new[name]) for name, title in _FIGURES]


def said(old: Mapping[str, int], new: Mapping[str, int]) -> list[Row]:
    """How many messages of each kind."""
    kinds = [each for each in wording.MESSAGES if each in old or each in new]
    return [
        _figure(wording.MESSAGES[each], is_time=False, old=old.get(each, 0), new=new.get(each, 0))
        for each in kinds
    ]


def _figure(title: str, is_time: bool, old: float | None, new: float | None) -> Row:
    name = _wait if is_time else wording.number
    if old is None or new is None:
        return title, name(old), name(new), ""
    if new == old:
        return title, name(old), name(new), "一样"
    sign = "+" if new > old else "−"
    return title, name(old), name(new), f"{sign}{name(round(abs(new - old), 2))}"


def _wait(seconds: float | None) -> str:
    return "没有新人" if seconds is None else wording.lasting(round(seconds))


# Charts


def by_day(found: Mapping[str, Any], *, is_dark: bool) -> tuple[Options, Options]:
    """Messages and the longest wait; posts and points."""
    old, new = found["old"]["days"], found["new"]["days"]
    days = [wording.day(each["day"]) for each in old]
    waits = _Axis("新人最久等（分钟）", "longest_wait", ORANGE, per=60)
    messages = _Axis("消息（条）", "messages", BLUE)
    posts, points = _Axis("内容（条）", "posts", GREEN), _Axis("积分（分）", "points", PURPLE)
    return (
        _compared(days, old, new, messages, waits, is_dark=is_dark),
        _compared(days, old, new, posts, points, is_dark=is_dark),
    )


class _Axis:
    def __init__(self, title: str, name: str, colour: str, per: float = 1) -> None:
        self.title, self._name, self.colour, self._per = title, name, colour, per

    @property
    def called(self) -> str:
        return self.title.partition("（")[0]

    def values(self, days: Iterable[Mapping[str, Any]]) -> list[float | None]:
        found = (each[self._name] for each in days)
        return [None if each is None else round(each / self._per, 1) for each in found]


def _compared(
    days: Sequence[str],
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    left: _Axis,
    right: _Axis,
    *,
    is_dark: bool,
) -> Options:
    """Bars by the left axis, lines by the right one; the old is hollow, or dashed."""
    base = charts.lines(days, {}, is_dark=is_dark)
    value = base["yAxis"] | {"nameTextStyle": base["textStyle"]}
    series = [
        {
            "name": f"{left.called}·{name}",
            "type": "bar",
            "data": left.values(of),
            "itemStyle": {
                "color": "transparent" if name == OLD else left.colour,
                "borderColor": left.colour,
                "borderWidth": 1.5,
                "borderType": "dashed" if name == OLD else "solid",
            },
            "barMaxWidth": 26,
        }
        for name, of in ((OLD, old), (NEW, new))
    ] + [
        {
            "name": f"{right.called}·{name}",
            "type": "line",
            "yAxisIndex": 1,
            "data": right.values(of),
            "color": right.colour,
            "symbol": "emptyCircle" if name == OLD else "circle",
            "symbolSize": 8,
            "lineStyle": {"type": "dashed" if name == OLD else "solid", "width": 2},
        }
        for name, of in ((OLD, old), (NEW, new))
    ]
    return base | {
        "grid": {"left": 44, "right": 44, "top": 84, "bottom": 28},
        "yAxis": [
            value | {"name": left.title},
            value | {"name": right.title, "splitLine": {"show": False}},
        ],
        "series": series,
    }
