"""The access token: one for all processes, kept and renewed once (doc 91039).

Who asks with a wrong secret again and again is banned for an hour (doc 90313), so that a refusal
is kept as well as a token, also over a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Protocol

import httpx

from bot.gateways.wecom import codes, secrecy, wire
from bot.gateways.wecom.failures import Failed, NoAnswer, NotReached, SecretRefused
from models.stores.wecom import KeptToken

BAN = timedelta(hours=1)
PATIENCE = 8.0
"""Seconds for an answer: all processes wait for the one that asks."""
_LIFE = timedelta(hours=2)
"""Where WeCom does not say."""

Renewal = Callable[[KeptToken], Awaitable[KeptToken]]


class TokenShelf(Protocol):
    """Where the token of one account is kept."""

    async def change(self, renewal: Renewal) -> KeptToken:
        """Hand over what is kept, while nobody else may change it, and keep what comes of it.
        Nothing changes where `renewal` raises. Raises NotReached where nothing can be kept."""


class Tokens:
    def __init__(
        self,
        shelf: TokenShelf,
        http: httpx.AsyncClient,
        corp_id: str,
        secret: str,
        clock: Callable[[], datetime],
    ) -> None:
        secrecy.keep_out_of_logs()
        self._shelf = shelf
        self._http = http
        self._params = {"corpid": corp_id, "corpsecret": secret}
        self._digest = sha256(f"{corp_id}\n{secret}".encode()).hexdigest()
        self._clock = clock
        self._known = KeptToken()
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """Raises SecretRefused, Failed where WeCom gives none, or NotReached."""
        return await self._get(bad="")

    async def renew(self, bad: str) -> str:
        """Another one than `bad`, which WeCom refused, unless it hands out the same again.
        Raises as `token` does."""
        return await self._get(bad)

    async def _get(self, bad: str) -> str:
        if not self._settles(self._known, bad):
            async with self._turn:
                # Who waited for a turn may find what the one before got.
                if not self._settles(self._known, bad):
                    await self._shelf.change(partial(self._renewed, bad))
        known = self._known
        if known.refused_until is not None:
            raise SecretRefused(known.refused_why, known.refused_until)
        return known.token

    def _settles(self, kept: KeptToken, bad: str) -> bool:
        """Whether WeCom need not, or must not, be asked."""
        if kept.secret != self._digest:
            return False
        ends = kept.refused_until or kept.expires_at
        return ends is not None and self._clock() < ends and kept.token != (bad or None)

    async def _renewed(self, bad: str, kept: KeptToken) -> KeptToken:
        # It is known here even if it can't be kept: a refused secret is not tried again.
        self._known = kept if self._settles(kept, bad) else await self._asked()
        return self._known

    async def _asked(self) -> KeptToken:
        now = self._clock()
        answer = await self._answer()
        errcode, errmsg = answer["errcode"], answer["errmsg"]
        if errcode in codes.SECRET_REFUSED:
            why = codes.in_words(errcode, errmsg)
            return KeptToken(secret=self._digest, refused_why=why, refused_until=now + BAN)
        if errcode != 0:
            raise Failed(errcode, errmsg)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise NotReached("WeCom answered gettoken without an access token")
        expires_at = now + _life(answer.get("expires_in"))
        return KeptToken(secret=self._digest, token=token, expires_at=expires_at)

    async def _answer(self) -> dict[str, Any]:
        """What nobody answered here was no call of anybody's yet: NotReached."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await wire.ask(self._http, "gettoken", self._params)
        except (NoAnswer, NotReached) as error:
            why = str(error)
        except TimeoutError:
            why = f"WeCom did not answer gettoken within {PATIENCE:.0f} seconds"
        raise NotReached(why)


def _life(seconds: object) -> timedelta:
    if isinstance(seconds, int) and 0 < seconds <= _LIFE.total_seconds() * 12:
        return timedelta(seconds=seconds)
    return _LIFE
