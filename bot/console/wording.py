"""What the console calls things, in Chinese. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.console.client import Refused
from config.daily import ZONE
from handlers.content import deciding as posts
from handlers.points import policy as points

UNKNOWN = "未知"
"""What nobody observed is not zero."""

ROLES = {"viewer": "查看", "operator": "运营", "admin": "管理员"}
MEMBER_ROLES = {
    "member": "成员",
    "koc": "KOC",
    "monitor": "班长",
    "assistant": "小助手",
    "host": "氛围组",
    "bot": "机器人",
}
STANDINGS = {"ours": "在管", "listed": "没接管", "released": "已放手"}
KINDS = {"dry": "干货", "wet": "湿货", "warm": "互动"}
STAGES = {"prenatal": "孕期", "postnatal": "产后"}
PHASES = {"forming": "组建期", "growing": "成长期", "mature": "成熟期", "fading": "沉寂期"}
VOICES = {"assistant": "小助手说", "monitor": "班长说"}
POSTS = {
    "planned": "待发",
    "handed": "班长手里",
    "promised": "正在发",
    "posted": "已发",
    "lapsed": "过时没发",
    "skipped": "不发",
    "empty": "没有合适的",
    "dropped": "排不下",
}
ENTRIES = {
    "answer.given": "回答了问题",
    "answer.accepted": "回答被采纳",
    "task": "完成任务",
    "bonus": "加分",
    "deduction": "扣分",
    "referral": "邀请",
    "clawback": "撤回",
    "spent": "兑换",
    "returned": "兑换退回",
}
REDEMPTIONS = {"ready": "等着发", "handed": "已发", "lapsed": "过期了"}
QUESTIONS = {"open": "没人答", "answered": "答了", "closed": "不等了"}
TASKS = {"open": "进行中", "closed": "结束了"}
OUTBOX = {
    "held": "等前一步",
    "waiting": "等着说",
    "paused": "群暂停着",
    "sending": "正在说",
    "sent": "说了",
    "unsure": "不确定",
    "parked": "没说成",
    "lapsed": "过时没说",
}
ACTIONS = {
    "reward_offered": "放上福利",
    "reward_changed": "改福利",
    "token_issued": "发令牌",
    "token_revoked": "收回令牌",
    "rules_changed": "改规则",
    "role_given": "改角色",
    "group_adopted": "接管群",
    "group_released": "放手群",
    "person_erased": "删除个人信息",
}
"""What the audit log calls things; commands in chat (`/加分`) say it themselves."""
WEEKDAYS = "一二三四五六日"

_STATUS = {
    401: "登录过期了，请重新登录",
    403: "你的权限做不了这件事",
    404: "没有找到，可能刚刚被别人改了或删了",
    409: "现在做不了",
    412: "刚刚有别人改过，已经换成最新的，请再看一眼",
    413: "太大了，请分几次",
    422: "有地方填得不对",
    429: "太频繁了，请稍等一会儿",
    503: "数据库暂时没有回应，请过一会儿再试",
}
REASONS: dict[str, str] = {
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
}
_OURS = "服务出了点问题，已经记在日志里，请过一会儿再试"
_OUTSIDE = "this concerns "


def refused(why: Refused) -> str:
    """What happened, and where; the service's own words behind it, for whoever is asked."""
    told = _STATUS.get(why.status, _OURS)
    if why.status in (401, 404, 412, 429, 503) or why.status >= 500:
        return told
    if why.detail.startswith(_OUTSIDE):
        return f"这不在你负责的群里（{why.detail.removeprefix(_OUTSIDE)}）"
    fields = "；".join(f"{each.get('field')}：{problem(each)}" for each in why.errors[:3])
    return f"{told}：{fields or reason(why.detail)}"


def reason(detail: str) -> str:
    """Why something can't be done, as handlers tell it in a chat; else the API's own words."""
    return REASONS.get(detail) or _said_alike(detail)


def problem(error: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    if says := error.get("says"):
        return str(says)
    return _said_alike(str(error.get("problem", "")))


def _said_alike(english: str) -> str:
    for pattern, chinese in _PROBLEMS:
        if found := re.search(pattern, english):
            return chinese.format(*found.groups())
    return english


_PROBLEMS = (
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
"""How what is wrong is said most often."""


def action(name: str) -> str:
    return ACTIONS.get(name, name)


def scope(name: str) -> str:
    """`channel:妇幼` -> `渠道「妇幼」`"""
    kind, _, rest = name.partition(":")
    match kind:
        case "everywhere":
            return "所有群"
        case "channel":
            return f"渠道「{rest}」"
        case "cohort":
            return f"同批群「{rest.replace('~', '·')}」"
    return f"群 {rest}"


def number(value: float | None, unit: str = "") -> str:
    if value is None:
        return UNKNOWN
    told = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{told}{unit}"


def share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value * 100:.1f}%"


def moment(text: str | None, now: datetime) -> str:
    """As one says it: `今天 20:05`, `昨天 09:00`, `3月2日 20:05`, `2025年3月2日`."""
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(ZONE)
    days = (now.astimezone(ZONE).date() - at.date()).days
    if days in _NEAR:
        return f"{_NEAR[days]} {at:%H:%M}"
    if at.year == now.astimezone(ZONE).year:
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.year}年{at.month}月{at.day}日"


_NEAR = {-1: "明天", 0: "今天", 1: "昨天"}


def day(text: str | date | None) -> str:
    if not text:
        return ""
    on = date.fromisoformat(text) if isinstance(text, str) else text
    return f"{on.month}月{on.day}日"


def lasting(seconds: float | None) -> str:
    """`3秒`, `20分钟`, `1小时30分钟`, `2天`"""
    if seconds is None:
        return UNKNOWN
    for size, unit, smaller in ((86400, "天", 3600), (3600, "小时", 60), (60, "分钟", 1)):
        if seconds >= size:
            whole, rest = divmod(round(seconds), size)
            part = rest // smaller
            names = {3600: "小时", 60: "分钟", 1: "秒"}
            return f"{whole}{unit}" + (f"{part}{names[smaller]}" if part else "")
    return f"{seconds:g}秒"


def since(text: str | None, now: datetime) -> str:
    """How long ago: `3小时前`."""
    if not text:
        return UNKNOWN
    gone = now - datetime.fromisoformat(text)
    if gone < timedelta(minutes=1):
        return "刚刚"
    whole = lasting(gone.total_seconds())
    return f"{whole}前"


def in_words(words: Mapping[str, str], value: Any) -> str:
    return words.get(str(value), str(value)) if value is not None else ""
