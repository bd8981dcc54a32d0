"""`/s/{slug}`: from a post to where it leads, which is what was posted and nothing else."""

import asyncio
import logging
from contextlib import suppress
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response

from bot.clock import Clock
from bot.http.entry import show
from bot.http.entry.reception import Reception
from bot.http.visitors import cookie_of, is_person, new_cookie, set_cookie, visitor_of
from bot.intake import Intake
from bot.transactions import Transactions
from models.events import LinkFollowed
from models.ids import Slug
from models.stores.codes import ALPHABET, LENGTH

log = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds that a click may take to be counted while she waits."""
KEPT = ";/?:@&=+$,%!~*'()#[]-._"
"""What an address may be made of beside letters and digits; the rest is encoded."""


def link_pages(transactions: Transactions, intake: Intake, clock: Clock) -> APIRouter:
    pages = APIRouter(include_in_schema=False)
    reception = Reception(transactions, intake, clock)

    async def follow(request: Request) -> Response:
        slug = Slug(request.path_params["slug"])
        target = await _target(slug, transactions)
        if target is None:
            return show.notice(404, "没有找到这个链接", "可能没有复制完整，回到群里再点一次试试。")
        onward = Response(
            status_code=302,
            headers={
                "Location": location(target),
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "X-Robots-Tag": "noindex, nofollow",
            },
        )
        if is_person(request):
            cookie = cookie_of(request) or new_cookie()
            set_cookie(onward, cookie, request)
            await _count(LinkFollowed(at=clock.now(), slug=slug, visitor=visitor_of(cookie)))
        return onward

    async def _count(followed: LinkFollowed) -> None:
        """She gets where she wants to, also where we are too busy to count her."""
        try:
            async with asyncio.timeout(PATIENCE):
                await reception.submit(followed)
        except TimeoutError:
            pass  # it is counted all the same, later
        except Exception:  # whatever it is, her post is not lost for want of a count
            log.warning("a click was not counted", extra={"id": followed.slug}, exc_info=True)

    pages.add_api_route("/s/{slug}", reception.guarded(follow), methods=["GET", "HEAD"])
    return pages


def location(target: str) -> str:
    """The address as a header can carry it: in ASCII, with nothing that would end the line."""
    parts = urlsplit(target)
    host = parts.netloc
    if not host.isascii():
        # What is no name of a host is encoded like the rest.
        with suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    return quote(parts._replace(netloc=host).geturl(), safe=KEPT)


async def _target(slug: Slug, transactions: Transactions) -> str | None:
    if len(slug) != LENGTH or not set(slug) <= set(ALPHABET):
        return None
    link = await transactions.read(lambda facts: facts.short_links.get(slug))
    return link.target if link else None
