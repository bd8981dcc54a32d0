"""How many forms are taken at once: `python -m tests.bench.entry [--rate 150] [--seconds 20]`.

The service's pages under a real server in a process of its own, on a throw-away database of 24
groups in which 80 have a place each. So many browsers open the form beforehand; then they send
it, each once, at a fixed rate that waits for nobody: a delay is counted from when she would have
pressed the button. `beside` is the same rate of the same forms to an endpoint of bare FastAPI in
such a process, which reads them and answers. At the end it is looked at what became of everybody.
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import httpx
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.commandline import database_url
from bot.http.visitors import visitor_of
from bot.postgres import throwaway
from bot.transactions import Transactions
from config.daily import ZONE
from config.rules import Rules
from config.settings import Settings
from models.cohort import MONTHS, BirthWindow, shift_months
from models.entry import EntryCode
from models.groups import Ability, Account, Group, Standing
from models.growth import Life
from models.ids import AccountId, Code, GroupId, PersonId
from models.scopes import EVERYWHERE
from models.stores.unit import Unit
from tests.bench.entry_server import BARE

ROOT = Path(__file__).resolve().parents[2]
CODE, CHANNEL = Code("bench7k2mq"), "妇幼"
CITIES, WINDOWS, MEMBERS = ("杭州", "宁波", "嘉兴", "湖州"), 6, 120
LIMIT = Rules().growth.qr_until
AT_ONCE = 24
"""Forms opened at a time before the load begins."""
PATIENCE = 120.0
"""Seconds, also on a machine that has much else to do."""
PHONE = "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/86 Mobile MicroMessenger/8.0"
TOKEN = re.compile(r'name="token" value="([^"]+)"')
CONSENT = re.compile(r'name="consent" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Browser:
    """Who is ready to send her form, and what it holds."""

    cookie: str
    form: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Load:
    """Milliseconds that each took that was taken, how many were not, and how long all of it
    lasted; `cpu` is the share of a core that the server used meanwhile."""

    took: Sequence[float]
    refused: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds

    def told(self) -> str:
        cuts = quantiles(self.took, n=100)
        return (
            f"{self.rate:.0f}/s taken, {self.refused} refused;"
            f" {cuts[49]:.1f} ms p50, {cuts[94]:.1f} ms p95, {cuts[98]:.1f} ms p99;"
            f" {100 * self.cpu:.0f} % of a core"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of those whose forms were taken. `lost` have neither a place nor wait for one,
    or have no ticket; `overfull` are groups with more members and places than their limit."""

    placed: int
    waiting: int
    lost: int
    same_ticket: int
    overfull: int

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.same_ticket or self.overfull)


# The service, in a process of its own


