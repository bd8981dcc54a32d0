"""The law of rounds, told once more in plain words, and whatever can happen to it.

`Law` is written from the issue and knows nothing of the bot: an independent account of who must
be greeted with whom, and when.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from config.daily import ZONE, DailySpan
from models.delivery import MaybeSent, NotSent, Refused
from models.events import Event, MemberJoined, MemberLeft, RoleGiven
from models.ids import GroupId, PersonId
from models.messages import ROUND_STEPS, Kind
from models.people import Profile, Role
from models.tables import OutboxRow
from tests.world import ACCOUNT, World, shanghai

QUIET = DailySpan.parse("23:00-07:30")
FITS, MISFITS = "杭州-预产期4月-小雨", "小雨"

told_together = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    # The world goes on from one example to the next; each has a group of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# The law, in plain words

DEFAULTS: dict[str, float | str] = {
    "calm_delay": 8,
    "peak_window": 600,
    "min_gap": 120,
    "peak_joins": 5,
    "peak_interval": 900,
    "surge_joins": 20,
    "surge_interval": 1800,
    "quiet_hours": "23:00-07:30",
}


@dataclass
class Law:
    """A group's rounds. `now` is how far it has been told."""

    now: datetime
    rules: dict[str, float | str] = field(default_factory=lambda: dict(DEFAULTS))
    joins: list[datetime] = field(default_factory=list)
    waiting: dict[str, datetime] = field(default_factory=dict)
    greeted: set[str] = field(default_factory=set)
    last: datetime | None = None
    rounds: list[tuple[datetime, list[str]]] = field(default_factory=list)

    def joined(self, person: str, *, is_staff: bool = False) -> None:
        self.joins.append(self.now)
        if not is_staff and person not in self.greeted:
            self.waiting[person] = self.now

    def left(self, person: str) -> None:
        self.waiting.pop(person, None)

    def passes(self, until: datetime) -> None:
        while self.waiting and (due := self.due()) <= until:
            self.rounds.append((due, sorted(self.waiting)))
            self.greeted |= set(self.waiting)
            self.waiting.clear()
            self.last = self.now = due
        self.now = until

    def due(self) -> datetime:
        due = min(self.waiting.values()) + self._seconds("calm_delay")
        if self.last is not None:
            due = max(due, self.last + timedelta(seconds=self._gap()))
        return self._out_of_quiet_hours(max(due, self.now))

    def _gap(self) -> float:
        window, last = self._seconds("peak_window"), self.last
        assert last is not None
        most = max(
            (
                sum(end - window < each <= end for each in self.joins)
                for end in self.joins
                if end > last
            ),
            default=1,
        )
        lows, ends = ("min_gap", "peak_interval", "surge_interval"), (1, *self._joins())
        for low, high in ((0, 1), (1, 2)):
            if most <= ends[high]:
                share = (most - ends[low]) / (ends[high] - ends[low])
                start, end = float(self.rules[lows[low]]), float(self.rules[lows[high]])
                return start + (end - start) * share
        return float(self.rules["surge_interval"])

    def _joins(self) -> tuple[float, float]:
        return float(self.rules["peak_joins"]), float(self.rules["surge_joins"])

    def _seconds(self, rule: str) -> timedelta:
        return timedelta(seconds=float(self.rules[rule]))

    def _out_of_quiet_hours(self, moment: datetime) -> datetime:
        if self.rules["quiet_hours"] != "23:00-07:30":
            return moment
        clock = moment.astimezone(ZONE)
        morning = clock.replace(hour=7, minute=30, second=0, microsecond=0)
        if clock.hour >= 23:
            return morning + timedelta(days=1)
        return morning if clock < morning else moment


# What can happen

Step = tuple[str, int]

pauses = st.sampled_from(
    [1, 2, 5, 7, 8, 9, 30, 60, 119, 120, 121, 300, 595, 599, 600, 601, 900, 1800, 3600, 20_000]
)
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("comes or goes"), st.integers(0, 5)),
    st.tuples(st.just("comes or goes"), st.integers(0, 5)),
    st.tuples(st.just("many come"), st.integers(2, 22)),
    st.tuples(st.just("staff comes or goes"), st.integers(0, 1)),
    st.tuples(st.just("told again"), st.integers(0, 1000)),
    st.tuples(st.just("told late"), st.integers(0, 5)),
    st.tuples(st.just("leave told before the join"), st.integers(0, 5)),
    st.tuples(st.just("back before the leave is told"), st.integers(0, 5)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("rules"), st.integers(0, 3)),
)
histories = st.lists(st.tuples(pauses, steps), min_size=1, max_size=16)

CHANGES: list[dict[str, float | str]] = [
    {"calm_delay": 60},
    {"min_gap": 30, "peak_interval": 60, "surge_interval": 120},
    {"peak_window": 60, "peak_joins": 3},
    {"quiet_hours": "00:00-00:00"},
]


