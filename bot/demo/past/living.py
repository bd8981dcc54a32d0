"""The past is lived through by the service itself, on a virtual clock, up to now."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush
from typing import Any

from bot import scenario_lines as script
from bot.demo.past.lines import RoomOpened, SendingFails, WaySeen
from bot.demo.past.story import Story
from bot.player import Action, Player
from bot.transactions import Transactions
from handlers.content import keys
from models.events import WayShown
from models.ids import GroupId, PersonId
from models.messages import Kind, Outgoing

STEP = timedelta(minutes=30)
"""What happens within it is told at once: whoever reacts takes longer."""
PASTED = 0.75
"""Of what is handed to monitors, so much they say."""
CODE = re.compile(r"兑换码：([0-9]{6})")
HANDS_OVER = 0.4
"""Of the codes, so many are handed over within the day."""

Tell = Callable[[float], None]


@dataclass(order=True)
class Reaction:
    at: datetime
    number: int
    line: Any = field(compare=False)


class Past(Player):
    """`tell` hears how much of it is over, 0-1."""

    def __init__(self, transactions: Transactions, story: Story, tell: Tell, **of: Any) -> None:
        super().__init__(transactions, story.start, self._hear, **of)
        self._story = story
        self._tell = tell
        self._reactions: list[Reaction] = []
        self._made = 0
        self._leads = {
            GroupId(each.group): PersonId(each.member)
            for each in story.set_up
            if isinstance(each, script.MemberLine) and each.role.leads
        }

    async def live(self, until: datetime) -> None:
        await self.open(self._story.set_up)
        whole = until - self._story.start
        lines = iter(self._lines())
        line = next(lines, None)
        at = self._story.start
        while at < until:
            at = min(at + STEP, until)
            actions = []
            while line is not None and line.at <= at:
                actions.append(self.action(line))
                line = next(lines, None)
            while self._reactions and self._reactions[0].at <= at:
                actions.append(self.action(heappop(self._reactions).line))
            if actions:
                actions.sort(key=lambda each: each.at)
                await self.tell(actions)
            await self.simulation.advance(at)
            self._tell((at - self._story.start) / whole)

    def _lines(self) -> Iterator[Any]:
        """With the ends of deafness."""
        ends = [each for each in self._story.events if isinstance(each, script.DeafLine)]
        for line in self._story.events:
            while ends and ends[0].until <= line.at:
                yield HeardAgain(ends.pop(0).until)
            yield line

    def action(self, line: Any) -> Action:
        if isinstance(line, HeardAgain):
            return Action(line.at, self.hear_again, cuts=True)
        return super().action(line)

    async def do(self, line: Any) -> None:
        match line:
            case RoomOpened():
                room = self.gateway.open_room(line.group, line.name, line.people)
                room.staff.update(line.roles)
                self._leads |= {line.group: each for each in line.roles}
                self.simulation.arrives(self.gateway.show(line.group))
            case WaySeen():
                self.simulation.arrives(WayShown(at=line.at, visitor=line.visitor))
            case SendingFails():
                self.gateway.failures.append(line.error)
            case _:
                await super().do(line)

    # What people do about what the bot says

    def _hear(self, message: Outgoing) -> None:
        if message.to is None:
            return
        if message.kind is Kind.STAFF_NOTICE and message.key.endswith(keys.TEXT):
            handover = keys.handover(message.key)
            if handover is not None and _share(message.key) < PASTED:
                self._will_say(handover.place[0], message.to, message.text, message.key, 6, 35)
        elif message.kind is Kind.REPLY and (code := CODE.search(message.text)):
            self._hand_over(code[1], message)

    def _hand_over(self, code: str, message: Outgoing) -> None:
        group = GroupId(message.key.split(":")[1])
        leads = self._leads.get(group)
        if leads is not None and _share(message.key) < HANDS_OVER:
            self._will_say(group, leads, f"/核销 {code}", message.key, 30, 300)

    def _will_say(
        self, group: GroupId, who: PersonId, text: str, key: str, least: int, most: int
    ) -> None:
        """In so many minutes."""
        minutes = least + (most - least) * _share(f"{key}:when")
        self._made += 1
        at = self.clock.now() + max(STEP, timedelta(minutes=minutes))
        said = script.SaidLine(
            type="said", at=at, group=group, member=who, id=f"reaction-{self._made}", text=text
        )
        heappush(self._reactions, Reaction(at, self._made, said))


@dataclass(frozen=True, slots=True)
class HeardAgain:
    at: datetime


def _share(key: str) -> float:
    """0-1, the same for the same key."""
    return int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32