class Server:
    def __init__(self, url: str, module: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.where = f"127.0.0.1:{free.getsockname()[1]}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, url, self.where],
            cwd=ROOT,
        )

    def cpu(self) -> float:
        """Seconds of a core that it has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=PATIENCE)


@asynccontextmanager
async def running(
    url: str, module: str = "tests.bench.entry_server"
) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    server = Server(url, module)
    # The server lets go of a connection that was idle for 5 s.
    limits = httpx.Limits(max_connections=200, keepalive_expiry=2)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{server.where}",
            limits=limits,
            timeout=PATIENCE,
            headers={"User-Agent": PHONE},
        ) as http:
            await _until_up(http)
            yield server, http
    finally:
        server.stop()


async def _until_up(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await http.get("/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


# The groups, and those who want in


async def fill(engine: AsyncEngine, now: datetime, members: int = MEMBERS) -> None:
    """Groups with so many in each of them already."""

    async def work(facts: Unit) -> None:
        account = AccountId("bench")
        facts.accounts.put(
            Account(
                id=account,
                person=PersonId("bot"),
                up_at=now,
                heard_at=now,
                abilities=(Ability.SHOWS_QR.value,),
            )
        )
        facts.entry_codes.put(
            EntryCode(code=CODE, channel=CHANNEL, created_at=now, created_by="bench")
        )
        for city in CITIES:
            for window in windows(now):
                _open_group(facts, account, city, window, members, now)

    async def lift_limits(facts: Unit) -> None:
        """All browsers of the bench sit in one place."""
        most = {"entry": {"pages_most": 100_000, "answers_most": 100_000}}
        await facts.rules.lay(EVERYWHERE, most, "bench", now)

    await Transactions(engine).run(work)
    await Transactions(engine).run(lift_limits)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


def windows(now: datetime) -> list[BirthWindow]:
    """Those of babies who are born already or soon."""
    today = now.astimezone(ZONE).date()
    first = today.replace(month=(today.month - 1) // MONTHS * MONTHS + MONTHS, day=1)
    days = (shift_months(first, MONTHS * number) for number in range(2 - WINDOWS, 2))
    return [BirthWindow(day.year, day.month) for day in days]


def _open_group(
    facts: Unit,
    account: AccountId,
    city: str,
    window: BirthWindow,
    members: int,
    now: datetime,
) -> None:
    group = GroupId(f"{city}-{window}")
    opened = now - timedelta(days=20)
    facts.groups.put(
        Group(
            id=group,
            account=account,
            name=f"{city}·{window.label}·{CHANNEL}·01",
            standing=Standing.OURS,
            city=city,
            channel=CHANNEL,
            birth_window=str(window),
            opened_on=opened.date(),
            checked_at=now,
            members=members,
        )
    )
    facts.lives.put(
        Life(group=group, since=opened, opened_on=opened.date(), look_at=now + timedelta(days=1))
    )


async def open_forms(http: httpx.AsyncClient, count: int, now: datetime) -> list[Browser]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def open_one(number: int) -> Browser:
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        async with turn:
            # Without the cookies of the others, which the client would keep.
            http.cookies.clear()
            page = await http.get(f"/j/{CODE}", headers={"X-Forwarded-For": address})
        token, consent = TOKEN.search(page.text), CONSENT.search(page.text)
        assert token, f"no form: {page.status_code}"
        assert consent, "a form without consent"
        return Browser(
            page.headers["set-cookie"].partition(";")[0],
            urlencode(_answers(number, now) | {"token": token[1], "consent": consent[1]}).encode(),
            address,
        )

    return list(await asyncio.gather(*(open_one(number) for number in range(count))))


def _answers(number: int, now: datetime) -> dict[str, str]:
    """Everybody for one of the groups, and no day for all of them."""
    window = windows(now)[number % WINDOWS]
    day = window.first_day + timedelta(days=number // WINDOWS % 80)
    return {
        "baby": "due" if day > now.astimezone(ZONE).date() else "born",
        "day": day.isoformat(),
        "city": CITIES[number // WINDOWS % len(CITIES)],
        "name": f"妈妈{number}",
    }


# The load


async def press(
    server: Server,
    rate: float,
    browsers: Sequence[Browser],
    send: Callable[[Browser], Awaitable[bool]],
) -> tuple[Load, list[Browser]]:
    """Everybody once, at this rate, whatever became of those before; and whose were taken."""
    took: list[float] = []
    taken: list[Browser] = []
    loop = asyncio.get_running_loop()

    async def one(browser: Browser, at: float) -> None:
        if await send(browser):
            took.append(1000 * (loop.time() - at))
            taken.append(browser)

    used, begun = server.cpu(), loop.time()
    async with asyncio.TaskGroup() as sending:
        for number, browser in enumerate(browsers):
            at = begun + number / rate
            await asyncio.sleep(at - loop.time())
            sending.create_task(one(browser, at))
    seconds = loop.time() - begun
    load = Load(took, len(browsers) - len(took), seconds, (server.cpu() - used) / seconds)
    return load, taken


def to(http: httpx.AsyncClient, path: str) -> Callable[[Browser], Awaitable[bool]]:
    async def send(browser: Browser) -> bool:
        answer = await http.post(
            path,
            content=browser.form,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": browser.cookie,
                "X-Forwarded-For": browser.address,
                "Sec-Fetch-Site": "same-origin",
            },
        )
        return answer.status_code == 303

    return send


# What became of them


async def outcome(engine: AsyncEngine, taken: Sequence[Browser]) -> Outcome:
    async with engine.connect() as connection:
        facts = Unit(connection)
        visitors = {each.id: each for each in await facts.visitors.find()}
        groups = await facts.groups.find()
    theirs = [visitors.get(visitor_of(each.cookie.partition("=")[2])) for each in taken]
    kept = [each for each in theirs if each is not None and each.ticket]
    tickets = [each.ticket for each in visitors.values() if each.ticket]
    seats = {each.id: 0 for each in groups}
    for each in visitors.values():
        if each.group is not None and not each.has_joined:
            seats[each.group] += 1
    placed = sum(each.group is not None for each in kept)
    waiting = sum(each.group is None and each.waiting_since is not None for each in kept)
    return Outcome(
        placed=placed,
        waiting=waiting,
        lost=len(taken) - placed - waiting,
        same_ticket=len(tickets) - len(set(tickets)),
        overfull=sum(each.members + seats[each.id] > LIMIT for each in groups),
    )


async def measure(
    engine: AsyncEngine, url: str, rate: float, seconds: float, members: int = MEMBERS
) -> tuple[Load, Load, Outcome]:
    """What it took, what the bare endpoint beside it took, and what became of everybody."""
    now = SystemClock().now()
    await fill(engine, now, members)
    async with running(url) as (server, http):
        browsers = await open_forms(http, round(rate * seconds), now)
        http.cookies.clear()
        beside, _ = await press(server, rate, browsers, to(http, f"{BARE}/"))
        load, taken = await press(server, rate, browsers, to(http, f"/j/{CODE}"))
    return load, beside, await outcome(engine, taken)


async def main(rate: float = 150, seconds: float = 20) -> None:
    url = await database_url(Settings())
    async with throwaway(url, "bench_entry") as engine:
        its_own = engine.url.render_as_string(hide_password=False)
        begun = time.perf_counter()
        load, beside, became = await measure(engine, its_own, rate, seconds)
    print(f"forms at {rate:.0f}/s: {load.told()}")
    print(f"beside: {beside.told()}; {load.cpu / beside.cpu:.1f} times its share of a core")
    print(f"{became}, {'all is right' if became.is_right else 'WRONG'}")
    print(f"{time.perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    uvloop.run(main(given.rate, given.seconds))
