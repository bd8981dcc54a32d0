"""What is kept of a person is hers to see, and hers to have erased."""

import logging
from datetime import timedelta

from handlers.command import Call, Misused, Who
from handlers.context import Context
from handlers.privacy import policy
from handlers.router import Router
from models.delivery import Verdict
from models.events import PersonErased
from models.ids import PersonId
from models.messages import Kind, Outgoing
from models.people import OurAccount
from models.stores.audit import Change

log = logging.getLogger(__name__)

router = Router()

HERSELF = "herself"
FAREWELL = "erased"
"""What the key of the last message to her begins with: it names her until it is settled."""
LATE = timedelta(days=7)
"""What was said so long before it reached us is still counted among what is kept."""


@router.on(PersonErased)
async def erase(decision: PersonErased, ctx: Context) -> None:
    """Raises LookupError where nothing is kept of her, and OurAccount."""
    if await ctx.facts.people.is_ours(decision.person):
        raise OurAccount(decision.person)
    if not await ctx.facts.people.knows(decision.person):
        raise LookupError(decision.person)
    await _erase(decision.person, decision.by, ctx)


@router.command(
    *policy.MINE, who=Who.ANYBODY, usage="/我的信息", about="我存了你什么（私聊）", of_group=False
)
async def tell_her_all(call: Call, ctx: Context) -> str:
    if not call.is_private:
        raise Misused(policy.IN_PRIVATE.format(policy.MINE[0]))
    await ctx.facts.flush()
    keep_text = ctx.rules.privacy.keep_text
    kept = await ctx.facts.people.brief(call.caller.person, ctx.now - keep_text - LATE)
    return policy.summary(kept, keep_text)


@router.command(
    *policy.ERASE, who=Who.ANYBODY, usage="/删除我的信息", about="都删掉（私聊）", of_group=False
)
async def tell_what_is_erased(call: Call, ctx: Context) -> str:
    await _check(call, ctx)
    return policy.what_is_erased(ctx.rules.privacy.keep_text)


@router.command(*policy.CONFIRM, who=Who.ANYBODY, usage="", about="", of_group=False)
async def erase_her(call: Call, ctx: Context) -> None:
    """The answer is promised afterwards, and under a key that does not name her."""
    await _check(call, ctx)
    recent = await ctx.facts.talk.recent(call.said.chat)
    if not policy.was_asked(recent, ctx.now):
        raise Misused(policy.NOT_ASKED)
    await _erase(call.caller.person, HERSELF, ctx)
    await ctx.facts.audit.note(
        Change(at=ctx.now, by=HERSELF, action="person_erased", target="person")
    )
    ctx.say(
        Outgoing(
            key=f"{FAREWELL}:{call.said.id}",
            kind=Kind.REPLY,
            account=call.said.account,
            to=call.caller.person,
            text=policy.ERASED,
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.reply_lapses,
        )
    )


@router.settled(Kind.REPLY)
async def forget_farewell(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    if message.group is None and message.key.startswith(f"{FAREWELL}:"):
        await ctx.facts.people.say_goodbye(message.key)


async def _check(call: Call, ctx: Context) -> None:
    """Raises Misused where she can't be erased by herself, here."""
    if not call.is_private:
        raise Misused(policy.IN_PRIVATE.format(policy.ERASE[0]))
    stays = await ctx.facts.members.stays_of(call.caller.person)
    if any([(await ctx.role_of(each)).is_staff for each in stays]):
        raise Misused(policy.LEADS)


async def _erase(person: PersonId, by: str, ctx: Context) -> None:
    await ctx.facts.flush()
    groups = await ctx.facts.people.groups_of(person)
    await ctx.facts.groups.load((group,) for group in groups)
    await ctx.facts.start_afresh()
    rows = await ctx.facts.people.erase(person, groups, ctx.now)
    log.info("a person was erased", extra={"by": by, "rows": rows, "groups": len(groups)})
