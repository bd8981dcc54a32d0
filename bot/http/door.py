"""Who comes in: by a token, or by the session of somebody who signed in with one."""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from bot.clock import Clock
from bot.http.problems import Problem
from bot.transactions import Transactions
from models.access import Access, Holder
from models.stores.tokens import TokenStore
from models.stores.unit import Unit

COOKIE = "qunzhu_session"
CSRF = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(auto_error=False, description="python -m bot token --role admin")
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    description=f"As POST /session sets it. What changes anything needs {CSRF}, too.",
)


def csrf_of(cookie: str) -> str:
    """What a page of ours sends along, to show that no other site did: nobody who does not know
    the cookie can make it."""
    return hmac.new(cookie.encode(), b"csrf", sha256).hexdigest()


def asker(request: Request) -> Holder:
    holder: Holder = request.state.holder
    return holder


Asker = Annotated[Holder, Depends(asker)]
"""Who asks, of a route that is behind the door."""


class Stranger(Problem):
    """Nobody whom we know, or not any more."""

    def __init__(self, *, has_token: bool) -> None:
        super().__init__(
            401,
            "a valid token is needed: Authorization: Bearer TOKEN",
            headers={
                "WWW-Authenticate": 'Bearer error="invalid_token"' if has_token else "Bearer"
            },
        )


class Door:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    def needs(self, access: Access) -> Callable[..., Awaitable[None]]:
        """A dependency: 401 for who is not known, 403 where she may not do this."""

        async def guard(
            request: Request,
            credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
            cookie: Annotated[str | None, Depends(_cookie)],
        ) -> None:
            token = credentials.credentials if credentials else None
            holder = await self._holder(token, cookie)
            if token is None and cookie and request.method not in SAFE:
                _must_be_of_ours(request, cookie)
            if holder.access < access:
                raise Problem(403, f"this needs a token of role {access.name.lower()}")
            request.state.holder = holder

        return guard

    async def _holder(self, token: str | None, cookie: str | None) -> Holder:
        now = self._clock.now()

        async def look(facts: Unit) -> tuple[Holder | None, bool]:
            tokens = TokenStore(facts.connection)
            if token is not None:
                holder = await tokens.holder(token, now)
            else:
                holder = await tokens.signed_in(cookie, now) if cookie else None
            return holder, holder is not None and await tokens.unnoted(holder.token, now)

        holder, is_unnoted = await self._transactions.read(look)
        if holder is None:
            raise Stranger(has_token=token is not None)
        if is_unnoted:
            await self._transactions.run(
                lambda facts: TokenStore(facts.connection).note_use(holder.token, now)
            )
        return holder


def _must_be_of_ours(request: Request, cookie: str) -> None:
    given = request.headers.get(CSRF, "")
    if not hmac.compare_digest(given.encode(), csrf_of(cookie).encode()):
        raise Problem(403, f"{CSRF} is missing or wrong: GET /session tells it")
