"""The steps of a round are said one after another: what the next one does."""

from handlers.context import Context
from handlers.outbox import policy
from models.delivery import Verdict
from models.messages import Outgoing


async def go_on(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """Now that this step of it, if it is one, is settled."""
    following = policy.next_step(message, verdict, ctx.now, ctx.rules.delivery)
    if following is None or message.group is None or message.round is None:
        return
    outbox = ctx.facts.outbox
    if following.at is None:
        reason = "the welcome of its round was not said"
        await outbox.drop_round(message.group, message.round, reason, ctx.now)
    else:
        await outbox.release_step(message.group, message.round, following.at)
