"""What tests.bench.entry measures: `python -m tests.bench.entry_server URL HOST:PORT`.

The service's pages and its timetable on a database, without accounts; and under /bare what they
are compared with.
"""

import sys

import uvloop
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

from bot.clock import SystemClock
from bot.dispatcher import Dispatcher
from bot.garbage import collect_rarely
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.service import http_server, stopped_by_signal
from bot.timetable import metronome
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.database import open_engine

BARE = "/bare"


async def serve(url: str, where: str) -> None:
    """Until SIGTERM."""
    collect_rarely()
    engine = open_engine(url)
    clock, metrics, transactions = SystemClock(), Metrics(), Transactions(engine)
    dispatcher = Dispatcher(transactions, ROUTER, metrics.handled)
    app = http_app(transactions, dispatcher, clock, dict, metrics)
    app.mount(BARE, _bare())
    stop = stopped_by_signal()
    scheduler = metronome(ROUTER, dispatcher, clock)
    async with http_server(app, where, "127.0.0.1"):
        scheduler.start()
        await stop.wait()
        scheduler.shutdown(wait=False)
    await engine.dispose()


def _bare() -> FastAPI:
    """Reads a form, and answers."""
    app = FastAPI()

    @app.post("/")
    async def echo(request: Request) -> RedirectResponse:
        form = await request.form()
        return RedirectResponse(f"{BARE}/{len(form)}", 303)

    return app


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
