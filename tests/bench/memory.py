"""How much memory the service takes with 50 groups and with 10,000, beside its imports alone.

`python -m bot run` as an operator runs it, on a database of some months (tests/bench/months.py)
and a Wechaty gateway that has all those rooms. It looks at every room, somebody opens every
page of the console, and there is talk in many groups; then its resident memory is read.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI
from nicegui import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.console.mount import add_console
from bot.gateways import accounts
from bot.http.door import COOKIE
from config.settings import Settings
from models.ids import AccountId
from tests.bench.console import addressed, signed_in
from tests.bench.databases import durable, migrated
from tests.bench.figures import Figure, Row, at_most
from tests.bench.gateway import BOT, stored
from tests.bench.months import live_months
from tests.bench.replay import words
from tests.faults.service import ROOT, Service
from tests.gateways.wechaty.lab.lab import Lab

LIMITS: Mapping[int, float] = {50: 200, 10_000: 400}
"""MB, by how many groups there are."""
PATIENCE = 1_200.0
"""Seconds in which to look at 10,000 rooms, also on a machine that has much else to do."""
SAID, TALKING = 5_000, 400
"""Messages, and in how many of the groups at most."""
IMPORTS = "import uvloop, bot.commandline, bot.service, bot.console.mount; print(); input()"
THINGS = {"group": "R:1@chatroom", "item": "c7", "code": "code200"}
"""What the addresses of pages may name."""
ITSELF = f"UPDATE member SET person_id = '{BOT}' WHERE role = 'bot'"
TO_PLAN = "UPDATE programme SET plan_at = now() WHERE plan_at IS NOT NULL"
ROOMS = """
    SELECT chat_group.id, chat_group.name, array_agg(person_id)
    FROM chat_group JOIN member ON group_id = chat_group.id AND present
    WHERE standing = 'ours' GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """MB: what is resident, the most that ever was, and what is left of it where of each page that
    several processes share only its share counts."""

    resident: float
    peak: float
    share: float

    def __str__(self) -> str:
        return f"{self.resident:.0f} MB, {self.peak:.0f} at its peak, {self.share:.0f} its share"


async def bench(url: str, limits: Mapping[int, float] = LIMITS) -> list[Row]:
    alone = imports_alone()
    print(f"  the imports: {alone}")
    rows = []
    for groups, limit in limits.items():
        found = await used(url, groups)
        rows.append(
            Row(
                what=f"memory of the process with {groups:,} groups, its console included",
                ours=Figure(found.resident, "MB"),
                beside="its imports alone",
                theirs=Figure(alone.resident, "MB"),
                target=at_most(Figure(limit, "MB")),
                promise=at_most(Figure(1.25 * limit, "MB")),
                see="Memory",
            )
        )
    return rows


def imports_alone() -> Memory:
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = memory_of(process.pid)
        process.communicate(b"\n")
    return found


async def used(url: str, groups: int) -> Memory:
    """Once all of it has happened."""

    async def fill(engine: AsyncEngine) -> None:
        now = SystemClock().now()
        await live_months(engine, now, groups=groups, promises=150 * groups, entries=100 * groups)
        await migrated(engine)

    with tempfile.TemporaryDirectory(prefix="qunzhu-bench-") as name:
        lab = Lab(Path(name))
        async with durable(url, f"bench_memory_{groups}", fill) as engine:
            rooms = await _handed_to(account_of(lab), engine)
            _make(rooms, lab)
            address = engine.url.render_as_string(hide_password=False)
            with lab, Service(Path(name), address, lab) as service:
                service.becomes_ready(within=PATIENCE, every=1)
                _tell(groups, "all rooms looked at", memory_of(service.pid))
                await _open_pages(f"http://127.0.0.1:{service.port}", await signed_in(engine))
                _tell(groups, "all pages opened", memory_of(service.pid))
                await stored(engine, lab, _said(rooms))
                found = memory_of(service.pid)
    _tell(groups, f"{SAID:,} messages handled", found)
    return found


def _tell(groups: int, when: str, found: Memory) -> None:
    print(f"  {groups:,} groups, {when}: {found}", flush=True)


def account_of(lab: Lab) -> AccountId:
    given = {
        "WECHATY_PUPPET_SERVICE_ENDPOINT": lab.endpoint,
        "WECHATY_PUPPET_SERVICE_TOKEN": lab.token,
    }
    (account,) = accounts(Settings.model_validate(given))
    return account


Rooms = Mapping[str, tuple[str, Sequence[str]]]
"""The name of each, and who is in it."""


async def _handed_to(account: AccountId, engine: AsyncEngine) -> Rooms:
    """All groups are of this account, and their days are to be planned."""
    async with engine.begin() as connection:
        given = {"account": account}
        await connection.execute(text("UPDATE chat_group SET account = :account"), given)
        for each in (ITSELF, TO_PLAN):
            await connection.execute(text(each))
        found = await connection.execute(text(ROOMS))
        return {group: (name, people) for group, name, people in found}


def _make(rooms: Rooms, lab: Lab) -> None:
    with lab:
        lab.contact(BOT)
    with lab.meanwhile() as state:
        for room, (topic, people) in rooms.items():
            state["rooms"][room] = {
                "topic": topic,
                "owner": "",
                "admins": [],
                "members": people,
                "aliases": {},
            }


def _said(rooms: Rooms) -> list[dict[str, str]]:
    rng = random.Random(7)
    talking = rng.sample(sorted(rooms), min(len(rooms), TALKING))
    said = []
    for number in range(SAID):
        room = rng.choice(talking)
        who = rng.choice([each for each in rooms[room][1] if each != BOT])
        said.append({"by": who, "room": room, "text": words(number, rng)})
    return said


async def _open_pages(where: str, cookie: str) -> None:
    """Every page of the console, one after the other."""
    add_console(FastAPI(), SystemClock())
    async with httpx.AsyncClient(base_url=where, cookies={COOKIE: cookie}, timeout=60) as http:
        for page in sorted(set(Client.page_routes.values())):
            if (address := addressed(page, THINGS)) is not None:
                answer = await http.get(address)
                assert answer.is_success, f"{address}: {answer.status_code}"


def memory_of(pid: int) -> Memory:
    process = Path(f"/proc/{pid}")
    return Memory(
        resident=_megabytes(process / "status", "VmRSS"),
        peak=_megabytes(process / "status", "VmHWM"),
        share=_megabytes(process / "smaps_rollup", "Pss"),
    )


def _megabytes(file: Path, name: str) -> float:
    lines = dict(each.split(":", 1) for each in file.read_text().splitlines() if ":" in each)
    return int(lines[name].split()[0]) / 1024
