"""Each group's day is planned at midnight, and that of a group taken in at once.

All groups of an account are planned together, since it may have more to say than its pace allows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.daily import midnight
from handlers.concerns import end_concern, open_notice
from handlers.content import capacity, grounds, needs, planning
from handlers.content.capacity import Fitted, Overbooked
from handlers.content.choice import Library
from handlers.content.planning import DayPlan
from handlers.context import STAFF, Context
from handlers.router import Router
from models.content import Post, Programme
from models.events import GroupReleased, GroupTakenIn, RoleSet, RulesChanged
from models.groups import Group
from models.growth import Concern
from models.ids import AccountId, GroupId
from models.messages import Kind, Outgoing
from models.people import Role
from models.scopes import group_of
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 2_000
"""So that one transaction stays short; the next beat takes the rest. An account is not divided."""
PLANNED_BY = frozenset({"content", "hours", "groups", "growth", "delivery", "confirmation"})
"""Sections of the rules that a day's plan depends on."""


@router.on(GroupTakenIn)
async def begin(taken: GroupTakenIn, ctx: Context) -> None:
    """The rest of the day is planned, anew where it was already; what somebody decided stays."""
    programme = await ctx.facts.programmes.get(taken.group)
    ctx.facts.programmes.put(
        replace(programme or Programme(group=taken.group, plan_at=None), plan_at=ctx.now)
    )


@router.on(GroupReleased)
async def stop(released: GroupReleased, ctx: Context) -> None:
    programme = await ctx.facts.programmes.get(released.group)
    if programme is not None:
        ctx.facts.programmes.put(replace(programme, plan_at=None))


@router.on(RulesChanged)
async def plan_by_new_rules(changed: RulesChanged, ctx: Context) -> None:
    """What is still to come today is planned by them; what somebody decided stays."""
    if not PLANNED_BY.isdisjoint(changed.changes):
        await ctx.facts.programmes.plan_again(group_of(changed.scope), ctx.now)


@router.on(RoleSet)
async def give_her_her_part(given: RoleSet, ctx: Context) -> None:
    """What waited for a monitor is planned for the rest of the day."""
    if given.role is Role.MONITOR and await open_notice(Concern.NOBODY_TO_POST, ctx):
        await end_concern(Concern.NOBODY_TO_POST, ctx)
        await ctx.facts.programmes.plan_again(given.group, ctx.now)


async def next_plan(facts: Unit) -> datetime | None:
    return await facts.programmes.next_plan()


@router.every(seconds=5, next_due=next_plan)
async def plan_days(ctx: Context) -> None:
    due = await ctx.facts.programmes.due(ctx.now, GROUPS_A_BEAT)
    if not due:
        return
    wanted = [group for groups in due.values() for group in groups]
    locked = await ctx.facts.groups.lock_free(wanted)
    await grounds.read_for(locked, ctx.today, ctx.facts)
    to_plan = {each.id: each for each in locked if await _is_due(each.id, ctx)}
    for group in to_plan:
        await _next_time(await ctx.of(group))
    # Written before the library is read: what comes into it from now on sets the time anew.
    await ctx.facts.programmes.flush()
    await ctx.facts.notices.load((group, each) for group in to_plan for each in needs.CONCERNS)
    library = await grounds.library(ctx.facts)
    booked = await ctx.facts.posts.booked(list(due), ctx.today)
    for account, groups in due.items():
        theirs = [to_plan[each] for each in groups if each in to_plan]
        await _plan(account, theirs, booked[account], library, ctx)


async def _is_due(group: GroupId, ctx: Context) -> bool:
    """Another process may have planned it before we had the lock."""
    programme = await ctx.facts.programmes.get(group)
    return programme is not None and programme.plan_at is not None and programme.plan_at <= ctx.now


async def _plan(
    account: AccountId,
    groups: Sequence[Group],
    booked: Sequence[Post],
    library: Library,
    ctx: Context,
) -> None:
    """The day of these groups, which are all of the account's whose turn it is, as far as it can
    say all that beside what is booked already. Where there is no library nobody waits for it:
    what was planned before it went stays empty."""
    ours = [await ctx.of(each.id) for each in groups if each.is_ours]
    if not library:
        ours = [each for each in ours if await _has_plan(each)]
    if not ours:
        return
    ground = [await grounds.ground(each.today, each) for each in ours]
    anew = {each.id for each in groups}
    plans = [planning.plan_day(each, ctx.today, library, ctx.now) for each in ground]
    others = [each for each in booked if each.group not in anew]
    fitted = await _fitted(plans, others, library, ours[0])
    for each, below, plan in zip(ours, ground, fitted.plans, strict=True):
        await _keep(plan, each)
        await needs.judge_choice(plan, below, library, each)
        if below.programme.planned_on != each.today:
            await end_concern(Concern.UNAPPROVED, each)  # What waited yesterday does no more.
        await needs.judge_approval(each)
    if fitted.overbooked:
        await _tell_overbooked(account, fitted.overbooked, ctx)


async def _fitted(
    plans: Sequence[DayPlan], booked: Sequence[Post], library: Library, ctx: Context
) -> Fitted:
    """The plans of one account. What is alike for many groups is one confirmation, so there a
    person's taps are the limit, not our pace."""
    if await ctx.needs_confirmation():
        return Fitted(tuple(plans))
    everywhere = await ctx.facts.rules.in_force()
    return capacity.fit(
        plans,
        library,
        per_minute=everywhere.delivery.per_minute,
        share=everywhere.content.account_share,
        now=ctx.now,
        booked=booked,
    )


async def _has_plan(ctx: Context) -> bool:
    """For the group of the context, of today."""
    assert ctx.group is not None
    programme = await ctx.facts.programmes.get(ctx.group.id)
    return programme is not None and programme.planned_on == ctx.today


async def _next_time(ctx: Context) -> None:
    """A group that is not ours is planned again once it is."""
    assert ctx.group is not None
    programme = await ctx.facts.programmes.get(ctx.group.id)
    if programme is not None:
        plan_at = midnight(ctx.today + timedelta(days=1)) if ctx.group.is_ours else None
        ctx.facts.programmes.put(replace(programme, plan_at=plan_at))


async def _keep(plan: DayPlan, ctx: Context) -> None:
    assert ctx.group is not None
    ctx.facts.programmes.put(plan.programme)
    planned = {each.slot for each in plan.posts}
    for each in await ctx.facts.posts.ahead(ctx.group.id, ctx.today):
        if each.day == ctx.today and each.slot not in planned:
            await ctx.facts.posts.remove(each)
    for each in plan.posts:
        ctx.facts.posts.put(each)


async def _tell_overbooked(
    account: AccountId, overbooked: Iterable[Overbooked], ctx: Context
) -> None:
    """In advance, once a day: what the account can't say."""
    ctx.say(
        Outgoing(
            key=f"overbooked:{account}:{ctx.today}",
            kind=Kind.STAFF_NOTICE,
            account=account,
            to=await ctx.facts.staff.in_charge() or STAFF,
            text="\n".join(capacity.told(account, each) for each in overbooked),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.notice_lapses,
        )
    )
