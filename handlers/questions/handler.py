"""Questions find their answers."""

from dataclasses import replace

from handlers.context import Context
from handlers.questions import asking, bringing, policy
from handlers.questions.conversation import Conversation, reopen
from handlers.router import Router
from models.events import Chatted, MessageRecalled, QuestionClosed, StayEnded
from models.people import Role
from models.questions import Question

router = Router()

CLOSED_AT_ONCE = 500
"""So that one transaction stays short; the next beat takes the rest."""
MOST_LIVE = 300
"""Questions of one group that somebody may still answer, or thank for: all of them are looked at
with every message, and nobody answers one that so many were asked after."""


@router.on(Chatted)
async def listen(chatted: Chatted, ctx: Context) -> None:
    """It may thank for an answer, answer a question, or ask one; it may do all of these."""
    if ctx.group is None or not chatted.text:
        return
    member = await ctx.facts.members.get(chatted.group, chatted.sender)
    role = await ctx.role_of(member) if member else Role.MEMBER
    if role is Role.BOT:
        return
    asks = asking.judge(chatted.text).is_question
    if asked := await ctx.facts.questions.live_in(chatted.group):
        conversation = await Conversation.until(chatted, asked, ctx, asks=asks)
        await conversation.thank()
        await conversation.answer()
        if role.leads:
            await conversation.adopt()
    if asks and policy.asks_for_the_group(role):
        await _open(chatted, ctx, told=role.leads or policy.is_for_one(chatted))


async def _open(chatted: Chatted, ctx: Context, *, told: bool) -> None:
    """`told`: the monitor need not hear of it."""
    mark = policy.fingerprint(chatted.text)
    for each in await ctx.facts.questions.open_in(chatted.group):
        if each.asker == chatted.sender and policy.fingerprint(each.text or "") == mark:
            return
    live = await ctx.facts.questions.live_in(chatted.group)
    for each in live[: max(len(live) + 1 - MOST_LIVE, 0)]:
        ctx.facts.questions.put(replace(each, closed_at=ctx.now))
    ctx.facts.questions.put(
        Question(
            group=chatted.group,
            id=chatted.id,
            asker=chatted.sender,
            text=chatted.text,
            asked_at=chatted.at,
            brought_at=chatted.at if told else None,
        )
    )
    await bringing.schedule(ctx)


@router.on(MessageRecalled)
async def unsay(recalled: MessageRecalled, ctx: Context) -> None:
    """A recalled question waits no longer; one whose only answer was recalled waits again."""
    if ctx.group is None or not ctx.group.is_ours:
        return
    question = await ctx.facts.questions.get(recalled.group, recalled.id)
    if question is not None:
        ctx.facts.questions.put(replace(question, closed_at=ctx.now, text=None))
    answer = await ctx.facts.answers.get(recalled.group, recalled.id)
    if answer is not None and answer.withdrawn_at is None:
        ctx.facts.answers.put(replace(answer, withdrawn_at=ctx.now))
        await reopen(answer, ctx)
    await bringing.schedule(ctx)


@router.on(StayEnded)
async def stop_waiting(ended: StayEnded, ctx: Context) -> None:
    """Nobody waits for the answer any more."""
    own = [
        each
        for each in await ctx.facts.questions.open_in(ended.group)
        if each.asker == ended.person
    ]
    for each in own:
        ctx.facts.questions.put(replace(each, closed_at=ctx.now))
    if own:
        await bringing.schedule(ctx)


class NotOpen(Exception):
    """Nobody waits for the answer, or somebody gave it."""


@router.on(QuestionClosed)
async def close(decision: QuestionClosed, ctx: Context) -> None:
    """Raises LookupError where there is no such question, and NotOpen."""
    question = await ctx.facts.questions.get(decision.group, decision.question)
    if question is None:
        raise LookupError(decision.question)
    if not question.is_open:
        raise NotOpen("it is answered already" if question.answered_at else "it is closed already")
    ctx.facts.questions.put(replace(question, closed_at=ctx.now))
    await bringing.schedule(ctx)


@router.every(minutes=10)
async def close_old_questions(ctx: Context) -> None:
    """By the rule of everywhere: how long a question is waited for differs too little between
    groups to look each one up."""
    before = ctx.now - ctx.rules.questions.open_for
    for each in await ctx.facts.questions.stale(before, CLOSED_AT_ONCE):
        ctx.facts.questions.put(replace(each, closed_at=ctx.now))
    await ctx.facts.questions.forget(ctx.now - ctx.rules.privacy.keep_text, CLOSED_AT_ONCE)
