"""The token's row, held by one process while it asks WeCom for another."""

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.failures import NotReached
from bot.gateways.wecom.tokens import Renewal
from models.ids import AccountId
from models.stores.wecom import KeptToken, WeComTokenStore


class DatabaseShelf:
    """Not a transaction that may be run again (bot/transactions.py): WeCom is asked within it."""

    def __init__(self, engine: AsyncEngine, account: AccountId) -> None:
        self._engine = engine
        self._account = account

    async def change(self, renewal: Renewal) -> KeptToken:
        try:
            async with self._engine.begin() as connection:
                store = WeComTokenStore(connection)
                kept = await store.hold(self._account)
                renewed = await renewal(kept)
                if renewed != kept:
                    await store.keep(self._account, renewed)
                return renewed
        except (SQLAlchemyError, OSError) as error:
            why = type(error).__name__
        raise NotReached(f"the access token can't be read or kept, the database is away: {why}")
