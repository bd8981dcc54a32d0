"""Who may come in: bearer tokens, and what each may do."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.http.problems import Problem
from bot.transactions import Transactions
from models.stores.office import Access, Holder, TokenStore

_bearer = HTTPBearer(auto_error=False, description="python -m bot token --role admin")


def _challenge(token: str) -> str:
    return 'Bearer error="invalid_token"' if token else "Bearer"


class Door:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def needs(self, access: Access) -> Callable[..., Awaitable[Holder]]:
        """A dependency: whose token it is; 401 without one, 403 where it may not do this."""

        async def guard(
            credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        ) -> Holder:
            token = credentials.credentials if credentials else ""
            holder = await self._transactions.read(
                lambda facts: TokenStore(facts.connection).holder(token)
            )
            if holder is None:
                raise Problem(
                    401,
                    "a valid token is needed: Authorization: Bearer TOKEN",
                    headers={"WWW-Authenticate": _challenge(token)},
                )
            if holder.access < access:
                raise Problem(403, f"this needs a token of role {access.name.lower()}")
            return holder

        return guard
