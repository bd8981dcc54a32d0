"""What is said in our groups, and to us: taken in once, kept for a while, and then forgotten."""

from collections.abc import Collection
from datetime import timedelta

from handlers.context import Context
from handlers.router import Router
from handlers.talk import policy
from handlers.talk.policy import Candidate, Quote
from models.events import MessageRecalled, MessageReceived, Said
from models.ids import GroupId, PersonId
from models.talk import Quoted, Spoken

router = Router()

FORGOTTEN_AT_ONCE = 20_000
"""A short transaction, and in a day 14 million: more than 10,000 groups say."""
QUOTED_WITHIN = timedelta(days=7)
REPEATED_WITHIN = timedelta(days=7)
"""A callback is told again within seconds, a message of the archive for five days (doc 91774)."""
UNSEEN = Quoted(id="unseen", sender=None, text="")
"""What is quoted was not seen: surely something else is meant than what was said last."""
LOOKED_AT = 50
"""Messages that begin like a quote and are compared with it."""


@router.on(MessageReceived)
async def take_in(message: MessageReceived, ctx: Context) -> None:
    """A message that was seen before is dropped. Those who are in none of our groups are not
    listened to in private: what they write is neither kept nor answered."""
    chat = message.group or message.sender
    if not await _is_ours(message, ctx) or not await ctx.facts.talk.is_new(chat, message.id):
        return
    quote, text = policy.split(message.text)
    quoted = await _quoted(message, quote, ctx)
    spoken = Spoken(
        chat=chat,
        id=message.id,
        sender=message.sender,
        text=text.strip(),
        at=message.at,
        mentions=message.mentions,
        quotes=quoted.id if quoted and quoted.id != UNSEEN.id else None,
    )
    ctx.facts.talk.add(spoken, ctx.now)
    ctx.tell(
        Said(
            at=message.at,
            account=message.account,
            id=message.id,
            group=message.group,
            sender=message.sender,
            text=text.strip(),
            mentions=message.mentions,
            quoted=quoted,
        )
    )


@router.on(MessageRecalled)
async def drop(recalled: MessageRecalled, ctx: Context) -> None:
    await ctx.facts.talk.recall(recalled.group, recalled.id)


@router.every(minutes=2)
async def forget_old_texts(ctx: Context) -> None:
    await ctx.facts.talk.forget(ctx.now - ctx.rules.privacy.keep_text, FORGOTTEN_AT_ONCE)


@router.every(hours=1)
async def forget_what_was_told(ctx: Context) -> None:
    """That it was told at all; what it said is forgotten when it is handled."""
    await ctx.facts.inbox.forget(ctx.now - REPEATED_WITHIN)


async def _is_ours(message: MessageReceived, ctx: Context) -> bool:
    if message.group is not None:
        return ctx.group is not None and ctx.group.is_ours
    return bool(await ctx.facts.members.stays_of(message.sender))


async def _quoted(message: MessageReceived, quote: Quote | None, ctx: Context) -> Quoted | None:
    chat = message.group or message.sender
    if message.quotes is not None:
        found = await ctx.facts.talk.find(chat, message.quotes)
        if found is not None:
            return Quoted(id=found.id, sender=found.sender, text=found.text or "")
        ours = message.group and await ctx.facts.outbox.said_as(message.group, message.quotes)
        return Quoted(id=message.quotes, sender=None, text=ours) if ours else UNSEEN
    return await _found(chat, message.group, quote, ctx) or UNSEEN if quote else None


async def _found(chat: str, group: GroupId | None, quote: Quote, ctx: Context) -> Quoted | None:
    """What was quoted in words, among what we have seen and said in this chat lately."""
    since = ctx.now - QUOTED_WITHIN
    spoken = await ctx.facts.talk.beginning_with(chat, quote.beginning, since, LOOKED_AT)
    found: list[tuple[str, Candidate]] = [
        (each.id, Candidate(each.sender, each.text or "", await _names(group, each.sender, ctx)))
        for each in spoken
    ]
    if group is not None:
        ours = await ctx.facts.outbox.said_beginning_with(group, quote.beginning, since, LOOKED_AT)
        found += [(key, Candidate(None, text, ())) for key, text in ours]
    which = policy.original(quote, [candidate for _, candidate in found])
    if which is None:
        return None
    id_, candidate = found[which]
    return Quoted(id=id_, sender=candidate.sender, text=candidate.text)


async def _names(group: GroupId | None, person: PersonId, ctx: Context) -> Collection[str]:
    member = await ctx.facts.members.get(group, person) if group else None
    return {member.name, member.nickname} if member else set()
