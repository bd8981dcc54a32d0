"""What is said in our groups is kept for a while, and then forgotten."""

from handlers.context import Context
from handlers.router import Router
from models.events import MessageRecalled, MessageReceived

router = Router()

FORGOTTEN_AT_ONCE = 5_000
"""So that no single transaction holds up the others."""


@router.on(MessageReceived)
async def keep(message: MessageReceived, ctx: Context) -> None:
    if ctx.group is not None and ctx.group.is_ours:
        ctx.facts.talk.add(message, ctx.now)


@router.on(MessageRecalled)
async def drop(recalled: MessageRecalled, ctx: Context) -> None:
    await ctx.facts.talk.recall(recalled.group, recalled.id)


@router.every(minutes=10)
async def forget_old_texts(ctx: Context) -> None:
    await ctx.facts.talk.forget(ctx.now - ctx.rules.privacy.keep_text, FORGOTTEN_AT_ONCE)
