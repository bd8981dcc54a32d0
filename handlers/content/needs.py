"""What a group's posts need somebody for: items, a monitor, approval."""

from collections.abc import Iterator

from handlers.concerns import end_concern, open_notice, raise_concern
from handlers.content import choice, listing
from handlers.content.choice import Lack, Library
from handlers.content.planning import DayPlan, Ground
from handlers.content.serving import waits_for_approval
from handlers.context import Context
from models.content import ContentKind
from models.growth import Concern

CONCERNS = (Concern.LIBRARY_SHORT, Concern.NOBODY_TO_POST, Concern.UNAPPROVED)
"""All that are raised here."""


async def judge_choice(plan: DayPlan, ground: Ground, library: Library, ctx: Context) -> None:
    """Somebody hears of which kinds there is nothing, or nothing that anybody is there to say,
    until there is of every kind; a day on which a kind was not its turn says nothing of it."""
    if not library:
        return
    for concern, lack, kinds, told in (
        (Concern.LIBRARY_SHORT, Lack.ITEM, plan.short, listing.wanting),
        (Concern.NOBODY_TO_POST, Lack.MONITOR, plan.unvoiced, listing.unvoiced),
    ):
        if kinds:
            await raise_concern(concern, told(kinds), ctx)
        elif await open_notice(concern, ctx) and lack not in _lacks(plan, ground, library, ctx):
            await end_concern(concern, ctx)


async def judge_approval(ctx: Context) -> None:
    """Somebody hears how many of the group's posts of today wait for approval, until none does."""
    waiting = await _unapproved(ctx)
    if waiting:
        await raise_concern(Concern.UNAPPROVED, listing.unapproved(waiting), ctx)
    else:
        await end_concern(Concern.UNAPPROVED, ctx)


def _lacks(plan: DayPlan, ground: Ground, library: Library, ctx: Context) -> Iterator[Lack]:
    """What there is none of, of the kinds that the group gets in its phase."""
    had = {*ground.programme.seen, *(each.item for each in plan.posts if each.item)}
    for kind, share in zip(ContentKind, ground.mix.shares, strict=True):
        if not share:
            continue
        candidates = ground.candidates(kind, ctx.today, library)
        if ground.choose(candidates, had) is None:
            yield choice.lack(candidates, had)


async def _unapproved(ctx: Context) -> int:
    assert ctx.group is not None
    if not ctx.rules.content.approval:
        return 0
    posts = await ctx.facts.posts.ahead(ctx.group.id, ctx.today)
    to_come = [each for each in posts if each.day == ctx.today and ctx.now < each.closes_at]
    items = [await ctx.facts.items.get(each.item) if each.item else None for each in to_come]
    return sum(
        waits_for_approval(post, item, ctx.rules.content)
        for post, item in zip(to_come, items, strict=True)
    )
