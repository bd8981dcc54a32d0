"""The monitor asks the group to do something; who does it is credited once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handlers.command import Call, Changes, Misused, Who
from handlers.context import Context
from handlers.router import Router
from handlers.tasks import policy, typed
from handlers.tasks.typed import Ending, Listing, Mistyped, Opening
from models.events import Chatted, TaskDone
from models.ids import GroupId
from models.messages import Kind, Outgoing
from models.stores.unit import Unit
from models.tasks import Task, TaskResponse

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""


# What a monitor asks for


@router.command(
    "任务",
    "task",
    who=Who.LEADERS,
    usage="/任务 做什么 关键词=已喝 分=1 到=21:00",
    changes=Changes.WITH_ARGS,
    about="请大家做一件事；只发 /任务 看进行中的，/任务 结束 提前收尾",
)
async def serve(call: Call, ctx: Context) -> str | None:
    try:
        match typed.read(call.args, ctx.now, ctx.rules.tasks):
            case Listing():
                return await _list(call.caller.group, ctx)
            case Ending(called):
                return await _end(called, call, ctx)
            case Opening() as opening:
                return await _open(opening, call, ctx)
    except Mistyped as why:
        raise Misused(str(why)) from why


async def _open(opening: Opening, call: Call, ctx: Context) -> str | None:
    """Typed in the group, the announcement is the answer."""
    group = call.caller.group
    policy.check_room(opening, await ctx.facts.tasks.open_in(group), ctx.rules.tasks)
    heard_at = policy.heard_at(opening, ctx.now, ctx.rules) if call.is_private else ctx.now
    number = await ctx.facts.tasks.next_number(group)
    task = Task(
        group=group,
        number=number,
        title=opening.title,
        keyword=opening.keyword,
        points=opening.points,
        by=call.caller.person,
        message=call.said.id,
        announced=f"task:{group}:{number}",
        # By the platform's clock, as the responses are.
        opened_at=call.said.at,
        closes_at=opening.closes_at,
    )
    ctx.facts.tasks.put(task)
    text = policy.announcement(task, ctx.now)
    if not call.is_private:
        _tell_group(task.announced, Kind.REPLY, text, ctx, until=task.closes_at)
        return None
    _tell_group(task.announced, Kind.NOTICE, text, ctx, until=task.closes_at)
    is_paused = ctx.group is not None and ctx.group.paused_at is not None
    return policy.posted(heard_at, ctx.now, is_paused=is_paused)


async def _list(group: GroupId, ctx: Context) -> str:
    responses = ctx.facts.task_responses
    tasks = await ctx.facts.tasks.open_in(group)
    return policy.listing([(each, len(await responses.to(each))) for each in tasks], ctx.now)


async def _end(called: str, call: Call, ctx: Context) -> str | None:
    """Typed in the group, the summary is the answer; where there is nothing to sum up, the group
    does not hear of that."""
    task = policy.chosen(called, await ctx.facts.tasks.open_in(call.caller.group))
    responses = await _close(task, ctx)
    if responses:
        await _sum_up(task, responses, Kind.NOTICE if call.is_private else Kind.REPLY, ctx)
        return policy.ended(task, len(responses)) if call.is_private else None
    if call.is_private:
        return policy.nobody(task)
    await ctx.notify(_end_key(task), policy.nobody(task))
    return policy.ended(task, 0)


# What members do


@router.on(Chatted)
async def credit(said: Chatted, ctx: Context) -> None:
    """Silently, once a member and task. What it is worth to her is for the points to say."""
    done = [
        each
        for each in await ctx.facts.tasks.open_in(said.group)
        if policy.is_response(each, said.text, said.quoted, said.at)
    ]
    if not done:
        return
    member = await ctx.facts.members.get(said.group, said.sender)
    if member is None or (await ctx.role_of(member)).is_staff:
        return
    for task in done:
        if await ctx.facts.task_responses.get(said.group, task.number, said.sender) is None:
            ctx.facts.task_responses.put(
                TaskResponse(group=said.group, task=task.number, person=said.sender, at=ctx.now)
            )
            ctx.tell(
                TaskDone(
                    at=ctx.now,
                    group=said.group,
                    person=said.sender,
                    task=task.number,
                    points=task.points,
                    message=said.id,
                    by=task.by,
                )
            )


# What time brings


async def next_close(facts: Unit) -> datetime | None:
    return await facts.tasks.next_close()


@router.every(seconds=1, next_due=next_close)
async def close_due_tasks(ctx: Context) -> None:
    due = await ctx.facts.tasks.groups_to_close(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        of_group = await ctx.of(group.id)
        for task in await ctx.facts.tasks.open_in(group.id):
            if task.closes_at <= ctx.now:
                await _close_in_time(task, of_group)


async def _close_in_time(task: Task, ctx: Context) -> None:
    """The group hears who took part; where nobody did, only the monitor hears that. A group that
    is no longer ours hears nothing."""
    responses = await _close(task, ctx)
    if ctx.group is None or not ctx.group.is_ours:
        return
    if responses:
        await _sum_up(task, responses, Kind.NOTICE, ctx)
    else:
        await ctx.notify(_end_key(task), policy.nobody(task))


async def _close(task: Task, ctx: Context) -> list[TaskResponse]:
    """Who took part, in the order in which they responded."""
    ctx.facts.tasks.put(replace(task, closed_at=ctx.now))
    return await ctx.facts.task_responses.to(task)


async def _sum_up(task: Task, responses: Sequence[TaskResponse], kind: Kind, ctx: Context) -> None:
    text = policy.summary(task, len(responses), await _names(responses, ctx))
    _tell_group(_end_key(task), kind, text, ctx)


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
