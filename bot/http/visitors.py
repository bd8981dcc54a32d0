"""Who looks at a public page: a browser, told apart from others by a cookie of ours and nothing
else, and not a machine that looks at links before people do."""

import secrets
from functools import lru_cache
from hashlib import sha256

import crawleruseragents
from fastapi import Request, Response

from models.ids import VisitorId

COOKIE = "qunzhu"
A_YEAR = 365 * 24 * 3600
FETCHED_AHEAD = ("prefetch", "prerender", "preview")
"""What browsers call it, in Purpose and Sec-Purpose, when nobody has asked for the page yet."""
LONGEST_AGENT = 512
"""Characters that are looked at of what a browser calls itself; machines say it early."""
SHORTEST_COOKIE, LONGEST_COOKIE = 20, 64


def cookie_of(request: Request) -> str | None:
    """The browser's, where it has one that may be ours."""
    given = request.cookies.get(COOKIE, "")
    plain = given.isascii() and given.replace("-", "").replace("_", "").isalnum()
    return given if plain and SHORTEST_COOKIE <= len(given) <= LONGEST_COOKIE else None


def new_cookie() -> str:
    return secrets.token_urlsafe(24)


def visitor_of(cookie: str) -> VisitorId:
    """The cookie is a key to what she told us, so only its digest is kept."""
    return VisitorId(sha256(cookie.encode()).hexdigest())


def set_cookie(response: Response, cookie: str, request: Request) -> None:
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=A_YEAR,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def is_person(request: Request) -> bool:
    """Whether somebody looks at it, as far as a request tells."""
    agent = request.headers.get("user-agent", "")
    ahead = [request.headers.get(each, "") for each in ("purpose", "sec-purpose", "x-moz")]
    return (
        request.method != "HEAD"
        and agent != ""
        and not _is_crawler(agent[:LONGEST_AGENT])
        and not any(word in each.lower() for each in ahead for word in FETCHED_AHEAD)
    )


@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    """A thousand patterns are tried, and phones come in some hundred kinds."""
    return bool(crawleruseragents.is_crawler(agent))
