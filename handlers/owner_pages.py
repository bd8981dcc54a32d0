"""Where an owner sees all that she is asked for."""

import secrets

from handlers.context import Context
from models.ids import AccountId, PersonId
from models.proposals import OwnerPage, owner_address

TOKEN_BYTES = 24


async def page_of(owner: PersonId, account: AccountId, ctx: Context) -> str:
    """Its address; "" where nobody knows at which one people reach us."""
    site = ctx.rules.entry.site
    if not site:
        return ""
    page = await ctx.facts.owner_pages.get(account, owner)
    if page is None:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        page = OwnerPage(account=account, owner=owner, token=token, made_at=ctx.now)
        ctx.facts.owner_pages.put(page)
    return owner_address(site, page.token)
