"""Tasks are opened and closed, whoever asks for it, and the group hears of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handlers.context import Context
from handlers.tasks import policy
from handlers.tasks.bounds import Opening
from models.ids import MessageId, PersonId
from models.messages import Kind, Outgoing
from models.tasks import Task, TaskResponse

NO_MESSAGE = MessageId("")
"""What nobody typed in chat."""


async def open_task(
    opening: Opening,
    by: PersonId,
    at: datetime,
    ctx: Context,
    *,
    message: MessageId = NO_MESSAGE,
    in_front: bool = False,
) -> datetime:
    """When the group hears of it: at once where it is opened `in_front` of it. Raises Refused."""
    assert ctx.group is not None
    group = ctx.group.id
    policy.check_room(opening, await ctx.facts.tasks.open_in(group), ctx.rules.tasks)
    heard_at = ctx.now if in_front else policy.heard_at(opening, ctx.now, ctx.rules)
    number = await ctx.facts.tasks.next_number(group)
    task = Task(
        group=group,
        number=number,
        title=opening.title,
        keyword=opening.keyword,
        points=opening.points,
        by=by,
        message=message,
        announced=f"task:{group}:{number}",
        opened_at=at,
        closes_at=opening.closes_at,
    )
    ctx.facts.tasks.put(task)
    kind = Kind.REPLY if in_front else Kind.NOTICE
    text = policy.announcement(task, ctx.now)
    _tell_group(task.announced, kind, text, ctx, until=task.closes_at)
    return heard_at


async def close_task(task: Task, ctx: Context) -> list[TaskResponse]:
    """Who took part, in the order in which they responded."""
    ctx.facts.tasks.put(replace(task, closed_at=ctx.now))
    return await ctx.facts.task_responses.to(task)


async def close_and_tell(task: Task, ctx: Context) -> None:
    """The group hears who took part; where nobody did, or nobody can tell, only the monitor hears
    that. A group that is no longer ours hears nothing."""
    responses = await close_task(task, ctx)
    if ctx.group is None or not ctx.group.is_ours:
        return
    if responses:
        await sum_up(task, responses, Kind.NOTICE, ctx)
    else:
        await tell_that_nobody_did(task, ctx)


async def sum_up(task: Task, responses: Sequence[TaskResponse], kind: Kind, ctx: Context) -> None:
    text = policy.summary(task, len(responses), await _names(responses, ctx))
    _tell_group(_end_key(task), kind, text, ctx)


async def tell_that_nobody_did(task: Task, ctx: Context) -> None:
    await ctx.notify(_end_key(task), policy.nobody(task, is_heard=await ctx.hears()))


def _end_key(task: Task) -> str:
    return f"task-end:{task.group}:{task.number}"


async def _names(responses: Sequence[TaskResponse], ctx: Context) -> list[str]:
    """Of those who are still here."""
    await ctx.facts.members.load((each.group, each.person) for each in responses)
    found = [await ctx.facts.members.get(each.group, each.person) for each in responses]
    return [each.shown for each in found if each is not None and each.present]


def _tell_group(
    key: str, kind: Kind, text: str, ctx: Context, *, until: datetime | None = None
) -> None:
    """A reply is said at any hour. It is for the whole group, so it is news for longer than an
    answer is."""
    assert ctx.group is not None
    lapses_at = ctx.now + ctx.rules.delivery.notice_lapses
    ctx.say(
        Outgoing(
            key=key,
            kind=kind,
            account=ctx.group.account,
            group=ctx.group.id,
            text=text,
            due_at=ctx.now,
            lapses_at=min(lapses_at, until) if until else lapses_at,
        )
    )
