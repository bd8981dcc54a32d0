"""What the monitor is to say is handed over to her, and heard when she says it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers.concerns import end_concern, raise_concern
from handlers.content import handing, keeping, keys, serving
from handlers.context import Context
from handlers.nickname.judge import called
from handlers.router import Router
from handlers.shortening import as_shortened, shorten
from handlers.wording import worded
from models.content import Item, Post, PostState
from models.delivery import Parked, Sent, Verdict
from models.events import Chatted, RoleSet, StayEnded
from models.groups import Member
from models.growth import Concern
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind, Outgoing
from models.people import Role

router = Router()

READING = timedelta(seconds=2)
"""Between the introduction and the text itself, which is to be the last that she sees."""


async def hand_over(post: Post, item: Item, ctx: Context) -> None:
    """Two messages, the second nothing but the text, so that one long press copies it."""
    assert ctx.group is not None
    monitor = await ctx.facts.members.monitor(post.group)
    if monitor is None:
        await keeping.give_up(post, serving.NO_MONITOR, ctx)
        return
    text = worded(item, ctx.group, post.worded_on, monitor, ctx.rules)
    if text is None:
        await keeping.give_up(post, serving.NO_WORDS, ctx)
        return
    text, attachment = await shorten(text, item.attachment, post, ctx)
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
            attachment=attachment,
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


async def take_back(post: Post, ctx: Context) -> None:
    """She has not said it in its hours, or there was nobody any more to say it."""
    monitor = await ctx.facts.members.monitor(post.group)
    if monitor is None:
        why = serving.NO_MONITOR
    else:
        why = serving.NOT_SAID if await ctx.hears() else serving.NOT_TOLD
    await keeping.give_up(post, why, ctx)


async def _led_by(monitor: Member, ctx: Context) -> list[GroupId]:
    stays = await ctx.facts.members.stays_of(monitor.person)
    return [each.group for each in stays if each.role is Role.MONITOR]


# Whether it reaches her


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
    if post.state is PostState.HANDED or post.why in (serving.NOT_SAID, serving.NOT_TOLD):
        await keeping.give_up(post, why, of_group)


# Whether she says it


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody was handed for a post, and has not said yet."""

    post: Post
    item: str
    text: str


@router.on(Chatted)
async def hear(said: Chatted, ctx: Context) -> None:
    """Who leads the group, or did when it was handed to her, says it: in its hours, or later, or
    although it was to be something else by then, or nothing; in one message or in several."""
    if ctx.group is None:
        return
    posts = await ctx.facts.posts.given_in(ctx.group.id, ctx.today)
    given = await _unsaid(posts, said.sender, ctx)
    found = _same(said.text, given)
    if found is None and any(each.post.state is not PostState.POSTED for each in given):
        known = {each.message for each in posts if each.message is not None}
        found = _same(await _just_said(said, known, ctx), given)
    if found is not None:
        await _record(found, said.id, ctx)


async def _unsaid(posts: Collection[Post], person: PersonId, ctx: Context) -> list[Given]:
    """Of what was handed over for these posts, what she may say, the likeliest first."""
    said = {each.item for each in posts if each.state is PostState.POSTED}
    handed = [
        (post, number, item)
        for post in sorted(posts, key=lambda each: each.state is not PostState.HANDED)
        for number, item in reversed(list(enumerate(post.given)))
        if item not in said
    ]
    leads = await _leads(person, ctx) if handed else False
    if not leads:
        # Somebody else may have been handed it only if it was handed over more than once.
        handed = [each for each in handed if each[0].handed_to == person or len(each[0].given) > 1]
    if not handed:
        return []
    asked = [keys.text(post, number) for post, number, _ in handed]
    texts = await ctx.facts.outbox.texts(asked, None if leads else person)
    given = []
    for (post, _, item), key in zip(handed, asked, strict=True):
        text = texts.get(key) or (await _text(item, post, ctx) if leads else None)
        if text is not None:
            given.append(Given(post, item, text))
    return given


async def _text(name: str, post: Post, ctx: Context) -> str | None:
    """What she would be handed, where what she was handed is not kept any more."""
    assert ctx.group is not None
    item = await ctx.facts.items.get(name)
    if item is None:
        return None
    monitor = await ctx.facts.members.monitor(ctx.group.id)
    text = worded(item, ctx.group, post.worded_on, monitor, ctx.rules)
    return await as_shortened(text, post, ctx) if text is not None else None


def _same(text: str, given: Iterable[Given]) -> Given | None:
    return next((each for each in given if handing.is_same(text, each.text)), None)


async def _just_said(said: Chatted, known: Collection[MessageId], ctx: Context) -> str:
    """All that she said about now, after what is `known` to have been something else."""
    texts: list[str] = []
    for each in reversed(await ctx.facts.talk.recent(said.group)):
        if each.id in known:
            break
        if each.sender == said.sender and abs(each.at - said.at) <= handing.TOGETHER:
            texts.insert(0, each.text or "")
    return "\n".join(texts)


async def _record(given: Given, message: MessageId, ctx: Context) -> None:
    """What was swapped for something else is no more than had; the slot has its own item."""
    post = given.post
    if given.item != post.item:
        await keeping.record_had(post.group, given.item, ctx)
        return
    match post.state:
        case PostState.LAPSED:
            post = replace(post, why=serving.SAID_LATE)
        case PostState.SKIPPED:
            post = replace(post, why=serving.SAID_ANYWAY)
    await keeping.record_posted(post, message, ctx)


# Another monitor


@router.on(RoleSet)
async def change_monitor(given: RoleSet, ctx: Context) -> None:
    """Whether a new one can be reached is to be seen."""
    if given.role is Role.MONITOR:
        await end_concern(Concern.UNREACHED, ctx)
    await _hand_on(ctx)


@router.on(StayEnded)
async def miss_monitor(ended: StayEnded, ctx: Context) -> None:
    if not await _leads(ended.person, ctx):
        return
    await end_concern(Concern.UNREACHED, ctx)
    await _hand_on(ctx)
    for post in await ctx.facts.posts.handed_in(ended.group, ctx.today):
        if post.handed_to == ended.person:
            await keeping.give_up(post, serving.LEFT, ctx)


async def _hand_on(ctx: Context) -> None:
    """What was handed to who is no monitor any more is for the present one, if there is one."""
    if ctx.group is None:
        return
    for post in await ctx.facts.posts.handed_in(ctx.group.id, ctx.today):
        if await _is_monitor(post.handed_to, ctx):
            continue
        if await ctx.facts.members.monitor(ctx.group.id) is None:
            continue
        item = await ctx.facts.items.get(post.item)
        if item is None or item.withdrawn_at is not None:
            await keeping.give_up(post, serving.WITHDRAWN, ctx)
        else:
            await hand_over(post, item, ctx)


async def _is_monitor(person: PersonId | None, ctx: Context) -> bool:
    member = await ctx.facts.members.get(ctx.group.id, person) if ctx.group and person else None
    return member is not None and member.present and member.role is Role.MONITOR


async def _leads(person: PersonId, ctx: Context) -> bool:
    member = await ctx.facts.members.get(ctx.group.id, person) if ctx.group else None
    return member is not None and (await ctx.role_of(member)).leads
