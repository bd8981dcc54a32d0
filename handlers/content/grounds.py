"""What the plan of a group's day depends on, read from the stores: for thousands of groups in a
handful of statements."""

from collections.abc import Sequence
from datetime import date, datetime

from handlers.content.choice import Library
from handlers.content.planning import Ground
from handlers.context import Context
from models.cohort import Stage
from models.content import Post, PostState, Programme
from models.groups import Group, stage_of, week_of
from models.growth import Life, phase_of
from models.hours import active_spans
from models.phase import Phase
from models.stores.content import ON_ITS_WAY
from models.stores.unit import Unit

UNDECIDED = (PostState.PLANNED, PostState.EMPTY, PostState.DROPPED)
"""What is planned anew with the day, unless it `stays`."""


async def library(facts: Unit) -> Library:
    return Library(await facts.items.library())


async def read_for(groups: Sequence[Group], today: date, facts: Unit) -> None:
    """Read in one statement a table what `ground` will ask for."""
    ids = [each.id for each in groups]
    await facts.rules.load(groups)
    await facts.programmes.load((group,) for group in ids)
    await facts.accounts.load({(each.account,) for each in groups})
    await facts.lives.load((group,) for group in ids)
    await facts.members.read_monitors(ids)
    await facts.posts.read_ahead(ids, today)
    cohorts = {str(each.cohort) for each in groups if each.cohort is not None}
    await facts.learned_hours.load((cohort, stage) for cohort in cohorts for stage in Stage)


async def ground(day: date, ctx: Context) -> Ground:
    """For the group of the context."""
    assert ctx.group is not None
    group, facts = ctx.group, ctx.facts
    stage = stage_of(group, day, ctx.rules.groups)
    programme = await facts.programmes.get(group.id) or Programme(group=group.id, plan_at=None)
    ahead = await facts.posts.ahead(group.id, ctx.today)
    learned = None
    if group.cohort is not None:
        learned = await facts.learned_hours.get(str(group.cohort), stage)
    return Ground(
        group=group,
        programme=programme,
        phase=phase(group, await facts.lives.get(group.id), day, ctx),
        stage=stage,
        week=week_of(group, day),
        spans=active_spans(stage, learned, ctx.rules),
        has_monitor=await facts.members.monitor(group.id) is not None,
        rules=ctx.rules,
        needs_confirmation=await ctx.needs_confirmation(),
        pinned={each.slot: each for each in ahead if each.day == day and stays(each, ctx.now)},
        reserved=frozenset(
            each.item
            for each in ahead
            if each.item and each.state in ON_ITS_WAY and (each.day != day or stays(each, ctx.now))
        ),
    )


def stays(post: Post, now: datetime) -> bool:
    """Whether it has its place when its day is planned once more: somebody decided on it, or its
    hours are over. What was to be said in them and was not then lapses by itself."""
    return post.pinned_by is not None or post.state not in UNDECIDED or post.closes_at <= now


def phase(group: Group, life: Life | None, day: date, ctx: Context) -> Phase:
    """Of a group that nobody watches no more is known than when it was opened, if that."""
    if life is None:
        opened_on = group.opened_on or ctx.today
        life = Life(group=group.id, since=ctx.now, opened_on=opened_on, look_at=None)
    return phase_of(life, group.members, day, ctx.rules.growth)
