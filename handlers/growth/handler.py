"""Groups are watched from when they are taken in: at what happens to them, and every morning."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.daily import ZONE
from handlers.concerns import end_concern, ended, raise_concern
from handlers.context import Context
from handlers.growth import policy, wording
from handlers.growth.standing import foretold, spells_of, untold_of
from handlers.growth.week import Week, weeks_of
from handlers.router import Router
from handlers.wording import known_by
from models.coverage import Spell, heard
from models.events import (
    GroupReleased,
    GroupSeen,
    GroupTakenIn,
    GroupWanted,
    HeardAgain,
    StayBegan,
    StayEnded,
)
from models.groups import Group
from models.growth import (
    Concern,
    Life,
    Neighbour,
    Notice,
    Recruiting,
    due_on,
    nearly_full_at,
    recruiting,
    way_open,
)
from models.people import Role
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 50
"""So that one transaction stays short; the next beat takes the rest."""
BEFORE_LEAVING = timedelta(hours=2)
"""What was posted in the time just before may be the reason."""
POSTS_NAMED = 2


# What happens to groups


@router.on(GroupTakenIn)
async def begin(taken: GroupTakenIn, ctx: Context) -> None:
    """What it has reached by now is no news. While it was not ours nothing was heard of it."""
    if ctx.group is not None and ctx.group.is_ours:
        await _watch(ctx.group, ctx)


@router.on(GroupReleased)
async def let_go(released: GroupReleased, ctx: Context) -> None:
    life = await ctx.facts.lives.get(released.group)
    if life is not None:
        ctx.facts.lives.put(replace(life, look_at=None))
    for notice in await ctx.facts.notices.open_of(released.group):
        ctx.facts.notices.put(ended(notice, ctx))


@router.on(GroupSeen)
async def count(seen: GroupSeen, ctx: Context) -> None:
    """Those who came while nobody looked may have filled it; at our first look that is no news."""
    group = await ctx.facts.groups.get(seen.group)
    if group is None or not group.is_ours or ctx.group is None or not ctx.group.is_ours:
        return
    if await ctx.facts.lives.get(group.id) is None or ctx.group.checked_at is None:
        await _watch(group, ctx)
    else:
        await _grow(ctx.group.members, await ctx.of(group.id))


@router.on(StayBegan)
async def grow(began: StayBegan, ctx: Context) -> None:
    if ctx.group is not None and ctx.group.is_ours:
        await _grow(ctx.group.members - 1, ctx)


@router.on(StayEnded)
async def shrink(left: StayEnded, ctx: Context) -> None:
    life = await ctx.facts.lives.get(left.group)
    if ctx.group is None or not ctx.group.is_ours or life is None:
        return
    known = await ctx.facts.notices.get(left.group, Concern.LEAVING)
    if known is not None and (known.settled_at or (known.is_open and known.due_at is None)):
        if not policy.is_over(known, ctx.now) and not await _is_worse(known, ctx):
            return
        await end_concern(Concern.LEAVING, ctx)
    await _see_who_leaves(life, ctx)


@router.on(HeardAgain)
async def admit(again: HeardAgain, ctx: Context) -> None:
    """Every group of the account is told what nobody heard; in a few statements, however many
    they are."""
    groups = await ctx.facts.groups.ours(again.account)
    await ctx.facts.groups.load((group,) for group in groups)
    await ctx.facts.rules.load(each for each in ctx.facts.groups.held() if each.is_ours)
    await ctx.facts.notices.load((group, Concern.DEAF) for group in groups)
    for group in groups:
        of_group = await ctx.of(group)
        if again.at - again.since >= of_group.rules.growth.deaf_least:
            known = await ctx.facts.notices.get(group, Concern.DEAF)
            untold = known.text if known is not None and known.due_at is not None else None
            text = wording.deaf(again.since, again.at, untold)
            await raise_concern(Concern.DEAF, text, of_group)


# What time brings


async def next_look(facts: Unit) -> datetime | None:
    return await facts.lives.next_look()


@router.every(seconds=10, next_due=next_look)
async def look_at_groups(ctx: Context) -> None:
    """Once a day, before the morning's notices are told."""
    due = await ctx.facts.lives.to_look_at(ctx.now, GROUPS_A_BEAT)
    groups = await ctx.facts.groups.lock_free(due)
    for group, week in (await weeks_of(groups, ctx)).items():
        await _look(week, await ctx.of(group))


# How


async def _watch(group: Group, ctx: Context) -> None:
    """From now on, with what it has reached already; as before where it is watched already."""
    known = await ctx.facts.lives.get(group.id)
    if known is None:
        known = Life(group=group.id, since=ctx.now, opened_on=ctx.today, look_at=None)
    elif known.look_at is None:
        known = replace(known, since=ctx.now, looked_on=None, active=None)
    life = replace(known, opened_on=group.opened_on or known.opened_on)
    life = policy.reached(life, group.members, ctx.now, ctx.rules.growth)
    look_at = policy.look_after(ctx.now, life, ctx.rules.growth)
    ctx.facts.lives.put(replace(life, look_at=look_at))


