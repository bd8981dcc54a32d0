"""A chat platform that mishears, forgets, refuses and is cut off, with one account on it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import ManualClock
from bot.gateways.base import Room, Unreachable
from bot.gateways.simulated import SimulatedGateway
from models.delivery import MaybeSent, NotSent, Refused
from models.events import (
    AccountDown,
    AccountUp,
    GatewayEvent,
    GroupSeen,
)
from models.ids import AccountId, GroupId, PersonId
from models.messages import Outgoing
from models.people import Profile
from tests.worlds.fate import Fate
from tests.worlds.history import History
from tests.worlds.weather import Trouble, Weather

SLOWEST = timedelta(seconds=20)
LATEST = timedelta(minutes=20)
FEWEST_SHOWN = 0.5
"""Of the people in a room, in half a list."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said on the platform: when the account began to say it, and when it was heard; by
    which process, and whether that had been stopped meanwhile (`woken`)."""

    began: datetime
    at: datetime
    message: Outgoing
    epoch: int
    woken: bool


class Platform:
    """What a world's gateways have in common: one after the other is connected to it."""

    def __init__(self, clock: ManualClock, weather: Weather, history: History) -> None:
        self.clock = clock
        self.weather = weather
        self.history = history
        self.heard: list[Heard] = []
        self.doubtful: set[str] = set()
        """Keys of what may or may not have been said, as far as we could tell."""
        self.handed: list[tuple[datetime, GatewayEvent]] = []
        """What processes were told, and when; without what they can't have come to any more."""


class FailingGateway(SimulatedGateway):
    """What one process sees of the platform. `before` is what the process before it saw."""

    def __init__(
        self,
        account: AccountId,
        platform: Platform,
        fate: Fate,
        before: "FailingGateway | None" = None,
    ) -> None:
        super().__init__(account, platform.clock)
        self._platform = platform
        self._weather = platform.weather
        self._fate = fate
        self._late: list[tuple[datetime, GatewayEvent]] = []
        if before is not None:
            self._rooms = before._rooms

    async def send(self, message: Outgoing) -> None:
        self._fate.live()
        began, key = self._clock.now(), message.key
        strikes = self._weather.strikes
        if strikes(Trouble.DIES_BEFORE_SEND, key):
            self._fate.dies()
        if strikes(Trouble.STOPS, key):
            await self._fate.stops()
        if strikes(Trouble.SLOW, key):
            self._take_time()
        if not self.link.up or strikes(Trouble.NOT_SENT, key):
            raise NotSent("the gateway did not take it")
        if strikes(Trouble.REFUSED, key):
            raise Refused("not allowed to say this")
        if strikes(Trouble.CUT_UNSAID, key):
            self._platform.doubtful.add(key)
            raise MaybeSent("the line was lost")
        self._hear(message, began)
        if strikes(Trouble.CUT_SAID, key):
            self._platform.doubtful.add(key)
            raise MaybeSent("the line was lost")
        if strikes(Trouble.DIES_AFTER_SEND, key):
            self._fate.dies()

    async def look(self, group: GroupId) -> Room:
        self._must_see()
        return await super().look(group)

    async def profile(self, group: GroupId, person: PersonId) -> Profile:
        self._must_see()
        return await super().profile(group, person)

    def show(self, group: GroupId) -> GroupSeen:
        """Raises Unreachable."""
        self._must_see()
        seen = super().show(group)
        if not self._weather.strikes(Trouble.HALF_LIST, group):
            return seen
        few = sorted(seen.present)[: int(len(seen.present) * FEWEST_SHOWN)]
        return replace(seen, present=frozenset(few))

    def take(self) -> Iterator[GatewayEvent]:
        for event in self._taken():
            self._platform.handed.append((self._clock.now(), event))
            yield event

    def _taken(self) -> Iterator[GatewayEvent]:
        for event in super().take():
            yield from self._carried(event)
        now = self._clock.now()
        late, self._late = self._late, [each for each in self._late if each[0] > now]
        for at, event in late:
            if at <= now:
                yield event

    def _carried(self, event: GatewayEvent) -> Iterator[GatewayEvent]:
        """What reaches us of it now. That the account is up or down we see ourselves."""
        strikes, what = self._weather.strikes, type(event).__name__
        if not isinstance(event, AccountUp | AccountDown):
            if strikes(Trouble.UNTOLD, what):
                return
            if strikes(Trouble.TOLD_TWICE, what):
                self._late.append((self._later(), event))
            if strikes(Trouble.TOLD_LATE, what):
                self._late.append((self._later(), event))
                return
        yield event

    def _hear(self, message: Outgoing, began: datetime) -> None:
        woken = self._fate.woken.is_set()
        now, epoch = self._clock.now(), self._fate.epoch
        self._platform.heard.append(Heard(began, now, message, epoch, woken))
        where = message.group or f"to {message.to}"
        self._platform.history.tell(f"< {where}: {message.key} {message.text!r}")

    def _take_time(self) -> None:
        self._platform.clock.set(self._clock.now() + self._weather.some(timedelta(0), SLOWEST))

    def _later(self) -> datetime:
        return self._clock.now() + self._weather.some(timedelta(0), LATEST)

    def _must_see(self) -> None:
        self._must_be_up()
        if self._weather.strikes(Trouble.UNSEEN):
            raise Unreachable("the gateway did not answer")

    def _must_do(self) -> None:
        """As sending fails, so do errands."""
        self._fate.live()
        super()._must_do()
        strikes = self._weather.strikes
        if strikes(Trouble.NOT_SENT, "an errand"):
            raise NotSent("the gateway did not take it")
        if strikes(Trouble.CUT_UNSAID, "an errand"):
            raise MaybeSent("the line was lost")
