"""What the people in charge decide about single posts, planned already or not."""

from dataclasses import replace

from handlers.content import agenda, deciding, grounds, keeping, needs, planning, posting
from handlers.content.choice import Library
from handlers.content.deciding import PostRefused, Refusal
from handlers.content.planning import UNSAID, Ground
from handlers.context import Context
from handlers.router import Router
from models.content import Post
from models.events import PostApproved, PostDecision, PostedNow, PostSkipped, PostSwapped
from models.stores.content import ON_ITS_WAY

router = Router()


@router.on(PostApproved)
async def approve(decision: PostApproved, ctx: Context) -> None:
    """Raises PostRefused, as do the other decisions; LookupError where there is no group."""
    post = await _meant(decision, ctx)
    ctx.facts.posts.put(deciding.approved(post, decision.by, ctx.now))
    await needs.judge_approval(ctx)


@router.on(PostSkipped)
async def skip(decision: PostSkipped, ctx: Context) -> None:
    post = await _meant(decision, ctx)
    await keeping.record_skipped(deciding.skipped(post, decision.by, ctx.now), ctx)
    await needs.judge_approval(ctx)


@router.on(PostSwapped)
async def swap(decision: PostSwapped, ctx: Context) -> None:
    library = await grounds.library(ctx.facts)
    post = await _meant(decision, ctx)
    ground = await _ground(decision, decision.item, ctx)
    if decision.item is not None:
        wanted = await ctx.facts.items.get(decision.item)
        item = deciding.named(wanted, ground, await _on_its_way(post, ctx))
    else:
        item = deciding.another(post, ground, library, await _taken(post, library, ctx))
    await keeping.record_changed(deciding.swapped(post, item, ground, decision.by, ctx.now), ctx)
    await keeping.record_wanted(post.group, item.id, ctx)
    await needs.judge_approval(ctx)


@router.on(PostedNow)
async def post_now(decision: PostedNow, ctx: Context) -> None:
    post = await _meant(decision, ctx)
    ground = await _ground(decision, post.item, ctx)
    item = await ctx.facts.items.get(post.item) if post.item is not None else None
    post = planning.as_its_item(post, item, ground.needs_confirmation)
    hurried = deciding.said_now(post, ground, decision.by, ctx.now)
    if item is None or item.withdrawn_at is not None:
        raise PostRefused(Refusal.NO_ITEM)
    await keeping.record_changed(hurried, ctx)
    await keeping.record_wanted(hurried.group, item.id, ctx)
    await posting.carry_out(hurried, item, ctx)
    await needs.judge_approval(ctx)


async def _meant(decision: PostDecision, ctx: Context) -> Post:
    if ctx.group is None:
        raise LookupError(decision.group)
    post = await agenda.find(ctx, decision.day, decision.slot)
    if post is None:
        raise PostRefused(Refusal.NO_SLOT)
    return post


async def _ground(decision: PostDecision, item: str | None, ctx: Context) -> Ground:
    """Where an item was skipped, and is asked for after all, the group has not had it."""
    ground = await grounds.ground(decision.day, ctx)
    if item not in ground.programme.seen:
        return ground
    if not await ctx.facts.posts.is_skipped(decision.group, item):
        return ground
    return replace(ground, programme=keeping.without(item, ground.programme))


async def _on_its_way(post: Post, ctx: Context) -> set[str]:
    """What the group's other slots have already."""
    others = await ctx.facts.posts.ahead(post.group, ctx.today)
    return {
        each.item
        for each in others
        if each.item is not None
        and each.state in ON_ITS_WAY
        and (each.day, each.slot) != (post.day, post.slot)
    }


async def _taken(post: Post, library: Library, ctx: Context) -> set[str]:
    """The same, with what the group will have had by then."""
    days = (post.day - ctx.today).days + 1
    until_then = await agenda.ahead(ctx, library, days)
    theirs = {each.item for each in until_then if each.item and each.state not in UNSAID}
    return await _on_its_way(post, ctx) | theirs
