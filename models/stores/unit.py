"""Everything one transaction may read and write: read once, changed in memory, written once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import (
    Event,
    GroupEvent,
    MemberJoined,
    MemberLeft,
    MessageReceived,
    NicknameChanged,
)
from models.ids import GroupId, PersonId
from models.stores.community import (
    AccountStore,
    GroupStore,
    JoinStore,
    MemberStore,
    StaffStore,
)
from models.stores.onboarding import DeskStore, NewcomerStore
from models.stores.outbox import OutboxStore
from models.stores.rules import RuleStore
from models.stores.talk import TalkStore


class Unit:
    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.accounts = AccountStore(connection)
        self.groups = GroupStore(connection)
        self.members = MemberStore(connection)
        self.joins = JoinStore(connection)
        self.staff = StaffStore(connection)
        self.newcomers = NewcomerStore(connection)
        self.desks = DeskStore(connection)
        self.outbox = OutboxStore(connection)
        self.rules = RuleStore(connection)
        self.talk = TalkStore(connection)

    async def prepare(self, events: Sequence[Event]) -> None:
        """Read what most of these events will ask for, in one statement a table."""
        about = [each for each in events if isinstance(each, GroupEvent | MessageReceived)]
        await self.groups.load({(each.group,) for each in about if each.group is not None})
        known = [each for each in self.groups.held() if each.is_ours]
        await self.rules.load(known)
        ours = {each.id for each in known}
        await self.members.load(_speakers(events, ours) | (moves := _movers(events, ours)))
        await self.newcomers.load(moves)
        await self.desks.load({(group,) for group, _ in moves})
        await self.newcomers.read_waiting(sorted({group for group, _ in moves}))

    def soonest(self) -> datetime | None:
        """The soonest of what this transaction made due, before it is written."""
        times = [self.desks.soonest_change(), self.outbox.soonest_promise()]
        return min((at for at in times if at is not None), default=None)

    async def flush(self) -> None:
        await self.accounts.flush()
        await self.groups.flush()
        await self.members.flush()
        await self.joins.flush()
        await self.newcomers.flush()
        await self.desks.flush()
        await self.talk.flush()
        await self.outbox.flush()


def _speakers(events: Sequence[Event], ours: set[GroupId]) -> set[tuple[GroupId, PersonId]]:
    return {
        (each.group, each.sender)
        for each in events
        if isinstance(each, MessageReceived) and each.group in ours
    }


def _movers(events: Sequence[Event], ours: set[GroupId]) -> set[tuple[GroupId, PersonId]]:
    return {
        (each.group, each.person)
        for each in events
        if isinstance(each, MemberJoined | MemberLeft | NicknameChanged) and each.group in ours
    }
