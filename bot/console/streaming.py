"""An answer of the app as it comes; httpx's own transport waits until all of it is there."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, MutableMapping
from typing import Any

import httpx
from fastapi import FastAPI

Message = MutableMapping[str, Any]
Start = tuple[int, list[tuple[bytes, bytes]]]


class Streaming(httpx.AsyncBaseTransport):
    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = _Answer(await request.aread())
        answer.begin(self._app(_scope(request), answer.receive, answer.send))
        try:
            status, headers = await answer.started
        except BaseException:
            await answer.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=answer)


class _Answer(httpx.AsyncByteStream):
    """Closing it ends what makes it, wherever that is."""

    def __init__(self, asked: bytes) -> None:
        self._asked: Message | None = {"type": "http.request", "body": asked}
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self.started: asyncio.Future[Start] = asyncio.get_running_loop().create_future()

    def begin(self, making: Coroutine[Any, Any, None]) -> None:
        self._making = asyncio.create_task(making)
        self._making.add_done_callback(self._ended)

    async def receive(self) -> Message:
        if self._asked is not None:
            asked, self._asked = self._asked, None
            return asked
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started.set_result((message["status"], message.get("headers", [])))
        elif part := message.get("body", b""):
            self._parts.put_nowait(part)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._parts.get()) is not None:
            yield part

    async def aclose(self) -> None:
        self._left.set()
        self._making.cancel()
        await asyncio.wait([self._making])

    def _ended(self, making: asyncio.Task[None]) -> None:
        """What it raised it has answered for, and is in the log."""
        error = None if making.cancelled() else making.exception()
        if not self.started.done():
            self.started.set_exception(error or httpx.ReadError("it did not answer"))
            self.started.exception()
        self._parts.put_nowait(None)


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }
