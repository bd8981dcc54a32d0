"""Rooms and members as the platform shows them, compared with what we know.

After every connect, since joins and leaves meanwhile were not told; where a gateway says that
something changed and not what; and now and then, since platforms forget to tell.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from sqlalchemy import or_, select

from bot.clock import Clock
from bot.dispatcher import Arrival
from bot.gateways.base import Gateway, Room, Unreachable
from bot.transactions import Transactions
from handlers.groups.policy import renamed
from models.events import GroupSeen
from models.groups import Group, Standing
from models.ids import AccountId, GroupId, PersonId
from models.people import Profile
from models.stores.unit import Unit
from models.tables import AccountRow, GroupRow, MemberRow

log = logging.getLogger(__name__)

Deliver = Callable[[Arrival], Awaitable[None]]

AT_ONCE = 4
"""Rooms looked at side by side; each asks the gateway once a member it does not know."""
NAMES_AT_ONCE = 16
SOON = timedelta(seconds=10)


class Reconciler:
    def __init__(
        self,
        account: AccountId,
        gateway: Gateway,
        transactions: Transactions,
        deliver: Deliver,
        looked_everywhere: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._account = account
        self._gateway = gateway
        self._transactions = transactions
        self._deliver = deliver
        self._looked_everywhere = looked_everywhere
        self._clock = clock
        self._wanted = asyncio.Event()
        self._all = False
        self._rooms: set[GroupId] = set()
        self._names = asyncio.Semaphore(NAMES_AT_ONCE)

    def want_all(self) -> None:
        self._all = True
        self._wanted.set()

    def want(self, group: GroupId) -> None:
        self._rooms.add(group)
        self._wanted.set()

    async def run(self) -> None:
        """Look where it is wanted, again soon where in doubt, and everywhere now and then."""
        regularly = self._gateway.next_round(self._clock.now())
        while True:
            try:
                await asyncio.wait_for(self._wanted.wait(), SOON.total_seconds())
            except TimeoutError:
                self._rooms |= await self._in_doubt()
            self._wanted.clear()
            if (now := self._clock.now()) >= regularly:
                self._all, regularly = True, self._gateway.next_round(now)
            await self._serve()

    async def look(self, group: GroupId, without: Collection[PersonId] = ()) -> GroupSeen | None:
        """The group as it is now; `without` those whose join is still to be told."""
        taken_at = self._clock.now()
        try:
            room = await self._gateway.look(group)
            profiles = room.profiles or await self._profiles_of(group, room)
        except Unreachable as error:
            log.warning("could not look at %s: %s", group, error, extra={"group": group})
            return None
        return GroupSeen(
            account=self._account,
            at=taken_at,
            group=group,
            name=room.name,
            present=room.members.difference(without),
            profiles=profiles,
            staff=room.staff,
            owner=room.owner,
        )

    async def _serve(self) -> None:
        if not self._gateway.link.up:
            return
        try:
            if self._all:
                self._rooms |= set(await self._gateway.rooms())
        except Unreachable as error:
            log.warning("could not list the rooms: %s", error)
            return
        everywhere, self._all = self._all, False
        rooms, self._rooms = sorted(self._rooms), set()
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(group: GroupId) -> None:
            async with turns:
                if (seen := await self.look(group)) is not None:
                    await self._deliver(Arrival(seen, self._clock.now()))

        await asyncio.gather(*(one(group) for group in rooms))
        if everywhere:
            await self._looked_everywhere()

    async def _unnamed(self, facts: Unit, group: GroupId, room: Room) -> list[PersonId]:
        """Whose name we would have to ask for; nobody's where the room is not ours."""
        found = await facts.connection.execute(
            select(GroupRow.standing, GroupRow.name).where(GroupRow.id == group)
        )
        row = found.first()
        standing = Standing(row[0]) if row else Standing.LISTED
        as_group = Group(id=group, account=self._account, name=room.name, standing=standing)
        rules = await facts.rules.in_force()
        if not renamed(as_group, room.name, rules.groups).is_ours:
            return []
        named = await facts.connection.scalars(
            select(MemberRow.person).where(
                MemberRow.group == group, MemberRow.present, MemberRow.name != ""
            )
        )
        return sorted(room.members - {PersonId(each) for each in named})

    async def _profiles_of(self, group: GroupId, room: Room) -> dict[PersonId, Profile]:
        """Of those whose names we don't know."""
        people = await self._transactions.run(lambda facts: self._unnamed(facts, group, room))

        async def one(person: PersonId) -> Profile:
            async with self._names:
                return await self._gateway.profile(group, person)

        found = await asyncio.gather(*(one(person) for person in people))
        return dict(zip(people, found, strict=True))

    async def _in_doubt(self) -> set[GroupId]:
        """Ours that were not looked at since we connected, or whose last list was not believed."""

        async def work(facts: Unit) -> set[GroupId]:
            found = await facts.connection.scalars(
                select(GroupRow.id)
                .join(AccountRow, AccountRow.id == GroupRow.account)
                .where(
                    GroupRow.account == self._account,
                    GroupRow.standing == Standing.OURS,
                    or_(
                        GroupRow.checked_at.is_(None),
                        GroupRow.checked_at < AccountRow.up_at,
                        GroupRow.doubted.is_not(None),
                    ),
                )
            )
            return {GroupId(each) for each in found}

        return await self._transactions.run(work)
