"""The way in, as one plays it: where simulated codes lead when scanned, and what staff does."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bot.demo.cast import FULL, Awkward, Cast
from bot.demo.chats import Moved, Said, read_private
from bot.demo.community import TEAM
from bot.demo.stage import Stage, StagedDispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.http.entry.reading import read_visitor
from bot.transactions import Transactions
from models.entry import Visitor
from models.events import RoleGiven
from models.groups import Group
from models.ids import GroupId, PersonId, VisitorId
from models.people import Profile, Role
from models.stores.unit import Unit
from models.tables import OpeningRow

OPERATOR = "运营"
LONGEST_HELLO = 50


@dataclass(frozen=True, slots=True)
class Arriving:
    """Who stands at the door: what she filled in, if she did, and the groups she is in by now
    as `person`. `said` is what the bot and she said to each other in private."""

    person: PersonId
    visitor: Visitor | None
    groups: Sequence[Group]
    said: Sequence[Said | Moved]

    @property
    def name(self) -> str:
        return self.visitor.name if self.visitor else ""


class Doorway:
    def __init__(
        self,
        stage: Stage,
        cast: Cast,
        gateway: SimulatedGateway,
        dispatcher: StagedDispatcher,
        transactions: Transactions,
    ) -> None:
        self._stage = stage
        self._cast = cast
        self._gateway = gateway
        self._dispatcher = dispatcher
        self._transactions = transactions

    async def arriving(self, visitor: VisitorId) -> Arriving:
        return await self._transactions.read(lambda facts: self._arriving(facts, visitor))

    async def group(self, group: GroupId) -> Group | None:
        """None where there is no such room."""
        if group not in self._gateway.groups():
            return None
        return await self._transactions.read(lambda facts: facts.groups.peek(group))

    async def join(self, group: GroupId, visitor: VisitorId) -> PersonId:
        """Under the name she gave, or any, if she gave none. She who is in already stays it."""
        arriving = await self.arriving(visitor)
        async with self._stage.moment():
            people = self._gateway.people(group)
            if arriving.person not in people:
                if len(people) >= FULL:
                    raise Awkward(f"群满了：一个群最多 {FULL} 人")
                name = arriving.name or self._cast.suggest(group)
                self._gateway.join(group, arriving.person, Profile(name))
        return arriving.person

    async def befriend(self, visitor: VisitorId, hello: str) -> None:
        """She asks the account to be its friend."""
        arriving = await self.arriving(visitor)
        name = arriving.name or "新朋友"
        async with self._stage.moment():
            self._gateway.ask_friend(arriving.person, name, hello.strip()[:LONGEST_HELLO])

    async def open_room(self, name: str) -> GroupId:
        """Staff makes a room of this name, and puts the bot into it."""
        pending = await self._transactions.read(lambda facts: _is_asked_for(facts, name))
        if not pending:
            raise Awkward("这个群已经不用建了")
        group = GroupId(f"room-{uuid.uuid4().hex[:8]}")
        async with self._stage.moment():
            people = {person: Profile(called) for person, called in TEAM.items()}
            self._gateway.open_room(group, name, people)
            self._stage.look_at(group)
        return group

    async def hire(self) -> None:
        """From now on there are people whom the account can open rooms with."""
        now = self._stage.now()
        for person in TEAM:
            given = RoleGiven(at=now, by=OPERATOR, group=None, person=person, role=Role.ASSISTANT)
            await self._dispatcher.decide(given, now)

    async def _arriving(self, facts: Unit, visitor: VisitorId) -> Arriving:
        known = await read_visitor(facts, visitor)
        person = (known and known.person) or PersonId(f"p-{visitor[:12]}")
        groups = [
            each
            for group in self._gateway.groups()
            if person in self._gateway.people(group) and (each := await facts.groups.peek(group))
        ]
        return Arriving(person, known, groups, await read_private(facts, person))


async def _is_asked_for(facts: Unit, name: str) -> bool:
    found = await facts.openings.find(OpeningRow.name == name)
    return any(each.is_pending for each in found)
