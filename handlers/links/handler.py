"""Who followed what was posted."""

from handlers.context import Context
from handlers.router import Router
from models.events import LinkFollowed

router = Router()


@router.on(LinkFollowed)
async def count(followed: LinkFollowed, ctx: Context) -> None:
    """A slug that leads nowhere is nobody's to count."""
    if await ctx.facts.short_links.get(followed.slug) is not None:
        ctx.facts.clicks.count(followed.slug, followed.visitor, ctx.now)
