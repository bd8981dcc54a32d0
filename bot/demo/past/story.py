"""Eight weeks of twenty-one groups, as a scenario: the same for the same moment and seed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from bot import scenario_lines as script
from bot.demo.community import CHANNEL, REWARDS
from bot.demo.past import doors
from bot.demo.past.lines import RoomOpened, SendingFails
from bot.demo.past.people import Coming, Mother, People
from bot.demo.past.plots import WEEKS, Place, Trait, places
from bot.demo.past.talk import HELPERS, Present, Talk
from bot.demo.past.words import OPEN_QUESTIONS
from config.daily import ZONE, midnight
from models.cohort import Cohort
from models.delivery import MaybeSent, Refused
from models.people import Profile, Role

DAY = timedelta(days=1)
TALKERS = 0.09
"""Of those in a group at first, so many talk now and then."""
LEAVE_DAILY = 0.12
POSTS_DAILY = {False: 2, True: 1}
"""Before birth and after: so the library lasts."""
LOSING = 5
"""People who left a group within the last day, where that is what is to be seen."""
REWARD = script.RewardLine(
    type="reward",
    reward="around-wipes",
    name="婴儿湿巾",
    cost=10,
    stock=60,
    scope="channel:爱婴坊",
)
HOURS = {"postnatal": ["11:00-12:00", "16:00-17:00", "20:00-21:00"]}
"""Babies are in bed by nine."""
RULES = (
    ("channel:爱婴坊", {"hours": HOURS}),
    ("channel:社区医院", {"content": {"days_off": ["sun"]}, "hours": HOURS}),
)
"""What the channels have of their own. The groups to play in are of another one."""


@dataclass(frozen=True, slots=True)
class Story:
    """`at` of the events is in order, and none lies after the end."""

    start: datetime
    set_up: Sequence[script.SetUp]
    events: Sequence[Any]


def write(now: datetime, seed: int = 0) -> Story:
    today = now.astimezone(ZONE).date()
    start = midnight(today - WEEKS * 7 * DAY)
    around = list(places(today))
    set_up: list[script.SetUp] = [*_rewards(), *_rules(around), *doors.codes()]
    events: list[Any] = list(_mishaps(now))
    for place in around:
        events += Chapter(place, now, seed).events()
    in_order = sorted((each for each in events if start < each.at < now), key=_moment)
    return Story(start, set_up, in_order)


def _moment(line: Any) -> datetime:
    at: datetime = line.at
    return at


class Chapter:
    """One group's part."""

    def __init__(self, place: Place, now: datetime, seed: int) -> None:
        self._place = place
        self._plot = place.plot
        self._now = now
        self._today = now.astimezone(ZONE).date()
        self._rng = Random(f"{seed}:{place.id}")
        self._people = People(place, self._rng)
        self._talk = Talk(place, self._today, self._rng)
        self._first = self._today - place.plot.days * DAY
        self._there = [self._people.mother() for _ in range(self._plot.members[0])]
        self._talkers = self._there[: max(6, round(TALKERS * len(self._there)))]
        self._nicknames = {
            each.person: each.nickname(place, self._first) if self._people.is_named() else ""
            for each in self._there
        }

    @property
    def _leads(self) -> Mother | None:
        return None if self._plot.has(Trait.LEADERLESS) else self._there[0]

    def events(self) -> Iterator[Any]:
        yield self._opened()
        coming = self._comers()
        yield from self._joins(coming)
        yield from doors.visits(self._place, coming, self._rng)
        yield from self._said()
        yield from self._special()

    def _opened(self) -> RoomOpened:
        people = {e.person: Profile(e.name, self._nicknames[e.person]) for e in self._there}
        roles = {self._there[0].person: Role.MONITOR} if self._leads else {}
        at = datetime.combine(self._first, time(9, 30), ZONE)
        place = self._place
        return RoomOpened(at, place.id, place.name, people, roles, place.opened_on)

    def _comers(self) -> list[Coming]:
        begun, wanted = self._plot.members
        days = (self._today - self._first).days
        self._leaving = round(days * LEAVE_DAILY)
        lost = LOSING if self._plot.has(Trait.LOSING) else 0
        count = wanted - begun + self._leaving + lost
        return list(self._people.coming(self._first + DAY, days - 1, count))

    def _joins(self, coming: Sequence[Coming]) -> Iterator[Any]:
        for each in coming:
            her = {"group": self._place.id, "member": each.mother.person}
            yield script.JoinedLine(type="joined", at=each.at, name=each.mother.name, **her)
            if each.renamed_at is not None:
                on = each.renamed_at.astimezone(ZONE).date()
                nickname = each.mother.nickname(self._place, on)
                self._nicknames[each.mother.person] = nickname
                yield script.NicknameLine(
                    type="nickname", at=each.renamed_at, nickname=nickname, **her
                )
        silent = [each for each in self._there if each not in self._talkers][HELPERS:]
        days = (self._today - self._first).days
        for who in silent[: self._leaving]:
            day = self._first + self._rng.randrange(1, days) * DAY
            yield self._left(who, datetime.combine(day, time(22, 10), ZONE))
        self._silent = silent[self._leaving :]

    def _left(self, who: Mother, at: datetime) -> script.LeftLine:
        seconds = timedelta(seconds=self._rng.randint(0, 1500))
        return script.LeftLine(
            type="left", at=at + seconds, group=self._place.id, member=who.person
        )

    def _said(self) -> Iterator[Any]:
        present = Present(self._leads, self._talkers[1 : 1 + HELPERS], self._talkers[1:])
        day = self._first + DAY
        while day <= self._today:
            yield from self._talk.of_day(day, present)
            day += DAY

    def _special(self) -> Iterator[Any]:
        now, leads, helper = self._now, self._leads, self._talkers[1]
        if self._plot.has(Trait.REDEEMS) and leads is not None:
            for number, each in enumerate(self._talkers[1:4]):
                at = midnight(self._today - (3 + number) * DAY) + timedelta(hours=12, minutes=20)
                nickname = self._nicknames[each.person]
                yield self._talk.award(at, leads, each, nickname)
                later = at + timedelta(minutes=35)
                yield self._talk.say(later, each, f"/兑换 {REWARD.name}")
        if self._plot.has(Trait.PAUSED) and leads is not None:
            at = midnight(self._today - 2 * DAY) + timedelta(hours=19, minutes=5)
            yield self._talk.say(at, leads, "/暂停")
        if self._plot.has(Trait.MISNAMED):
            at = midnight(self._today - 6 * DAY) + timedelta(hours=15, minutes=41)
            name = "宝妈互助小家🌷"
            yield script.RenamedLine(type="renamed", at=at, group=self._place.id, name=name)
        if self._plot.has(Trait.APPROVAL):
            at = midnight(self._today - 4 * DAY) + timedelta(hours=17, minutes=30)
            changes = {"content": {"approval": True}}
            scope = f"group:{self._place.id}"
            yield script.RulesLine(type="rules", at=at, scope=scope, set=changes)
        if self._plot.has(Trait.LOSING):
            for number, each in enumerate(self._silent[-LOSING:]):
                yield self._left(each, now - timedelta(hours=2 + number))
        if self._plot.has(Trait.ASKS):
            text = OPEN_QUESTIONS[int(self._place.id[-2:]) % len(OPEN_QUESTIONS)]
            yield self._talk.say(_last_evening(now), helper, text)


