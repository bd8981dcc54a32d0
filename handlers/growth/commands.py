"""What a leader types to see how her group is doing."""

from config.rules import GrowthRules
from handlers.command import Call, Misused, Who
from handlers.context import Context
from handlers.growth import policy, wording
from handlers.growth.standing import Standing, standing_of
from handlers.router import Router
from models.cohort import STAGE_NAMES, week_told
from models.growth import Concern, Recruiting, WayIn
from models.phase import PHASE_NAMES

router = Router()

WAYS_IN = {
    WayIn.QR_CODE: "扫群二维码进群",
    WayIn.INVITATION: "邀请进群（二维码已失效）",
    WayIn.CLOSED: "已满，不再进人",
}


@router.command(
    "群况", "growth", who=Who.LEADERS, usage="/群况", about="群走到哪一步、有什么要留意"
)
async def tell_her(call: Call, ctx: Context) -> str:
    standing = await standing_of(ctx)
    if ctx.group is None or standing is None:
        raise Misused("这个群我刚开始看，过一会儿再发 /群况 吧")
    concerns = await ctx.facts.notices.open_of(ctx.group.id)
    is_told = any(each.concern in (Concern.AT_RISK, Concern.OVERDUE) for each in concerns)
    is_fine = not concerns and _looks_fine(standing, ctx.rules.growth)
    lines = [
        _where(standing, ctx),
        f"{ctx.group.members}人，{WAYS_IN[standing.way_in]}",
        _week(standing),
        "" if is_told else _outlook(standing, ctx.rules.growth),
        "没有要操心的事" if is_fine else "",
        "要留意（我上次看的时候）：" if concerns else "",
        *(f"· {each.text}" for each in concerns),
    ]
    return "\n".join(line for line in lines if line)


def _where(standing: Standing, ctx: Context) -> str:
    age = (ctx.today - standing.life.opened_on).days + 1
    opened = f"开群第{age}天" if age > 0 else "还没开群"
    stage = f"{STAGE_NAMES[standing.stage]}群"
    if standing.week is None:
        parts = ["看不出宝宝月龄", f"先当{stage}"]
    else:
        parts = [stage, week_told(standing.stage, standing.week)]
    return f"{'，'.join(filter(None, parts))}。{PHASE_NAMES[standing.phase]}，{opened}"


def _week(standing: Standing) -> str:
    """Days of which nothing was heard are told of: their joins are not known."""
    week = standing.days[-7:]
    deaf = sum(each.heard == 0 for each in week[:-1])
    joins, leaves = sum(each.joins for each in week), sum(each.leaves for each in week)
    text = f"近{len(week)}天进{joins}人、退{leaves}人"
    if deaf:
        text += f"（有{deaf}天我没听到）"
    life = standing.life
    if life.active is None:
        return f"{text}，有多少人说话还不知道"
    return f"{text}，{life.active}位说过话（{100 * (life.active_share or 0):.0f}%）"


def _looks_fine(standing: Standing, rules: GrowthRules) -> bool:
    """As far as it has come; what is wrong otherwise is found in the mornings."""
    if standing.foretold is None:
        return standing.recruiting is not Recruiting.OVERDUE
    return policy.says_something(standing.foretold, rules) and not policy.is_at_risk(
        standing.foretold, rules, was_at_risk=False
    )


def _outlook(standing: Standing, rules: GrowthRules) -> str:
    if standing.foretold is not None:
        at_risk = policy.is_at_risk(standing.foretold, rules, was_at_risk=False)
        return wording.expected(standing.foretold, standing.due_on, rules, at_risk=at_risk)
    match standing.recruiting:
        case Recruiting.RECRUITING:
            return wording.too_early(standing.due_on, rules)
        case Recruiting.OVERDUE:
            return f"过了{wording.day(standing.due_on)}，还没到{rules.formed_at}人"
        case Recruiting.FORMED | Recruiting.FULL:
            return ""
