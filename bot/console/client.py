"""The API as the console calls it: in the same process, by the cookie of who looks at the page,
so that a page can do nothing that she may not, and nothing that the API can't."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from bot.console.streaming import Streaming
from bot.http.door import COOKIE, CSRF, csrf_of

PATIENCE = 30.0
"""Seconds for an answer."""
MISSING = 404
UNKNOWN = 401
REFUSED = 400


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail", ""))
        self.status = status
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(problem.get("errors", ()))


class Client:
    def __init__(self, app: FastAPI, cookie: str, base: str) -> None:
        self._cookie, self._base = cookie, base
        self._http = self._client(httpx.ASGITransport(app, raise_app_exceptions=False))
        self._streaming = self._client(Streaming(app))

    async def get(self, path: str, **asked: Any) -> Any:
        """What is not asked (None) is left out. Raises Refused, as all of these."""
        return (await self._ask("GET", path, params=_given(asked))).json()

    async def find(self, path: str, **asked: Any) -> Any:
        """None where it is not there."""
        try:
            return await self.get(path, **asked)
        except Refused as refused:
            if refused.status == MISSING:
                return None
            raise

    async def tagged(self, path: str, **asked: Any) -> tuple[Any, str]:
        """With its entity tag, to be sent along with a change."""
        answer = await self._ask("GET", path, params=_given(asked))
        return answer.json(), answer.headers.get("ETag", "")

    async def post(self, path: str, body: Any = None, *, key: str = "", **asked: Any) -> Any:
        """`key`: sent twice with the same, it is done once."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self._ask("POST", path, json=body, headers=headers, params=_given(asked))
        return answer.json() if answer.content else None

    async def change(self, method: str, path: str, body: Any = None, *, tag: str = "") -> Any:
        """PATCH, PUT or DELETE; with a `tag` only if it is still as it was shown."""
        headers = {"If-Match": tag} if tag else {}
        answer = await self._ask(method, path, json=body, headers=headers)
        return answer.json() if answer.content else None

    async def send(self, method: str, path: str, data: bytes, kind: str, **asked: Any) -> Any:
        """A file, as it is; `kind` is its media type."""
        how = {"content": data, "headers": {"Content-Type": kind}, "params": _given(asked)}
        return (await self._ask(method, path, **how)).json()

    async def lines(
        self, path: str, body: Any = None, *, table: bytes | None = None
    ) -> AsyncGenerator[str, None]:
        """How far something long is, a line each as it comes, and at last what came of it; a
        `table` is sent as CSV. Closing it ends what is done there."""
        headers = {"Accept": "application/x-ndjson"}
        how: dict[str, Any] = {"json": body}
        if table is not None:
            headers["Content-Type"] = "text/csv"
            how = {"content": table}
        how |= {"headers": headers, "timeout": None}
        async with self._streaming.stream("POST", path, **how) as answer:
            if answer.status_code >= REFUSED:
                await answer.aread()
                raise Refused(answer.status_code, _problem(answer))
            async for line in answer.aiter_lines():
                yield line

    def _client(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=transport,
            base_url=f"{self._base}/api/v1",
            headers={CSRF: csrf_of(self._cookie)},
            cookies={COOKIE: self._cookie},
            timeout=PATIENCE,
        )

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        answer = await self._http.request(method, path, **how)
        if answer.status_code >= REFUSED:
            raise Refused(answer.status_code, _problem(answer))
        return answer


def at(*parts: object) -> str:
    """A path of these parts, each of which may hold anything: `at("groups", "a/b", "growth")`"""
    return "/" + "/".join(quote(str(each), safe="") for each in parts)


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in asked.items() if each not in (None, "")}


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = answer.json()
    except ValueError:
        return {"detail": answer.text}
    return told