def _last_evening(now: datetime) -> datetime:
    """Some time ago, and not at night."""
    at = now - timedelta(hours=2, minutes=40)
    local = at.astimezone(ZONE)
    evening = datetime.combine(local.date(), time(21, 30), ZONE)
    if local.time() < time(9):
        return evening - DAY
    return min(at, evening)


def _rewards() -> Iterator[script.SetUp]:
    for each in REWARDS:
        yield script.RewardLine(
            type="reward",
            reward=each.id,
            name=each.name,
            cost=each.cost,
            stock=each.stock,
            scope=each.scope,
        )
    yield REWARD


def _rules(around: Iterable[Place]) -> Iterator[script.RulesLine]:
    for scope, changes in RULES:
        yield script.RulesLine(type="rules", scope=scope, set=changes)
    cohorts = {
        Cohort(each.plot.city, each.plot.channel, each.window): each.plot for each in around
    }
    for cohort, plot in cohorts.items():
        content = {"posts_daily": POSTS_DAILY[plot.window < 0]}
        hours = {"hours": HOURS} if plot.channel == CHANNEL else {}
        set_ = {"content": content, **hours}
        yield script.RulesLine(type="rules", scope=f"cohort:{cohort}", set=set_)


def _mishaps(now: datetime) -> Iterator[Any]:
    """A deaf spell, and messages that did not arrive, or perhaps did."""
    morning = midnight(now.astimezone(ZONE).date())
    deaf = morning - 5 * DAY + timedelta(hours=13, minutes=10)
    yield script.DeafLine(type="deaf", at=deaf, until=deaf + timedelta(hours=3, minutes=35))
    for days, hour, error, why in (
        (9, 11, Refused, "内容没有通过平台审核"),
        (6, 16, MaybeSent, "连接在发送时断开"),
        (3, 11, Refused, "群聊暂时被限制发言"),
        (2, 20, MaybeSent, "连接在发送时断开"),
    ):
        yield SendingFails(morning - days * DAY + timedelta(hours=hour), error, why)
