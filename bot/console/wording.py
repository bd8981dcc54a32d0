"""What the console calls things, in Chinese. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.console import reasons
from bot.console.client import Refused
from config.daily import ZONE
from config.rule_names import NAMES
from handlers.growth.letters import LABELS
from models.cohort import BirthWindow, Stage, week_told
from models.phase import PHASE_NAMES

UNKNOWN = "未知"
UNTOLD = "企业微信没有会话存档，收不到群消息"
"""Why what members do is unknown, where an account is not told what they say."""
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
PHASES = {str(each): name for each, name in PHASE_NAMES.items()}
RECRUITING = {"recruiting": "招人中", "formed": "成群了", "full": "满了", "overdue": "到期没成群"}
WAYS_IN = {"qr_code": "扫码进群", "invitation": "邀请进群", "closed": "不再进人"}
WAYS = {"room_qr": "小助手取的群二维码", "image": "上传的群二维码", "join_way": "企业微信入群方式"}
CONCERNS = {str(each): name for each, name in LABELS.items()}
"""What a group needs somebody for."""
POSTS = {
    "planned": "待发",
    "handed": "班长手里",
    "promised": "正要发",
    "posted": "已发",
    "lapsed": "没发成",
    "skipped": "不发",
    "empty": "没有合适的",
    "dropped": "排不下",
}
ENTRIES = {
    "answer.given": "回答问题",
    "answer.accepted": "回答被认可",
    "task": "完成任务",
    "bonus": "加分",
    "deduction": "扣分",
    "referral": "邀请妈妈",
    "clawback": "冲回",
    "spent": "兑换福利",
    "returned": "兑换过期退回",
}
"""Why points were given or taken."""
QUESTIONS = {"open": "没人答", "answered": "答了", "closed": "不用答了"}
VOICES = {"assistant": "小助手说", "monitor": "班长说"}
REDEMPTIONS = {"ready": "等着发", "handed": "已发", "lapsed": "过期了"}
TASKS = {"open": "进行中", "closed": "结束了"}
OUTBOX = {
    "held": "等前一步",
    "waiting": "等着说",
    "paused": "群暂停着",
    "sending": "正在说",
    "proposed": "等群主确认",
    "sent": "说了",
    "unsure": "不确定",
    "parked": "没说成",
    "lapsed": "过时没说",
}
MEANS = {"group_send": "群发", "paste": "粘贴欢迎语", "template": "设入群欢迎语"}
"""How owners let it be said."""
PROPOSALS = {
    "gathering": "正在凑齐",
    "handing": "正在交给她",
    "open": "等她",
    "done": "做了",
    "lapsed": "没人点",
    "refused": "不发了",
}
BUDGETS = {"month": "本月", "week": "本周", "day": "今天"}
MESSAGES = {
    "onboarding.welcome": "欢迎",
    "onboarding.nickname": "改群昵称",
    "onboarding.rules": "群约定",
    "onboarding.reminder": "昵称提醒",
    "command.reply": "回复",
    "points.awarded": "积分播报",
    "content.dry": "干货",
    "content.wet": "湿货",
    "content.warm": "互动",
    "group.notice": "群通知",
    "staff.notice": "给同事的通知",
}
"""What the service says, by its kind."""
TEMPLATES = {
    "mother": "妈妈款（抱着宝宝）",
    "hospital": "医院款（医院和推车）",
    "shop": "门店款（雨棚和玩具架）",
}
"""How posters look."""
OPENINGS = {"room": "小助手正在建", "asked": "等同事建", "open": "建好了", "dropped": "不用建了"}
EVENTS = {
    "MessageReceived": "有人说话",
    "MessageRecalled": "撤回了话",
    "MemberJoined": "有人进群",
    "MemberLeft": "有人退群",
    "NicknameChanged": "改了群昵称",
    "GroupSeen": "看到群的样子",
    "GroupStirred": "群里有变化",
    "GroupRenamed": "群改了名",
    "AccountUp": "账号上线",
    "AccountDown": "账号下线",
    "FriendAsked": "有人加好友",
    "FriendMade": "加上了好友",
    "CodeScanned": "有人扫活码",
    "AnswersGiven": "有人填了表",
    "PlaceAsked": "有人来问群",
    "WayShown": "看到了入群方式",
    "VisitorErased": "有人删自己的信息",
    "LinkFollowed": "有人点链接",
    "ErrandDone": "小助手办好了事",
    "ErrandFailed": "小助手没办成事",
}
"""What happens to the service, as far as it comes from outside."""
ACTIONS = {
    "rules_changed": "改规则",
    "rules_undone": "撤销改规则",
    "role_given": "改角色",
    "group_adopted": "接管群",
    "group_released": "放手群",
    "group_paused": "暂停群",
    "group_resumed": "恢复群",
    "group_corrected": "改群的信息",
    "rename_asked": "改群名",
    "way_given": "换入群方式",
    "way_taken": "去掉入群方式",
    "opening_dropped": "不建新群了",
    "notice_settled": "处理好提醒",
    "reward_offered": "放上福利",
    "reward_changed": "改福利",
    "code_handed_over": "发福利",
    "code_taken_back": "撤回发福利",
    "points_adjusted": "加减积分",
    "entry_reversed": "冲回积分",
    "item_put": "改内容",
    "items_put": "改内容",
    "item_withdrawn": "下架内容",
    "item_approved": "审核内容",
    "table_taken_in": "导入内容表",
    "post_approved": "通过内容安排",
    "post_skipped": "跳过内容安排",
    "post_swapped": "换一条内容",
    "posted_now": "马上发内容",
    "task_opened": "开任务",
    "task_ended": "结束任务",
    "question_closed": "关问题",
    "promise_cancelled": "不让说了",
    "promise_hurried": "让马上说",
    "promise_retried": "让再说一次",
    "promise_resolved": "确认说没说",
    "proposal_done": "确认发好了",
    "proposal_declined": "这次不发了",
    "entry_code_made": "做活码",
    "entry_code_changed": "改活码",
    "entry_code_closed": "停用活码",
    "entry_code_reopened": "重开活码",
    "dead_letter_run": "再跑失败的事件",
    "dead_letter_dropped": "扔掉失败的事件",
    "token_issued": "发令牌",
    "token_revoked": "收回令牌",
    "person_erased": "删除个人信息",
}
"""What the audit log calls things; commands in chat (`/加分`) say it themselves."""
TARGETS = {
    "reward": "福利",
    "token": "令牌",
    "rules": "规则",
    "member": "成员",
    "staff": "同事",
    "group": "群",
    "way": "入群方式",
    "opening": "要建的群",
    "notice": "提醒",
    "question": "问题",
    "task": "任务",
    "item": "内容",
    "library": "内容库",
    "post": "内容安排",
    "entry": "积分流水",
    "redemption": "兑换",
    "message": "发件箱",
    "proposal": "待确认",
    "entry code": "活码",
    "dead letter": "失败的事件",
    "account": "账号",
    "person": "个人信息",
}
"""What it is done to."""
FIELDS = {
    "id": "编号",
    "name": "名字",
    "group": "群号",
    "group_name": "群",
    "person": "是谁",
    "member": "成员",
    "member_name": "成员",
    "channel": "渠道",
    "city": "城市",
    "birth_window": "月龄段",
    "window": "月龄段",
    "cohort": "同批群",
    "stage": "阶段",
    "opened_on": "建群日",
    "account": "账号",
    "standing": "状态",
    "paused_at": "暂停于",
    "monitor": "班长",
    "renaming": "正在改成的名字",
    "hears": "听得到群消息",
    "members": "人数",
    "checked_at": "上次核对",
    "role": "角色",
    "nickname": "群昵称",
    "present": "在群里",
    "inviter": "邀请人",
    "joined_at": "进群",
    "left_at": "退群",
    "seen_at": "看到",
    "at": "时间",
    "by": "谁",
    "note": "备注",
    "reason": "原因",
    "kind": "类型",
    "state": "状态",
    "scope": "范围",
    "scopes": "能改哪些群",
    "set": "设的规则",
    "version": "版本",
    "token": "令牌",
    "created_at": "建的时间",
    "created_by": "谁建的",
    "closed_at": "停用",
    "expires_at": "到期",
    "used_at": "最近用过",
    "revoked_at": "收回",
    "cost": "积分",
    "stock": "一共几份",
    "limit_each": "每人限几份",
    "valid_from": "从",
    "valid_until": "到期",
    "valid_to": "到",
    "withdrawn": "下架",
    "withdrawn_at": "下架",
    "points": "积分",
    "shortfall": "没扣够的",
    "balance": "余额",
    "reverses": "冲的是哪笔",
    "reversed": "已冲回",
    "message": "消息",
    "cause": "因为",
    "counterpart": "另一方",
    "reward": "福利号",
    "reward_name": "福利",
    "code": "码",
    "handed_at": "交给她",
    "handed_by": "谁交的",
    "lapses_at": "过时",
    "text": "文字",
    "voice": "谁来说",
    "image": "图片",
    "link": "链接",
    "title": "标题",
    "stages": "阶段",
    "phases": "群的阶段",
    "from_week": "从第几周",
    "to_week": "到第几周",
    "cities": "城市",
    "channels": "渠道",
    "weight": "分量",
    "source": "出处",
    "approved_by": "谁审的",
    "planned": "怎么排的",
    "pinned_by": "谁选的",
    "handed_to": "交给谁发",
    "awaiting_approval": "等审核",
    "posted_at": "发出",
    "day": "哪天",
    "slot": "第几条",
    "said_at": "几点说",
    "item": "内容",
    "why": "为什么",
    "phase": "群的阶段",
    "opens_at": "最早",
    "closes_at": "截止",
    "due_at": "该说的时间",
    "promised_at": "答应的时间",
    "settled_at": "有结果",
    "attempts": "试过几次",
    "round": "第几轮",
    "step": "第几步",
    "to": "给谁",
    "mentions": "提到谁",
    "headline": "海报标题",
    "referrer": "引流人员",
    "template": "海报样子",
    "poster": "海报",
    "scans": "扫码",
    "surveys": "填表",
    "shown": "看到群",
    "joined": "进群",
    "seq": "第几个",
    "waiting": "在等的人",
    "asked_at": "提出",
    "told_at": "告诉同事",
    "opened_at": "开的时间",
    "page": "建群页",
    "content": "扫出来是",
    "has_image": "有图",
    "got_at": "拿到",
    "is_valid": "有效",
    "concern": "什么事",
    "label": "什么事",
    "urgent": "急",
    "found_at": "发现",
    "due_on": "期限",
    "ended_at": "结束",
    "number": "第几个",
    "keyword": "关键词",
    "responses": "参加人数",
    "asker": "谁问的",
    "answered_at": "有人答",
    "brought_at": "告诉班长",
    "tried_at": "再试过",
    "error": "错在",
    "qr": "二维码",
    "sender": "谁说的",
    "quotes": "引用了",
    "abilities": "账号会什么",
    "hello": "打招呼的话",
    "request": "好友申请",
    "baby": "预产还是生了",
    "seed": "随机数",
    "visitor": "访客",
    "consent": "同意书",
    "slug": "短链接",
    "key": "编号",
    "result": "结果",
    "unsure": "不确定",
    "sent_at": "说的时间",
    "profiles": "成员资料",
    "since": "从",
    "event": "事件",
    "added": "新加",
    "changed": "改了",
    "unchanged": "没变",
    "proposal": "待确认的事",
    "owner": "群主",
    "owner_name": "群主",
    "means": "怎么发",
    "hour": "哪个钟点的",
    "groups": "几个群",
    "people": "几位新朋友",
    "waiting_since": "从什么时候等",
    "made_at": "放进来的时间",
    "ready_at": "交给她的时间",
    "reminders": "提醒过几次",
    "reminded_at": "上次提醒",
}
"""What the fields of the API are called."""
WEEKDAYS = "一二三四五六日"

_STATUS = {
    401: "登录过期了，请重新登录",
    403: "你的权限做不了这件事",
    404: "没有找到，可能刚刚被别人改了或删了",
    409: "现在做不了",
    412: "刚刚有别人改过，请关掉重新打开，看过最新的再改",
    413: "太大了，请分几次",
    422: "有地方填得不对",
    429: "太频繁了，请稍等一会儿",
    503: "数据库暂时没有回应，请过一会儿再试",
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
    fields = "；".join(f"{each.get('field')}：{reasons.problem(each)}" for each in why.errors[:3])
    return f"{told}：{fields or reasons.refusal(why.detail)}"


def action(name: str) -> str:
    return ACTIONS.get(name, name)


def target(name: str) -> str:
    """`reward:r1` -> `福利 r1`"""
    kind, _, rest = name.partition(":")
    if kind == "rules":
        rest = scope(rest)
    return f"{TARGETS.get(kind, kind)} {rest}".strip()


def field(name: str) -> str:
    """What a field is called, or a rule (`onboarding.calm_delay`)."""
    return FIELDS.get(name) or NAMES.get(name, name)


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
    return f"{_roughly(gone)}前"


def _roughly(length: timedelta) -> str:
    for size, unit in ((timedelta(days=1), "天"), (timedelta(hours=1), "小时")):
        if length >= size:
            return f"{length // size}{unit}"
    return f"{length // timedelta(minutes=1)}分钟"


def window(text: str | None) -> str:
    """`2026-03` -> `2026年3-5月`"""
    return BirthWindow.parse(text).label if text else ""


def week(stage: str, number: int | None) -> str:
    """`孕36周`, `宝宝8周`; nothing where it is not known, or long past."""
    return week_told(Stage(stage), number) if number is not None else ""


def concerns(found: Iterable[str]) -> str:
    return "、".join(in_words(CONCERNS, each) for each in found)


def in_words(words: Mapping[str, str], value: Any) -> str:
    return words.get(str(value), str(value)) if value is not None else ""
