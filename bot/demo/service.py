"""`python -m bot demo`: groups to play with, on a page, on a clock of their own."""

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import migrations
from bot.accounts import AccountState
from bot.clock import Clock, ManualClock, PlatformClock, SystemClock
from bot.demo import codes, community
from bot.demo.beside import Beside, account_beside, is_here, time_page
from bot.demo.cast import Cast
from bot.demo.doorway import Doorway
from bot.demo.editor import Editor
from bot.demo.library import fill_library
from bot.demo.past.making import make_past
from bot.demo.past.plots import PLOTS, WEEKS
from bot.demo.scanning import scan_pages
from bot.demo.stage import STUMBLE, Stage, StagedDispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.postgres import data_folder, embedded_url
from bot.service import http_server, stopped_by_signal
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds, Simulation
from config.daily import ZONE
from config.settings import OFF, Settings
from handlers.features import ROUTER
from models.access import Access
from models.database import open_engine
from models.events import Event
from models.locks import ONE_DEMO
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from models.tables import ErrandRow, OutboxRow

log = logging.getLogger(__name__)

DATABASE = "demo"
BAD_INPUT = 2


async def serve_demo(settings: Settings, *, small: bool = False) -> None:
    """Until SIGTERM or SIGINT. Exits with 2 and one line where it can't be served. A `small` one
    has nothing but the groups to play in."""
    _must_be_free(settings.http)
    _must_make_sense(settings)
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    stop = stopped_by_signal()
    url = settings.database_url or await _embedded(settings)
    engine = open_engine(url)
    try:
        await migrations.upgrade(engine)
        async with _alone(engine):
            if small or await _has_past(settings, engine, stop):
                await _serve(settings, url, engine, stop)
    finally:
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class Opened:
    """The demo without its page."""

    stage: Stage
    cast: Cast
    editor: Editor
    doorway: Doorway
    dispatcher: StagedDispatcher
    clock: ManualClock


async def open_stage(
    transactions: Transactions,
    real: Clock,
    handled: Callable[[Event], None],
    site: str = "http://127.0.0.1:8000",
) -> Opened:
    """Where it was left, or now if that is later; on the first start with its groups and codes.
    `site` is the address at which it is served."""
    latest = await transactions.read(community.latest_moment)
    start = max(real.now(), latest or real.now())
    clock = ManualClock(start)
    told = PlatformClock(clock)
    gateway = SimulatedGateway(community.ACCOUNT, told)
    dispatcher = StagedDispatcher(transactions, ROUTER, handled)
    epoch = await transactions.read(_next_epoch)
    simulation = Simulation(
        transactions, ROUTER, gateway, clock, dispatcher=dispatcher, holding=AlwaysHolds(epoch)
    )
    await transactions.run(community.stock_up)
    stage = dispatcher.stage = Stage(simulation, told, real, transactions)
    # However it ended: while it did not run nothing happened, so nothing was missed.
    await stage.remember()
    await fill_library(transactions, dispatcher, start)
    await _open_doors(transactions, simulation, site)
    await _open_rooms(transactions, simulation)
    cast = Cast(stage, gateway)
    editor = Editor(stage, dispatcher, transactions)
    doorway = Doorway(stage, cast, gateway, dispatcher, transactions)
    return Opened(stage, cast, editor, doorway, dispatcher, clock)


async def _open_doors(transactions: Transactions, simulation: Simulation, site: str) -> None:
    """Codes, and an address for them that is right even where it is another one today."""
    now = simulation.clock.now()
    for each in await transactions.read(lambda facts: codes.missing(facts, site, now)):
        simulation.arrives(each)
    await simulation.advance(now)
    rules = await transactions.read(lambda facts: facts.rules.in_force())
    simulation.gateway.qr_base = f"{rules.entry.site}{codes.SCAN}"
    await transactions.run(lambda facts: codes.lead_here(facts, rules.entry.site))


async def _open_rooms(transactions: Transactions, simulation: Simulation) -> None:
    """Rooms that are known are as they were, the others as before anybody looked. Each is looked
    at, as after every connect: that finds nobody who would have to be greeted. Those of which
    nobody told when they were opened are adopted with the age that they are meant to have."""
    gateway, now = simulation.gateway, simulation.clock.now()
    today = now.astimezone(ZONE).date()
    groups = await transactions.read(lambda facts: community.restore(facts, gateway))
    known = {each.id: each for each in groups}
    ready_made = community.ready_made(today)
    for group in ready_made:
        if group.id not in known:
            community.settle_in(gateway, group, today)
    gateway.connect()
    simulation.hear()
    for each in gateway.groups():
        simulation.arrives(gateway.show(each))
    for group in ready_made:
        if group.id not in known or known[group.id].opened_on is None:
            simulation.arrives(group.adopted(now))
    await simulation.advance(now)
    for group in ready_made:
        if group.id not in known:
            await transactions.run(partial(community.recall, group=group, now=now))


