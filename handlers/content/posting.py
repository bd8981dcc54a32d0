"""What is done about a post when it is due: it is said, handed to the monitor, or given up."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.content import handing_over, keeping, keys, looking_back, planning, serving
from handlers.content.serving import Lapse, Serve, Surroundings, Wait
from handlers.context import Context
from handlers.router import Router
from handlers.shortening import shorten
from handlers.wording import worded
from models.content import ContentKind, Item, Post, PostState, Voice
from models.delivery import Verdict
from models.ids import GroupId, PersonId
from models.messages import CONTENT, Outgoing
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""

Moments = Sequence[datetime]


async def next_post(facts: Unit) -> datetime | None:
    return await facts.posts.next_due()


@router.every(seconds=5, next_due=next_post)
async def serve_posts(ctx: Context) -> None:
    due = await ctx.facts.posts.groups_due(ctx.now, GROUPS_A_BEAT)
    if not due:
        return
    groups = await ctx.facts.groups.lock_free(due)
    await ctx.facts.rules.load(groups)
    of_groups = {each.id: await ctx.of(each.id) for each in groups}
    posts = await _due(of_groups, ctx)
    await ctx.facts.members.read_monitors({each.group for each in posts})
    planned = [each for each in posts if each.state is PostState.PLANNED]
    await _read_for(planned, ctx.facts)
    spoken = await _spoken({each.group for each in planned}, of_groups)
    posted = []
    for post in posts:
        of_group = of_groups[post.group]
        match post.state:
            case PostState.PLANNED:
                await _serve(post, spoken[post.group], of_group)
            case PostState.HANDED:
                await handing_over.take_back(post, of_group)
            case PostState.POSTED:
                posted.append(post)
            case _:
                ctx.facts.posts.put(replace(post, due_at=None))
    await looking_back.look_back(posted, ctx)


async def _due(of_groups: dict[GroupId, Context], ctx: Context) -> list[Post]:
    """What is due, as its items are by now: they may have been changed since it was planned."""
    posts = await ctx.facts.posts.due_of(of_groups.keys(), ctx.now)
    planned = [each for each in posts if each.state is PostState.PLANNED]
    await ctx.facts.items.load((each.item,) for each in planned if each.item)
    await ctx.facts.programmes.load((each.group,) for each in planned)
    return [await _as_its_item(each, of_groups[each.group]) for each in posts]


async def _as_its_item(post: Post, ctx: Context) -> Post:
    if post.state is not PostState.PLANNED or post.item is None:
        return post
    item = await ctx.facts.items.get(post.item)
    now = planning.as_its_item(post, item, await ctx.needs_confirmation())
    if now != post:
        await keeping.record_changed(now, ctx)
    return now


async def _read_for(posts: Collection[Post], facts: Unit) -> None:
    """Read in one statement a table what each of these will ask for."""
    hers = {each.group for each in posts if each.voice is Voice.MONITOR}
    monitors = [await facts.members.monitor(each) for each in hers]
    await facts.members.read_stays(each.person for each in monitors if each)
    await facts.posts.read_last_said({each.group for each in posts if _sells(each)})


async def _spoken(
    groups: Collection[GroupId], of_groups: dict[GroupId, Context]
) -> dict[GroupId, Moments]:
    """When people said something in these groups lately; what we say counts for nothing."""
    if not groups:
        return {}
    ctx = next(iter(of_groups.values()))
    rules = [of_groups[each].rules.content for each in groups]
    longest = max(each.lively_rest + each.lively_within for each in rules)
    times = await ctx.facts.talk.times_since(groups, ctx.now - longest)
    spoken: dict[GroupId, Moments] = {}
    for group in groups:
        us = await _us(of_groups[group])
        spoken[group] = [at for at, sender in times[group] if sender != us]
    return spoken


async def _us(ctx: Context) -> PersonId | None:
    account = await ctx.facts.accounts.get(ctx.group.account) if ctx.group else None
    return account.person if account else None


async def _serve(post: Post, spoken: Moments, ctx: Context) -> None:
    assert ctx.group is not None
    item = await ctx.facts.items.get(post.item)
    monitor = await ctx.facts.members.monitor(post.group)
    rest = await _rest(spoken, ctx)
    programme = await ctx.facts.programmes.get(post.group)
    has_had = programme is not None and post.item in programme.seen
    surroundings = Surroundings(ctx.group, monitor, rest, _last_said(post, ctx), has_had)
    match serving.move(post, item, surroundings, ctx.now, ctx.rules):
        case Wait(until):
            ctx.facts.posts.put(replace(post, due_at=until))
        case Lapse(why):
            await keeping.give_up(post, why, ctx)
        case Serve() if item is not None:
            await carry_out(post, item, ctx)


async def _rest(spoken: Moments, ctx: Context) -> datetime | None:
    """Until when the group is left alone. When it hears what a person confirms is for her to
    choose: she is in the group."""
    if await ctx.needs_confirmation():
        return None
    return serving.rest_until(spoken, ctx.now, ctx.rules.content)


def _last_said(post: Post, ctx: Context) -> ContentKind | None:
    """Asked only where it matters: two posts that sell are never neighbours."""
    last = ctx.facts.posts.last_said(post.group) if _sells(post) else None
    return last.kind if last else None


def _sells(post: Post) -> bool:
    return post.kind is ContentKind.WET


# Said, or handed over


async def carry_out(post: Post, item: Item, ctx: Context) -> None:
    """Say it, or give it to the monitor."""
    if post.voice is Voice.ASSISTANT:
        await _say(post, item, ctx)
    else:
        await handing_over.hand_over(post, item, ctx)


async def _asked_for(post: Post, ctx: Context) -> datetime:
    """What many groups are to hear at the same time is confirmed together, however many beats it
    takes us to promise it."""
    return min(post.said_at, ctx.now) if await ctx.needs_confirmation() else ctx.now


async def _say(post: Post, item: Item, ctx: Context) -> None:
    assert ctx.group is not None
    monitor = await ctx.facts.members.monitor(post.group)
    text = worded(item, ctx.group, post.worded_on, monitor, ctx.rules)
    if text is None:
        await keeping.give_up(post, serving.NO_WORDS, ctx)
        return
    text, attachment = await shorten(text, item.attachment, post, ctx)
    ctx.say(
        Outgoing(
            key=keys.said(post),
            kind=item.kind.message,
            account=post.account,
            group=post.group,
            text=text,
            attachment=attachment,
            due_at=await _asked_for(post, ctx),
            lapses_at=post.closes_at,
        )
    )
    ctx.facts.posts.put(replace(post, state=PostState.PROMISED, due_at=None))


# What becomes of it


@router.holds(*CONTENT)
async def leave_alone(message: Outgoing, ctx: Context) -> datetime | None:
    """What was promised before a lively moment waits for its end, too."""
    post = await ctx.facts.posts.get(*keys.place_said(message.key))
    if post is None or post.is_hurried:
        return None
    spoken = await _spoken({post.group}, {post.group: ctx})
    return await _rest(spoken[post.group], ctx)


@router.settled(*CONTENT)
async def close_post(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    post = await ctx.facts.posts.get(*keys.place_said(message.key))
    if post is None or post.state is not PostState.PROMISED:
        return
    why = serving.why_not_said(verdict)
    if why is None:
        await keeping.record_posted(post, None, ctx)
    else:
        await keeping.give_up(post, why, ctx)
