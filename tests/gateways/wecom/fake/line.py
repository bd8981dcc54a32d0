"""The line to the corp: how a client reaches it in this process, and on demand badly."""

import httpx
from fastapi import FastAPI

from tests.gateways.wecom.fake.corp import Corp

API = "/cgi-bin/"


class Line(httpx.AsyncBaseTransport):
    """Fails as ordered by `corp.break_next`: with no connection, or with no answer to a call
    that was carried out."""

    def __init__(self, corp: Corp, app: FastAPI) -> None:
        self._corp = corp
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        breakage = self._corp.gate.breakage(request.url.path.removeprefix(API))
        if breakage == "refused":
            raise httpx.ConnectError("connection refused", request=request)
        response = await self._inner.handle_async_request(request)
        if breakage == "unanswered":
            await response.aclose()
            raise httpx.ReadTimeout("no answer", request=request)
        return response
