"""`python -m bot replay`: a scenario on a virtual clock, in a database of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import replay_entry
from bot import scenario_lines as script
from bot.clock import ManualClock, PlatformClock
from bot.gateways.simulated import SimulatedGateway
from bot.scenario import Scenario
from bot.transactions import OnlyWriter, Transactions
from bot.virtual import Simulation
from config.daily import ZONE
from handlers.features import ROUTER
from models.cohort import BirthWindow
from models.events import GroupAdopted, RoleGiven, RulesChanged
from models.groups import Member, Origin
from models.ids import GroupId, MessageId, PersonId
from models.messages import Outgoing
from models.people import Profile, is_erased
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


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the scenario, or the end of a deafness, when it happens.

    `cuts`: what came before is handled first, and what comes later afterwards, because what may
    be said changes with it.
    """

    at: datetime
    do: Callable[[], Awaitable[None]]
    cuts: bool = False


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
    what is left, and what each day gave. How far it is goes to `progress`."""
    transactions = OnlyWriter(engine)
    try:
        player = await Player.open(scenario, transactions, write)
        async with _telling(player, progress):
            await player.play()
        if state:
            await player.tell_state()
        if days:
            await player.tell_days()
    finally:
        await transactions.aclose()


@asynccontextmanager
async def _telling(player: "Player", progress: Write | None) -> AsyncIterator[None]:
    """Tell how far it is, twice a second and at the end."""
    if progress is None:
        yield
        return

    async def tell(write: Write) -> None:
        while True:
            write(player.progress())
            await asyncio.sleep(PROGRESS)

    telling = asyncio.create_task(tell(progress))
    try:
        yield
    finally:
        telling.cancel()
    progress(player.progress())


class Player:
    def __init__(self, scenario: Scenario, transactions: Transactions, write: Write) -> None:
        start = _start(scenario)
        self._start = start
        self._end = scenario.events[-1].at if scenario.events else start
        self._scenario = scenario
        self._has_codes = scenario.has_codes
        self._write = write
        self._transactions = transactions
        clock = ManualClock(start)
        self._told = PlatformClock(clock)
        self._gateway = SimulatedGateway(script.ACCOUNT, self._told, self._said)
        self._simulation = Simulation(self._transactions, ROUTER, self._gateway, clock)

    @classmethod
    async def open(cls, scenario: Scenario, transactions: Transactions, write: Write) -> "Player":
        player = cls(scenario, transactions, write)
        player._gateway.connect()
        await player._transactions.run(player._set_up)
        return player

    async def play(self) -> None:
        told_ahead = 1 if self._has_codes else AT_ONCE
        for actions in _in_chunks(self._actions(), told_ahead):
            if self._has_codes:
                await self._simulation.advance(actions[0].at, inclusive=False)
            for action in actions:
                if action.cuts:
                    await self._simulation.advance(action.at, inclusive=False)
                self._told.set(action.at)
                await action.do()
                self._simulation.hear()
                if action.cuts:
                    await self._simulation.advance(action.at, inclusive=False)
            await self._simulation.advance(actions[-1].at)

    def progress(self) -> str:
        """How far it is, by its clock and as a share of what there is to live through."""
        now, end = self._simulation.clock.now(), self._end
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

    # The set-up: facts, as if they had been known all along

    async def _set_up(self, facts: Unit) -> None:
        now = self._told.now()
        for line in self._scenario.set_up:
            match line:
                case script.GroupLine():
                    self._gateway.open_room(GroupId(line.group), line.name)
                    facts.groups.put(replace(line.as_group(), checked_at=now))
                    self._simulation.arrives(_adoption(line, now))
                case script.MemberLine():
                    member = _member(line)
                    profile = Profile(line.name, line.nickname)
                    self._gateway.enter(member.group, member.person, profile, line.role)
                    facts.members.put(member)
                case script.RewardLine():
                    facts.rewards.put(line.as_reward())
                case script.ContentLine():
                    facts.items.put(line.as_entered())
                case script.CodeLine():
                    facts.entry_codes.put(line.as_code(now))
        for group in list(facts.groups.held()):
            members = len(list(facts.members.held_of(group.id)))
            facts.groups.put(replace(group, members=members))
        await facts.flush()
        for line in self._scenario.set_up:
            if isinstance(line, script.RulesLine):
                await facts.rules.lay(line.scope, line.set, script.OPERATOR, now)

    # The events

    def _actions(self) -> Iterator[Action]:
        """In order of time; a deafness ends before what happens at that instant, and one that
        outlasts the scenario does not end."""
        end: datetime | None = None
        for line in self._scenario.events:
            if end is not None and end <= line.at:
                yield Action(end, self._hear_again, cuts=True)
                end = None
            if isinstance(line, script.DeafLine):
                end = max(end or line.until, line.until)
            yield self._action(line)

    def _action(self, line: Any) -> Action:
        cuts = isinstance(line, script.DeafLine | script.RulesLine | script.BefriendsLine)
        return Action(line.at, lambda: self._do(line), cuts)

    async def _do(self, line: Any) -> None:
        gateway = self._gateway
        group = GroupId(line.group) if getattr(line, "group", None) else GroupId("")
        person = PersonId(getattr(line, "member", None) or "")
        match line:
            case script.JoinedLine():
                inviter = PersonId(line.inviter) if line.inviter else None
                gateway.join(group, person, Profile(line.name, line.nickname), inviter)
            case script.LeftLine():
                gateway.leave(group, person, PersonId(line.by) if line.by else None)
            case script.NicknameLine():
                gateway.call(group, person, line.nickname)
            case script.RenamedLine():
                gateway.retitle(group, line.name)
            case script.SaidLine():
                gateway.say(
                    group or None,
                    person,
                    MessageId(line.id),
                    line.text,
                    tuple(PersonId(each) for each in line.mentions),
                    MessageId(line.quotes) if line.quotes else None,
                )
            case script.RecalledLine():
                gateway.recall(group, MessageId(line.id))
            case script.DeafLine():
                gateway.disconnect("deaf")
            case script.RoleLine():
                role = RoleGiven(
                    at=line.at, by=script.OPERATOR, group=group, person=person, role=line.role
                )
                self._simulation.arrives(role)
            case script.ScannedLine():
                self._simulation.arrives(replay_entry.scanned(line))
            case script.AnsweredLine():
                self._simulation.arrives(replay_entry.answered(line))
            case script.BefriendsLine():
                hello = await self._transactions.read(
                    lambda facts: replay_entry.hello_of(facts, line)
                )
                gateway.ask_friend(person, line.name, hello)
            case script.RulesLine():
                changed = RulesChanged(
                    at=line.at or self._told.now(),
                    by=script.OPERATOR,
                    scope=line.scope,
                    changes=line.set,
                )
                self._simulation.arrives(changed)

    async def _hear_again(self) -> None:
        """Connected again: look who is there, as after every connect."""
        self._gateway.connect()
        self._simulation.hear()
        for group in self._gateway.groups():
            self._simulation.arrives(self._gateway.show(group))

    def _said(self, message: Outgoing) -> None:
        """As a gateway would say it that sends neither pictures nor cards."""
        at = _local(self._simulation.clock.now())
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


def _adoption(line: script.GroupLine, now: datetime) -> GroupAdopted:
    """Ours by declaration; what the line leaves out is read from the group's name."""
    window = BirthWindow.parse(line.birth_window) if line.birth_window else None
    return GroupAdopted(
        at=now,
        by=script.OPERATOR,
        group=GroupId(line.group),
        city=line.city,
        channel=line.channel,
        window=window,
        opened_on=line.opened_on,
    )


def _member(line: script.MemberLine) -> Member:
    return Member(
        group=GroupId(line.group),
        person=PersonId(line.member),
        name=line.name,
        nickname=line.nickname,
        role=line.role,
        present=True,
        origin=Origin.BASELINE,
    )


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
