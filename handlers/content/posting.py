"""What is done about a post when it is due: it is said, handed to the monitor, or given up."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.daily import ZONE
from handlers.concerns import end_concern, raise_concern
from handlers.content import handing, keeping, keys, looking_back, serving
from handlers.content.serving import Lapse, Serve, Surroundings, Wait
from handlers.context import Context
from handlers.nickname.judge import called
from handlers.router import Router
from handlers.wording import worded
from models.content import ContentKind, Item, Post, PostState, Voice
from models.delivery import Parked, Sent, Verdict
from models.events import Chatted, RoleGiven, StayEnded
from models.groups import Member
from models.growth import Concern
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
    of_groups = {each.id: await ctx.of(each.id) for each in groups}
    posts = await _due(of_groups, ctx)
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
                await keeping.give_up(post, serving.NOT_SAID, of_group)
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
    now = serving.as_its_item(post, await ctx.facts.items.get(post.item))
    if now != post:
        await keeping.record_changed(now, ctx)
    return now


async def _read_for(posts: Collection[Post], facts: Unit) -> None:
    """Read in one statement a table what each of these will ask for."""
    groups = {each.group for each in posts}
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
            key=keys.said(post),
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
    number = len(post.given)
    first = Outgoing(
        key=keys.introduction(post, number),
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
            key=keys.text(post, number),
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
    post = await ctx.facts.posts.get(*keys.place_said(message.key))
    if post is None or post.state is not PostState.PROMISED:
        return
    why = serving.why_not_said(verdict)
    if why is None:
        await keeping.record_posted(post, None, ctx)
    else:
        await keeping.give_up(post, why, ctx)


@router.renders(Kind.STAFF_NOTICE)
async def word_handover(message: Outgoing, ctx: Context) -> Outgoing | None:
    """Not said any more where something else became of the post. Notices of other features stay
    as they are."""
    handover = keys.handover(message.key)
    if handover is None:
        return message
    of_group = await ctx.of(handover.place[0])
    post = await of_group.facts.posts.get(*handover.place)
    if post is None or post.state is not PostState.HANDED or not handover.is_latest(post):
        return None
    return message


@router.settled(Kind.STAFF_NOTICE)
async def close_handover(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """What did not reach the monitor is not hers to say. Where she is refused, staff hear of it:
    whatever we told herself would be refused as well."""
    handover = keys.handover(message.key)
    if handover is None:
        return
    of_group = await ctx.of(handover.place[0])
    post = await of_group.facts.posts.get(*handover.place)
    match verdict:
        case Sent():
            await end_concern(Concern.UNREACHED, of_group)
        case Parked():
            await raise_concern(Concern.UNREACHED, serving.UNREACHED, of_group)
    why = serving.why_not_handed(verdict)
    if post is None or why is None or not handover.is_latest(post):
        return
    if post.state is PostState.HANDED or post.why == serving.NOT_SAID:
        await keeping.give_up(post, why, of_group)


@router.on(Chatted)
async def hear_monitor(said: Chatted, ctx: Context) -> None:
    """The monitor, or another who leads the group, says what was handed over: in its hours, or
    later, or although it was to be something else by then, or nothing."""
    if ctx.group is None or not await _leads(said.sender, ctx):
        return
    posts = await ctx.facts.posts.given_in(ctx.group.id, ctx.today)
    handed = [keys.text(post, n) for post in posts for n in range(len(post.given))]
    texts = await ctx.facts.outbox.texts(handed)
    for post in sorted(posts, key=lambda each: each.state is not PostState.HANDED):
        for number, item in reversed(list(enumerate(post.given))):
            is_done = post.state is PostState.POSTED and item == post.item
            if is_done:
                continue
            given = texts.get(keys.text(post, number)) or await _text(item, post, ctx)
            if given is not None and handing.is_same(said.text, given):
                await _hear(item, post, said.id, ctx)
                return


async def _text(name: str, post: Post, ctx: Context) -> str | None:
    """What she would be handed, where what she was handed is not kept any more."""
    assert ctx.group is not None
    item = await ctx.facts.items.get(name)
    if item is None:
        return None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    day = post.opens_at.astimezone(ZONE).date()
    return worded(item, ctx.group, day, monitor, ctx.rules)


async def _hear(item: str, post: Post, message: MessageId, ctx: Context) -> None:
    """What was swapped for something else is no more than had; the slot has its own item."""
    if item != post.item:
        await keeping.record_had(post.group, item, ctx)
        return
    match post.state:
        case PostState.LAPSED:
            post = replace(post, why=serving.SAID_LATE)
        case PostState.SKIPPED:
            post = replace(post, why=serving.SAID_ANYWAY)
    await keeping.record_posted(post, message, ctx)


@router.on(StayEnded)
async def miss_monitor(ended: StayEnded, ctx: Context) -> None:
    if not await _leads(ended.person, ctx):
        return
    await end_concern(Concern.UNREACHED, ctx)
    for post in await ctx.facts.posts.handed_in(ended.group, ctx.today):
        if post.handed_to == ended.person:
            await keeping.give_up(post, serving.LEFT, ctx)


@router.on(RoleGiven)
async def expect_monitor(given: RoleGiven, ctx: Context) -> None:
    """Whether she can be reached is to be seen."""
    if given.role is Role.MONITOR:
        await end_concern(Concern.UNREACHED, ctx)


async def _leads(person: PersonId, ctx: Context) -> bool:
    member = await ctx.facts.members.get(ctx.group.id, person) if ctx.group else None
    return member is not None and (await ctx.role_of(member)).leads
