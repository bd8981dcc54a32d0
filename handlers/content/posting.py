"""What is done about a post when it is due: it is said, handed to the monitor, or given up."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from jinja2 import TemplateError

from config.daily import ZONE
from config.rules import Rules
from handlers.content import handing, keeping, looking_back, serving
from handlers.content.serving import Lapse, Serve, Surroundings, Wait
from handlers.content.wording import words
from handlers.context import Context
from handlers.nickname.judge import called
from handlers.router import Router
from models.content import ContentKind, Item, Post, PostState, Voice
from models.delivery import Verdict
from models.events import Chatted, StayEnded
from models.groups import Group, Member
from models.ids import GroupId, MessageId, PersonId
from models.messages import CONTENT, Kind, Outgoing
from models.people import Role
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 200
"""So that one transaction stays short; the next beat takes the rest."""
READING = timedelta(seconds=2)
"""Between the introduction and the text itself, which is to be the last that she sees."""

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
    posts = await ctx.facts.posts.due_of([each.id for each in groups], ctx.now)
    planned = [each for each in posts if each.state is PostState.PLANNED]
    await _read_for(planned, ctx.facts)
    of_groups = {each.id: await ctx.of(each.id) for each in groups}
    spoken = await _spoken({each.group for each in planned}, of_groups)
    posted = []
    for post in posts:
        of_group = of_groups[post.group]
        match post.state:
            case PostState.PLANNED:
                await _serve(post, spoken[post.group], of_group)
            case PostState.HANDED:
                await keeping.give_up(post, serving.NOT_SAID, of_group)
            case PostState.POSTED:
                posted.append(post)
            case _:
                ctx.facts.posts.put(replace(post, due_at=None))
    await looking_back.look_back(posted, ctx)


async def _read_for(posts: Collection[Post], facts: Unit) -> None:
    """Read in one statement a table what each of these will ask for."""
    groups = {each.group for each in posts}
    await facts.items.load((each.item,) for each in posts if each.item)
    await facts.programmes.load((each,) for each in groups)
    await facts.members.read_monitors(groups)
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
    rest = serving.rest_until(spoken, ctx.now, ctx.rules.content)
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


def _last_said(post: Post, ctx: Context) -> ContentKind | None:
    """Asked only where it matters: two posts that sell are never neighbours."""
    last = ctx.facts.posts.last_said(post.group) if _sells(post) else None
    return last.kind if last else None


def _sells(post: Post) -> bool:
    return post.kind is ContentKind.WET


# Said, or handed over


def worded(
    item: Item, group: Group, day: date, monitor: Member | None, rules: Rules
) -> str | None:
    """None where the item has nothing to say in this group."""
    try:
        return words(item, group, day, monitor, rules) or None
    except TemplateError:
        return None


async def carry_out(post: Post, item: Item, ctx: Context) -> None:
    """Say it, or give it to the monitor."""
    assert ctx.group is not None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    text = worded(item, ctx.group, ctx.today, monitor, ctx.rules)
    if text is None:
        await keeping.give_up(post, serving.NO_WORDS, ctx)
    elif post.voice is Voice.ASSISTANT:
        _say(post, item, text, ctx)
    elif monitor is None:
        await keeping.give_up(post, serving.NO_MONITOR, ctx)
    else:
        await _hand(post, item, text, monitor, ctx)


def _say(post: Post, item: Item, text: str, ctx: Context) -> None:
    ctx.say(
        Outgoing(
            key=f"content:{post.group}:{post.day}:{post.slot}",
            kind=item.kind.message,
            account=post.account,
            group=post.group,
            text=text,
            attachment=item.attachment,
            due_at=ctx.now,
            lapses_at=post.closes_at,
        )
    )
    ctx.facts.posts.put(replace(post, state=PostState.PROMISED, due_at=None))


async def _hand(post: Post, item: Item, text: str, monitor: Member, ctx: Context) -> None:
    """Two messages, the second nothing but the text, so that one long press copies it."""
    assert ctx.group is not None
    hers = await _led_by(monitor, ctx)
    name = ctx.group.name if len(hers) > 1 else None
    # Each text right after its introduction, where she leads several groups.
    due_at = ctx.now + 2 * READING * hers.index(post.group)
    key = f"handed:{post.group}:{post.day}:{post.slot}:{len(post.given)}"
    first = Outgoing(
        key=key,
        kind=Kind.STAFF_NOTICE,
        account=post.account,
        to=monitor.person,
        text=handing.introduction(post, called(monitor, ctx.group, ctx.today), name),
        due_at=due_at,
        lapses_at=post.closes_at,
    )
    ctx.say(first)
    ctx.say(
        replace(
            first,
            key=f"{key}:text",
            text=text,
            attachment=item.attachment,
            due_at=due_at + READING,
        )
    )
    ctx.facts.posts.put(
        replace(
            post,
            state=PostState.HANDED,
            handed_to=monitor.person,
            given=(*post.given, item.id),
            due_at=post.closes_at,
        )
    )


async def _led_by(monitor: Member, ctx: Context) -> list[GroupId]:
    stays = await ctx.facts.members.stays_of(monitor.person)
    return [each.group for each in stays if each.role is Role.MONITOR]


# What becomes of it


@router.settled(*CONTENT)
async def close_post(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    _, day, slot = message.key.rsplit(":", 2)
    post = await ctx.facts.posts.get(message.group, date.fromisoformat(day), int(slot))
    if post is None or post.state is not PostState.PROMISED:
        return
    why = serving.why_not_said(verdict)
    if why is None:
        await keeping.posted(post, None, ctx)
    else:
        await keeping.give_up(post, why, ctx)


@router.on(Chatted)
async def hear_monitor(said: Chatted, ctx: Context) -> None:
    """The monitor, or another who leads the group, says what was handed over: in its hours, or
    later, or although it was to be something else by then, or nothing."""
    if ctx.group is None or not await _leads(said.sender, ctx):
        return
    posts = await ctx.facts.posts.given_in(ctx.group.id, ctx.today)
    for post in sorted(posts, key=lambda each: each.state is not PostState.HANDED):
        for item in reversed(post.given):
            is_done = post.state is PostState.POSTED and item == post.item
            if not is_done and await _is_said(item, post, said.text, ctx):
                await _hear(item, post, said.id, ctx)
                return


async def _is_said(name: str, post: Post, text: str, ctx: Context) -> bool:
    assert ctx.group is not None
    item = await ctx.facts.items.get(name)
    if item is None:
        return False
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    day = post.opens_at.astimezone(ZONE).date()
    given = worded(item, ctx.group, day, monitor, ctx.rules)
    return given is not None and handing.is_same(text, given)


async def _hear(item: str, post: Post, message: MessageId, ctx: Context) -> None:
    """What was swapped for something else is no more than had; the slot has its own item."""
    if item != post.item:
        await keeping.had(post.group, item, ctx)
        return
    match post.state:
        case PostState.LAPSED:
            post = replace(post, why=serving.SAID_LATE)
        case PostState.SKIPPED:
            post = replace(post, why=serving.SAID_ANYWAY)
    await keeping.posted(post, message, ctx)


@router.on(StayEnded)
async def miss_monitor(ended: StayEnded, ctx: Context) -> None:
    if not await _leads(ended.person, ctx):
        return
    for post in await ctx.facts.posts.handed_in(ended.group, ctx.today):
        if post.handed_to == ended.person:
            await keeping.give_up(post, serving.LEFT, ctx)


async def _leads(person: PersonId, ctx: Context) -> bool:
    member = await ctx.facts.members.get(ctx.group.id, person) if ctx.group else None
    return member is not None and (await ctx.role_of(member)).leads
