"""What tests.bench.console measures: `python -m tests.bench.console_server URL HOST:PORT`.

The API and the console's pages on a database, without accounts and without a timetable; under
/bench/pages the addresses of all pages are told.
"""

import sys

import uvloop
from nicegui import Client

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

PAGES = "/bench/pages"


async def serve(url: str, where: str) -> None:
    """Until SIGTERM."""
    collect_rarely()
    engine = open_engine(url)
    clock, metrics, transactions = SystemClock(), Metrics(), Transactions(engine)
    dispatcher = Dispatcher(transactions, ROUTER, metrics.handled)
    app = http_app(transactions, dispatcher, clock, dict, metrics)
    add_console(app, clock)

    @app.get(PAGES)
    async def pages() -> list[str]:
        return sorted(set(Client.page_routes.values()))

    serve_pages(app)
    stop = stopped_by_signal()
    async with http_server(app, where, "127.0.0.1"):
        await stop.wait()
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
