"""What is typed about greeting newcomers."""

from dataclasses import replace

from handlers.command import Call, Changes, Misused, Who
from handlers.context import Context
from handlers.onboarding import policy
from handlers.onboarding.handler import schedule_round
from handlers.router import Router
from models.messages import Kind

router = Router()


@router.command("群规", "rules", who=Who.ANYBODY, usage="/群规", about="群里的约定")
async def tell_rules(call: Call, ctx: Context) -> str:
    """In the words in which newcomers hear them."""
    assert ctx.group is not None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    return policy.words(Kind.RULES, [call.caller], ctx.group, monitor, ctx.today, ctx.rules)


@router.command(
    "欢迎",
    "welcome",
    who=Who.LEADERS,
    usage="/欢迎",
    changes=Changes.ALWAYS,
    about="等着的新妈妈现在就欢迎",
)
async def hurry(call: Call, ctx: Context) -> str:
    """Overrides the peak's interval; min_gap, a refusal and the quiet hours hold all the same."""
    assert ctx.group is not None
    if ctx.group.paused_at is not None:
        raise Misused("我在这个群暂停着呢，先发 /恢复，再发 /欢迎")
    desk = await ctx.facts.desks.open(ctx.group.id)
    waiting = await ctx.facts.newcomers.waiting(ctx.group.id)
    if desk.greeting:
        also = f"，后来的{len(waiting)}位随后一起欢迎" if waiting else ""
        return f"正在欢迎一批新妈妈{also}"
    if not waiting:
        return "现在没有等着欢迎的新妈妈"
    ctx.facts.desks.put(replace(desk, hurried=True))
    await schedule_round(ctx)
    due = (await ctx.facts.desks.open(ctx.group.id)).due_at
    assert due is not None
    return policy.hurried(len(waiting), due, ctx.now, ctx.rules.onboarding)
