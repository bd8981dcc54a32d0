"""Calls to WeCom as its documents ask for them: one token, patience, and never too many."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.gateways.wecom import codes, secrecy, wire
from bot.gateways.wecom.codes import Answer
from bot.gateways.wecom.failures import Failed, SlowDown
from bot.gateways.wecom.pace import AT_ONCE, Pace
from bot.gateways.wecom.tokens import Tokens
from bot.gateways.wecom.wire import Params

Wait = Callable[[float], Awaitable[None]]

_WHILE_BUSY = (0.5, 1.0, 2.0)
"""Seconds before each repeat: three at most (doc 90313)."""
_WHILE_CROWDED = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = timedelta(seconds=5)
"""For our own quota; who would wait longer has better things to do."""


class WeComClient:
    """`http` has WeCom's address for its base. `wait` lets so many seconds pass."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        pace: Pace,
        wait: Wait,
        clock: Callable[[], datetime],
    ) -> None:
        secrecy.keep_out_of_logs()
        self._http = http
        self._tokens = tokens
        self._pace = pace
        self._wait = wait
        self._clock = clock
        self._turns = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(AT_ONCE))

    async def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Params | None = None,
    ) -> dict[str, Any]:
        """What `path` (`externalcontact/groupchat/get`) answers: a POST of `body`, or a GET where
        there is none. Raises as failures.py says."""
        async with self._turns[path]:
            return await self._patiently(path, body, params or {})

    async def _patiently(
        self, path: str, body: Mapping[str, Any] | None, params: Params
    ) -> dict[str, Any]:
        busy, crowded, refused = iter(_WHILE_BUSY), iter(_WHILE_CROWDED), ""
        while True:
            token = ""
            try:
                token = await self._token(refused)
                answer = await self._ask(path, body, {**params, "access_token": token})
                errcode, errmsg = answer["errcode"], answer["errmsg"]
            except Failed as failure:
                # No token was given, so that nothing was asked with one yet.
                errcode, errmsg = failure.errcode, failure.errmsg
            pause = None
            match codes.meaning(errcode):
                case Answer.FINE:
                    return answer
                case Answer.RENEW if token and not refused:
                    refused = token
                    continue
                case Answer.AGAIN:
                    pause = next(busy, None)
                case Answer.CROWDED:
                    pause = next(crowded, None)
            if pause is None:
                raise self._final(path, errcode, errmsg)
            await self._wait(pause)

    async def _token(self, refused: str) -> str:
        return await (self._tokens.renew(refused) if refused else self._tokens.token())

    async def _ask(
        self, path: str, body: Mapping[str, Any] | None, params: Params
    ) -> dict[str, Any]:
        await self._keep_pace(path)
        return await wire.ask(self._http, path, params, body)

    async def _keep_pace(self, path: str) -> None:
        """Waits until a call is allowed, or raises SlowDown."""
        # So many may have waited for the same moment.
        for _ in range(AT_ONCE):
            now = self._clock()
            after = self._pace.ready(path, now) - now
            if not after:
                self._pace.called(path, now)
                return
            if after > _LONGEST_WAIT:
                break
            await self._wait(after.total_seconds())
        seconds = after.total_seconds()
        raise SlowDown(f"the quota for {path} is used up for another {seconds:.0f} s", after)

    def _final(self, path: str, errcode: int, errmsg: str) -> SlowDown | Failed:
        kind = codes.meaning(errcode)
        if kind not in (Answer.CROWDED, Answer.SLOW_DOWN):
            return Failed(errcode, errmsg)
        pause = codes.pause(errcode)
        if kind is Answer.SLOW_DOWN:
            self._pace.block(path, self._clock() + pause)
        return SlowDown(codes.in_words(errcode, errmsg), pause)
