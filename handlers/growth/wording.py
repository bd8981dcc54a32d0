"""How what is the matter with a group is put to the person in charge: what, and what to do.

Without the group's name, since several of these are told together (letters.py).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.daily import ZONE
from config.rules import GrowthRules
from handlers.excerpt import shortened
from handlers.growth.forecast import Forecast
from handlers.growth.policy import Leaving, says_something
from models.growth import Neighbour, WayIn

MOST_SPELLS = 3
SELDOM = 0.1
DEAF = "这段时间的消息和进群我没看到（掉线）："


def expected(foretold: Forecast, on: date, rules: GrowthRules, *, at_risk: bool) -> str:
    """`预计11月30日112-147人，可能到不了150人`."""
    if not says_something(foretold, rules):
        return too_early(on, rules)
    low, high = foretold.low, foretold.high
    people = f"{low}人" if low == high else f"{low}-{high}人"
    outlook = f"可能到不了{rules.formed_at}人" if at_risk else f"有望到{rules.formed_at}人"
    return f"预计{day(on)}{people}，{outlook}"


def too_early(on: date, rules: GrowthRules) -> str:
    return f"{day(on)}前要到{rules.formed_at}人，过几天再看得出来"


def at_risk(
    foretold: Forecast,
    members: int,
    on: date,
    way_in: WayIn,
    channel: str | None,
    rules: GrowthRules,
) -> str:
    where = f"在{channel}" if channel else ""
    more = f"{where}再放一次群二维码" if way_in is WayIn.QR_CODE else f"{where}多邀请几位"
    return (
        f"现在{members}人，{expected(foretold, on, rules, at_risk=True)}。"
        f"可以{more}，或请老成员每人带一两位朋友来"
    )


def overdue(members: int, age: timedelta, mergers: Sequence[Neighbour], rules: GrowthRules) -> str:
    head = f"开群{age.days}天了，现在{members}人，还没到{rules.formed_at}人"
    if not mergers:
        return f"{head}，也没有合适的群可以合并。再拉一拉人，或者就当小群来养"
    return f"{head}。可以和{_listed(mergers)}合并，合起来不超过{rules.full_at}人"


def formed(rules: GrowthRules) -> str:
    return (
        f"满{rules.formed_at}人，成群啦🎉 可以开始留意爱帮忙的妈妈了，看中谁就在群里发：/KOC @谁"
    )


def nearly_full(members: int, open_: Sequence[Neighbour], rules: GrowthRules) -> str:
    to = f"，新来的妈妈请引到{_listed(open_[:1])}" if open_ else "，请准备下一个群"
    return f"{_fullness(members, rules)}{to}"


def next_group(members: int, rules: GrowthRules) -> str:
    nowhere = "同城市、同渠道、同月龄没有别的群能进人了"
    return f"{_fullness(members, rules)}，{nowhere}，请尽快建下一个群"


def invite_only(rules: GrowthRules) -> str:
    return f"满{rules.qr_until}人了，群二维码扫不进来了，新来的妈妈请改成一位一位邀请进群"


def silent(silent_after: timedelta) -> str:
    return f"{_long(silent_after)}没有成员说话了，起个话头、发个小任务，热热场吧"


def monitor_quiet(share: float, rules: GrowthRules) -> str:
    """Mostly she reads it herself, and sometimes those who lead beside her: called by what she
    is, she is spoken to in the one case and spoken of in the other."""
    if share == 0:
        return "班长近7天还没在群里说过话，每天出来聊几句，大家会更愿意开口"
    return (
        f"班长近7天说话不多（{_percent(share)}），每天出来聊几句，"
        f"占到{rules.monitor_share * 100:.3g}%群里会更热闹"
    )


def leaving(found: Leaving, members: int, posted: Sequence[str], now: datetime) -> str:
    began = found.since.astimezone(ZONE)
    when = f"{_near(began, now)}{began.hour}点多"
    usual = _usual(found.usual) if found.usual is not None else ""
    before = "之前两小时里我没发过内容"
    if posted:
        before = "之前发过" + "、".join(f"「{shortened(each)}」" for each in posted)
    return (
        f"一天里退了{found.people}人{usual}，还有{members}人。{when}开始的，{before}。"
        "请去群里看看怎么了"
    )


def deaf(since: datetime, until: datetime, untold: str | None) -> str:
    """With the spells of which nobody has been told yet, as long as they are few."""
    start, end = since.astimezone(ZONE), until.astimezone(ZONE)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{day(end.date())}{end:%H:%M}"
    spell = f"{day(start.date())}{start:%H:%M}-{last}"
    if untold is None or not untold.startswith(DEAF):
        return f"{DEAF}{spell}"
    if untold.endswith("等") or untold.count("、") + 1 >= MOST_SPELLS:
        return untold if untold.endswith("等") else f"{untold}等"
    return f"{untold}、{spell}"


def day(on: date) -> str:
    return f"{on.month}月{on.day}日"


def _fullness(members: int, rules: GrowthRules) -> str:
    if members >= rules.full_at:
        return f"{members}人，满群了，不再进人"
    return f"{members}人，快满了（{rules.full_at}人满群）"


def _listed(groups: Sequence[Neighbour]) -> str:
    return "、".join(f"「{each.name}」（{each.members}人）" for each in groups)


def _usual(people: float) -> str:
    return f"（平常一天约{round(people, 1):g}人）" if people >= SELDOM else "（平常很少有人退）"


def _percent(share: float) -> str:
    """Never more than it is: what is short of a mark must not read as if it reached it."""
    percent = int(100 * share)
    return f"占{percent}%" if percent else "不到1%"


def _long(time: timedelta) -> str:
    """In days, or in hours where that is no whole number of days."""
    days, rest = divmod(time, timedelta(days=1))
    return f"{round(time / timedelta(hours=1))}小时" if rest else f"{days}天"


def _near(moment: datetime, now: datetime) -> str:
    today = moment.date() == now.astimezone(ZONE).date()
    return "今天" if today else day(moment.date())
