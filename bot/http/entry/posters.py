"""`/j/{code}/poster.png`, and the code's QR alone. Looking at them is no scan."""

import asyncio
from hashlib import sha256

from fastapi import APIRouter, Request, Response

from bot.clock import Clock
from bot.http.addresses import code_address, site_of
from bot.http.entry.reception import Reception, TooMany, address_of
from bot.http.problems import Problem
from bot.http.values import GivenCode
from bot.intake import Intake
from bot.posters.render import Poster
from bot.posters.studio import Studio, StudioBusy
from bot.qr import qr_png
from bot.transactions import Transactions
from models.entry import EntryCode, Template
from models.groups import of_channel
from models.ids import Code
from models.stores.unit import Unit

DEARER = 5
"""One address gets so many times fewer pictures than pages (`entry.pages_most`)."""
FRESH = "private, max-age=60"
"""What a code says of itself may change; who comes back later asks whether it did."""
QR_SIDE = 800
LONGEST_LINK = 300
"""The longest `entry.site` and a code are shorter; only a made-up Host is not."""


def poster_pages(transactions: Transactions, intake: Intake, clock: Clock) -> APIRouter:
    api = APIRouter(include_in_schema=False)
    reception, studio = Reception(transactions, intake, clock), Studio()

    async def found(code: Code, request: Request) -> tuple[EntryCode, str]:
        many = max(1, (await reception.rules()).pages_most // DEARER)
        try:
            reception.spend(f"picture {address_of(request)}", many)
        except TooMany as error:
            headers = {"Retry-After": str(error.wait)}
            raise Problem(429, f"too many pictures; {error}", headers=headers) from error
        return await transactions.read(lambda facts: _open_code(facts, code, request))

    @api.api_route("/j/{code}/poster.png", methods=["GET", "HEAD"])
    async def poster(
        code: GivenCode, request: Request, template: Template | None = None
    ) -> Response:
        known, link = await found(code, request)
        try:
            return _picture(await studio.poster(Poster.of(known, link, template)), request)
        except StudioBusy as error:
            headers = {"Retry-After": "5"}
            raise Problem(503, "too many posters at once", headers=headers) from error

    @api.api_route("/j/{code}/qr.png", methods=["GET", "HEAD"])
    async def qr(code: GivenCode, request: Request) -> Response:
        _, link = await found(code, request)
        return _picture(await asyncio.to_thread(qr_png, link, QR_SIDE), request)

    return api


async def _open_code(facts: Unit, code: Code, request: Request) -> tuple[EntryCode, str]:
    """And the link that never changes."""
    known = await facts.entry_codes.get(code)
    if known is None:
        raise Problem(404, f"there is no entry code {code}")
    if known.closed_at is not None:
        raise Problem(410, f"the entry code {code} is closed")
    rules = await facts.rules.in_force(of_channel(known.channel))
    link = code_address(site_of(rules, request), known.code)
    if len(link) > LONGEST_LINK:
        raise Problem(400, "the address by which we were reached is too long for a QR code")
    return known, link


def _picture(png: bytes, request: Request) -> Response:
    tag = f'"{sha256(png).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": FRESH, "X-Content-Type-Options": "nosniff"}
    known = request.headers.get("if-none-match", "")
    if tag in (each.strip().removeprefix("W/") for each in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(png, headers=headers, media_type="image/png")
