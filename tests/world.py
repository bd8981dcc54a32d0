"""The whole bot, with time and the chat platform in our hands."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.accounts import AccountState
from bot.clock import ManualClock
from bot.dispatcher import Arrival
from bot.gateways.simulated import SimulatedGateway
from bot.http.api.rules import rules_api
from bot.http.app import RESOURCES, Resource, http_app
from bot.http.visitors import visitor_of
from bot.metrics import Metrics
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds, Simulation
from config.daily import ZONE
from handlers.features import ROUTER
from models.access import Access
from models.content import Item
from models.database import open_engine
from models.entry import Answers, Baby, EntryCode, Visitor
from models.events import (
    AnswersGiven,
    CodeScanned,
    EntryCodeMade,
    Event,
    GroupReleased,
    GroupSeen,
    ItemsPut,
    RoleGiven,
)
from models.ids import AccountId, Code, GroupId, MessageId, PersonId
from models.messages import MENTION_END, Kind, Outgoing
from models.people import Profile, Role
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from models.tables import OutboxRow

ACCOUNT = AccountId("simulated")
GROUP = GroupId("g1")
NAME = "杭州·2026年3-5月·妇幼·01"


def shanghai(text: str) -> datetime:
    """`2026-03-02 20:00`, as people in the groups would say it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


EVENING = shanghai("2026-03-02 19:00")


@dataclass(frozen=True)
class Heard:
    """What a group heard, and when."""

    at: datetime
    message: Outgoing


