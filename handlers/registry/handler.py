"""A monitor asks who is coming: the only place in chat where due dates are said."""

from handlers.command import Call, Misused, Who
from handlers.context import Context
from handlers.registry import policy
from handlers.router import Router
from models.delivery import Verdict
from models.messages import Kind, Outgoing
from models.people import Role
from models.stores.registry import RegistryStore

router = Router()

TOLD = "registry"
"""What the key of such an answer begins with: its text is not kept."""


@router.command(
    *policy.WORDS, who=Who.LEADERS, usage="/登记", about="谁填了表、谁进了群（班长私聊）"
)
async def tell_the_monitor(call: Call, ctx: Context) -> None:
    """Staff who lead every group, and assistants, are not told."""
    if call.caller.role is not Role.MONITOR:
        raise Misused(policy.FOR_THE_MONITOR)
    if not call.is_private:
        raise Misused(policy.IN_PRIVATE)
    assert ctx.group is not None
    await ctx.facts.flush()
    registry = RegistryStore(ctx.facts.connection)
    awaited = await registry.awaited_in(ctx.group.id, ctx.now - policy.LATELY, policy.SHOWN)
    joined = await registry.joined_in(ctx.group.id, policy.SHOWN)
    ctx.say(
        Outgoing(
            key=f"{TOLD}:{call.said.id}",
            kind=Kind.REPLY,
            account=call.said.account,
            to=call.caller.person,
            text=policy.listed(ctx.group.name, awaited, joined),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.reply_lapses,
        )
    )


@router.settled(Kind.REPLY)
async def forget_what_was_told(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    if message.group is None and message.key.startswith(f"{TOLD}:"):
        await ctx.facts.people.unsay(message.key)
