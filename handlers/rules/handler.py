"""Rules are changed while the bot runs, and hold from the next transaction on."""

from handlers.context import Context
from handlers.router import Router
from models.events import RulesChanged

router = Router()


@router.on(RulesChanged)
async def change(changed: RulesChanged, ctx: Context) -> None:
    """Raises ValueError, StaleVersion or RulesRefused to whoever asked for the change."""
    await ctx.facts.rules.patch(
        changed.scope, changed.changes, changed.by, ctx.now, changed.expected
    )
