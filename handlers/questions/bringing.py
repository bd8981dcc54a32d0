"""The monitor hears of questions that nobody answered: several together, and not too often."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from handlers.context import Context
from handlers.questions import policy
from handlers.router import Router
from models.ids import GroupId, PersonId
from models.messages import Kind, Outgoing
from models.questions import Question
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""
NOTICE = "questions"


async def next_brought(facts: Unit) -> datetime | None:
    return await facts.question_desks.next_due()


@router.every(seconds=10, next_due=next_brought)
async def bring_open_questions(ctx: Context) -> None:
    due = await ctx.facts.question_desks.due(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        await _bring(await ctx.of(group.id))


@router.renders(Kind.STAFF_NOTICE)
async def word_notice(message: Outgoing, ctx: Context) -> Outgoing | None:
    """Without what was answered meanwhile. Notices of other features stay as they are."""
    feature, _, rest = message.key.partition(":")
    if feature != NOTICE:
        return message
    of_group = await ctx.of(GroupId(rest.rpartition(":")[0]))
    text = await _notice(of_group)
    return replace(message, text=text) if text else None


async def _bring(ctx: Context) -> None:
    if ctx.group is None:
        return
    group, rules = ctx.group.id, ctx.rules
    desk = await ctx.facts.question_desks.open(group)
    if desk.due_at is None or desk.due_at > ctx.now:
        return
    waiting = await ctx.facts.questions.open_in(group)
    ripe = policy.ripe(waiting, ctx.now, rules.questions, rules.delivery.quiet_hours)
    for each in ripe:
        ctx.facts.questions.put(replace(each, brought_at=ctx.now))
    if ripe:
        ctx.facts.question_desks.put(replace(desk, brought_at=ctx.now))
        if text := await _notice(ctx):
            await ctx.notify(f"{NOTICE}:{group}:{int(ctx.now.timestamp())}", text)
    await schedule(ctx)


async def _notice(ctx: Context) -> str | None:
    """The open questions that were brought last."""
    if ctx.group is None or not ctx.group.is_ours:
        return None
    desk = await ctx.facts.question_desks.open(ctx.group.id)
    waiting = await ctx.facts.questions.open_in(ctx.group.id)
    latest = [each for each in waiting if each.brought_at == desk.brought_at]
    if not latest:
        return None
    return policy.brought(latest, await names(latest, ctx), ctx.group.name, ctx.now)


async def schedule(ctx: Context) -> None:
    if ctx.group is None:
        return
    desk = await ctx.facts.question_desks.open(ctx.group.id)
    waiting = await ctx.facts.questions.open_in(ctx.group.id) if ctx.group.is_ours else []
    quiet = ctx.rules.delivery.quiet_hours
    due = policy.brought_due(waiting, desk, ctx.rules.questions, quiet)
    ctx.facts.question_desks.put(replace(desk, due_at=due))


async def names(questions: Iterable[Question], ctx: Context) -> dict[PersonId, str]:
    found = [await ctx.facts.members.get(each.group, each.asker) for each in questions]
    return {each.person: each.shown for each in found if each is not None}
