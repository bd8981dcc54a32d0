"""Questions find their answers."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.context import Context
from handlers.questions import asking, bringing, policy
from handlers.questions.conversation import Conversation, reopen
from handlers.questions.thread import Thread, follow, hear, thread_of
from handlers.router import Router
from models.events import (
    Chatted,
    Event,
    MessageRecalled,
    MessageReceived,
    QuestionClosed,
    Said,
    StayEnded,
)
from models.people import Role
from models.questions import Question

router = Router()

CLOSED_AT_ONCE = 500
"""So that one transaction stays short; the next beat takes the rest."""


@router.prepares(MessageReceived)
async def read_ahead(messages: Sequence[Event], ctx: Context) -> None:
    """What the judges will want to know, where there is anything to judge."""
    ours = {each.id for each in ctx.facts.groups.held() if each.is_ours}
    said = [
        (each.group, each.sender, each.text)
        for each in messages
        if isinstance(each, MessageReceived) and each.group in ours
    ]
    asked = {group: ctx.facts.questions.held_live(group) for group, _, _ in said}
    asking_now = {group for group, _, text in said if asking.judge(text).is_question}
    judged = asking_now | {group for group, questions in asked.items() if questions}
    await follow(judged, ctx)
    await ctx.facts.question_desks.load((each,) for each in judged)
    await ctx.facts.answers.read_to(
        (group, question) for group, questions in asked.items() for question in questions
    )
    await ctx.facts.answers.read_said(
        (group, sender, policy.fingerprint(text))
        for group, sender, text in said
        if group in judged
    )


@router.on(Said)
async def follow_on(said: Said, ctx: Context) -> None:
    hear(said, ctx)


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
    await ctx.facts.questions.read_live([chatted.group])
    if asked := ctx.facts.questions.held_live(chatted.group):
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
    waiting = await ctx.facts.questions.open_in(chatted.group)
    for each in waiting:
        if each.asker == chatted.sender and policy.fingerprint(each.text or "") == mark:
            return
    for each in policy.crowded_out(waiting):
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
    ctx.facts.answers.open(chatted.group, chatted.id)
    (await thread_of(chatted, ctx)).opens()
    await bringing.schedule(ctx)


@router.on(MessageRecalled)
async def unsay(recalled: MessageRecalled, ctx: Context) -> None:
    """A recalled question waits no longer; one whose only answer was recalled waits again."""
    ctx.facts.mind.drop(Thread, recalled.group)
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
