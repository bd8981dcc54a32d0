"""What became of a post is written, with what follows from it for the group's programme."""

from dataclasses import replace

from handlers.content import grounds, mix, planning
from handlers.content.aftermath import HOUR
from handlers.context import Context
from models.content import Post, PostState, Programme
from models.ids import GroupId, MessageId


async def record_posted(post: Post, message: MessageId | None, ctx: Context) -> None:
    """It counts in the mix, even if it was given up before."""
    said = replace(
        post,
        state=PostState.POSTED,
        posted_at=ctx.now,
        message=message,
        due_at=ctx.now + HOUR,
    )
    given_up = post.state in planning.UNSAID
    if given_up:
        await record_changed(said, ctx)
    else:
        ctx.facts.posts.put(said)
    if post.item is not None:
        record = record_had if given_up else _record_seen
        await record(post.group, post.item, ctx)


async def record_had(group: GroupId, item: str, ctx: Context) -> None:
    """The group has had the item out of its turn. Where it was planned for another slot of today,
    the rest of the day is planned anew."""
    await _record_seen(group, item, ctx)
    ahead = await ctx.facts.posts.ahead(group, ctx.today)
    to_come = (each for each in ahead if each.item == item and each.state is PostState.PLANNED)
    if any(each.day == ctx.today and not grounds.stays(each, ctx.now) for each in to_come):
        programme = await ctx.facts.programmes.get(group)
        if programme is not None and programme.plan_at is not None:
            ctx.facts.programmes.put(replace(programme, plan_at=ctx.now))


async def record_skipped(post: Post, ctx: Context) -> None:
    """Its item does not come by itself any more."""
    await record_changed(post, ctx)
    if post.item is not None:
        await _record_seen(post.group, post.item, ctx)


async def record_wanted(group: GroupId, item: str, ctx: Context) -> None:
    """Somebody asked for it, skipped before or not."""
    programme = await ctx.facts.programmes.get(group)
    if programme is not None and item in programme.seen:
        ctx.facts.programmes.put(without(item, programme))


def without(item: str | None, programme: Programme) -> Programme:
    """As if the group had not seen it."""
    return replace(programme, seen=tuple(each for each in programme.seen if each != item))


async def _record_seen(group: GroupId, item: str, ctx: Context) -> None:
    programme = await ctx.facts.programmes.get(group)
    if programme is not None and item not in programme.seen:
        ctx.facts.programmes.put(replace(programme, seen=(*programme.seen, item)))


async def give_up(post: Post, why: str, ctx: Context) -> None:
    """The group has not had the item, so it may come again."""
    await record_changed(replace(post, state=PostState.LAPSED, due_at=None, why=why), ctx)


async def record_changed(post: Post, ctx: Context) -> None:
    """Another kind is posted than was planned, or nothing: the days to come are planned by it."""
    ctx.facts.posts.put(post)
    programme = await ctx.facts.programmes.get(post.group)
    if programme is None or programme.planned_on != post.day:
        return
    of_day = await ctx.facts.posts.of_days(post.group, post.day, post.day)
    in_order = sorted(of_day, key=lambda each: each.opens_at)
    before = mix.history(programme.recent, 0, same_phase=True)
    recent = mix.with_day(before, planning.letters(in_order))
    ctx.facts.programmes.put(replace(programme, recent=recent))
