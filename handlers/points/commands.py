"""Points are asked about, given and taken by command."""

from config.daily import midnight
from handlers import arguments
from handlers.command import Call, Changes, Misused, Reply, Who, person_in
from handlers.context import Context
from handlers.points import policy
from handlers.points.policy import PointsRefused
from handlers.router import Router
from models.groups import Member
from models.ids import PersonId
from models.messages import mention
from models.points import Entry, EntryKind

router = Router()

PAGE = 5
LONGEST_REASON = 100
GIVING, TAKING = "加分", "扣分"


@router.command("积分", "points", who=Who.ANYBODY, usage="/积分", about="我的积分和来历")
async def tell_points(call: Call, ctx: Context) -> str:
    typed = arguments.number(call.args)
    page = max(typed[0], 1) if typed else 1
    group, person = call.caller.group, call.caller.person
    balance = await ctx.facts.balances.of(group, person)
    found = await ctx.facts.ledger.last(group, person, PAGE + 1, skip=(page - 1) * PAGE)
    entries = found[:PAGE]
    names: dict[PersonId, str] = {}
    for each in entries:
        helped = each.counterpart and await ctx.facts.members.get(group, each.counterpart)
        if helped:
            names[helped.person] = helped.shown
    return policy.statement(
        balance.points, entries, names, page=page, more=len(found) > len(entries)
    )


@router.command("排行", "rank", "排行榜", who=Who.ANYBODY, usage="/排行", about="本月积分榜")
async def tell_ranking(call: Call, ctx: Context) -> str:
    group = call.caller.group
    present = {each.person: each for each in await ctx.facts.members.present(group)}
    since = policy.first_of_month(ctx.today)
    ranked = [
        each for each in await ctx.facts.ledger.ranking(group, since) if each.person in present
    ]
    place = next(
        (n for n, each in enumerate(ranked, 1) if each.person == call.caller.person), None
    )
    names = [(present[each.person].shown, each.points) for each in ranked]
    return policy.ranking(names, place, ctx.today.month)


@router.command(
    GIVING,
    "award",
    who=Who.LEADERS,
    usage="/加分 @谁 几分 为什么",
    changes=Changes.ALWAYS,
    about="奖励一位群友",
)
async def award(call: Call, ctx: Context) -> Reply:
    member, points, reason = await _who_how_many_why(call, ctx, GIVING)
    left = ctx.rules.points.bonus_budget - await ctx.facts.ledger.bonuses_by(
        member.group, call.caller.person, policy.monday(ctx.today)
    )
    if points > left:
        raise Misused(f"这周你还能加{max(left, 0)}分，下周一又有新的额度～")
    morning = midnight(ctx.today)
    today = await ctx.facts.ledger.earned_since(member.group, member.person, morning)
    room = policy.left_today(today, ctx.rules.points)
    if points > room:
        raise Misused(f"她今天还能再得{room}分（每人每天最多{ctx.rules.points.daily_most}分）")
    balance = await _book(call, member, EntryKind.BONUS, points, reason, ctx)
    return Reply(
        f"{mention(member.shown)}+{points}分，{reason}～现在有{balance}分", (member.person,)
    )


@router.command(
    TAKING,
    "deduct",
    who=Who.LEADERS,
    usage="/扣分 @谁 几分 为什么",
    changes=Changes.ALWAYS,
    about="更正加错的分",
)
async def deduct(call: Call, ctx: Context) -> str:
    member, points, reason = await _who_how_many_why(call, ctx, TAKING)
    had = (await ctx.facts.balances.of(member.group, member.person)).points
    balance = await _book(call, member, EntryKind.DEDUCTION, -points, reason, ctx)
    only = f"（她只有{had}分，其余记着没扣）" if points > had else ""
    return f"{member.shown} -{had - balance}分{only}，现在有{balance}分"


async def _who_how_many_why(call: Call, ctx: Context, word: str) -> tuple[Member, int, str]:
    """Raises Misused where something is missing or too much."""
    how = f"要写成：/{word} @谁 几分 为什么"
    if not call.args:
        raise Misused(how)
    readings = [
        (member, *read)
        for member, rest in await person_in(call, ctx)
        if (read := arguments.number(rest)) is not None
    ]
    if not readings:
        raise Misused(f"几分呢？{how}")
    member, typed, reason = readings[0]
    points = abs(typed) if word == TAKING else typed
    reason = reason[:LONGEST_REASON]
    if not 1 <= points <= ctx.rules.points.bonus_most:
        raise Misused(f"一次1到{ctx.rules.points.bonus_most}分。{how}")
    if not reason:
        raise Misused(f"写一句为什么吧，她也会看到。{how}")
    had = (await ctx.facts.balances.of(member.group, member.person)).points
    moved = -points if word == TAKING else points
    refusal = policy.why_not_adjusted(await ctx.role_of(member), moved, had)
    if refusal is not None:
        raise Misused(PointsRefused(refusal).chinese.format(name=member.shown))
    return member, points, reason


async def _book(
    call: Call, member: Member, kind: EntryKind, points: int, reason: str, ctx: Context
) -> int:
    """Her balance afterwards."""
    await ctx.facts.ledger.book(
        Entry(
            key=f"{kind}:{call.said.chat}:{call.said.id}",
            group=member.group,
            person=member.person,
            kind=kind,
            points=points,
            at=ctx.now,
            by=call.caller.person,
            cause=f"command:{call.said.id}",
            note=reason,
        )
    )
    return (await ctx.facts.balances.of(member.group, member.person)).points
