"""Signing in: people trade their token for a cookie that no script can read."""

from datetime import datetime
from time import monotonic
from typing import Annotated

from fastapi import Cookie, Request, Response
from pydantic import Field

from bot.http.api.office import Office
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import COOKIE, Asker, csrf_of
from bot.http.entry.limits import Allowance, Limiter, connection_of
from bot.http.problems import Problem
from models.access import Holder
from models.stores.tokens import TokenStore
from models.stores.unit import Unit

TRIES = Allowance(many=10, seconds=300)
"""Of one address, good ones and bad."""


class SignIn(Given):
    token: str = Field(min_length=1, max_length=200, examples=["qz_..."])


class Session(View):
    """Who is signed in, and until when; null where she came with a token. `csrf_token` is what a
    page sends as X-CSRF-Token with whatever changes something."""

    name: str
    role: str
    scopes: list[str]
    expires_at: Time | None
    csrf_token: str | None


def sessions_api(office: Office) -> Routes:
    api = Routes(office.door, "session")
    limiter = Limiter()

    @api.public.post("/session", status_code=201, openapi_extra={"security": []})
    async def sign_in(given: SignIn, request: Request, response: Response) -> Session:
        """Sign in with a token: sets the session's cookie, for a week, or while the token is
        good."""
        who = connection_of(request.client.host if request.client else "")
        if wait := limiter.wait(who, TRIES, monotonic()):
            detail = f"too many tries; again in {wait} seconds"
            raise Problem(429, detail, headers={"Retry-After": str(wait)})
        now = office.now()

        async def work(facts: Unit) -> tuple[Holder, str, datetime] | None:
            tokens = TokenStore(facts.connection)
            holder = await tokens.holder(given.token.strip(), now)
            return (holder, *await tokens.sign_in(holder.token, now)) if holder else None

        found = await office.transactions.run(work)
        if found is None:
            raise Problem(
                401,
                "this token is not, or no longer, good",
                headers={"WWW-Authenticate": "Bearer"},
            )
        holder, cookie, until = found
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int((until - now).total_seconds()),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        response.headers["Cache-Control"] = "no-store"
        return _shown(holder, cookie, until)

    @api.viewer.get("/session")
    async def who(
        holder: Asker,
        response: Response,
        cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
    ) -> Session:
        """Who I am, and what I may do."""
        response.headers["Cache-Control"] = "no-store"
        until = None
        if cookie is not None:
            until = await office.read(
                lambda facts: TokenStore(facts.connection).session_end(cookie, office.now())
            )
        return _shown(holder, cookie if until else None, until)

    @api.viewer.delete("/session", status_code=204)
    async def sign_out(
        response: Response,
        cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
    ) -> None:
        """The session is over."""
        if cookie is not None:
            await office.transactions.run(
                lambda facts: TokenStore(facts.connection).sign_out(cookie)
            )
        response.delete_cookie(COOKIE)

    return api


def _shown(holder: Holder, cookie: str | None, until: Time | None) -> Session:
    return Session(
        name=holder.name,
        role=holder.access.name.lower(),
        scopes=sorted(holder.scopes),
        expires_at=until,
        csrf_token=csrf_of(cookie) if cookie else None,
    )
