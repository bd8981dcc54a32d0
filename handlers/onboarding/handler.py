"""Newcomers gather at their group's desk; a due round becomes welcome, nickname and rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.context import Context
from handlers.onboarding import policy
from handlers.router import Router
from models.delivery import Lapsed, Parked, Sent, Unsure, Verdict
from models.events import (
    GroupAdopted,
    GroupPaused,
    GroupReleased,
    GroupResumed,
    NicknameSet,
    RoleGiven,
    RoleSet,
    RulesChanged,
    StayBegan,
    StayEnded,
)
from models.groups import Group, Member
from models.ids import GroupId, PersonId, RoundId
from models.messages import ROUND_STEPS, Kind, Outgoing
from models.onboarding import Newcomer
from models.scopes import group_of, scopes_of
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""


# What happens to people


@router.on(StayBegan)
async def wait(began: StayBegan, ctx: Context) -> None:
    member = await ctx.facts.members.get(began.group, began.person)
    if member is None or ctx.group is None or await _is_staff(member, ctx):
        return
    newcomer = await ctx.facts.newcomers.get(began.group, began.person)
    fits = policy.fits(member, ctx.group, ctx.today, ctx.rules.onboarding)
    if newcomer is None or policy.is_greeted_again(newcomer, ctx.now, ctx.rules.onboarding):
        newcomer = Newcomer(group=began.group, person=began.person, waiting_since=began.since)
        number = await _round_that_takes_in(ctx)
        ctx.facts.newcomers.put(replace(newcomer, fits=fits, round=number))
    else:
        ctx.facts.newcomers.put(replace(newcomer, here=True, fits=newcomer.fits or fits))
        await _schedule_reminder(ctx)
    await schedule_round(ctx)


@router.on(StayEnded)
async def forget(ended: StayEnded, ctx: Context) -> None:
    await _stop_waiting(ended.person, ctx)


@router.on(RoleSet)
async def excuse(given: RoleSet, ctx: Context) -> None:
    if given.role.is_staff:
        await _stop_waiting(given.person, ctx)


@router.on(RoleGiven)
async def excuse_everywhere(given: RoleGiven, ctx: Context) -> None:
    if given.group is None and given.role.is_staff:
        for newcomer in await ctx.facts.newcomers.concerned(given.person):
            await _stop_waiting(given.person, await ctx.of(newcomer.group))


@router.on(NicknameSet)
async def judge(named: NicknameSet, ctx: Context) -> None:
    newcomer = await ctx.facts.newcomers.get(named.group, named.person)
    member = await ctx.facts.members.get(named.group, named.person)
    if newcomer is None or member is None or ctx.group is None:
        return
    fits = policy.fits(member, ctx.group, ctx.today, ctx.rules.onboarding)
    ctx.facts.newcomers.put(replace(newcomer, fits=fits))
    await _schedule_reminder(ctx)


@router.on(GroupAdopted)
async def open_desk(adopted: GroupAdopted, ctx: Context) -> None:
    await _schedule(await ctx.of(adopted.group))


@router.on(GroupReleased)
async def close_desk(released: GroupReleased, ctx: Context) -> None:
    await _schedule(await ctx.of(released.group))


@router.on(GroupPaused)
async def rest(paused: GroupPaused, ctx: Context) -> None:
    await _schedule(await ctx.of(paused.group))


@router.on(GroupResumed)
async def go_on(resumed: GroupResumed, ctx: Context) -> None:
    """As in the morning: all who wait are greeted together, by the law, from now on."""
    await _schedule(await ctx.of(resumed.group))


@router.on(RulesChanged)
async def reschedule(changed: RulesChanged, ctx: Context) -> None:
    """A changed rule holds for those who wait already."""
    only = group_of(changed.scope)
    groups = [only] if only else await ctx.facts.desks.with_something_due()
    await ctx.facts.groups.load((group,) for group in groups)
    await ctx.facts.desks.load((group,) for group in groups)
    for group in groups:
        of_group = await ctx.of(group)
        if of_group.group is not None and changed.scope in scopes_of(of_group.group):
            await _schedule(of_group)


# What time brings


async def next_round(facts: Unit) -> datetime | None:
    return await facts.desks.next_round()


async def next_reminder(facts: Unit) -> datetime | None:
    return await facts.desks.next_reminder()


@router.every(seconds=1, next_due=next_round)
async def greet_due_rounds(ctx: Context) -> None:
    due = await ctx.facts.desks.rounds_due(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        await _greet(await ctx.of(group.id))


@router.every(seconds=1, next_due=next_reminder)
async def send_due_reminders(ctx: Context) -> None:
    due = await ctx.facts.desks.reminders_due(ctx.now, GROUPS_A_BEAT)
    for group in await ctx.facts.groups.lock_free(due):
        await _remind(await ctx.of(group.id))


# What becomes of a promise


@router.renders(*ROUND_STEPS)
async def render_step(message: Outgoing, ctx: Context) -> Outgoing | None:
    """For those of the round who are still here and, of the nickname, still need it."""
    if ctx.group is None or message.round is None:
        return None
    people = await ctx.facts.newcomers.of_round(ctx.group.id, message.round)
    return await _worded(message, message.kind, people, ctx)


@router.renders(Kind.REMINDER)
async def render_reminder(message: Outgoing, ctx: Context) -> Outgoing | None:
    """For those it was promised to who still need it."""
    if ctx.group is None:
        return None
    people = await ctx.facts.newcomers.those(ctx.group.id, message.mentions)
    in_need = [each for each in people if policy.needs_reminder(each, ctx.rules.onboarding)]
    return await _worded(message, Kind.REMINDER, in_need, ctx)


@router.settled(Kind.WELCOME)
async def close_round(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """The people of a welcome that was said are greeted; of one that was not, they wait again, as
    do those who joined its round when the text was in somebody's hands already."""
    if ctx.group is None or message.round is None:
        return
    desk = replace(await ctx.facts.desks.open(ctx.group.id), greeting=False)
    was_said = isinstance(verdict, Sent | Unsure)
    if was_said:
        desk = replace(desk, said_at=ctx.now, held_until=None)
    elif isinstance(verdict, Parked):
        desk = replace(desk, held_until=ctx.now + ctx.rules.onboarding.surge_interval)
    ctx.facts.desks.put(desk)
    if was_said:
        # Also those who left, or left and came back, while it was being said: they were named.
        greeted = await ctx.facts.newcomers.those(ctx.group.id, message.mentions)
        if await ctx.needs_confirmation():
            ctx.facts.desks.put(policy.with_those_taken_in(desk, greeted))
        for each in greeted:
            ctx.facts.newcomers.put(replace(each, greeted_at=ctx.now, waiting_since=None))
    for each in await ctx.facts.newcomers.of_round(ctx.group.id, message.round):
        if each.waiting_since is not None:
            ctx.facts.newcomers.put(replace(each, round=None))
    await _schedule(ctx)