class World:
    def __init__(self, engine: AsyncEngine, start: datetime, token: str) -> None:
        self.engine = engine
        self.token = token
        self.clock = ManualClock(start)
        self.transactions = Transactions(engine)
        self.gateway = SimulatedGateway(ACCOUNT, self.clock, self._hear)
        self._epoch = 1
        self.simulation = self._simulation()
        self.said: list[Heard] = []
        self._messages = itertools.count(1)

    # What people do

    async def opens(
        self, group: str = GROUP, name: str = NAME, people: tuple[str, ...] = ()
    ) -> None:
        """A room that we are in is looked at for the first time."""
        members = {PersonId(each): Profile(each) for each in people}
        self.gateway.open_room(GroupId(group), name, members)
        await self.looks(group)

    async def looks(self, group: str = GROUP) -> None:
        await self.happens(self.gateway.show(GroupId(group)))

    async def lets_go(self, group: str = GROUP) -> None:
        """It is none of ours any more, and costs the worlds to come no time."""
        now = self.clock.now()
        await self.happens(GroupReleased(at=now, by="运营小王", group=GroupId(group)))

    async def joins(self, *names: str, group: str = GROUP, nickname: str = "") -> None:
        for name in names:
            self.gateway.join(GroupId(group), PersonId(name), Profile(name, nickname))
        await self.passes(seconds=0)

    async def leaves(self, *names: str, group: str = GROUP, by: str | None = None) -> None:
        for name in names:
            remover = PersonId(by) if by else None
            self.gateway.leave(GroupId(group), PersonId(name), remover)
        await self.passes(seconds=0)

    async def calls_herself(self, name: str, nickname: str, group: str = GROUP) -> None:
        self.gateway.call(GroupId(group), PersonId(name), nickname)
        await self.passes(seconds=0)

    async def says(
        self,
        name: str,
        text: str,
        group: str = GROUP,
        *,
        at: tuple[str, ...] = (),
        quotes: str | None = None,
    ) -> MessageId:
        """In a group: whom she mentions is told by the platform, and so is what she quotes (a
        message's id, or the key of something we said)."""
        message = MessageId(f"m{next(self._messages)}")
        people = tuple(PersonId(each) for each in at)
        quoted = MessageId(quotes) if quotes else None
        self.gateway.say(GroupId(group), PersonId(name), message, text, people, quoted)
        await self.passes(seconds=0)
        return message

    async def types(self, name: str, text: str, group: str = GROUP, **more: Any) -> str:
        """A command; what was answered to it, "" if nothing was."""
        before = len(self.replies)
        await self.says(name, text, group, **more)
        await self.passes(seconds=4)
        return "".join(self.replies[before:])

    async def tells_us(self, name: str, text: str) -> None:
        """In private."""
        message = MessageId(f"m{next(self._messages)}")
        self.gateway.say(None, PersonId(name), message, text)
        await self.passes(seconds=0)

    async def recalls(self, message: MessageId, group: str = GROUP) -> None:
        self.gateway.recall(GroupId(group), message)
        await self.passes(seconds=0)

    async def becomes(self, name: str, role: Role, group: str | None = GROUP) -> None:
        """An admin makes her that, in a group or (None) in every group."""
        at = self.clock.now()
        of_group = GroupId(group) if group else None
        given = RoleGiven(at=at, by="运营小王", group=of_group, person=PersonId(name), role=role)
        await self.happens(given)

    async def happens(self, *events: Event) -> None:
        self.simulation.hear()
        for event in events:
            self.simulation.arrives(event)
        await self.passes(seconds=0)

    async def passes(self, **time: float) -> None:
        await self.until(self.clock.now() + timedelta(**time))

    async def until(self, moment: datetime | str) -> None:
        moment = shanghai(moment) if isinstance(moment, str) else moment
        await self.simulation.advance(moment)

    async def goes_deaf(self) -> None:
        self.gateway.disconnect()
        await self.passes(seconds=0)

    async def is_told_nothing(self) -> None:
        """Its gateway is one as of WeCom without the archive from now on: it speaks, sees who
        comes and goes, and is not told what members say."""
        able = self.gateway.capabilities
        self.gateway.capabilities = replace(able, hears=False, sees_recalls=False)
        self.gateway.disconnect()
        await self.hears_again()

    async def hears_again(self) -> None:
        """Connected again, and every room is looked at."""
        self.gateway.connect()
        await self.happens(*self._views())

    async def restarts(self) -> None:
        """The process dies and another one starts: whatever was in memory is gone."""
        self._epoch += 1
        self.simulation = self._simulation()
        await self.passes(seconds=0)

    async def rules(self, scope: str = "everywhere", **sections: object) -> None:
        """An admin changes a rule over HTTP."""
        async with self.admin(resources=(rules_api,)) as http:
            answer = await http.patch(f"/api/v1/rules/{scope}", json=sections)
        assert answer.status_code == 200, answer.text
        await self.simulation.look_again()
        await self.passes(seconds=0)

    async def stocks(self, *items: Item) -> None:
        """An admin puts these into the library."""
        await self.happens(ItemsPut(at=self.clock.now(), by="运营小王", items=items))

    # On the way in

    async def makes_code(self, code: str = "k7m2pq9xwd", **facts: Any) -> Code:
        """An admin makes an entry code of the group's channel."""
        made = EntryCode(
            code=Code(code),
            created_at=self.clock.now(),
            created_by="运营小王",
            **{"channel": "妇幼", **facts},
        )
        await self.happens(EntryCodeMade(at=self.clock.now(), by="运营小王", code=made))
        return made.code

    async def scans(self, browser: str, code: str = "k7m2pq9xwd") -> None:
        visitor, at = visitor_of(browser), self.clock.now()
        await self.happens(CodeScanned(at=at, visitor=visitor, code=Code(code)))

    async def answers(
        self,
        browser: str,
        name: str,
        day: str = "2026-04-10",
        code: str = "k7m2pq9xwd",
        *,
        city: str = "杭州",
        baby: Baby = Baby.DUE,
    ) -> Visitor:
        """She scans the code, fills in the form and sends it; what is known of her then."""
        visitor, at = visitor_of(browser), self.clock.now()
        told = Answers(
            baby=baby, day=date.fromisoformat(day), city=city, name=name, consent="2026-11"
        )
        await self.happens(
            CodeScanned(at=at, visitor=visitor, code=Code(code)),
            AnswersGiven(at=at, visitor=visitor, code=Code(code), answers=told, seed=browser),
        )
        return await self.visitor(browser)

    async def visitor(self, browser: str) -> Visitor:
        found = await self.transactions.read(lambda facts: facts.visitors.get(visitor_of(browser)))
        assert found is not None
        return found

    # What came of it

    def heard(self, *kinds: Kind, group: str | None = None) -> list[Heard]:
        return [
            each
            for each in self.said
            if (not kinds or each.message.kind in kinds)
            and (group is None or each.message.group == group)
        ]

    @property
    def replies(self) -> list[str]:
        """What was answered to commands, without the mention of who typed them."""
        texts = [each.message.text for each in self.heard(Kind.REPLY)]
        return [each.partition(MENTION_END)[2] or each for each in texts]

    async def points(self, name: str, group: str = GROUP) -> int:
        async def work(facts: Unit) -> int:
            return (await facts.balances.of(GroupId(group), PersonId(name))).points

        return await self.transactions.read(work)

    @property
    def greeted(self) -> list[str]:
        """Everyone a welcome was for, as often as it was."""
        return [person for each in self.heard(Kind.WELCOME) for person in each.message.mentions]

    @property
    def rounds(self) -> list[list[str]]:
        return [sorted(each.message.mentions) for each in self.heard(Kind.WELCOME)]

    def seconds_to_welcome(self, since: datetime) -> list[float]:
        return [(each.at - since).total_seconds() for each in self.heard(Kind.WELCOME)]

    async def outbox(self) -> list[tuple[str, str]]:
        """(kind, state) of everything ever promised, in order."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(
                select(OutboxRow.kind, OutboxRow.state).order_by(OutboxRow.id)
            )
        return [(kind, state) for kind, state in rows]

    def app(self, resources: Sequence[Resource] = RESOURCES) -> FastAPI:
        return http_app(
            self.transactions,
            self.simulation.dispatcher,
            self.clock,
            lambda: {ACCOUNT: AccountState(True, self.gateway.link.up)},
            Metrics(),
            resources,
        )

    def admin(
        self, token: str | None = None, resources: Sequence[Resource] = RESOURCES
    ) -> httpx.AsyncClient:
        """`resources` are those that she uses: to make them takes longer than to use them."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app(resources)),
            base_url="http://qunzhu",
            headers={"Authorization": f"Bearer {self.token if token is None else token}"},
        )

    def browser(self) -> httpx.AsyncClient:
        """That of somebody nobody knows."""
        transport = httpx.ASGITransport(self.app())
        return httpx.AsyncClient(transport=transport, base_url="http://qunzhu")

    def now(self, event: Event) -> Arrival:
        return Arrival(event, self.clock.now())

    def _views(self) -> list[GroupSeen]:
        return [self.gateway.show(group) for group in self.gateway.groups()]

    def _simulation(self) -> Simulation:
        holding = AlwaysHolds(self._epoch)
        return Simulation(self.transactions, ROUTER, self.gateway, self.clock, holding=holding)

    def _hear(self, message: Outgoing) -> None:
        self.said.append(Heard(self.clock.now(), message))


@asynccontextmanager
async def new_world(url: str, start: datetime = EVENING) -> AsyncIterator[World]:
    """A world with one group, the account connected."""
    engine = open_engine(url, pool_size=8)

    async def issue(facts: Unit) -> str:
        return await TokenStore(facts.connection).issue("运营小王", Access.ADMIN, start)

    token = await Transactions(engine).run(issue)
    world = World(engine, start, token)
    world.gateway.connect()
    await world.opens()
    yield world
    await engine.dispose()