async def _has_past(settings: Settings, engine: AsyncEngine, stop: asyncio.Event) -> bool:
    """Made on the first start; False where it was stopped in the midst of that."""
    qr_base = f"{codes.site_at(settings.http)}{codes.SCAN}"
    weeks = Weeks()
    making = asyncio.ensure_future(
        make_past(engine, SystemClock().now(), qr_base, weeks.tell, weeks.begin)
    )
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({making, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not making.done():
        making.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await making
        return False
    making.result()
    return True


class Weeks:
    """Tells whoever waits how far the past has come."""

    def __init__(self) -> None:
        self._told = 0

    def begin(self) -> None:
        groups = len(PLOTS) + len(community.BEGINNINGS)
        _tell(f"正在准备一个有{groups}个群的社区：小助手自己把过去{WEEKS}周过一遍，只有第一次要等")
        _tell(f"Making a community of {groups} groups: {WEEKS} weeks are lived through, this once")

    def tell(self, share: float) -> None:
        if (week := int(share * WEEKS)) > self._told:
            self._told = week
            _tell(f"  第{week}周 · week {week} of {WEEKS}")


async def _serve(settings: Settings, url: str, engine: AsyncEngine, stop: asyncio.Event) -> None:
    # NiceGUI takes a second to import, which no other command should have to wait for.
    from bot.console.mount import add_console, serve_pages
    from bot.demo import page

    real, metrics, transactions = SystemClock(), Metrics(), Transactions(engine)
    site = codes.site_at(settings.http)
    demo = await open_stage(transactions, real, metrics.handled, site)
    beside = Beside(settings, url, transactions, demo.clock, metrics.handled)
    simulated = {community.ACCOUNT: AccountState(held=True, well=True)}
    app = http_app(
        transactions,
        demo.dispatcher,
        demo.clock,
        lambda: simulated | dict(beside.states),
        metrics,
        mailboxes=beside.mailboxes,
    )
    app.include_router(scan_pages(demo.doorway))
    app.include_router(time_page(demo.clock))
    world = page.World(
        demo.stage, demo.cast, demo.editor, demo.doorway, transactions, demo.stage.now()
    )
    page.add_page(world)
    add_console(app, demo.clock)
    serve_pages(app)
    async with (
        http_server(app, settings.http, settings.proxies),
        _running(demo.stage),
        beside.running(demo.stage),
    ):
        await _greet_operator(settings.http, transactions, real)
        await stop.wait()
    # Where the database is away: what was remembered two seconds ago must do.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STUMBLE):
            await demo.stage.remember()


@asynccontextmanager
async def _running(stage: Stage) -> AsyncIterator[None]:
    task = asyncio.create_task(stage.run())
    try:
        yield
    finally:
        # An error of the database may take the place of the cancellation, and it outlives those.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=STUMBLE)


async def _greet_operator(where: str, transactions: Transactions, real: SystemClock) -> None:
    now = real.now()
    token = await transactions.run(
        lambda facts: TokenStore(facts.connection).issue("demo", Access.ADMIN, now)
    )
    header = f"Authorization: Bearer {token}"
    _tell(f"群助演示 · the demo is at http://{where} (Ctrl-C stops it)")
    _tell(f"控制台 · the console, and a token for it: http://{where}/console {token}")
    _tell("To come in as a mother does, choose a code on its page under 入口")
    _tell(f"To try its API: curl -H '{header}' http://{where}/api/v1/rules")


async def _embedded(settings: Settings) -> str:
    _tell("Starting; the first time takes some seconds ...")
    return await embedded_url(settings.data or data_folder(), DATABASE)


def _must_be_free(where: str) -> None:
    if where == OFF:
        _refuse("the demo is a page, so it needs an address: BOT_HTTP=127.0.0.1:8000")
    host, _, port = where.rpartition(":")
    try:
        with socket.create_server((host, int(port))):
            pass
    except (OSError, ValueError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        _refuse(f"cannot serve on {where}: {why}; choose another, e.g. BOT_HTTP=127.0.0.1:8001")


def _must_make_sense(settings: Settings) -> None:
    try:
        account_beside(settings)
    except ValueError as error:
        _refuse(str(error))
    if settings.wecom_corp_id and not is_here(settings):
        _tell(f"The company at {settings.wecom_api} is left alone: real people, and a real clock")


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[None]:
    """The only demo on this database, and no real groups in it."""
    async with engine.connect() as connection:
        # Two virtual clocks over the same groups would contradict each other.
        taken = await connection.scalar(text(f"SELECT pg_try_advisory_lock({ONE_DEMO})"))
        if not taken:
            _refuse("a demo is running on this database already")
        if await community.others_live_here(Unit(connection)):
            _refuse("this database holds real groups; give the demo another, or none at all")
        await connection.commit()
        yield


async def _next_epoch(facts: Unit) -> int:
    """Later than that of whatever an earlier process was saying or doing when it ended."""
    last = [
        await facts.connection.scalar(select(func.max(each.epoch)))
        for each in (OutboxRow, ErrandRow)
    ]
    return max(each or 0 for each in last) + 1


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _refuse(why: str) -> None:
    sys.stderr.write(f"{why}\n")
    raise SystemExit(BAD_INPUT)
