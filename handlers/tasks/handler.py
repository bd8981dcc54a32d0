"""The monitor asks the group to do something; who does it is credited once."""

from datetime import datetime

from handlers.command import Call, Changes, Misused, Who
from handlers.context import Context
from handlers.router import Router
from handlers.tasks import policy, typed
from handlers.tasks.bounds import Mistyped, Opening
from handlers.tasks.running import (
    close_and_tell,
    close_task,
    open_task,
    sum_up,
    tell_that_nobody_did,
)
from handlers.tasks.typed import Ending, Listing
from models.events import Chatted, TaskDone
from models.ids import GroupId
from models.messages import Kind
from models.stores.unit import Unit
from models.tasks import TaskResponse

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
    said = call.said
    # By the platform's clock, as the responses are.
    heard_at = await open_task(
        opening,
        call.caller.person,
        said.at,
        ctx,
        message=said.id,
        in_front=not call.is_private,
    )
    if not call.is_private:
        return None
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
    responses = await close_task(task, ctx)
    if responses:
        await sum_up(task, responses, Kind.NOTICE if call.is_private else Kind.REPLY, ctx)
        return policy.ended(task, len(responses)) if call.is_private else None
    if call.is_private:
        return policy.nobody(task, is_heard=await ctx.hears())
    await tell_that_nobody_did(task, ctx)
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
                await close_and_tell(task, of_group)
