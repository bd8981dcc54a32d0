"""`python -m bot run`: everything put together, once, for as long as it takes."""

import asyncio
import logging
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import uvicorn
from fastapi import FastAPI

from bot.accounts import AccountRunner, Workshop
from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.gateways import Surroundings, accounts, mailboxes
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.outbox.bell import Belfry
from bot.timetable import beat_on, metronome
from bot.transactions import Transactions
from config.settings import OFF, Settings
from handlers.features import ROUTER
from models.database import open_engine

log = logging.getLogger(__name__)

PATIENCE = 9.0
"""Seconds for everything to come to an end; an orchestrator kills after ten."""


async def serve(settings: Settings, url: str, clock: Clock) -> None:
    """Until SIGTERM or SIGINT; what is in hand is finished first."""
    engine = open_engine(url)
    transactions = Transactions(engine)
    metrics = Metrics()
    dispatcher = Dispatcher(transactions, ROUTER, metrics.handled)
    belfry = Belfry(url)
    shop = Workshop(transactions, dispatcher, ROUTER, clock, belfry, holder=uuid.uuid4().hex)
    around = Surroundings(clock, engine, lambda account: belfry.bell(account, "inbox"))
    runners = [
        AccountRunner(account, partial(open_gateway, around), shop)
        for account, open_gateway in accounts(settings).items()
    ]
    app = http_app(
        transactions,
        dispatcher,
        clock,
        lambda: {each.account: each.state for each in runners},
        metrics,
        mailboxes=mailboxes(settings),
    )
    if settings.http != OFF:
        # NiceGUI takes a second to import, which a process without pages need not wait for.
        from bot.console.mount import add_console, serve_pages

        add_console(app, clock)
        serve_pages(app)
    scheduler = metronome(ROUTER, dispatcher, clock)
    stop = stopped_by_signal()
    async with belfry.listening(), http_server(app, settings.http, settings.proxies):
        scheduler.start()
        beating = asyncio.create_task(beat_on(scheduler, clock))
        running = [asyncio.create_task(each.run()) for each in runners]
        log.info("running: %s account(s), HTTP %s", len(runners), settings.http)
        await stop.wait()
        log.info("stopping")
        beating.cancel()
        scheduler.shutdown(wait=False)
        for runner in runners:
            runner.stop()
        if running:
            await asyncio.wait(running, timeout=PATIENCE)
    await engine.dispose()
    log.info("stopped")


def stopped_by_signal() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


@asynccontextmanager
async def http_server(app: FastAPI, where: str, proxies: str) -> AsyncIterator[None]:
    """Serve while the body runs; not at all where it is off. Raises AddressTaken."""
    if where == OFF:
        yield
        return
    config = uvicorn.Config(
        app,
        log_config=None,
        # An address may be the key to a page, e.g. that of a group to be opened.
        access_log=False,
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[_listen(where)]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _listen(where: str) -> socket.socket:
    host, _, port = where.rpartition(":")
    try:
        return socket.create_server((host, int(port)))
    except (OSError, ValueError) as error:
        raise AddressTaken(f"cannot serve HTTP on {where}: {error}; set BOT_HTTP") from error


class AddressTaken(Exception):
    """Or it is no address at all."""


class _Server(uvicorn.Server):
    """Leaves the signals to us: accounts must come to an end, not only HTTP."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
