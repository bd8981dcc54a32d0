"""What takes its time is heard of while it happens, and ends when nobody listens any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from bot.console.client import Client, Refused
from bot.http.problems import Problem, answer

WORK = "/api/v1/work"


def client_of(app: FastAPI) -> Client:
    return Client(app, "cookie", "http://qunzhu")


async def test_lines_come_as_they_are_told() -> None:
    app, go_on = FastAPI(), asyncio.Event()

    @app.post(WORK)
    async def work() -> StreamingResponse:
        async def steps() -> AsyncIterator[str]:
            yield "one\n"
            await go_on.wait()
            yield "two\n"

        return StreamingResponse(steps())

    heard = []
    async for each in client_of(app).lines("/work", {}):
        heard.append(each)
        go_on.set()
    assert heard == ["one", "two"]


async def test_work_ends_when_nobody_listens() -> None:
    app, ended = FastAPI(), asyncio.Event()

    @app.post(WORK)
    async def work() -> StreamingResponse:
        async def steps() -> AsyncIterator[str]:
            try:
                yield "one\n"
                await asyncio.Event().wait()
            finally:
                ended.set()

        return StreamingResponse(steps())

    async with aclosing(client_of(app).lines("/work", {})) as told:
        assert await anext(told) == "one"
    assert ended.is_set()


async def test_a_refusal_is_told() -> None:
    app = FastAPI()

    @app.post(WORK)
    async def work() -> Response:
        return answer(Problem(409, "another is running"))

    with pytest.raises(Refused, match="another is running") as refused:
        await anext(client_of(app).lines("/work", {}))
    assert refused.value.status == 409
    with pytest.raises(Refused):
        await anext(client_of(app).lines("/nowhere", {}))
