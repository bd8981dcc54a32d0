"""What tests.bench.console measures: `python -m tests.bench.console_server URL HOST:PORT`.

The API and the console's pages on a database, without accounts and without a timetable; under
/bench/pages the addresses of all pages are told. Each answer says how long the process worked for
it, how long the database took, and in how many statements, so that what else runs on the machine
counts for less.
"""

import sys
import time
from contextvars import ContextVar
from typing import Any

import uvloop
from nicegui import Client
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import SystemClock
from bot.console.mount import add_console, serve_pages
from bot.dispatcher import Dispatcher
from bot.garbage import collect_rarely
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.service import http_server, stopped_by_signal
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.database import open_engine
from tests.bench.console import DATABASE, PAGES, STATEMENTS, WORK

_statements: ContextVar[list[float]] = ContextVar("statements")


def listen(engine: AsyncEngine) -> None:
    """To how long each statement takes."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begins(_c: Any, _cursor: Any, _s: str, _p: Any, context: Any, _many: bool) -> None:
        context.bench_begun = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def ends(_c: Any, _cursor: Any, _s: str, _p: Any, context: Any, _many: bool) -> None:
        if (seconds := _statements.get(None)) is not None:
            seconds.append(time.perf_counter() - context.bench_begun)


class Measured:
    """The app, asked for one thing at a time. What a page asks of the API is within it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._is_asked = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_asked:
            await self._app(scope, receive, send)
            return
        seconds: list[float] = []
        begun = time.process_time()

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {
                    WORK: 1000 * (time.process_time() - begun),
                    DATABASE: 1000 * sum(seconds),
                    STATEMENTS: len(seconds),
                }
                message["headers"] += [(k.encode(), f"{v:.1f}".encode()) for k, v in told.items()]
            if message["type"] == "http.response.body" and not message.get("more_body"):
                # What a page does after its answer, as waiting to be looked at, is no part of it.
                self._is_asked = False
            await send(message)

        _statements.set(seconds)
        self._is_asked = True
        await self._app(scope, receive, say)


async def serve(url: str, where: str) -> None:
    """Until SIGTERM."""
    collect_rarely()
    engine = open_engine(url)
    listen(engine)
    clock, metrics, transactions = SystemClock(), Metrics(), Transactions(engine)
    dispatcher = Dispatcher(transactions, ROUTER, metrics.handled)
    app = http_app(transactions, dispatcher, clock, dict, metrics)
    add_console(app, clock)

    @app.get(PAGES)
    async def pages() -> list[str]:
        return sorted(set(Client.page_routes.values()))

    serve_pages(app)
    app.add_middleware(Measured)
    stop = stopped_by_signal()
    async with http_server(app, where, "127.0.0.1"):
        await stop.wait()
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
