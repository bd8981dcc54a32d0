"""Answers are accepted, and open questions listed, by command."""

from handlers.command import Call, Changes, Misused, Reply, Who, person_in
from handlers.context import Context
from handlers.questions import policy
from handlers.questions.bringing import names
from handlers.questions.conversation import accept
from handlers.router import Router
from models.messages import mention
from models.questions import Question
from models.talk import Spoken

router = Router()

HOW = "请引用那条回答，再发 /采纳"


@router.command("问题", "questions", who=Who.LEADERS, usage="/问题", about="还没人回的问题")
async def list_open(call: Call, ctx: Context) -> str:
    waiting = await ctx.facts.questions.open_in(call.caller.group)
    return policy.listed(waiting, await names(waiting, ctx), ctx.now)


@router.command(
    "采纳",
    "accept",
    who=Who.ANYBODY,
    usage="/采纳（引用一条回答）",
    changes=Changes.ALWAYS,
    about="采纳群友的回答",
)
async def accept_answer(call: Call, ctx: Context) -> Reply:
    """Who asked may accept what answers her; those in charge any answer."""
    said = await _answer_meant(call, ctx)
    helper = await ctx.facts.members.get(call.caller.group, said.sender)
    if helper is None:
        raise Misused(HOW)
    if helper.person == call.caller.person:
        raise Misused("自己的回答要别人来采纳哦")
    if (await ctx.role_of(helper)).is_staff:
        raise Misused("班长、小助手和工作人员的回答不用采纳，她们不参加积分")
    asked = await _questions(call, said, ctx)
    if not call.role.leads and not asked:
        raise Misused("提问的妈妈和班长才能采纳这条回答哦")
    if await accept(said, asked, call.caller.person, ctx) is None:
        raise Misused("这条回答已经采纳过啦")
    return Reply(f"采纳了{mention(helper.shown)}的回答，谢谢你热心帮忙～", (helper.person,))


async def _answer_meant(call: Call, ctx: Context) -> Spoken:
    """What is quoted, or the last answer of who is named."""
    quoted, group = call.said.quoted, call.caller.group
    if quoted is not None:
        said = await ctx.facts.talk.find(group, quoted.id)
        if said is None or said.text is None:
            raise Misused("这条消息看不到了（撤回了，或者是我说的），没法采纳")
        if await ctx.facts.questions.get(group, said.id) or said.text.startswith(("/", "／")):
            raise Misused("这条不是回答哦，请引用回答问题的那条，再发 /采纳")
        return said
    if not call.args:
        raise Misused(HOW)
    member, rest = (await person_in(call, ctx))[0]
    if rest.strip():
        raise Misused(f"群里没找到「{call.args.lstrip('@')}」，{HOW}")
    since = ctx.now - ctx.rules.questions.open_for
    answers = await ctx.facts.answers.since(group, since)
    for each in reversed(answers):
        if each.helper == member.person and (said := await ctx.facts.talk.find(group, each.id)):
            return said
    raise Misused(f"没找到{member.shown}最近的回答，{HOW}")


async def _questions(call: Call, said: Spoken, ctx: Context) -> list[Question]:
    """What it answers: what it was judged to answer, what it quotes, or the only question that was
    open before; for who asked, her own."""
    group = call.caller.group
    known = await ctx.facts.answers.get(group, said.id)
    of = (known and known.question) or said.quotes
    if of is not None:
        question = await ctx.facts.questions.get(group, of)
        asked = [question] if question else []
    else:
        live = await ctx.facts.questions.live_in(group)
        asked = [each for each in live if each.asked_at <= said.at]
    if any(each.asker == said.sender and of is not None for each in asked):
        raise Misused("这是她自己的问题，自己回答不算哦")
    mine = [each for each in asked if each.asker == call.caller.person]
    if not call.role.leads:
        return mine
    others = [each for each in asked if each.asker != said.sender]
    return others if of is not None or len(others) == 1 else []
