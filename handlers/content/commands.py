"""What is typed to look at the posts of a group, and to decide about them."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from handlers import arguments
from handlers.command import Call, Changes, Misused, Who
from handlers.content import agenda, decisions, grounds, listing, serving
from handlers.content.choice import Library
from handlers.content.deciding import PostRefused, Refusal
from handlers.context import Context
from handlers.excerpt import shortened
from handlers.router import Router
from handlers.wording import worded
from models.content import Post, PostState
from models.events import PostApproved, PostDecision, PostedNow, PostSkipped, PostSwapped

router = Router()

D = TypeVar("D", bound=PostDecision)

DAYS_SHOWN = 2
SEE = "发 /日历 看编号"


@router.command("日历", "calendar", who=Who.LEADERS, usage="/日历", about="今明两天发什么")
async def show(_: Call, ctx: Context) -> str:
    library = await grounds.library(ctx.facts)
    posts = await agenda.ahead(ctx, library, DAYS_SHOWN)
    waiting = [each for each in posts if _waits_for_approval(each, library, ctx)]
    return listing.calendar(
        posts,
        await _texts(posts, ctx),
        ctx.today,
        waiting,
        needs_confirmation=await ctx.needs_confirmation(),
    )


@router.command(
    "跳过",
    "skip",
    who=Who.LEADERS,
    usage="/跳过 2",
    about="日历第2条不发",
    changes=Changes.ALWAYS,
)
async def skip(call: Call, ctx: Context) -> str:
    post, _ = await _chosen(call, "跳过", ctx)
    event = PostSkipped(
        at=ctx.now, by=call.signature, group=post.group, day=post.day, slot=post.slot
    )
    await _decide(decisions.skip, event, ctx)
    return f"好的，{listing.meant(post, ctx.today)}不发了"


@router.command(
    "换",
    "swap",
    who=Who.LEADERS,
    usage="/换 2",
    about="日历第2条换一条",
    changes=Changes.ALWAYS,
)
async def swap(call: Call, ctx: Context) -> str:
    """For the next choice, or for an item that is named by its id."""
    post, item = await _chosen(call, "换", ctx, may_name_item=True)
    event = PostSwapped(
        at=ctx.now,
        by=call.signature,
        group=post.group,
        day=post.day,
        slot=post.slot,
        item=item or None,
    )
    await _decide(decisions.swap, event, ctx)
    new = await ctx.facts.posts.get(post.group, post.day, post.slot) or post
    text = shortened((await _texts([new], ctx)).get(new.item or "", ""))
    return f"换好了，{listing.meant(new, ctx.today)}发：「{text}」"


@router.command(
    "现在发",
    "now",
    who=Who.LEADERS,
    usage="/现在发 2",
    changes=Changes.ALWAYS,
    about="日历第2条马上发",
)
async def post_now(call: Call, ctx: Context) -> str:
    post, _ = await _chosen(call, "现在发", ctx)
    event = PostedNow(
        at=ctx.now, by=call.signature, group=post.group, day=post.day, slot=post.slot
    )
    await _decide(decisions.post_now, event, ctx)
    now = await ctx.facts.posts.get(post.group, post.day, post.slot) or post
    if now.state is PostState.LAPSED:
        return now.why
    if await ctx.needs_confirmation():
        return "好的，这就请群主确认，她点了就发"
    if now.handed_to is None:
        return "好的，这就发～"
    if now.handed_to == call.caller.person:
        return "好的，私信发给你了，复制到群里就行"
    return "好的，私信发给班长了，请她来发"


@router.command(
    "同意",
    "approve",
    who=Who.LEADERS,
    usage="/同意 2",
    changes=Changes.ALWAYS,
    about="日历第2条可以发",
)
async def approve(call: Call, ctx: Context) -> str:
    post, _ = await _chosen(call, "同意", ctx)
    event = PostApproved(
        at=ctx.now, by=call.signature, group=post.group, day=post.day, slot=post.slot
    )
    await _decide(decisions.approve, event, ctx)
    then = "到点就请群主确认" if await ctx.needs_confirmation() else "到点就发"
    return f"好的，{listing.meant(post, ctx.today)}{then}"


async def _chosen(
    call: Call, word: str, ctx: Context, *, may_name_item: bool = False
) -> tuple[Post, str]:
    """The post of that number, and what follows it."""
    read = arguments.place(call.args)
    if read is None:
        raise Misused(f"要写是第几条，例如 /{word} 2。{SEE}")
    number, rest = read
    if rest and not may_name_item:
        raise Misused(f"没看懂「{rest[:10]}」，一次一条，例如 /{word} 2")
    posts = await agenda.ahead(ctx, await grounds.library(ctx.facts), DAYS_SHOWN)
    if not 1 <= number <= len(posts):
        raise Misused(f"没有第{number}条，{SEE}")
    return posts[number - 1], rest.strip()


async def _decide(
    decide: Callable[[D, Context], Awaitable[None]], decision: D, ctx: Context
) -> None:
    """Nothing has changed yet where it is refused."""
    try:
        await decide(decision, ctx)
    except PostRefused as why:
        if why.refusal is Refusal.NO_ITEM and isinstance(decision, PostSwapped):
            # The calendar does not show the ids of items: operators have them.
            raise Misused(f"没有编号是「{decision.item}」的内容，不写编号，我来挑一条") from why
        raise Misused(f"{why.chinese}，{SEE}") from why


def _waits_for_approval(post: Post, library: Library, ctx: Context) -> bool:
    item = library.get(post.item or "")
    return serving.waits_for_approval(post, item, ctx.rules.content)


async def _texts(posts: Iterable[Post], ctx: Context) -> dict[str, str]:
    """What the items say in this group."""
    assert ctx.group is not None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    texts = {}
    for post in posts:
        item = await ctx.facts.items.get(post.item) if post.item else None
        if item is not None:
            texts[item.id] = (
                worded(item, ctx.group, post.worded_on, monitor, ctx.rules) or item.title
            )
    return texts