@router.settled(Kind.REMINDER)
async def close_reminder(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """A refused reminder counts too, or we would knock again at once. One that nobody confirmed
    does not, but the owner is not asked again before its people would be reminded again."""
    if ctx.group is None:
        return
    ctx.facts.desks.put(replace(await ctx.facts.desks.open(ctx.group.id), reminding=False))
    counts = 0 if isinstance(verdict, Lapsed) else 1
    if counts or await ctx.needs_confirmation():
        for each in await ctx.facts.newcomers.those(ctx.group.id, message.mentions):
            ctx.facts.newcomers.put(
                replace(each, reminders=each.reminders + counts, reminded_at=ctx.now)
            )
    await _schedule_reminder(ctx)


# How


async def _is_staff(member: Member, ctx: Context) -> bool:
    role = await ctx.facts.staff.role(member.person)
    return member.role.is_staff or (role is not None and role.is_staff)


async def _round_that_takes_in(ctx: Context) -> RoundId | None:
    """The one that waits for the group's owner: its text is made when she looks, so who comes
    until then need not wait for another."""
    if ctx.group is None:
        return None
    desk = await ctx.facts.desks.open(ctx.group.id)
    if desk.greeting and await ctx.needs_confirmation():
        return RoundId(desk.rounds)
    return None


async def _lasts(usual: timedelta, ctx: Context) -> timedelta:
    """How long there is to say it: a person needs longer than we do."""
    return ctx.rules.confirmation.round_lasts if await ctx.needs_confirmation() else usual


def _speaks(group: Group) -> bool:
    return group.is_ours and group.paused_at is None


async def _stop_waiting(person: PersonId, ctx: Context) -> None:
    if ctx.group is None:
        return
    newcomer = await ctx.facts.newcomers.get(ctx.group.id, person)
    if newcomer is not None:
        ctx.facts.newcomers.put(replace(newcomer, here=False, waiting_since=None, round=None))
        await schedule_round(ctx)


async def _schedule(ctx: Context) -> None:
    await schedule_round(ctx)
    await _schedule_reminder(ctx)


async def schedule_round(ctx: Context) -> None:
    """Also forgets the hurry where nobody is left for whom it was."""
    if ctx.group is None:
        return
    desk = await ctx.facts.desks.open(ctx.group.id)
    waiting = await ctx.facts.newcomers.waiting(ctx.group.id) if _speaks(ctx.group) else []
    joins: Sequence[datetime] = ()
    if waiting and not desk.greeting:
        window = ctx.rules.onboarding.peak_window
        since = desk.chosen_at - window if desk.chosen_at else None
        joins = await ctx.facts.joins.after(ctx.group.id, since)
    due = policy.round_due(waiting, joins, desk, ctx.rules.onboarding, not_before=ctx.now)
    hurried = desk.hurried and bool(waiting)
    ctx.facts.desks.put(replace(desk, due_at=due, hurried=hurried))


async def _schedule_reminder(ctx: Context) -> None:
    if ctx.group is None:
        return
    desk = await ctx.facts.desks.open(ctx.group.id)
    due = None
    if _speaks(ctx.group) and not desk.reminding:
        unfit = await ctx.facts.newcomers.unfit(ctx.group.id)
        due = policy.reminder_due(unfit, ctx.group, ctx.rules, not_before=ctx.now)
    ctx.facts.desks.put(replace(desk, remind_at=due))


async def _greet(ctx: Context) -> None:
    """Choose the people of the round and promise its steps."""
    await schedule_round(ctx)
    group = ctx.group
    desk = await ctx.facts.desks.open(group.id) if group else None
    if group is None or desk is None or desk.due_at is None or desk.due_at > ctx.now:
        return
    number = RoundId(desk.rounds + 1)
    waiting = await ctx.facts.newcomers.waiting(group.id)
    people = [replace(each, round=number) for each in waiting]
    for each in people:
        ctx.facts.newcomers.put(each)
    ctx.facts.desks.put(
        replace(desk, rounds=number, greeting=True, chosen_at=ctx.now, hurried=False, due_at=None)
    )
    lapses_at = ctx.now + await _lasts(ctx.rules.delivery.onboarding_lapses, ctx)
    for step, kind in enumerate(ROUND_STEPS):
        blank = Outgoing(
            key=f"{kind}:{group.id}:{number}",
            kind=kind,
            account=group.account,
            group=group.id,
            text="",
            due_at=ctx.now,
            lapses_at=lapses_at,
            round=number,
            step=step,
        )
        if message := await _worded(blank, kind, people, ctx):
            ctx.say(message, held=step > 0)


async def _remind(ctx: Context) -> None:
    group = ctx.group
    await _schedule_reminder(ctx)
    desk = await ctx.facts.desks.open(group.id) if group else None
    if group is None or desk is None or desk.remind_at is None or desk.remind_at > ctx.now:
        return
    ripe = [
        each
        for each in await ctx.facts.newcomers.unfit(group.id)
        if (at := policy.reminder_ripe_at(each, ctx.rules.onboarding)) and at <= ctx.now
    ]
    number = desk.notices + 1
    ctx.facts.desks.put(replace(desk, notices=number, reminding=True, remind_at=None))
    blank = Outgoing(
        key=f"{Kind.REMINDER}:{group.id}:{number}",
        kind=Kind.REMINDER,
        account=group.account,
        group=group.id,
        text="",
        due_at=ctx.now,
        lapses_at=ctx.now + await _lasts(ctx.rules.delivery.reminder_lapses, ctx),
    )
    if message := await _worded(blank, Kind.REMINDER, ripe, ctx):
        ctx.say(message)


async def _worded(
    message: Outgoing, kind: Kind, people: Sequence[Newcomer], ctx: Context
) -> Outgoing | None:
    """The message for those of `people` whom it concerns; None where it concerns nobody."""
    if ctx.group is None or not ctx.group.is_ours:
        return None
    if kind in (Kind.NICKNAME, Kind.REMINDER):
        people = [each for each in people if not each.fits]
    members = await _members(ctx.group, people, ctx)
    if not members:
        return None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    text = policy.words(kind, members, ctx.group, monitor, ctx.today, ctx.rules)
    if not text:
        return None
    mentions = () if kind is Kind.RULES else tuple(each.person for each in members)
    return replace(message, text=text, mentions=mentions)


async def _members(group: Group, people: Sequence[Newcomer], ctx: Context) -> list[Member]:
    keys: list[tuple[GroupId, PersonId]] = [(group.id, each.person) for each in people]
    await ctx.facts.members.load(keys)
    found = [await ctx.facts.members.get(*key) for key in keys]
    return sorted(
        (each for each in found if each is not None),
        key=lambda each: (each.seen_at or ctx.now, each.person),
    )
