"""Points are earned, taken back, and told of now and then."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from config.daily import midnight
from config.texts import render
from handlers.context import Context
from handlers.points import policy
from handlers.points.policy import History
from handlers.router import Router
from models.delivery import Sent, Unsure, Verdict
from models.events import (
    AnswerAccepted,
    AnswerFact,
    AnswerGiven,
    Event,
    MessageRecalled,
    MessageReceived,
    StayEnded,
    TaskDone,
)
from models.groups import Member
from models.ids import GroupId, PersonId
from models.messages import Kind, Outgoing
from models.people import Role
from models.points import ANSWERED, RULES, Entry, EntryKind, clawback
from models.stores.unit import Unit

log = logging.getLogger(__name__)

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""


# Earned


@router.prepares(MessageReceived)
async def read_ahead(messages: Sequence[Event], ctx: Context) -> None:
    """What limits the points of whoever may answer a question, and of whoever asked it."""
    said = [each for each in messages if isinstance(each, MessageReceived)]
    asked = {
        group: ctx.facts.questions.held_live(group).values()
        for each in said
        if (group := each.group) is not None
    }
    live = [each for questions in asked.values() for each in questions]
    if not live:
        return
    since = policy.may_have_earned_since(min(each.asked_at for each in live), ctx.now)
    members = {(each.group, each.sender) for each in said if each.group and asked[each.group]}
    members |= {(each.group, each.asker) for each in live}
    await ctx.facts.ledger.read(members, min(since, midnight(ctx.today)))
    await ctx.facts.balances.load(members)
    await ctx.facts.praise_desks.load({(each.group,) for each in live})


@router.on(AnswerGiven)
async def credit_given(given: AnswerGiven, ctx: Context) -> None:
    await _credit(given, EntryKind.GIVEN, ctx)


@router.on(AnswerAccepted)
async def credit_accepted(accepted: AnswerAccepted, ctx: Context) -> None:
    await _credit(accepted, EntryKind.ACCEPTED, ctx)


async def _credit(fact: AnswerFact, kind: EntryKind, ctx: Context) -> None:
    cause = f"question:{fact.question}" if fact.question else f"message:{fact.message}"
    since = policy.may_have_earned_since(fact.asked_at, ctx.now) if fact.asked_at else None
    worth = policy.answer_worth(
        fact,
        await _role(fact.group, fact.helper, ctx),
        await _history(fact, cause, since, ctx),
        ctx.rules.points,
    )
    about = {"group": fact.group, "id": fact.message}
    if not worth.points:
        log.debug("no points for an answer: %s", worth.why, extra=about)
        return
    await ctx.facts.ledger.book(
        Entry(
            key=f"{kind}:{fact.group}:{fact.helper}:{cause}",
            group=fact.group,
            person=fact.helper,
            kind=kind,
            points=worth.points,
            at=ctx.now,
            by=fact.by,
            message=fact.message,
            cause=cause,
            counterpart=fact.asker,
        ),
        since,
    )
    await _schedule(ctx)


@router.on(TaskDone)
async def credit_task(done: TaskDone, ctx: Context) -> None:
    """Silently; the task's summary comes at its end."""
    role = await _role(done.group, done.person, ctx)
    today = await _earned_today(done.group, done.person, ctx)
    worth = policy.within_day(done.points, today, ctx.rules.points)
    task = await ctx.facts.tasks.get(done.group, done.task)
    if role.is_staff or not worth.points or task is None:
        return
    await ctx.facts.ledger.book(
        Entry(
            key=f"{EntryKind.TASK}:{done.group}:{done.person}:{done.task}",
            group=done.group,
            person=done.person,
            kind=EntryKind.TASK,
            points=worth.points,
            at=ctx.now,
            by=done.by,
            message=done.message,
            cause=f"task:{done.task}",
            note=task.title,
        )
    )


# Taken back


@router.on(MessageRecalled)
async def take_back_recalled(recalled: MessageRecalled, ctx: Context) -> None:
    if ctx.group is None or not ctx.group.is_ours:
        return
    since = ctx.now - ctx.rules.points.taken_back
    for entry in await ctx.facts.ledger.of_message(recalled.group, recalled.id, since):
        await _take_back(entry, "得分的消息撤回了", ctx)


@router.on(StayEnded)
async def take_back_removed(ended: StayEnded, ctx: Context) -> None:
    """Where somebody else removed her; whoever goes by herself keeps her points, and where the
    platform does not tell, nobody was removed."""
    member = await ctx.facts.members.get(ended.group, ended.person)
    if member is None or member.left_by in (None, member.person):
        return
    since = ctx.now - ctx.rules.points.taken_back
    for entry in await ctx.facts.ledger.standing_since(ended.group, ended.person, since):
        await _take_back(entry, "被移出群", ctx)


