"""How long the console and its API take where there is much to show:
`python -m tests.bench.console [--rounds 5] [--over 100]`.

A throw-away database with 10,000 groups, 2,000,000 memberships and what some months leave behind
(tests/bench/months.py). Every page of the console, and every GET of the API as it is, with each of
its filters, in each of its orders, with its count, and further down, is asked for over HTTP some
times, by somebody who is signed in. `beside` is the page for signing in, which reads nothing.
Server time is the processor time of the service and what the database took, the least of the
rounds: by the clock it depends on what else runs.
"""

import argparse
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpx
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.commandline import database_url
from bot.http.door import COOKIE
from bot.postgres import throwaway
from bot.transactions import Transactions
from config.settings import Settings
from models.access import Access
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from tests.bench.entry import running
from tests.bench.months import live_months

API = "/api/v1"
PAGES = "/bench/pages"
WORK, DATABASE, STATEMENTS = "x-bench-work", "x-bench-database", "x-bench-statements"
"""Headers of answers: milliseconds of the processor, milliseconds, and how many."""
NOTHING = "/console/sign-in"
ROUNDS, OVER = 5, 100.0
FURTHER, A_PIECE = 8, 100
"""Pages that are turned, and of how many rows each, to be further down a list."""
NOWHERE = "没有这样的词"
"""Nobody said it: the whole of a list is looked through."""
PLACE = re.compile(r"\{([^}]+)\}")
NEEDED = {"/api/v1/members": ("group",)}
"""What a list can't be asked for without."""
MORE_PAGES = (
    *("/console?channel=妇幼", "/console/groups?channel=妇幼", "/console/groups?needing=true"),
    *("/console/outbox?state=parked", "/console/outbox?state=waiting&account=wx3"),
    *("/console/calendar?channel=月子中心", "/console/calendar?awaiting_approval=true"),
    *("/console/calendar?group={group}", "/console/calendar?ahead=0&kind=wet"),
    *("/console/questions?group={group}", "/console/points?group={group}"),
)
"""As other pages lead to them."""
KNOWN = """
    SELECT member.group_id AS group, member.person_id AS person, member.person_id AS member,
        'wx3' AS account, 'everywhere' AS scope, 'r3' AS reward, 'c7' AS item,
        'at_risk' AS concern, '妇幼' AS channel, '杭州' AS city,
        post.day AS day, post.slot AS slot, 'code77' AS code, 'bench' AS by,
        (SELECT max(id) FROM outbox WHERE group_id = member.group_id) AS message,
        (SELECT max(key) FROM ledger WHERE group_id = member.group_id) AS entry,
        (SELECT max(id) FROM question WHERE group_id = member.group_id) AS question,
        (SELECT max(id) FROM dead_letter) AS letter,
        (SELECT max(number) FROM task WHERE group_id = member.group_id) AS number,
        (SELECT max(id) FROM api_token) AS token,
        opening.city || '~' || opening.channel || '~' || opening.birth_window AS cohort,
        opening.birth_window, opening.seq AS seq,
        now() - interval '7 days' AS since, now() - interval '1 day' AS until,
        current_date - 7 AS day_from, current_date - 1 AS day_to, 28 AS days
    FROM member JOIN post USING (group_id) JOIN opening USING (group_id)
    WHERE group_id = 'R:3001@chatroom' AND member.role = 'koc' AND post.state = 'posted'
    ORDER BY post.day DESC LIMIT 1
"""
"""Something that is there for everything that an address may name."""


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds by the clock, of the server's processor, and of the database, one statement
    after the other."""

    clock: float
    work: float
    database: float
    statements: int

    @property
    def server(self) -> float:
        """Little of it is what else runs on the machine."""
        return self.work + self.database


@dataclass(frozen=True, slots=True)
class Took:
    """What the rounds took."""

    what: str
    status: int
    kilobytes: float
    rounds: Sequence[Round]

    @property
    def server(self) -> float:
        return min(each.server for each in self.rounds)

    @property
    def database(self) -> float:
        return min(each.database for each in self.rounds)

    def told(self, beside: "Took") -> str:
        clock = [each.clock for each in self.rounds]
        status = "" if self.status < httpx.codes.BAD_REQUEST else f"  ({self.status})"
        return (
            f"{self.server:5.0f} ms of server time ({self.database:.0f} of the database,"
            f" {self.rounds[-1].statements} statements), {self.server / beside.server:.1f} x;"
            f" by the clock {median(clock):.0f} ms, {max(clock):.0f} at worst;"
            f" {self.kilobytes:.0f} kB  {self.what}{status}"
        )


# What is asked for


async def known(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        found = await connection.execute(text(KNOWN))
        row = found.mappings().one()
    return {name: _told(each) for name, each in row.items()}


def _told(thing: Any) -> str:
    return thing.isoformat() if isinstance(thing, date) else str(thing)


def addressed(path: str, things: Mapping[str, str]) -> str | None:
    """A path with things for what it names; None where there is no such thing."""
    for named in PLACE.findall(path):
        thing = things.get(named.partition(":")[0])
        if thing is None:
            return None
        path = path.replace("{" + named + "}", quote(thing, safe=""))
    return path


class Requests:
    """All that can be asked of the API, by its own description."""

    def __init__(self, described: Mapping[str, Any], things: Mapping[str, str]) -> None:
        self._described, self._things = described, things
        self.unasked: list[str] = []
        """What there is no address for."""

    def all(self) -> Iterator[tuple[str, bool]]:
        """Each, and whether it is a whole list, of which a later page is to be looked at."""
        for path, methods in self._described["paths"].items():
            if "get" not in methods:
                continue
            address = addressed(path, self._things)
            asked = [
                each for each in methods["get"].get("parameters", ()) if each["in"] == "query"
            ]
            if address is None:
                self.unasked.append(path)
                continue
            needed = {each["name"]: self._things[each["name"]] for each in asked if _needed(each)}
            if path in NEEDED:
                needed |= {name: self._things[name] for name in NEEDED[path]}
            is_list = any(each["name"] == "cursor" for each in asked)
            for more in self._each(asked):
                yield _with(address, needed | more), is_list and set(more) <= {"sort"}

    def _each(self, asked: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
        """As it is, with its count, with one of its filters or orders; and these in a channel."""
        names = {each["name"] for each in asked}
        channel = {"channel": self._things["channel"]} if "channel" in names else {}
        counted = {"count": "true"}
        yield {}
        if "count" in names:
            yield counted
        for each in asked:
            if each["name"] in ("cursor", "limit", "count", "format"):
                continue
            for value in self._values(each["name"], each["schema"]):
                one = {each["name"]: value}
                yield one
                if "count" in names and each["name"] != "sort":
                    yield one | counted
                if channel and each["name"] not in ("channel", "group"):
                    yield channel | one

    def _values(self, name: str, schema: Mapping[str, Any]) -> list[str]:
        if name == "sort":
            names = schema["pattern"].removeprefix("^-?(").removesuffix(")$").split("|")
            return [sign + each for each in names for sign in ("", "-")]
        if name == "q":
            return [NOWHERE, "1"]
        if name in self._things:
            return [self._things[name]]
        kinds = [self._meant(each) for each in (schema, *schema.get("anyOf", ()))]
        for kind in kinds:
            if "enum" in kind:
                return list(kind["enum"])
            if kind.get("type") == "boolean":
                return ["true", "false"]
        return []

    def _meant(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self._described["components"]["schemas"][name] if name else schema


def _needed(parameter: Mapping[str, Any]) -> bool:
    return bool(parameter.get("required"))


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(asked)}" if asked else address


# How long it takes


class Watch:
    def __init__(self, http: httpx.AsyncClient, rounds: int) -> None:
        self._http, self._rounds = http, rounds

    async def see(self, address: str, name: str = "") -> Took:
        rounds = []
        for _ in range(self._rounds):
            begun = time.perf_counter()
            answer = await self._http.get(address)
            clock = 1000 * (time.perf_counter() - begun)
            told = answer.headers
            work, database = float(told[WORK]), float(told[DATABASE])
            rounds.append(Round(clock, work, database, round(float(told[STATEMENTS]))))
        size = len(answer.content) / 1000
        return Took(name or unquote(address), answer.status_code, size, rounds)

    async def see_further(self, address: str) -> Took | None:
        """A page further down a list; None where it is not that long."""
        joint = "&" if "?" in address else "?"
        paged = f"{address}{joint}limit={A_PIECE}"
        here = paged
        for _ in range(FURTHER):
            answer = await self._http.get(here)
            cursor = answer.json().get("next") if answer.is_success else None
            if cursor is None:
                return None
            here = f"{paged}&cursor={cursor}"
        return await self.see(here, f"{unquote(paged)}, page {FURTHER + 1}")


async def signed_in(engine: AsyncEngine) -> str:
    """The cookie of an admin."""
    now = SystemClock().now()

    async def work(facts: Unit) -> str:
        tokens = TokenStore(facts.connection)
        holder = await tokens.holder(await tokens.issue("bench", Access.ADMIN, now), now)
        assert holder
        return (await tokens.sign_in(holder.token, now))[0]

    return await Transactions(engine).run(work)


async def measure(
    engine: AsyncEngine, rounds: int = ROUNDS, only: str = ""
) -> tuple[list[Took], Took]:
    """Everything, worst first, and what it is compared with."""
    url = engine.url.render_as_string(hide_password=False)
    cookie, things = await signed_in(engine), await known(engine)
    async with running(url, "tests.bench.console_server") as (_, http):
        http.cookies.set(COOKIE, cookie)
        watch = Watch(http, rounds)
        # What a process does once is no part of it.
        await watch.see("/console")
        beside = await watch.see(NOTHING)
        took = []
        for page in (*(await http.get(PAGES)).json(), *MORE_PAGES):
            address = addressed(page, things)
            assert address, page
            if only in address:
                took.append(await watch.see(address))
        requests = Requests((await http.get("/openapi.json")).json(), things)
        for address, is_list in requests.all():
            if only not in address:
                continue
            took.append(await watch.see(address))
            if is_list and (further := await watch.see_further(address)):
                took.append(further)
        for path in requests.unasked:
            print(f"not asked for: {path}")
    return sorted(took, key=lambda each: -each.server), beside


async def main(rounds: int = ROUNDS, over: float = OVER) -> None:
    async with throwaway(await database_url(Settings()), "bench_console") as engine:
        begun = time.perf_counter()
        await live_months(engine, SystemClock().now())
        print(f"filled in {time.perf_counter() - begun:.0f} s")
        took, beside = await measure(engine, rounds)
    tell(took, beside, over)


def tell(took: Sequence[Took], beside: Took, over: float = OVER) -> None:
    """All pages, and what else takes longer than so many milliseconds."""
    load = os.getloadavg()[0]
    print(f"beside: {beside.told(beside)}")
    print(f"{len(took)} things asked for {len(beside.rounds)} times each, at a load of {load:.0f}")
    for each in took:
        if each.server > over or each.what.startswith("/console"):
            print(each.told(beside))
    asked = [each for each in took if each.what.startswith(API)]
    if asked:
        server, database = [each.server for each in asked], [each.database for each in asked]
        print(
            f"of the API in the middle {median(server):.0f} ms of server time,"
            f" {median(database):.0f} of the database; at most {max(server):.0f} and"
            f" {max(database):.0f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--over", type=float, default=OVER, help="milliseconds that are told")
    given = parser.parse_args()
    uvloop.run(main(given.rounds, given.over))
