"""What is typed to look at, and to run, a group."""

from datetime import date, timedelta

from config.daily import ZONE
from handlers.command import Call, Changes, Misused, Who, person_in
from handlers.context import Context
from handlers.groups import roles
from handlers.router import Router
from models.events import GroupPaused, GroupResumed, RoleGiven
from models.groups import Group, Member, Origin
from models.people import Role

router = Router()

LONGEST_SHOWN = 20
HOW_TO_GIVE = "要写成：/角色 @谁 小助手（或 KOC、成员）"


@router.command("我的", "me", who=Who.ANYBODY, usage="/我的", about="我记得你什么")
async def tell_her(call: Call, ctx: Context) -> str:
    """All that is kept of her in this group, and how it is mended."""
    balance = await ctx.facts.balances.of(call.caller.group, call.caller.person)
    kept = -(-ctx.rules.privacy.keep_text // timedelta(days=1))
    lines = [
        f"大家叫你：{call.caller.shown}",
        f"进群：{_since(call.caller)}",
        f"身份：{roles.NAMES[call.role]}，积分：{balance.points}",
        f"你发的消息，原文留{kept}天就删",
        "叫法不对，改群昵称就会更新",
        "想看全部或者删掉，私信我发 /我的信息 或 /删除我的信息",
    ]
    return "\n".join(lines)


@router.command(
    "角色",
    "role",
    who=Who.LEADERS,
    usage="/角色 @谁 小助手",
    changes=Changes.ALWAYS,
    about="设小助手、KOC 或成员",
)
async def give_role(call: Call, ctx: Context) -> str:
    """Monitors make KOCs and assistants only, and nobody changes her own role."""
    member, role = await _who_what(call, ctx)
    present = await ctx.role_of(member)
    if member.person == call.caller.person:
        raise Misused("自己的角色改不了哦，请运营来改")
    if why := roles.refusal(call.role, member.shown, present, role):
        raise Misused(why)
    if present.is_staff and present is not member.role:
        raise Misused(f"{member.shown}在每个群都是{roles.NAMES[present]}，由运营设置")
    if member.role is role:
        return f"{member.shown}已经是{roles.NAMES[role]}了"
    ctx.tell(
        RoleGiven(
            at=ctx.now, by=call.signature, group=member.group, person=member.person, role=role
        )
    )
    can_lead = "，发 /帮助 看看能做什么" if role is Role.ASSISTANT else ""
    return f"好的，{member.shown}现在是{roles.NAMES[role]}了{can_lead}"


@router.command(
    "暂停",
    "pause",
    who=Who.LEADERS,
    usage="/暂停",
    changes=Changes.ALWAYS,
    about="我先不说话，只回复命令",
)
async def pause(call: Call, ctx: Context) -> str:
    assert ctx.group is not None
    here = _here(call, ctx.group)
    if ctx.group.paused_at is not None:
        since = ctx.group.paused_at.astimezone(ZONE)
        return f"{here}从{_day(since.date())}{since:%H:%M}起就暂停着呢，发 /恢复 我再说话"
    ctx.tell(GroupPaused(at=ctx.now, by=call.signature, group=ctx.group.id))
    return f"好的，{here}我先安静，只回复命令。要说的我都留着，发 /恢复 就继续"


@router.command(
    "恢复",
    "resume",
    who=Who.LEADERS,
    usage="/恢复",
    about="暂停之后继续",
    changes=Changes.ALWAYS,
)
async def resume(call: Call, ctx: Context) -> str:
    assert ctx.group is not None
    here = _here(call, ctx.group)
    if ctx.group.paused_at is None:
        return f"{here}没有暂停，我一直在呢～"
    ctx.tell(GroupResumed(at=ctx.now, by=call.signature, group=ctx.group.id))
    return f"好的，{here}我接着说话了～"


async def _who_what(call: Call, ctx: Context) -> tuple[Member, Role]:
    """Raises Misused where either is missing."""
    if not call.args:
        raise Misused(HOW_TO_GIVE)
    readings = await person_in(call, ctx)
    for member, rest in readings:
        if (role := roles.wanted(rest)) is not None:
            return member, role
    typed = readings[0][1].strip()[:LONGEST_SHOWN]
    raise Misused(f"没有「{typed}」这个角色。{HOW_TO_GIVE}" if typed else HOW_TO_GIVE)


def _since(member: Member) -> str:
    began = member.joined_at or member.seen_at
    if member.origin is not Origin.JOINED or began is None:
        return "更早就在了"
    day = began.astimezone(ZONE).date()
    return f"{day.year}年{_day(day)}"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _here(call: Call, group: Group) -> str:
    return f"「{group.name}」" if call.is_private else "本群"
