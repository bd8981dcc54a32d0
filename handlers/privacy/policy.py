"""What somebody is told of what we keep of her, and whether she asked to be erased just now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from config.daily import ZONE
from handlers.arguments import plain
from models.cohort import BirthWindow
from models.people import Brief
from models.rewards import RedemptionState
from models.talk import Spoken

MINE = ("我的信息", "mydata")
ERASE = ("删除我的信息", "forgetme")
CONFIRM = ("确认删除",)
STANDS_FOR = timedelta(minutes=10)
"""For so long a wish to be erased can be confirmed."""

IN_PRIVATE = "个人信息我只私下说，加我好友后私信我发 /{} 就行"
NOT_ASKED = f"要删除的话，先私信我发 /{ERASE[0]}，看看会删掉什么"
LEADS = "班长和工作人员的信息连着职务，请先找运营换人，再来删除"
WHAT_IS_ERASED = (
    "确认后，所有群里跟你有关的都会删掉：昵称、原话、问答、任务记录、积分和没领的兑换都不再是你的，找不回来。\n"
    "进群前填的表也会删；你分享过的邀请码还能用，只是不再写你的名字、不再给你记分。\n"
    "别人聊天时没有 @、顺口叫到你的话，{days}天内跟原话一起删。\n"
    "你还会在群里，以后再说话就当新朋友。\n"
    f"想好了，十分钟内回 /{CONFIRM[0]}"
)
ERASED = "都删掉了。谢谢你来过，祝你和宝宝一切顺利～"

Rows = Sequence[Mapping[str, Any]]


def was_asked(recent: Iterable[Spoken], now: datetime) -> bool:
    """Whether she asked, a moment ago, what erasing would do."""
    texts = (each.text or "" for each in recent if each.at > now - STANDS_FOR)
    return any(plain(text).strip(" /#").casefold().startswith(ERASE) for text in texts)


def what_is_erased(keep_text: timedelta) -> str:
    return WHAT_IS_ERASED.format(days=_days(keep_text))


def summary(kept: Brief, keep_text: timedelta) -> str:
    """All that is kept of her, in every group."""
    lines = ["我这里存着的你："]
    lines += (_of_group(kept, stay) for stay in kept.rows["memberships"])
    lines += (_told_before(form) for form in kept.rows["forms"] if form["name"])
    lines += _counts(kept, _days(keep_text))
    lines.append(f"想要完整的一份，或有不对的，找运营；想全部删掉，发 /{ERASE[0]}")
    return "\n".join(lines)


def _of_group(kept: Brief, stay: Mapping[str, Any]) -> str:
    group = stay["group"]
    parts = [
        f"【{kept.groups.get(group, group)}】",
        f"叫「{stay['nickname'] or stay['name']}」",
    ]
    if stay["joined_at"] is not None:
        parts.append(f"{_day(stay['joined_at'])}进群")
    if not stay["present"]:
        parts.append("已退群")
    if stay["inviter"] is not None:
        parts.append("由群友邀请")
    points = sum(each["points"] for each in _in(kept.rows["balances"], group))
    parts.append(f"{points}分")
    ready = [
        each
        for each in _in(kept.rows["redemptions"], group)
        if each["state"] == RedemptionState.READY
    ]
    if ready:
        parts.append(f"{len(ready)}个兑换码没领")
    return parts[0] + "，".join(parts[1:])


def _told_before(form: Mapping[str, Any]) -> str:
    """What she filled in; not the day, which whoever looks at her phone need not read."""
    told = [f"进群前填的：称呼「{form['name']}」"]
    if form["city"]:
        told.append(form["city"])
    if form["birth_window"]:
        told.append(f"宝宝{BirthWindow.parse(form['birth_window']).label}")
    if form["day"] is not None:
        told.append("还有预产期或生日（这里不说出来）")
    return "，".join(told)


def _counts(kept: Brief, days: int) -> list[str]:
    counts = {
        "个提问": kept.counts["questions"],
        "个回答": kept.counts["answers"],
        "次任务": kept.counts["tasks_done"],
        "笔积分": kept.counts["points"],
        "次兑换": len(kept.rows["redemptions"]),
        "位你邀请的": kept.counts["invited"],
        "条我私下发给你的": kept.counts["told_privately"],
    }
    lines = [f"你的原话{kept.worded}条，留{days}天就删"]
    if told := "、".join(f"{count}{what}" for what, count in counts.items() if count):
        lines.append(f"记录：{told}")
    return lines


def _in(rows: Rows, group: str) -> Rows:
    return [each for each in rows if each["group"] == group]


def _days(length: timedelta) -> int:
    return -(-length // timedelta(days=1))


def _day(moment: datetime) -> str:
    day = moment.astimezone(ZONE)
    return f"{day.year}年{day.month}月{day.day}日"
