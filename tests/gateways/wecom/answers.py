"""WeCom reduced to what it answers, one answer after the other, and time that passes by itself."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.clock import ManualClock

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE = "https://qyapi.weixin.qq.com"

Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]


class Line:
    """`says` are the answers to come: an errcode, a whole answer, or what httpx raises. Afterwards
    all goes well. Each token is another one."""

    def __init__(self, *says: Any) -> None:
        self.says = list(says)
        self.token_says: list[Any] = []
        self.asked: list[httpx.Request] = []
        self.tokens_given = 0
        self.http = httpx.AsyncClient(base_url=BASE, transport=httpx.MockTransport(self._answer))

    @property
    def tokens_used(self) -> list[str]:
        return [each.url.params["access_token"] for each in self.asked]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/gettoken":
            self.tokens_given += 1
            said = self.token_says.pop(0) if self.token_says else self._token()
        else:
            self.asked.append(request)
            said = self.says.pop(0) if self.says else 0
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx.Response):
            return said
        if isinstance(said, int):
            said = {"errcode": said, "errmsg": "as WeCom says"}
        return httpx.Response(200, json=said)

    def _token(self) -> dict[str, Any]:
        token = f"TOKEN-{self.tokens_given}"
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}


class Time:
    """`wait` lets it pass."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self.clock.now()

    def passes(self, **how_long: float) -> None:
        self.clock.set(self.now() + timedelta(**how_long))

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.passes(seconds=seconds)