class Told:
    """A history as it happens to the bot and to the law at once."""

    def __init__(self, world: World, group: str) -> None:
        self.world = world
        self.group = GroupId(group)
        self.law = Law(world.clock.now())
        self.present: set[str] = set()
        self.events: list[Event] = []
        self._numbers = iter(range(10_000))

    async def tell(self, history: list[tuple[int, Step]]) -> None:
        for pause, (what, which) in history:
            await self.waits(pause)
            match what:
                case "comes or goes":
                    await self.toggle(f"妈{which}")
                case "staff comes or goes":
                    await self.toggle(f"客服{which}")
                case "many come":
                    await self.come([f"新{next(self._numbers)}" for _ in range(which)])
                case "told again" if self.events:
                    await self.world.happens(self.events[which % len(self.events)])
                case "told late":
                    await self.late(f"妈{which}")
                case "leave told before the join":
                    await self.reordered(f"妈{which}")
                case "back before the leave is told":
                    await self.blinks(f"妈{which}")
                case "restart":
                    await self.world.restarts()
                case "rules":
                    await self.change(CHANGES[which])
        await self.waits(24 * 3600)

    async def waits(self, seconds: float) -> None:
        until = self.world.clock.now() + timedelta(seconds=seconds)
        self.law.passes(until)
        await self.world.until(until)

    async def toggle(self, person: str) -> None:
        if person in self.present:
            await self.go(person)
        else:
            await self.come([person])

    async def come(self, people: list[str], at: datetime | None = None) -> None:
        self.present |= set(people)
        for person in people:
            self.law.joined(person, is_staff=person.startswith("客服"))
        await self.hear(*(self.join(person, at) for person in people))

    async def go(self, person: str, at: datetime | None = None) -> None:
        self.present.discard(person)
        self.law.left(person)
        await self.hear(self.leave(person, at))

    async def late(self, person: str) -> None:
        """It happened a second ago, and is told now: waiting counts from now."""
        at = self.world.clock.now() - timedelta(seconds=0.9)
        if person in self.present:
            await self.go(person, at)
        else:
            await self.come([person], at)

    async def reordered(self, person: str) -> None:
        if person not in self.present:
            now = self.world.clock.now()
            came, went = now - timedelta(seconds=0.8), now - timedelta(seconds=0.4)
            await self.hear(self.leave(person, went), self.join(person, came))

    async def blinks(self, person: str) -> None:
        if person in self.present:
            now = self.world.clock.now()
            went, came = now - timedelta(seconds=0.8), now - timedelta(seconds=0.4)
            await self.hear(self.join(person, came), self.leave(person, went))

    async def change(self, rules: dict[str, float | str]) -> None:
        self.law.rules |= rules
        await self.world.rules(f"group:{self.group}", onboarding=rules)

    async def hear(self, *events: Event) -> None:
        self.events += events
        await self.world.happens(*events)

    def join(self, person: str, at: datetime | None = None) -> MemberJoined:
        return MemberJoined(
            account=ACCOUNT,
            at=at or self.world.clock.now(),
            group=self.group,
            person=PersonId(person),
            profile=Profile(person),
        )

    def leave(self, person: str, at: datetime | None = None) -> MemberLeft:
        return MemberLeft(
            account=ACCOUNT,
            at=at or self.world.clock.now(),
            group=self.group,
            person=PersonId(person),
        )

    @property
    def is_loud(self) -> bool:
        return self.law.rules["quiet_hours"] != DEFAULTS["quiet_hours"]

    @property
    def rounds(self) -> list[tuple[datetime, list[str]]]:
        return [
            (each.at, sorted(each.message.mentions))
            for each in self.world.heard(Kind.WELCOME, group=self.group)
        ]


@pytest.fixture
def groups() -> Iterator[str]:
    return (f"law{n}" for n in range(10_000))


@pytest.fixture
async def unhurried(world: World) -> World:
    """No pace and no reminders: only the law says when."""
    await world.rules(delivery={"per_minute": 100_000}, onboarding={"remind_times": 0})
    for person in ("客服0", "客服1"):
        role = RoleGiven(
            at=world.clock.now(),
            by="运营",
            group=None,
            person=PersonId(person),
            role=Role.ASSISTANT,
        )
        await world.happens(role)
    return world


@told_together
@given(history=histories, hour=st.sampled_from(["09:00", "19:00", "22:00", "03:00"]))
async def test_the_bot_keeps_the_law_whatever_happens(
    unhurried: World, groups: Iterator[str], history: list[tuple[int, Step]], hour: str
) -> None:
    world = unhurried
    tomorrow = (world.clock.now().astimezone(ZONE) + timedelta(days=1)).date()
    await world.until(shanghai(f"{tomorrow} {hour}"))
    group = next(groups)
    await world.opens(group, "杭州·2026年3-5月·妇幼·09")
    told = Told(world, group)
    await told.tell(history)
    assert told.rounds == told.law.rounds
    said = world.heard(group=group)
    greeted = [person for _, people in told.rounds for person in people]
    assert len(greeted) == len(set(greeted))
    mothers = {each for each in told.present if not each.startswith("客服")}
    assert mothers <= set(greeted)
    for number in range(1, len(told.rounds) + 1):
        steps = [each.message.kind for each in said if each.message.round == number]
        assert steps[0] is Kind.WELCOME
        assert steps == [kind for kind in ROUND_STEPS if kind in steps]
    assert not any(QUIET.covers(each.at) for each in said if not told.is_loud)
    await world.lets_go(group)


