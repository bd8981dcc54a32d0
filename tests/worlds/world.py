"""One simulated world: a community, a service that keeps failing, and what came of it.

Everything is decided by the seed, and time is the world's own, so a world can be lived through
again, step by step.
"""

import asyncio
import heapq
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from bot.clock import ManualClock
from handlers.rewards.handler import CODE_FOR_HER
from models.database import open_engine
from models.events import Event, ItemsPut, RewardOffered, RoleGiven, RulesChanged
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.people import Profile, Role
from models.stores.leases import RENEWAL, LeaseStore
from models.stores.unit import Unit
from tests.worlds.community import (
    Act,
    Calls,
    Community,
    HandsOver,
    Joins,
    Leaves,
    Pastes,
    Recalls,
    Says,
    gather,
    monitor_of,
)
from tests.worlds.database import Way
from tests.worlds.fate import Died, Fate
from tests.worlds.gateway import FailingGateway, Platform
from tests.worlds.history import History
from tests.worlds.outcome import Handled, Outcome, read_sending, read_tables
from tests.worlds.process import Office, Process, begin
from tests.worlds.weather import Trouble, Weather

Do = Callable[[], Awaitable[None]]

ACCOUNT = AccountId("simulated")
ADMIN = "运营小王"
LEASE = timedelta(seconds=8)
LONGEST_DOWN = timedelta(hours=1)
LONGEST_ASLEEP = timedelta(hours=1)
LOOKS_AT = timedelta(seconds=1), timedelta(seconds=30)
LOOKS_AGAIN = timedelta(seconds=10)
REGULARLY = timedelta(minutes=40), timedelta(hours=3)
CALM = timedelta(hours=14)
"""After the last trouble: long enough for a night, and whatever was put off until its end."""


