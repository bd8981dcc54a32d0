"""Where WeCom calls us (doc 90930): what comes is verified, decrypted, kept and answered, and made
something of later."""

import asyncio
import logging
from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException, Request, Response

from bot.clock import Clock
from bot.gateways import Mailboxes
from bot.gateways.wecom.callback import BadCallback, digest, encrypted_of
from bot.gateways.wecom.crypto import BadEnvelope, Envelope
from bot.transactions import Transactions
from models.ids import AccountId

log = logging.getLogger(__name__)

ANSWERED_WITHIN = 4.0
"""Seconds; after five WeCom hangs up, and tells it again."""
HEAVIEST = 100_000
"""Bytes; WeCom's are some hundreds, or some thousands where many came at once."""


def callbacks(mailboxes: Mailboxes, transactions: Transactions, clock: Clock) -> APIRouter:
    api = APIRouter(include_in_schema=False)

    @api.get("/wecom/{account}/callback")
    async def verify(
        account: AccountId,
        msg_signature: str = "",
        timestamp: str = "",
        nonce: str = "",
        echostr: str = "",
    ) -> Response:
        """An admin saves the address; the bare text has to come back within a second."""
        text = _opened(mailboxes, account, msg_signature, timestamp, nonce, echostr)
        return Response(text, media_type="text/plain")

    @api.post("/wecom/{account}/callback")
    async def take_in(
        account: AccountId,
        request: Request,
        msg_signature: str = "",
        timestamp: str = "",
        nonce: str = "",
    ) -> Response:
        """Answered once it is kept; where that can't be, WeCom tells it again."""
        encrypted = _encrypted(await _body(request))
        xml = _opened(mailboxes, account, msg_signature, timestamp, nonce, encrypted)
        mark, now = _digest(xml), clock.now()
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                is_new = await transactions.run(
                    lambda facts: facts.inbox.add(account, mark, xml, now)
                )
        except TimeoutError:
            log.warning("a callback of %s could not be kept in time", account)
            raise HTTPException(503, "it could not be kept, tell it again") from None
        log.debug("a callback of %s, %s", account, "new" if is_new else "known already")
        return Response()

    return api


def _opened(
    mailboxes: Mailboxes, account: AccountId, signature: str, timestamp: str, nonce: str, text: str
) -> str:
    """To whoever has not our token an account that is there looks as one that is not."""
    envelope: Envelope | None = mailboxes.get(account)
    if envelope is None:
        log.warning("somebody calls for %s, which has no callback set up", account)
        raise HTTPException(403, "the signature is not right")
    try:
        return envelope.open(signature, timestamp, nonce, text)
    except BadEnvelope as error:
        log.warning("a callback of %s can't be opened: %s", account, error)
        raise HTTPException(403, "the signature is not right") from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    chunks: AsyncIterator[bytes] = request.stream()
    async for chunk in chunks:
        body += chunk
        if len(body) > HEAVIEST:
            raise HTTPException(413, f"more than {HEAVIEST} bytes")
    return bytes(body)


def _encrypted(body: bytes) -> str:
    try:
        return encrypted_of(body)
    except BadCallback as error:
        raise HTTPException(400, str(error)) from None


def _digest(xml: str) -> str:
    try:
        return digest(xml)
    except BadCallback as error:
        log.warning("a callback that is signed can't be read: %s", error)
        raise HTTPException(400, str(error)) from None
