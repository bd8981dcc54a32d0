"""Who speaks when is counted, and each night the hours of every cohort are learned from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.activity.learned import (
    Measure,
    Observed,
    learn,
    learned_after,
    observed_days,
)
from handlers.context import Context
from handlers.router import Router
from models.cohort import Cohort, Stage, stage_on
from models.content import LearnedHours
from models.coverage import heard_hours, untold
from models.events import Said
from models.groups import Group, Member
from models.hours import given_spans, spans_text, typical
from models.ids import AccountId
from models.people import Role
from models.stores.community import LONG_AGO
from models.stores.office import Beat
from models.stores.unit import Unit

router = Router()

FORGOTTEN_AT_ONCE = 20_000
"""A short transaction, and in a day 14 million: more than 10,000 groups say."""
LEARNING = "activity.learning"
COHORTS_A_BEAT = 10
"""So that one transaction stays short; the next beat takes the rest."""
GROUPS_A_READ = 100


@router.on(Said)
async def count(said: Said, ctx: Context) -> None:
    """In the hour in which it was said, however late we hear of it; but a platform's clock that
    is ahead of ours makes nobody speak in an hour that is yet to come."""
    if ctx.group is None or not ctx.group.is_ours:
        return
    member = await ctx.facts.members.get(ctx.group.id, said.sender)
    role = await ctx.role_of(member or Member(group=ctx.group.id, person=said.sender))
    if role is not Role.BOT:
        ctx.facts.activity.add(ctx.group.id, min(said.at, ctx.now), said.sender, role)


@router.every(minutes=2)
async def forget_old_speakers(ctx: Context) -> None:
    """Who spoke is known for as long as what was said; how many spoke stays."""
    await ctx.facts.activity.forget(ctx.now - ctx.rules.privacy.keep_text, FORGOTTEN_AT_ONCE)


async def next_learning(facts: Unit) -> datetime | None:
    """At once where no beat was kept yet, or while some cohorts still wait for theirs."""
    beat = await facts.beats.get(LEARNING)
    if beat is None:
        return LONG_AGO
    return beat.done_at if beat.cursor else learned_after(beat.done_at)


@router.every(seconds=10, next_due=next_learning)
async def learn_hours(ctx: Context) -> None:
    """Nightly, a few cohorts a beat. The first beat ever only marks from when nights count."""
    beat = await ctx.facts.beats.get(LEARNING)
    if beat is None:
        ctx.facts.beats.put(Beat(name=LEARNING, done_at=ctx.now))
    elif beat.cursor or learned_after(beat.done_at) <= ctx.now:
        ctx.facts.beats.put(await _learn_some(beat, ctx))


async def _learn_some(beat: Beat, ctx: Context) -> Beat:
    """The next cohorts in order, and how far that is."""
    cohorts = await ctx.facts.groups.cohorts(beat.cursor, COHORTS_A_BEAT)
    for cohort in cohorts:
        await _learn(cohort, ctx)
    if len(cohorts) < COHORTS_A_BEAT:
        return replace(beat, done_at=ctx.now, cursor="")
    return replace(beat, cursor=str(cohorts[-1]))


async def _learn(cohort: Cohort, ctx: Context) -> None:
    rules = await ctx.facts.rules.in_force(typical(cohort))
    shift = rules.groups.postnatal_shift
    stage = stage_on(cohort.window, ctx.today, shift)
    since, until = observed_days(cohort.window, stage, shift, ctx.today)
    groups = await _in_stage(cohort, stage, ctx)
    measured = await _measure(groups, since, until, ctx)
    found = learn(measured, given_spans(stage, rules.hours), rules.delivery.quiet_hours)
    ctx.facts.learned_hours.put(
        LearnedHours(
            cohort=str(cohort),
            stage=stage,
            spans=spans_text(found.spans),
            shares=found.shares,
            known=found.known,
            learned_on=ctx.today,
        )
    )


async def _in_stage(cohort: Cohort, stage: Stage, ctx: Context) -> list[Group]:
    """Its groups, without those that by rules of their own are in the other stage."""
    groups = await ctx.facts.groups.of_cohort(cohort)
    await ctx.facts.rules.load(groups)
    found = []
    for group in groups:
        shift = (await ctx.facts.rules.in_force(group)).groups.postnatal_shift
        if stage_on(cohort.window, ctx.today, shift) is stage:
            found.append(group)
    return found


async def _measure(
    groups: Sequence[Group], since: datetime, until: datetime, ctx: Context
) -> Measure:
    """What was heard of each group whose life we know, a few at a time: of a large cohort all
    hours of four weeks are more than need be held at once."""
    await ctx.facts.lives.load((each.id,) for each in groups)
    listened: dict[tuple[AccountId, datetime], Mapping[datetime, float]] = {}
    measured = Measure()
    for first in range(0, len(groups), GROUPS_A_READ):
        some = groups[first : first + GROUPS_A_READ]
        spoke = await ctx.facts.activity.by_hour([each.id for each in some], since, until)
        for group in some:
            life = await ctx.facts.lives.get(group.id)
            if life is None:
                continue
            # Most groups of an account were watched all the time, and were heard alike.
            key = (group.account, max(life.since, since))
            if key not in listened:
                listened[key] = await _heard(*key, since, until, ctx)
            speakers = {hour: said.speakers for hour, said in spoke.get(group.id, {}).items()}
            measured.add(Observed(listened[key], speakers))
    return measured


async def _heard(
    account: AccountId, listening: datetime, since: datetime, until: datetime, ctx: Context
) -> Mapping[datetime, float]:
    spells = await ctx.facts.deaf_spells.between(account, since, until)
    deaf = untold(spells, await ctx.facts.accounts.get(account), ctx.now)
    return dict(heard_hours(deaf, listening, since, until))
