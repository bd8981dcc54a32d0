"""What takes its time tells how far it is: a line each, where that is asked for."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from bot.http.problems import Problem
from bot.transactions import is_passing

NDJSON = "application/x-ndjson"
Told = BaseModel | Mapping[str, Any]
Steps = AsyncGenerator[Told, None]
"""How far it is, any number of times, and at last the answer. It may raise a Problem."""


async def told(request: Request, steps: Steps) -> Response:
    """The answer alone or, with `Accept: application/x-ndjson`, all of it as it comes; a problem
    is then the last line. Nobody left to hear it ends it."""
    if NDJSON in request.headers.get("Accept", ""):
        return StreamingResponse(_lines(steps), media_type=NDJSON)
    answering = asyncio.create_task(_last(steps))
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise Gone
        return Response(_line(answering.result()), media_type="application/json")
    finally:
        answering.cancel()
        leaving.cancel()


class Gone(Problem):
    """Whoever asked does not wait any more, and never sees this."""

    def __init__(self) -> None:
        super().__init__(503, "nobody waits for the answer")


async def _last(steps: Steps) -> Told:
    async with aclosing(steps):
        *_, last = [each async for each in steps]
    return last


async def _left(request: Request) -> None:
    """When she is gone; the body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _lines(steps: Steps) -> AsyncIterator[str]:
    async with aclosing(steps):
        try:
            async for each in steps:
                yield _line(each)
        except Problem as problem:
            told = {"status": problem.status, "detail": problem.detail}
            yield _line(told | {"errors": problem.errors})
        except Exception as error:
            if not is_passing(error):
                raise
            yield _line({"status": 503, "detail": "the database does not answer"})


def _line(value: Told) -> str:
    if isinstance(value, BaseModel):
        return value.model_dump_json() + "\n"
    return json.dumps(value, ensure_ascii=False) + "\n"
