"""`python -m bot replay`: a scenario on a virtual clock, in a database of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import replay_entry
from bot import scenario_lines as script
from bot.player import Action, Player
from bot.postgres import empty
from bot.scenario import Scenario
from bot.transactions import Broken, InHaste, OnlyWriter
from config.daily import ZONE
from models.messages import Outgoing
from models.people import is_erased
from models.points import EARNED, Balance, EntryKind
from models.stores.unit import Unit
from models.tables import BalanceRow, LedgerRow, OutboxRow

NEVER_MIND = datetime(2026, 1, 1, tzinfo=UTC)
"""When nothing happens."""
AT_ONCE = 2_000
"""Lines told ahead; the dispatcher takes them in batches that never span a due time. Where there
are entry codes none is: what the account does of its own has its place between two lines."""

PROGRESS = 0.5
"""Seconds between two lines that tell how far it is."""

Write = Callable[[str], None]


async def replay(
    scenario: Scenario,
    engine: AsyncEngine,
    write: Write,
    *,
    state: bool = False,
    days: bool = False,
    progress: Write | None = None,
) -> None:
    """Run it, and write what was said as JSON lines in the order of delivery; then, if asked for,
    what is left, and what each day gave. How far it is goes to `progress`. The database is empty,
    and everything in it may be taken away."""

    async def run(transactions: OnlyWriter, write: Write) -> None:
        try:
            replay = Replay(scenario, transactions, write)
            async with _telling(replay, progress):
                await replay.play()
            if state:
                await replay.tell_state()
            if days:
                await replay.tell_days()
        finally:
            await transactions.aclose()

    told = Told(write)
    try:
        await run(InHaste(engine), told.write)
    except Broken:  # in haste nothing can be put aside: once more, step by step
        await empty(engine)
        await run(OnlyWriter(engine), told.again)


class Told:
    """What was written already is not written again by who begins anew and comes to the same."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._told = self._retold = 0

    def write(self, line: str) -> None:
        self._told += 1
        self._write(line)

    def again(self, line: str) -> None:
        self._retold += 1
        if self._retold > self._told:
            self._write(line)


@asynccontextmanager
async def _telling(run: "Replay", progress: Write | None) -> AsyncIterator[None]:
    """Tell how far it is, twice a second and at the end."""
    if progress is None:
        yield
        return

    async def tell(write: Write) -> None:
        while True:
            write(run.progress())
            await asyncio.sleep(PROGRESS)

    telling = asyncio.create_task(tell(progress))
    try:
        yield
    finally:
        telling.cancel()
    progress(run.progress())


class Replay:
    def __init__(self, scenario: Scenario, transactions: OnlyWriter, write: Write) -> None:
        self._start = _start(scenario)
        self._end = scenario.events[-1].at if scenario.events else self._start
        self._scenario = scenario
        self._has_codes = scenario.has_codes
        self._write = write
        self._transactions = transactions
        self._player = Player(transactions, _start(scenario), self._said)

    async def play(self) -> None:
        await self._player.open(self._scenario.set_up)
        told_ahead = 1 if self._has_codes else AT_ONCE
        for actions in _in_chunks(self._actions(), told_ahead):
            if self._has_codes:
                await self._player.simulation.advance(actions[0].at, inclusive=False)
            await self._player.tell(actions)

    def progress(self) -> str:
        """How far it is, by its clock and as a share of what there is to live through."""
        now, end = self._player.clock.now(), self._end
        lived, whole = now - self._start, end - self._start
        done = min(lived / whole, 1.0) if whole else 1.0
        told = {"at": _local(now), "until": _local(end), "done": round(done, 4)}
        return _line({"type": "progress"} | told)

    async def tell_days(self) -> None:
        """What was given on each day: of points, all groups together."""
        for day, points in await self._transactions.read(_points_by_day):
            self._write(_line({"type": "day", "day": day.isoformat(), "points": points}))

    async def tell_state(self) -> None:
        for each in await self._transactions.read(_balances):
            place = {"group": each.group, "member": each.person}
            self._write(_line({"type": "points"} | place | {"balance": each.points}))
        if self._has_codes:
            for line in await self._transactions.read(replay_entry.closing_lines):
                self._write(_line(line))
        waiting, parked = await self._transactions.read(_outbox_counts)
        self._write(_line({"type": "outbox", "waiting": waiting, "parked": parked}))

    def _actions(self) -> Iterator[Action]:
        """In order of time; a deafness ends before what happens at that instant, and one that
        outlasts the scenario does not end."""
        end: datetime | None = None
        for line in self._scenario.events:
            if end is not None and end <= line.at:
                yield Action(end, self._player.hear_again, cuts=True)
                end = None
            if isinstance(line, script.DeafLine):
                end = max(end or line.until, line.until)
            yield self._player.action(line)

    def _said(self, message: Outgoing) -> None:
        """As a gateway would say it that sends neither pictures nor cards."""
        at = _local(self._player.clock.now())
        where = {"group": message.group} if message.group is not None else {"to": message.to}
        said = {"at": at, **where, "kind": message.kind.value, "text": message.plain}
        self._write(_line(said | {"mentions": list(message.mentions), "key": message.key}))


def _start(scenario: Scenario) -> datetime:
    """With the first event; where time alone is to pass, on the day the first group opened."""
    if not scenario.events:
        return NEVER_MIND
    first: datetime = scenario.events[0].at
    if not isinstance(scenario.events[0], script.UntilLine):
        return first
    groups = [each for each in scenario.set_up if isinstance(each, script.GroupLine)]
    opened = [datetime.combine(each.opened_on, time(), ZONE) for each in groups if each.opened_on]
    return min(first, *opened) if opened else first


def _in_chunks(actions: Iterator[Action], at_once: int) -> Iterator[list[Action]]:
    """Many at a time, and never cut within one instant."""
    chunk: list[Action] = []
    for _, same_time in groupby(actions, key=lambda action: action.at):
        chunk += same_time
        if len(chunk) >= at_once:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _balances(facts: Unit) -> list[Balance]:
    """Not those of the erased, whose tombstones are random."""
    known = await facts.balances.find(BalanceRow.points > 0)
    found = [each for each in known if not is_erased(each.person)]
    return sorted(found, key=lambda each: (each.group, each.person))


async def _outbox_counts(facts: Unit) -> tuple[int, int]:
    rows = await facts.connection.execute(
        select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
    )
    counts = dict(rows.all())
    waiting = sum(counts.get(each, 0) for each in ("waiting", "paused", "held", "sending"))
    return waiting, counts.get("parked", 0)


async def _points_by_day(facts: Unit) -> list[tuple[date, int]]:
    day = func.date(func.timezone(ZONE.key, LedgerRow.at))
    found = await facts.connection.execute(
        select(day, func.sum(LedgerRow.points))
        .where(LedgerRow.kind.in_([*EARNED, EntryKind.REFERRAL]))
        .group_by(day)
        .order_by(day)
    )
    return [(each, int(points)) for each, points in found]


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat()


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