async def _take_back(entry: Entry, why: str, ctx: Context) -> None:
    await ctx.facts.ledger.book(clawback(entry, ctx.now, RULES, why))


# Told of


async def next_praise(facts: Unit) -> datetime | None:
    return await facts.praise_desks.next_due()


@router.every(seconds=5, next_due=next_praise)
async def tell_of_points(ctx: Context) -> None:
    due = await ctx.facts.praise_desks.due(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        await _praise(await ctx.of(group.id))


@router.renders(Kind.AWARDED)
async def word_praise(message: Outgoing, ctx: Context) -> Outgoing | None:
    """With all that was earned until now, and without those who left meanwhile."""
    return await _worded(message, ctx)


@router.settled(Kind.AWARDED)
async def close_praise(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """News that could not be told are not told later: they are old by then."""
    if ctx.group is None:
        return
    desk = await ctx.facts.praise_desks.open(ctx.group.id)
    told = desk.told if desk.telling is None else desk.telling
    said_at = ctx.now if isinstance(verdict, Sent | Unsure) else desk.said_at
    ctx.facts.praise_desks.put(replace(desk, told=told, telling=None, said_at=said_at))
    if any(each.kind in ANSWERED for _, each in await ctx.facts.ledger.after(ctx.group.id, told)):
        await _schedule(ctx)


async def _schedule(ctx: Context) -> None:
    if ctx.group is None:
        return
    desk = await ctx.facts.praise_desks.open(ctx.group.id)
    due = policy.praise_due(desk, ctx.now, ctx.rules.points, ctx.rules.delivery)
    ctx.facts.praise_desks.put(replace(desk, due_at=due))


async def _praise(ctx: Context) -> None:
    group = ctx.group
    desk = await ctx.facts.praise_desks.open(group.id) if group else None
    if group is None or desk is None or desk.due_at is None or desk.due_at > ctx.now:
        return
    blank = Outgoing(
        key=f"{Kind.AWARDED}:{group.id}:{ctx.now.isoformat()}",
        kind=Kind.AWARDED,
        account=group.account,
        group=group.id,
        text="",
        due_at=ctx.now,
        lapses_at=ctx.now + ctx.rules.delivery.notice_lapses,
    )
    message = await _worded(blank, ctx)
    if message is None:
        desk = await ctx.facts.praise_desks.open(group.id)
        ctx.facts.praise_desks.put(replace(desk, told=desk.telling or desk.told, telling=None))
    else:
        ctx.say(message)


async def _worded(message: Outgoing, ctx: Context) -> Outgoing | None:
    """The news of what was earned since the last; None where there is nothing, or nobody, to
    tell of. The desk notes how far it goes."""
    if ctx.group is None or not ctx.group.is_ours:
        return None
    desk = await ctx.facts.praise_desks.open(ctx.group.id)
    entries = await ctx.facts.ledger.after(ctx.group.id, desk.told)
    last = entries[-1][0] if entries else desk.told
    ctx.facts.praise_desks.put(replace(desk, telling=last, due_at=None))
    found = policy.praises(entry for _, entry in entries)
    members = await _present(ctx.group.id, [each.person for each in found], ctx)
    found = [each for each in found if each.person in members]
    if not found:
        return None
    text = render(ctx.rules.texts.awarded, {"awards": policy.praise_lines(found, members)})
    named = tuple(each.person for each in found[: policy.LINES])
    return replace(message, text=text, mentions=named)


# How


async def _role(group: GroupId, person: PersonId, ctx: Context) -> Role:
    member = await ctx.facts.members.get(group, person)
    return await ctx.role_of(member) if member else Role.MEMBER


async def _earned_today(group: GroupId, person: PersonId, ctx: Context) -> list[Entry]:
    return await ctx.facts.ledger.earned_since(group, person, midnight(ctx.today))


async def _history(fact: AnswerFact, cause: str, since: datetime | None, ctx: Context) -> History:
    ledger, morning = ctx.facts.ledger, midnight(ctx.today)
    pair = 0
    if fact.asker is not None:
        pair = await ledger.answers_between(fact.group, fact.helper, fact.asker, morning)
    return History(
        today=await _earned_today(fact.group, fact.helper, ctx),
        of_answer=await ledger.of_answer(fact.group, fact.helper, cause, since),
        of_pair=pair,
    )


async def _present(
    group: GroupId, people: Iterable[PersonId], ctx: Context
) -> dict[PersonId, Member]:
    keys = [(group, person) for person in people]
    await ctx.facts.members.load(keys)
    found = [await ctx.facts.members.get(*key) for key in keys]
    return {each.person: each for each in found if each is not None and each.present}