class World:
    """`url` is an empty database at the newest migration."""

    def __init__(self, seed: int, url: str) -> None:
        self.seed = seed
        rng = Random(f"world {seed}")
        self.community: Community = gather(rng)
        self.clock = ManualClock(self.community.begins)
        self.history = History(self.clock)
        self.weather = Weather(rng, self.history)
        self._platform = Platform(self.clock, self.weather, self.history)
        self._way = Way(url, self.weather, self.clock, lambda: self._fate)
        self._engine = self._way.open_engine()
        self._observer = open_engine(url, pool_size=1)
        self._office = Office()
        self._fate = Fate(epoch=1)
        self._gateway = FailingGateway(ACCOUNT, self._platform, self._fate)
        self._process: Process | None = None
        self._asleep: list[tuple[Process, asyncio.Task[None]]] = []
        self._numbers = itertools.count()
        self._agenda: list[tuple[datetime, int, Do]] = []
        self._connected_at = self._deaf_since = self._breath = self.clock.now()
        self._deaf: list[tuple[datetime, datetime]] = []
        self._told: dict[MessageId, str] = {}
        self._joined: dict[tuple[GroupId, PersonId], list[datetime]] = defaultdict(list)
        self._handled: list[Handled] = []

    async def live(self) -> Outcome:
        """From its first moment until long after its last trouble."""
        try:
            await self._begin()
            self.weather.breaks()
            for act in self.community.acts:
                self._plan(act.at, partial(self._act, act))
            self._plan_regular_look()
            await self._until(self.community.ends)
            await self._calm_down()
            return await self._outcome()
        finally:
            for _, task in self._asleep:
                task.cancel()
            await self._engine.dispose()
            await self._observer.dispose()

    # The course of a world

    async def _begin(self) -> None:
        """The rooms are there, and everything the admins set up."""
        now, community = self.clock.now(), self.community
        self._start()
        for group, name in community.names.items():
            people = [*community.founders[group], monitor_of(group)]
            self._gateway.open_room(group, name, {each: Profile(each) for each in people})
            self._arrives(self._gateway.show(group))
            self._arrives(
                RoleGiven(
                    at=now, by=ADMIN, group=group, person=monitor_of(group), role=Role.MONITOR
                )
            )
        self._arrives(
            RulesChanged(at=now, by=ADMIN, scope="everywhere", changes=community.rules),
            RewardOffered(at=now, by=ADMIN, reward=community.reward),
            ItemsPut(at=now, by=ADMIN, items=community.library),
        )
        await self._advance(now)

    async def _until(self, end: datetime) -> None:
        while self._agenda and self._agenda[0][0] <= end:
            at, _, do = heapq.heappop(self._agenda)
            await self._advance(at)
            await do()
        await self._advance(end)

    async def _calm_down(self) -> None:
        """Whatever was down comes back, everyone is looked at, and time passes."""
        self.weather.clears_up()
        self.history.tell("the weather clears up")
        self._agenda.clear()
        end = self.clock.now() + CALM
        await self._restart()
        await self._reconnect()
        for sleeper in list(self._asleep):
            await self._wake(*sleeper)
        for group in self.community.names:
            resume = MessageId(f"resume-{group}")
            self._say(Says(at=end, group=group, person=monitor_of(group), id=resume, text="/恢复"))
        for wait in (0, 15, 15, 4 * 3600):
            await self._until(self.clock.now() + timedelta(seconds=wait))
            await self._look()
        await self._until(end)
        await self._look()
        await self._until(end + timedelta(minutes=1))

    async def _outcome(self) -> Outcome:
        async with self._observer.connect() as connection:
            tables = await read_tables(connection)
            rules = await Unit(connection).rules.in_force()
        return Outcome(
            community=self.community,
            rules=rules,
            ended=self.clock.now(),
            people={each: frozenset(self._gateway.people(each)) for each in self.community.names},
            heard=self._platform.heard,
            doubtful=frozenset(self._platform.doubtful),
            told=self._told,
            joined=self._joined,
            handed=[event for _, event in self._platform.handed],
            handled=self._handled,
            deaf=self._deaf,
            tables=tables,
        )

    def _plan(self, at: datetime, do: Do) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), do))

    def _plan_after(self, least: timedelta, most: timedelta, do: Do) -> None:
        self._plan(self.clock.now() + self.weather.some(least, most), do)

    # The service

    def _start(self) -> None:
        """A process takes over: it is told first that it is connected."""
        self._process = begin(
            self.seed,
            self._fate,
            self._office,
            self._engine,
            self._way,
            self._platform,
            self._gateway,
            self._note,
        )
        self.history.tell(f"process {self._fate.epoch} begins")
        self._connect()

    def _connect(self) -> None:
        self._gateway.connect()
        self._connected_at = self.clock.now()
        self._deaf.append((self._deaf_since, self._connected_at))
        self._plan_after(*LOOKS_AT, self._look)

    async def _restart(self) -> None:
        if self._process is None:
            await self._as_lease(lambda leases: leases.away(ACCOUNT, "not connected yet"))
            self._start()

    async def _reconnect(self) -> None:
        if self._process is not None and not self._gateway.link.up:
            self.history.tell("connected again")
            self._connect()

    async def _advance(self, moment: datetime) -> None:
        """Until then, or until the process dies or is stopped."""
        process = self._process
        if process is not None:
            self._breath = self.clock.now()
            living = asyncio.create_task(process.simulation.advance(moment))
            stopped = asyncio.create_task(process.fate.stopped.wait())
            await asyncio.wait((living, stopped), return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not living.done():
                await self._fall_asleep(process, living)
            elif isinstance(living.exception(), Died):
                await self._die()
            else:
                living.result()
        self.clock.set(moment)
        self._breath = self.clock.now()

    async def _die(self) -> None:
        self.history.tell("the process is dead")
        await self._be_gone()
        await self._engine.dispose()
        self._plan_after(LEASE, LONGEST_DOWN, self._restart)

    async def _fall_asleep(self, process: Process, living: asyncio.Task[None]) -> None:
        self.history.tell("the process stands still")
        self._asleep.append((process, living))
        await self._be_gone()
        restart = self.clock.now() + self.weather.some(LEASE, LONGEST_DOWN)
        self._plan(restart, self._restart)
        wakes = restart + self.weather.some(timedelta(seconds=1), LONGEST_ASLEEP)
        self._plan(wakes, partial(self._wake, process, living))

    async def _be_gone(self) -> None:
        """What it was saying may have been said; until when it listened was noted by its lease."""
        if self._gateway.link.up:
            noted = self.clock.now() - self.weather.some(timedelta(0), RENEWAL)
            until = max(noted, self._connected_at)
            await self._as_lease(lambda leases: leases.heard(ACCOUNT, until))
            self._deaf_since = self.clock.now()
        async with self._observer.connect() as connection:
            self._platform.doubtful |= await read_sending(connection)
        # What it was told in the same breath it can't have come to.
        handed = self._platform.handed
        self._platform.handed = [each for each in handed if each[0] < self._breath]
        self._fate = Fate(self._fate.epoch + 1)
        self._gateway = FailingGateway(ACCOUNT, self._platform, self._fate, self._gateway)
        self._process = None

    async def _wake(self, process: Process, living: asyncio.Task[None]) -> None:
        """It goes on where it stood, in a world that went on without it."""
        self.history.tell("a process wakes")
        self._asleep.remove((process, living))
        with self.weather.still():
            process.fate.woken.set()
            await living

    async def _as_lease(self, work: Callable[[LeaseStore], Awaitable[None]]) -> None:
        async with self._observer.begin() as connection:
            await work(LeaseStore(connection))

    # What it sees

    def _arrives(self, *events: Event) -> None:
        assert self._process is not None
        for event in events:
            self._process.simulation.arrives(event)

    def _note(self, event: Event) -> None:
        self._handled.append(Handled(self.clock.now(), event))

    async def _look(self) -> None:
        """At every room; again soon at what could not be seen, or looks doubtful."""
        process, again = self._process, False
        if process is None or not process.gateway.link.up:
            return
        for group in self.community.names:
            try:
                seen = await process.reconciler.look(group)
            except Died:
                await self._die()
                return
            again |= seen is None or len(seen.present) < len(process.gateway.people(group))
            if seen is not None:
                self._arrives(seen)
        if again:
            self._plan(self.clock.now() + LOOKS_AGAIN, self._look)

    async def _look_regularly(self) -> None:
        await self._look()
        self._plan_regular_look()

    def _plan_regular_look(self) -> None:
        self._plan_after(*REGULARLY, self._look_regularly)

    # What people do

    async def _act(self, act: Act) -> None:
        await self._mishap()
        match act:
            case Joins():
                self.history.tell(f"> {act.group}: {act.person} joins")
                self._joined[act.group, act.person].append(self.clock.now())
                self._gateway.join(act.group, act.person, Profile(act.person, act.nickname))
            case Leaves():
                self.history.tell(f"> {act.group}: {act.person} leaves (by {act.by})")
                self._gateway.leave(act.group, act.person, act.by)
            case Calls():
                self.history.tell(f"> {act.group}: {act.person} is {act.nickname!r}")
                self._gateway.call(act.group, act.person, act.nickname)
            case Recalls():
                self.history.tell(f"> {act.group}: {act.id} is recalled")
                self._gateway.recall(act.group, act.id)
            case Says():
                self._say(act)
            case HandsOver():
                codes = self._codes(act.group)
                self._monitor_says(act, [f"/核销 {code}" for code in codes])
            case Pastes():
                self._monitor_says(act, self._handed_to(monitor_of(act.group)))

    async def _mishap(self) -> None:
        """What happens to the service by itself."""
        if self._process is None:
            return
        if self.weather.strikes(Trouble.DIES):
            await self._die()
        elif self._gateway.link.up and self.weather.strikes(Trouble.LINE_LOST):
            self._gateway.disconnect("the line is lost")
            self._deaf_since = self.clock.now()
            self._plan_after(timedelta(seconds=1), LONGEST_DOWN, self._reconnect)

    def _say(self, said: Says) -> None:
        chat = said.person if said.privately else said.group
        self.history.tell(f"> {chat}: {said.person} says {said.text!r} ({said.id})")
        self._told[said.id] = chat
        group = None if said.privately else said.group
        self._gateway.say(group, said.person, said.id, said.text, said.mentions, said.quotes)

    def _monitor_says(self, act: HandsOver | Pastes, texts: list[str]) -> None:
        """The last of these, if there are any."""
        if texts:
            monitor = monitor_of(act.group)
            self._say(Says(at=act.at, group=act.group, person=monitor, id=act.id, text=texts[-1]))

    def _codes(self, group: GroupId) -> list[str]:
        """What members of the group were told that they can show."""
        beginning = f"{CODE_FOR_HER}:{group}:"
        keys = [each.message.key for each in self._platform.heard]
        return [key.removeprefix(beginning) for key in keys if key.startswith(beginning)]

    def _handed_to(self, person: PersonId) -> list[str]:
        return [each.message.text for each in self._platform.heard if each.message.to == person]
