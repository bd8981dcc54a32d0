"""The demo's figures, times and states as one would say them in Chinese."""

from datetime import date, datetime, timedelta

from config.daily import ZONE
from models.content import KIND_NAMES, PostState
from models.delivery import State
from models.errands import ErrandKind
from models.messages import Kind
from models.people import Role

ASSISTANT = "小助手"
ROLES = {Role.MONITOR: "班长", Role.KOC: "KOC", Role.ASSISTANT: "小助手", Role.HOST: "氛围组"}
STATES = {
    State.SENT: "已发",
    State.LAPSED: "过期没发",
    State.PARKED: "发不出去",
    State.UNSURE: "不确定",
    State.WAITING: "等着发",
    State.HELD: "排在后面",
    State.PAUSED: "暂停中",
    State.SENDING: "正在发",
    State.PROPOSED: "等群主确认",
}
KINDS = {
    Kind.WELCOME.value: "欢迎",
    Kind.NICKNAME.value: "改群昵称",
    Kind.RULES.value: "群约定",
    Kind.REMINDER.value: "昵称提醒",
    Kind.REPLY.value: "回复",
    Kind.AWARDED.value: "积分播报",
    Kind.NOTICE.value: "通知",
    Kind.STAFF_NOTICE.value: "给班长",
    **{each.message.value: name for each, name in KIND_NAMES.items()},
}
POST_STATES = {
    PostState.PLANNED: "待发",
    PostState.HANDED: "交给班长了",
    PostState.PROMISED: "正要发",
    PostState.POSTED: "已发",
    PostState.LAPSED: "没发成",
    PostState.SKIPPED: "已跳过",
    PostState.EMPTY: "没有可发的",
    PostState.DROPPED: "排不下",
}
ERRANDS = {
    ErrandKind.ACCEPT: "通过好友",
    ErrandKind.INVITE: "拉进群",
    ErrandKind.ROOM_QR: "取群码",
    ErrandKind.OWN_QR: "取自己的码",
    ErrandKind.OPEN_ROOM: "建群",
}
REASONS = {
    "its time has passed": "过了时间，就不说了",
    "it concerns nobody any more": "已经没有人需要听了",
    "its group is not ours any more": "不再管这个群了",
    "the welcome of its round was not said": "这一轮的欢迎没说成",
    "the process that was saying it was lost": "说的时候程序断了，不知道说出去没有",
}
WEEKDAYS = "一二三四五六日"
DAYS_AWAY = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def kind(name: str) -> str:
    return KINDS.get(name, name)


def state(state: State) -> str:
    return STATES.get(state, state.value)


def clock(at: datetime) -> str:
    """`20:15:08`, in Shanghai."""
    return f"{at.astimezone(ZONE):%H:%M:%S}"


def day(on: date, today: date) -> str:
    """`明天 3月3日 周二`, `3月5日 周四`."""
    name = DAYS_AWAY.get((on - today).days)
    written = f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"
    return f"{name} {written}" if name else written


def when(at: datetime, now: datetime) -> str:
    """`20:15:08`, with the day where it is not today."""
    away = (at.astimezone(ZONE).date() - now.astimezone(ZONE).date()).days
    if away == 0:
        return clock(at)
    local = at.astimezone(ZONE)
    name = DAYS_AWAY.get(away, f"{local.month}月{local.day}日")
    return f"{name} {clock(at)}"


def span(length: timedelta) -> str:
    """`2分钟`, `1小时30分`, `8秒`."""
    seconds = round(length.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    if minutes:
        return f"{minutes}分{seconds:02}秒" if seconds else f"{minutes}分钟"
    return f"{seconds}秒"


def countdown(until: timedelta) -> str:
    """`14:59`, `1:02:03`; page.js counts on in the same way."""
    seconds = max(0, int(until.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days}天 {hours}:{minutes:02}:{seconds:02}"
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def initial(name: str) -> str:
    """What stands on an avatar: the last word of `杭州-孕28周-小雨`, at most two letters."""
    last = name.replace("—", "-").split("-")[-1].strip() or name
    return last[:2] if last.isascii() else last[:1]
