"""The past is lived through by the service itself, on a virtual clock, up to now."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from bot import scenario_lines as script
from bot.demo.past.lines import RoomOpened, SendingFails, WaySeen
from bot.demo.past.rhythm import Fading
from bot.demo.past.story import Story
from bot.player import Action, Player
from bot.transactions import Transactions
from config.daily import ZONE
from handlers.content import keys
from models.events import GroupAdopted, MessageReceived, WayShown
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Kind, Outgoing

PASTED = 0.75
"""Of what is handed to monitors, so much they say."""
COMMAND = "/"
CODE = re.compile(r"兑换码：([0-9]{6})")
HANDS_OVER = 0.4
"""Of the codes, so many are handed over within the day."""

Tell = Callable[[float], None]


class Past(Player):
    """`tell` hears how much of it is over, 0-1."""

    def __init__(
        self,
        transactions: Transactions,
        story: Story,
        tell: Tell,
        *,
        account: AccountId,
        by: str,
        rhythm: Fading,
    ) -> None:
        super().__init__(
            transactions, story.start, self._hear, account=account, by=by, rhythm=rhythm
        )
        self._rhythm = rhythm
        for line in story.events:
            if isinstance(line, script.SaidLine) and line.text.startswith(COMMAND):
                rhythm.look_at(line.at)
        self._story = story
        self._tell = tell
        self._leads: dict[GroupId, PersonId] = {}
        self._errors: deque[Exception] = deque()
        self._made = 0
        self._told_until = story.start
        self._later: list[MessageReceived] = []

    async def live(self, until: datetime) -> None:
        await self.open(self._story.set_up)
        whole = until - self._story.start
        days = groupby(self._lines(), key=lambda line: line.at.astimezone(ZONE).date())
        for _, lines in days:
            actions = [*map(self.action, lines), *map(self._reaction, self._later)]
            actions.sort(key=lambda each: each.at)
            self._later.clear()
            self._told_until = actions[-1].at
            await self.tell(actions)
            self._tell((self.clock.now() - self._story.start) / whole)
        await self.simulation.advance(until)
        self._tell(1)

    def _lines(self) -> Iterator[Any]:
        """With the ends of deafness."""
        ends = [each for each in self._story.events if isinstance(each, script.DeafLine)]
        for line in self._story.events:
            while ends and ends[0].until <= line.at:
                yield HeardAgain(ends.pop(0).until)
            yield line

    def action(self, line: Any) -> Action:
        match line:
            case HeardAgain():
                return Action(line.at, self.hear_again, cuts=True)
            case SendingFails():
                return Action(line.at, lambda: self.do(line), cuts=True)
        return super().action(line)

    async def do(self, line: Any) -> None:
        match line:
            case RoomOpened():
                room = self.gateway.open_room(line.group, line.name, line.people)
                room.staff.update(line.roles)
                for person in line.roles:
                    self._leads[line.group] = person
                self.simulation.arrives(self.gateway.show(line.group))
                adopted = GroupAdopted(
                    at=line.at, by=self.by, group=line.group, opened_on=line.opened_on
                )
                self.simulation.arrives(adopted)
            case WaySeen():
                self.simulation.arrives(WayShown(at=line.at, visitor=line.visitor))
            case SendingFails():
                self._errors.append(line.error(line.why))
            case _:
                await super().do(line)

    # What people do about what the bot says

    def _hear(self, message: Outgoing) -> None:
        if self._errors and message.group is not None:
            raise self._errors.popleft()
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
        said = MessageReceived(
            account=self.account,
            at=self.clock.now() + timedelta(minutes=minutes),
            id=MessageId(f"answer-{self._made}"),
            group=group,
            sender=who,
            text=text,
        )
        if text.startswith(COMMAND):
            self._rhythm.look_at(said.at)
        if said.at <= self._told_until:
            self.simulation.will_arrive(said)
        else:
            self._later.append(said)

    def _reaction(self, said: MessageReceived) -> Action:
        async def happen() -> None:
            self.simulation.arrives(said)

        return Action(said.at, happen)


@dataclass(frozen=True, slots=True)
class HeardAgain:
    at: datetime


def _share(key: str) -> float:
    """0-1, the same for the same key."""
    return int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32
