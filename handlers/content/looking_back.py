"""An hour after a post: what members said since, against what is usual, is kept with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from config.daily import ZONE
from handlers.content import aftermath
from handlers.content.aftermath import DAY, HOUR, LOOKED_BACK
from handlers.context import Context
from models.content import Post
from models.coverage import Spell, untold
from models.ids import AccountId, PersonId


async def look_back(posts: Iterable[Post], ctx: Context) -> None:
    """Of many groups, in a handful of statements. It is done once, whatever is known by then."""
    posted: list[tuple[Post, datetime]] = []
    for post in posts:
        ctx.facts.posts.put(replace(post, due_at=None))
        if post.posted_at is not None:
            posted.append((post, post.posted_at))
    if not posted:
        return
    facts, groups = ctx.facts, {each.group for each, _ in posted}
    first, last = min(at for _, at in posted), max(at for _, at in posted)
    await facts.lives.load((group,) for group in groups)
    said = await facts.activity.by_hour(groups, first - LOOKED_BACK - HOUR, last)
    counts = await facts.talk.counts_after([(each.group, at) for each, at in posted], HOUR)
    await facts.members.load((group, who) for (group, _), after in counts.items() for who in after)
    accounts = {each.account for each, _ in posted}
    spells = {each: await _spells(each, first - LOOKED_BACK - DAY, ctx) for each in accounts}
    for post, at in posted:
        life = await facts.lives.get(post.group)
        if life is None:
            continue
        deaf = spells[post.account]
        usual = aftermath.usual(said.get(post.group, {}), deaf, life.since, at)
        heard = aftermath.was_heard(deaf, life.since, at)
        after = await _of_members(post, counts[post.group, at], ctx) if heard else None
        facts.posts.put(
            replace(
                post,
                due_at=None,
                heard=sum(after) if after is not None else None,
                speakers=len(after) if after is not None else None,
                usual_heard=usual.messages if usual else None,
                usual_speakers=usual.speakers if usual else None,
            )
        )


async def _spells(account: AccountId, since: datetime, ctx: Context) -> Sequence[Spell]:
    """When it heard nothing. By whole days, so that what was asked once need not be again."""
    first, tomorrow = since.astimezone(ZONE).date(), ctx.today + timedelta(days=1)
    start, end = (datetime.combine(day, time(0), ZONE) for day in (first, tomorrow))
    deaf = await ctx.facts.deaf_spells.between(account, start, end)
    return untold(deaf, await ctx.facts.accounts.get(account), ctx.now)


async def _of_members(post: Post, counts: Mapping[PersonId, int], ctx: Context) -> list[int]:
    """How much each member said; staff and hosts, and we ourselves, are no members."""
    said = []
    for person, messages in counts.items():
        member = await ctx.facts.members.get(post.group, person)
        if member is not None and not (await ctx.role_of(member)).is_staff:
            said.append(messages)
    return said
