"""Pictures that WeCom shows at an address of its own: fetched once, and drawn anew."""

import asyncio
import logging
from base64 import b64encode

import httpx

from bot.images import LARGEST, NotAPicture, as_png

log = logging.getLogger(__name__)


class Pictures:
    """They are public, so nothing that tells who asks goes along: `http` is not the one that
    carries tokens."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def png(self, address: str) -> str:
        """As PNG in base64; "" where it can't be had now: whoever needs it asks again."""
        try:
            data = await self._fetched(address)
            png = await asyncio.to_thread(as_png, data)
        except (httpx.HTTPError, httpx.InvalidURL, NotAPicture) as error:
            log.warning("no picture from WeCom: %s", type(error).__name__)
            return ""
        return b64encode(png).decode()

    async def _fetched(self, address: str) -> bytes:
        """No more of it than a picture may have, so that a longer one is none."""
        data = bytearray()
        async with self._http.stream("GET", address, follow_redirects=False) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                data += part
                if len(data) > LARGEST:
                    break
        return bytes(data)