# And when the world is not perfect

mishaps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("comes or goes"), st.integers(0, 7)),
    st.tuples(st.just("comes or goes"), st.integers(0, 7)),
    st.tuples(st.just("calls herself rightly"), st.integers(0, 7)),
    st.tuples(st.just("calls herself otherwise"), st.integers(0, 7)),
    st.tuples(st.just("deaf, or hears again"), st.just(0)),
    st.tuples(st.just("not sent"), st.integers(1, 3)),
    st.tuples(st.just("perhaps sent"), st.just(0)),
    st.tuples(st.just("refused"), st.just(0)),
    st.tuples(st.just("restart"), st.just(0)),
)
OLD = tuple(f"老成员{n}" for n in range(30))


@dataclass
class Truth:
    """Who was there and under which nickname, at every moment."""

    world: World
    group: GroupId
    is_deaf: bool = False
    past: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)

    async def tell(self, history: list[tuple[int, Step]]) -> None:
        gateway, failures = self.world.gateway, self.world.gateway.failures
        for pause, (what, which) in history:
            await self.world.passes(seconds=pause)
            person = PersonId(f"妈{which}")
            is_here = person in gateway.people(self.group)
            match what:
                case "comes or goes" if is_here:
                    gateway.leave(self.group, person)
                case "comes or goes":
                    gateway.join(self.group, person, Profile(person))
                case "calls herself rightly" if is_here and not self.is_deaf:
                    gateway.call(self.group, person, FITS)
                case "calls herself otherwise" if is_here and not self.is_deaf:
                    gateway.call(self.group, person, MISFITS)
                case "deaf, or hears again":
                    await self.turn()
                case "not sent":
                    failures.extend([NotSent("no answer")] * which)
                case "perhaps sent":
                    failures.append(MaybeSent("the line was lost"))
                case "refused":
                    failures.append(Refused("no"))
                case "restart":
                    await self.world.restarts()
            self.note()
            await self.world.passes(seconds=0)
        if self.is_deaf:
            await self.turn()
        await self.world.passes(days=8)

    async def turn(self) -> None:
        self.is_deaf = not self.is_deaf
        if self.is_deaf:
            await self.world.goes_deaf()
        else:
            await self.world.hears_again()

    def note(self) -> None:
        people = self.world.gateway.people(self.group)
        nicknames = {str(who): profile.nickname for who, profile in people.items()}
        self.past.append((self.world.clock.now(), nicknames))

    def at(self, moment: datetime) -> dict[str, str]:
        return next(people for since, people in reversed(self.past) if since <= moment)

    async def greeted(self) -> Counter[str]:
        """By everything that was said, or perhaps said."""
        async with self.world.engine.connect() as connection:
            rows = await connection.scalars(
                select(OutboxRow.mentions).where(
                    OutboxRow.group == self.group,
                    OutboxRow.kind == Kind.WELCOME,
                    OutboxRow.state.in_(["sent", "unsure"]),
                )
            )
            return Counter(who for mentions in rows for who in mentions)


@told_together
@given(
    history=st.lists(st.tuples(pauses, mishaps), min_size=3, max_size=20),
    hour=st.sampled_from(["09:00", "19:00", "22:30"]),
)
async def test_everyone_is_greeted_once_whatever_goes_wrong(
    world: World, groups: Iterator[str], history: list[tuple[int, Step]], hour: str
) -> None:
    # Ages in nicknames must go on fitting while the examples follow one another.
    await world.rules(onboarding={"age_tolerance": 6}, delivery={"per_minute": 1000})
    tomorrow = (world.clock.now().astimezone(ZONE) + timedelta(days=1)).date()
    await world.until(shanghai(f"{tomorrow} {hour}"))
    group = GroupId(next(groups))
    await world.opens(group, "杭州·2026年3-5月·妇幼·09", people=OLD)
    truth = Truth(world, group)
    truth.note()
    await truth.tell(history)
    world.gateway.failures.clear()
    await world.passes(days=1)
    greeted = await truth.greeted()
    assert set(greeted.values()) <= {1}
    present = {who for who in truth.past[-1][1] if who.startswith("妈")}
    assert present <= set(greeted)
    assert not set(greeted) & {*OLD, "bot"}
    reminded: Counter[str] = Counter()
    said = world.heard(group=group)
    for each in said:
        there = truth.at(each.at)
        assert set(each.message.mentions) <= set(there)
        assert not QUIET.covers(each.at)
        if each.message.kind in (Kind.NICKNAME, Kind.REMINDER):
            assert all(there[who] != FITS for who in each.message.mentions)
        if each.message.kind is Kind.REMINDER:
            reminded.update(each.message.mentions)
    assert all(times <= 2 for times in reminded.values())
    for number in {each.message.round for each in said if each.message.round}:
        kinds = [each.message.kind for each in said if each.message.round == number]
        assert kinds == [kind for kind in ROUND_STEPS if kind in kinds]
    assert len({each.message.key for each in said}) == len(said)
    await world.lets_go(group)
