"""The console asks the API as a browser would, in the same process."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from bot.console.client import Client, Refused


async def test_something_long_is_heard_while_it_is_done() -> None:
    app, may_end = FastAPI(), asyncio.Event()

    @app.post("/api/v1/long")
    async def long(request: Request) -> Response:
        table = await request.body()

        async def lines() -> AsyncIterator[bytes]:
            yield b'{"checked": 1}\n{"che'
            await may_end.wait()
            yield b'cked": 2}\n' + table

        return StreamingResponse(lines())

    heard = []
    async for line in Client(app, "cookie", "http://here").lines("/long", table=b"a,b"):
        heard.append(line)
        may_end.set()
    assert heard == ['{"checked": 1}', '{"checked": 2}', "a,b"]


async def test_what_is_refused_is_not_heard_as_lines() -> None:
    app = FastAPI()

    @app.post("/api/v1/long")
    async def no() -> Response:
        return JSONResponse({"detail": "it is no table"}, 415)

    lines = Client(app, "cookie", "http://here").lines("/long")
    with pytest.raises(Refused, match="it is no table"):
        await anext(lines)