async def _grow(before: int, ctx: Context) -> None:
    """It may have reached something that is news."""
    assert ctx.group is not None
    life = await ctx.facts.lives.get(ctx.group.id)
    if life is None:
        return
    rules, members = ctx.rules.growth, ctx.group.members
    grown = policy.reached(life, members, ctx.now, rules)
    ctx.facts.lives.put(grown)
    if grown.formed_at != life.formed_at:
        await _tell_formed(ctx)
    if policy.passed(before, members, rules.qr_until):
        await _tell_invite_only(ctx)
    is_full = grown.full_at != life.full_at
    if is_full or policy.passed(before, members, nearly_full_at(rules)):
        beside = await ctx.facts.groups.beside([ctx.group])
        await _see_how_full(beside.get(ctx.group.id, ()), ctx, anew=is_full)


async def _look(week: Week, ctx: Context) -> None:
    group = ctx.group
    life = await ctx.facts.lives.get(group.id) if group else None
    if group is None or life is None or life.look_at is None or life.look_at > ctx.now:
        return
    if not group.is_ours:
        ctx.facts.lives.put(replace(life, look_at=None))
        return
    rules = ctx.rules.growth
    grown = policy.reached(life, group.members, ctx.now, rules)
    week_ago = ctx.now - policy.WEEK
    spells = await untold_of(ctx, min(week_ago, policy.silent_since(week.last_heard, life)))
    is_known = heard(spells, life.since, week_ago, ctx.now) >= policy.ENOUGH_HEARD
    is_kept = ctx.rules.privacy.keep_text >= policy.WEEK
    grown = replace(
        grown,
        look_at=policy.look_after(ctx.now, life, rules),
        looked_on=ctx.today,
        active=week.active if is_known and is_kept else None,
        active_of=group.members,
    )
    ctx.facts.lives.put(grown)
    if grown.formed_at != life.formed_at:
        await _tell_formed(ctx)
    if group.members >= rules.qr_until:
        await _tell_invite_only(ctx, is_news=life.looked_on is not None)
    is_full = grown.full_at != life.full_at
    await _see_how_full(week.neighbours, ctx, can_wait=True, anew=is_full)
    await _see_how_it_forms(grown, week.neighbours, ctx)
    await _see_whether_silent(grown, week.last_heard, spells, ctx)
    await _see_the_monitor(week.said, ctx, is_known=is_known)
    await _see_who_leaves(grown, ctx)


async def _tell_formed(ctx: Context) -> None:
    await raise_concern(Concern.FORMED, wording.formed(ctx.rules.growth), ctx)
    await end_concern(Concern.AT_RISK, ctx)
    await end_concern(Concern.OVERDUE, ctx)


async def _tell_invite_only(ctx: Context, *, is_news: bool = True) -> None:
    """Once in a group's life, and not where it was so when we first looked."""
    assert ctx.group is not None
    if await ctx.facts.notices.get(ctx.group.id, Concern.INVITE_ONLY) is None:
        text = wording.invite_only(ctx.rules.growth)
        await raise_concern(Concern.INVITE_ONLY, text, ctx)
        if not is_news:
            await end_concern(Concern.INVITE_ONLY, ctx)


async def _see_how_full(
    neighbours: Sequence[Neighbour], ctx: Context, *, can_wait: bool = False, anew: bool = False
) -> None:
    """Where no other group of the cohort has room, the next one is needed now; where one has, it
    is enough to know by the morning, and so it is of what is found just before the morning.
    `anew`: it is full for the first time, and who heard that it nearly was hears of it again."""
    assert ctx.group is not None
    members, rules = ctx.group.members, ctx.rules.growth
    if members < nearly_full_at(rules):
        if policy.has_room_again(members, rules):
            await end_concern(Concern.NEARLY_FULL, ctx)
            await end_concern(Concern.NEXT_GROUP, ctx)
        return
    open_ = policy.with_room(neighbours, rules)
    if open_ or ctx.group.cohort is None:
        await end_concern(Concern.NEXT_GROUP, ctx)
        text = wording.nearly_full(members, open_, rules)
        await raise_concern(Concern.NEARLY_FULL, text, ctx, anew=anew)
    else:
        await end_concern(Concern.NEARLY_FULL, ctx)
        text = wording.next_group(members, rules)
        await raise_concern(Concern.NEXT_GROUP, text, ctx, can_wait=can_wait, anew=anew)
        await _want_another(ctx)


async def _want_another(ctx: Context) -> None:
    """Before anybody has to wait: an entry code goes on leading people to this cohort."""
    cohort = ctx.group.cohort if ctx.group else None
    if cohort is not None and await ctx.facts.ways.open_channels([cohort.channel]):
        ctx.tell(GroupWanted(at=ctx.now, cohort=cohort, ahead=True))


async def _see_how_it_forms(life: Life, neighbours: Sequence[Neighbour], ctx: Context) -> None:
    assert ctx.group is not None
    group, rules = ctx.group, ctx.rules.growth
    state = recruiting(group.members, life, ctx.today, rules)
    if state is Recruiting.OVERDUE:
        mergers = policy.mergers(group.members, neighbours, rules)
        age = ctx.today - life.opened_on
        text = wording.overdue(group.members, age, mergers, rules)
        await raise_concern(Concern.OVERDUE, text, ctx)
    else:
        await end_concern(Concern.OVERDUE, ctx)
    await _see_the_risk(life, ctx)


async def _see_the_risk(life: Life, ctx: Context) -> None:
    assert ctx.group is not None
    group, rules = ctx.group, ctx.rules.growth
    known = await ctx.facts.notices.get(group.id, Concern.AT_RISK)
    found = await foretold(life, ctx)
    was_at_risk = known is not None and known.is_open
    if found is None or not policy.is_at_risk(found, rules, was_at_risk=was_at_risk):
        await end_concern(Concern.AT_RISK, ctx)
        return
    way_in = way_open(Recruiting.RECRUITING, group.members, rules)
    on = due_on(life, rules)
    text = wording.at_risk(found, group.members, on, way_in, group.channel, rules)
    await raise_concern(Concern.AT_RISK, text, ctx)


async def _see_whether_silent(
    life: Life, last_heard: datetime | None, spells: Sequence[Spell], ctx: Context
) -> None:
    if policy.is_silent(last_heard, spells, life, ctx.now, ctx.rules.growth):
        text = wording.silent(ctx.rules.growth.silent_after)
        await raise_concern(Concern.SILENT, text, ctx)
    else:
        await end_concern(Concern.SILENT, ctx)


async def _see_the_monitor(said: Mapping[Role, int], ctx: Context, *, is_known: bool) -> None:
    """What can't be told changes nothing; without a monitor there is nobody to be told of."""
    assert ctx.group is not None
    rules = ctx.rules.growth
    if await ctx.facts.members.monitor(ctx.group.id) is None:
        await end_concern(Concern.MONITOR_QUIET, ctx)
        return
    if not is_known:
        return
    share = policy.monitor_share(said)
    if share is not None and share < rules.monitor_share:
        text = wording.monitor_quiet(share, rules)
        await raise_concern(Concern.MONITOR_QUIET, text, ctx)
    else:
        await end_concern(Concern.MONITOR_QUIET, ctx)


async def _see_who_leaves(life: Life, ctx: Context) -> None:
    assert ctx.group is not None
    since = policy.leaving_since(ctx.now)
    departures = await ctx.facts.past_stays.departures(ctx.group.id, since)
    lately = departures[-ctx.rules.growth.leaving_least :]
    found = None
    if len(lately) >= ctx.rules.growth.leaving_least and lately[0].at > ctx.now - policy.DAY:
        spells = await spells_of(ctx, since)
        found = policy.leaving(
            departures, ctx.group.members, spells, life, ctx.now, ctx.rules.growth
        )
    if found is None:
        await end_concern(Concern.LEAVING, ctx)
        return
    posted = await _posted_before(found.since, ctx)
    text = wording.leaving(found, ctx.group.members, posted, ctx.now)
    await raise_concern(Concern.LEAVING, text, ctx)


async def _is_worse(told: Notice, ctx: Context) -> bool:
    assert ctx.group is not None
    since = policy.leaving_since(ctx.now)
    departures = await ctx.facts.past_stays.departures(ctx.group.id, since)
    return told.told_at is not None and policy.is_worse(
        departures, told.told_at, ctx.group.members, ctx.now, ctx.rules.growth
    )


async def _posted_before(moment: datetime, ctx: Context) -> list[str]:
    """What we posted just before, the last of it first."""
    assert ctx.group is not None
    since = moment - BEFORE_LEAVING
    days = (since.astimezone(ZONE).date(), moment.astimezone(ZONE).date())
    posts = [
        each
        for each in await ctx.facts.posts.of_days(ctx.group.id, *days)
        if each.posted_at is not None and since <= each.posted_at <= moment
    ]
    latest = sorted(posts, key=lambda each: (each.posted_at, each.slot), reverse=True)
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    told = []
    for post in latest[:POSTS_NAMED]:
        item = await ctx.facts.items.get(post.item) if post.item else None
        if item is not None:
            told.append(known_by(item, ctx.group, post.worded_on, monitor, ctx.rules))
    return told
