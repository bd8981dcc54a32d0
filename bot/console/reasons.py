"""Why something was not said, not done or not counted, in Chinese. Pure.

The service gives its reasons in English, as they are logged; whatever is not known here, a
platform's own words above all, is told as it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.content import deciding as posts
from handlers.points import policy as points

Patterns = Sequence[tuple[str, str]]
"""What English looks like, and how it is told: `{0}` is what the first group of it found."""

_STANDING: Mapping[str, str] = {
    # As handlers tell it in chat.
    **{
        english: chinese.format(name="她")
        for english, chinese in (each.value for each in (*posts.Refusal, *points.Refusal))
    },
    "it has been handed over already": "已经发过了",
    "it has lapsed; the points return to its owner": "过期了，积分退给她了",
    "nobody hands over her own code": "不能自己给自己发",
    "it has not been handed over": "还没有发出去",
    "it is answered already": "已经有人答了",
    "it is closed already": "已经关掉了",
    "the task is over already": "这个任务已经结束了",
    "its time has passed": "过了时间，就不说了",
    "it concerns nobody any more": "已经没有人需要听了",
    "its group is not ours any more": "这个群已经不归小助手管了",
    "her place is another": "她已经换到别的群了",
    "the welcome of its round was not said": "这一轮的欢迎没说成，后面的也就不说了",
    "the process that was saying it was lost": "正说着程序断了，不知道说出去没有",
    "whoever was doing it was lost": "正做着程序断了，不知道做成没有",
    "the account was taken over by another process": "账号刚换到另一个进程上，会接着说",
    "an earlier step of its round comes first": "这一轮前面的话还没说",
    "it waits to be said": "它还在等着说",
    "its group is paused": "群暂停着，恢复以后才说",
    "it is being said": "正在说，拦不住了",
    "it is with its group's owner: decide on the proposal that it is part of": (
        "已经交给群主了，要改就到请她确认的那一条里改"
    ),
    "it was said": "已经说出去了",
    "it may have been said": "可能已经说出去了，先到群里看一眼",
    "it was refused": "平台没让说",
    "it is not said any more": "已经不说了",
    "those whom it was for are greeted with another round": "这些妈妈会跟着下一轮一起欢迎",
    "it counts as a reminder, and the next one comes by itself": "算提醒过一次，下次到时候会再来",
    "what it told is old by now": "说的积分已经是旧的了",
    "its post is settled; post it in another slot": "这条内容已经过去了，要发就在日历里换个时段",
    "what it said is forgotten": "内容超过保存期，已经删了",
    "its round has gone on without it": "这一轮已经接着往下说了",
    "it is being put together, and nobody has been asked yet": "还在凑齐，没有交给她呢",
    "it is just being handed to its owner": "正在交给她，过一会儿再看",
    "it is done already": "已经做完了",
    "nobody did it in time": "过了时间，没人点",
    "nobody confirmed it in time": "过了时间，没人点",
    "it was confirmed, and the platform did not send it to this group": (
        "群主点了，企业微信没有发到这个群"
    ),
    "nobody is known to own the group: only its owner can confirm what is said in it": (
        "不知道群主是谁，群里的话只有群主能确认"
    ),
    "the platform sends nothing more to this group, e.g. its quota is used up": (
        "企业微信不给这个群发了，可能是次数用完了"
    ),
    "WeCom did not send it: the group is not a customer group of hers any more": (
        "企业微信没有发：这个群已经不是她的客户群了"
    ),
    "WeCom did not send it: the group has got its share of mass sends": (
        "企业微信没有发：这个群收群发的次数用完了"
    ),
    "it was not taken in": "没有交到企业微信那里",
    "it was declined, or refused": "已经不发了",
    "only its owner can let it be said, in WeCom": "群发只能群主自己在企业微信里点",
    "it is being withdrawn already": "正在撤回",
    "the group does not let us speak": "群里不让小助手说话",
    "there is nobody to say it to": "没有可以说的人",
    "no private message reaches who is not a friend of the account": "没加小助手好友，私信到不了",
    "the gateway refuses the token": "网关不认我们的令牌，请看看设置",
    "the gateway is taken by another client": "这个账号正被别的程序用着",
    "what somebody told us belongs to it, and is not kept": "里面有妈妈填的信息，没留底，跑不了",
    # Referrals that brought nobody points.
    "she was not in the group any more": "没待满就退群了",
    "the group is not ours any more": "群已经不归小助手管了",
    "the link is of somebody who is none of ours": "链接的主人不是群里的人",
    "she brought herself": "自己邀请自己",
    "she brought, herself or through others, who brought her": "绕了一圈互相邀请",
    "somebody got points for her before": "以前已经因为她加过分",
    "somebody got points for this browser before": "同一部手机以前加过分",
    "somebody who told the same was brought before": "填的信息和以前的人一样",
    "who brought her is in no group of the channel": "邀请人不在这个渠道的群里",
    "staff earn no points": "工作人员不参加积分",
    "referrals are worth no points": "现在邀请不加分",
    "who brought her has had her share of the month": "邀请人这个月的分已经满了",
    "taken back: she had left before": "分收回了：其实早就退群了",
}

_PATTERNS: Patterns = (
    (r"cancelled by (?P<by>.*)", "{by} 取消了"),
    (r"declined by (?P<by>.*)", "{by}说这次不发"),
    (r"withdrawn by (?P<by>.*)", "{by}撤回了，正在告诉企业微信"),
    (
        r"the group has got its (?P<most>\d+) mass sends of today",
        "这个群今天的 {most} 次群发用完了",
    ),
    (
        r"the group has got its (?P<most>\d+) mass sends of this month",
        "这个群本月的 {most} 次群发用完了",
    ),
    (
        r"the group has got its (?P<most>\d+) mass sends of this week",
        "这个群本周的 {most} 次群发用完了",
    ),
    (
        r"the group has got its (?P<most>\d+) mass sends of this day",
        "这个群今天的 {most} 次群发用完了",
    ),
    (r"done, as (?P<by>.*) said", "{by}说发好了"),
    (r"said, as (?P<by>.*) saw", "{by} 到群里看过，说出去了"),
    (r"not said, as (?P<by>.*) saw", "{by} 到群里看过，没说出去"),
    (r"gave up after (?P<times>\d+) attempts?: (?P<why>.*)", "试了{times}次都没成：{why}"),
    (r"could not be worded: (?P<words>.*)", "话术写不出来，请检查话术：{words}"),
    (r"the gateway failed: (?P<words>.*)", "网关出错了：{words}"),
    (r"the gateway could not be reached: (?P<words>.*)", "连不上网关：{words}"),
    (r"the gateway did not answer: (?P<words>.*)", "网关没有回应，不知道说出去没有：{words}"),
    (r"there is no room (?P<room>.*)", "账号找不到这个群，可能被移出去了（{room}）"),
    (r"its group is left alone until \S+?T(?P<at>\d\d:\d\d).*", "群里正忙着，{at} 以后再说"),
    (r"it failed again: (?P<words>.*)", "又失败了：{words}"),
    (r"there is no event (?P<kind>\S+) in this version", "这个版本里没有 {kind} 这种事件了"),
    (r"it is no (?P<kind>\S+) as this version knows it", "它的样子和这个版本对不上（{kind}）"),
    (r"the group (?P<seq>\d+) of \S+ is there already", "第{seq}个群已经建好了"),
    (r"[A-Z_]+: (?P<words>.*)", "平台说：{words}"),
)


def told(reason: str | None) -> str:
    """In Chinese, as far as we know it; nothing of nothing."""
    if not reason:
        return ""
    if reason in _STANDING:
        return _STANDING[reason]
    for pattern, words in _PATTERNS:
        if found := re.fullmatch(pattern, reason, re.DOTALL):
            parts = found.groupdict()
            why = {"why": told(parts["why"])} if "why" in parts else {}
            return words.format(**parts | why)
    return reason


_PROBLEMS: Patterns = (
    ("^Field required|at least 1 character", "这里要填"),
    (r"greater than or equal to (\S+)", "最小是 {0}"),
    (r"less than or equal to (\S+)", "最大是 {0}"),
    (r"at most (\d+) characters?", "最多 {0} 个字"),
    (r"at most (\d+) items?", "最多 {0} 个"),
    ("valid integer|whole number", "要填整数"),
    ("should match pattern", "这样写不行"),
    ("^it moves nothing", "不能是 0"),
    (r"a task is worth 1 to (\d+)", "分要在 1 到 {0} 之间"),
    ("it lies in the past", "时间已经过了，请写晚一点"),
    (r"a task lasts (\S+) days at most", "任务最长 {0} 天"),
    ("has neither a letter nor a digit", "要有字或数字"),
)
"""How what is wrong with a field is said most often."""


def refusal(detail: str) -> str:
    """Why the API does not do something."""
    return fitting(_PROBLEMS, told(detail)) or told(detail)


def problem(error: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    if says := error.get("says"):
        return str(says)
    english = str(error.get("problem", ""))
    return fitting(_PROBLEMS, english) or english


def fitting(patterns: Patterns, english: str) -> str:
    """By the first pattern that is found in it; nothing where none is."""
    for pattern, chinese in patterns:
        if found := re.search(pattern, english):
            return chinese.format(*found.groups())
    return ""
