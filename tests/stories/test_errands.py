"""What an account is asked to do is done once, in order, at a pace that does not get it banned."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.clock import ManualClock
from bot.dispatcher import Dispatcher
from bot.errands.runner import ErrandRunner
from bot.gateways.simulated import SimulatedGateway
from bot.transactions import Transactions
from bot.virtual import AlwaysHolds, Simulation
from handlers.context import Context
from handlers.router import Router
from handlers.rules import handler as rules
from models.database import open_engine
from models.delivery import MaybeSent, NotSent, Refused, Sent, Verdict
from models.errands import Errand, ErrandKind, TakenErrand
from models.events import ErrandDone, ErrandFailed, ErrandSettled, FriendAsked
from models.ids import GroupId, PersonId
from models.messages import Kind, Outgoing
from models.people import Profile
from models.stores.unit import Unit
from models.tables import DeadLetterRow, ErrandRow
from tests.databases import Unanswered
from tests.leases import Lapsing
from tests.world import ACCOUNT, GROUP, World

HOUR = timedelta(hours=1)
STAFF = (PersonId("boss"), PersonId("helper"))


class Killed(BaseException):
    """The process dies at this very moment."""


class Desk:
    """Asks for errands, and hears how they went; of the features only the rules are there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: list[ErrandSettled] = []
        self.router = Router([rules.router])
        self.router.on(ErrandDone)(self._hear)
        self.router.on(ErrandFailed)(self._hear)
        self.begins()

    def begins(self, epoch: int = 1, transactions: Transactions | None = None) -> None:
        """A process that holds the account does what is asked for."""
        world = self.world
        world.simulation = Simulation(
            transactions or world.transactions,
            self.router,
            world.gateway,
            world.clock,
            holding=AlwaysHolds(epoch),
        )

    async def _hear(self, event: ErrandSettled, ctx: Context) -> None:
        self.told.append(event)

    async def asks(self, *errands: Errand) -> None:
        async def work(facts: Unit) -> None:
            for each in errands:
                facts.errands.ask(each, self.world.clock.now())

        await self.world.transactions.run(work)
        await self.world.simulation.look_again()

    async def asks_for(self, *errands: Errand) -> None:
        """And they are done, as far as they may be now."""
        await self.asks(*errands)
        await self.world.passes(seconds=0)

    def errand(self, key: str, kind: ErrandKind, **facts: Any) -> Errand:
        now = self.world.clock.now()
        given = {"account": ACCOUNT, "due_at": now, "lapses_at": now + 24 * HOUR, **facts}
        return Errand(key=key, kind=kind, **given)

    def invitation(self, person: str, **facts: Any) -> Errand:
        return self.errand(
            f"invite:{person}", ErrandKind.INVITE, group=GROUP, person=PersonId(person), **facts
        )

    def code(self, key: str = "qr:g1", **facts: Any) -> Errand:
        return self.errand(key, ErrandKind.ROOM_QR, **{"group": GROUP, **facts})

    async def states(self) -> dict[str, str]:
        """What became of each, in the order in which they were asked for."""
        async with self.world.engine.connect() as connection:
            rows = await connection.execute(
                select(ErrandRow.key, ErrandRow.state).order_by(ErrandRow.id)
            )
        return {row.key: row.state for row in rows}

    async def approaches(self) -> list[tuple[str, datetime]]:
        """Who was approached when, in order."""
        async with self.world.engine.connect() as connection:
            rows = await connection.execute(
                select(ErrandRow.person, ErrandRow.settled_at)
                .where(ErrandRow.state == "done", ErrandRow.person.is_not(None))
                .order_by(ErrandRow.settled_at)
            )
        return [(row.person_id, row.settled_at) for row in rows]

    async def letters(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.world.engine.connect() as connection:
            rows = await connection.execute(select(DeadLetterRow.kind, DeadLetterRow.event))
        return [(row.kind, row.event) for row in rows]

    @property
    def invited(self) -> list[str]:
        return [person for _, person in self.world.gateway.invited]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


# What is done


async def test_every_kind_is_done_and_whoever_asked_hears_what_came_of_it(
    world: World, desk: Desk
) -> None:
    request = world.gateway.ask_friend(PersonId("dou"), "豆豆妈", "123456")
    asked = [
        desk.errand("accept:1", ErrandKind.ACCEPT, detail=request, person=PersonId("dou")),
        desk.invitation("dou"),
        desk.code(),
        desk.errand("own", ErrandKind.OWN_QR),
        desk.errand("open", ErrandKind.OPEN_ROOM, detail="杭州·02", people=STAFF),
    ]
    await desk.asks_for(*asked)
    await world.passes(minutes=1)
    assert set((await desk.states()).values()) == {"done"}
    results = {each.errand.key: each.result for each in desk.told if isinstance(each, ErrandDone)}
    assert results.keys() == {each.key for each in asked}
    assert GROUP in results["qr:g1"]
    assert results["own"]
    opened = await world.gateway.look(GroupId(results["open"]))
    assert (opened.name, set(opened.members)) == ("杭州·02", {*STAFF, PersonId("bot")})
    assert {each.errand for each in desk.told} == set(asked)


async def test_a_key_is_done_once_however_often_it_is_asked_for(world: World, desk: Desk) -> None:
    await desk.asks_for(desk.invitation("dou"), desk.invitation("dou"))
    await desk.asks_for(desk.invitation("dou"))
    await world.passes(hours=2)
    await desk.asks_for(desk.invitation("dou", detail="again"))
    await world.passes(hours=2)
    assert desk.invited == ["dou"]
    assert len(desk.told) == 1


async def test_what_says_nothing_of_whom_is_not_done(world: World, desk: Desk) -> None:
    await desk.asks_for(desk.errand("odd", ErrandKind.INVITE, group=GROUP))
    assert await desk.states() == {"odd": "failed"}
    (failed,) = desk.told
    assert isinstance(failed, ErrandFailed)
    assert "whom" in failed.why


async def test_an_errand_waits_until_it_is_due(world: World, desk: Desk) -> None:
    await desk.asks_for(desk.invitation("dou", due_at=world.clock.now() + HOUR))
    await world.passes(minutes=59)
    assert desk.invited == []
    await world.passes(minutes=1)
    assert desk.invited == ["dou"]


# The pace


async def test_acceptances_and_invitations_share_one_pace_and_keep_their_order(
    world: World, desk: Desk
) -> None:
    await world.rules(entry={"hourly": 3, "spacing": 20})
    asked, expected = [], []
    for number in range(5):
        person = PersonId(f"p{number}")
        request = world.gateway.ask_friend(person, f"妈妈{number}", "你好")
        asked.append(
            desk.errand(f"accept:{person}", ErrandKind.ACCEPT, detail=request, person=person)
        )
        asked.append(desk.invitation(person))
        expected += [person, person]
    start = world.clock.now()
    await desk.asks_for(*asked)
    await world.passes(hours=6)
    seconds = [20 * (n % 3) + 3600 * (n // 3) for n in range(10)]
    assert await desk.approaches() == [
        (person, start + timedelta(seconds=at))
        for person, at in zip(expected, seconds, strict=True)
    ]


async def test_the_longest_due_comes_first_whenever_it_was_asked_for(
    world: World, desk: Desk
) -> None:
    now = world.clock.now()
    await desk.asks_for(
        desk.invitation("late", due_at=now + timedelta(minutes=9)),
        desk.invitation("soon", due_at=now + timedelta(minutes=5)),
        desk.invitation("first", due_at=now),
    )
    world.gateway.disconnect()
    await world.passes(minutes=10)
    await desk.asks_for(desk.invitation("last"))
    world.gateway.connect()
    await world.passes(hours=1)
    assert desk.invited == ["first", "soon", "late", "last"]


async def test_what_approaches_nobody_does_not_wait_for_those_who_do(
    world: World, desk: Desk
) -> None:
    await world.rules(entry={"hourly": 1})
    await desk.asks_for(desk.invitation("a"), desk.invitation("b"), desk.code())
    assert await desk.states() == {
        "invite:a": "done",
        "invite:b": "waiting",
        "qr:g1": "done",
    }


async def test_the_pace_outlives_the_process(world: World, desk: Desk) -> None:
    await world.rules(entry={"hourly": 2, "spacing": 0})
    await desk.asks_for(*(desk.invitation(f"p{n}") for n in range(4)))
    assert desk.invited == ["p0", "p1"]
    desk.begins(epoch=2)
    await world.passes(minutes=59)
    assert desk.invited == ["p0", "p1"]
    await world.passes(minutes=1)
    assert desk.invited == ["p0", "p1", "p2", "p3"]


async def test_what_may_have_been_done_counts_for_the_pace_and_what_was_not_does_not(
    world: World, desk: Desk
) -> None:
    await world.rules(entry={"hourly": 2, "spacing": 10})
    world.gateway.failures += [MaybeSent("line lost"), Refused("no")]
    await desk.asks_for(*(desk.invitation(f"p{n}") for n in range(4)))
    await world.passes(minutes=59)
    assert list((await desk.states()).values()) == ["unsure", "failed", "done", "waiting"]
    await world.passes(minutes=1)
    assert list((await desk.states()).values()) == ["unsure", "failed", "done", "done"]


async def test_who_fails_does_not_knock_at_every_door_at_once(world: World, desk: Desk) -> None:
    await world.rules(entry={"spacing": 20})
    world.gateway.failures += [NotSent("slow down")] * 3
    await desk.asks_for(*(desk.invitation(f"p{n}") for n in range(5)))
    assert len(world.gateway.failures) == 2
    await world.passes(seconds=19)
    assert len(world.gateway.failures) == 2
    await world.passes(seconds=21)
    assert len(world.gateway.failures) == 0
    await world.passes(minutes=10)
    assert sorted(desk.invited) == [f"p{n}" for n in range(5)]


async def test_a_changed_pace_holds_at_once(world: World, desk: Desk) -> None:
    await world.rules(entry={"hourly": 1})
    await desk.asks_for(*(desk.invitation(f"p{n}") for n in range(3)))
    assert desk.invited == ["p0"]
    await world.rules(entry={"hourly": 20, "spacing": 0})
    assert desk.invited == ["p0", "p1", "p2"]


# What fails


async def test_what_surely_was_not_done_is_tried_again(world: World, desk: Desk) -> None:
    world.gateway.failures += [NotSent("busy"), NotSent("busy")]
    await desk.asks_for(desk.errand("open", ErrandKind.OPEN_ROOM, detail="杭州·02", people=STAFF))
    assert await desk.states() == {"open": "waiting"}
    assert desk.told == []
    await world.passes(minutes=1)
    assert await desk.states() == {"open": "done"}
    assert len(await world.gateway.rooms()) == 2


async def test_after_enough_attempts_it_is_given_up(world: World, desk: Desk) -> None:
    await world.rules(delivery={"max_attempts": 3})
    world.gateway.failures += [NotSent("busy")] * 9
    await desk.asks_for(desk.code())
    await world.passes(hours=1)
    assert await desk.states() == {"qr:g1": "failed"}
    (failed,) = desk.told
    assert isinstance(failed, ErrandFailed)
    assert "3 attempts" in failed.why
    assert len(world.gateway.failures) == 6


@pytest.mark.parametrize("error", [MaybeSent("line lost"), RuntimeError("a bug")])
async def test_what_may_have_been_done_is_not_done_again(
    world: World, desk: Desk, error: Exception
) -> None:
    world.gateway.failures.append(error)
    await desk.asks_for(desk.invitation("dou"))
    await world.passes(hours=3)
    assert await desk.states() == {"invite:dou": "unsure"}
    assert desk.invited == []
    (done,) = desk.told
    assert isinstance(done, ErrandDone)
    assert done.unsure


async def test_a_code_that_may_have_been_fetched_is_fetched_again(
    world: World, desk: Desk
) -> None:
    world.gateway.failures.append(MaybeSent("line lost"))
    await desk.asks_for(desk.code())
    await world.passes(minutes=1)
    (done,) = desk.told
    assert isinstance(done, ErrandDone)
    assert (bool(done.result), done.unsure) == (True, False)


async def test_what_is_not_done_in_time_is_not_done_at_all(world: World, desk: Desk) -> None:
    world.gateway.disconnect()
    soon = world.clock.now() + timedelta(minutes=5)
    await desk.asks_for(desk.invitation("dou", lapses_at=soon), desk.invitation("mei"))
    await world.passes(minutes=6)
    assert await desk.states() == {"invite:dou": "lapsed", "invite:mei": "waiting"}
    (failed,) = desk.told
    assert isinstance(failed, ErrandFailed)
    world.gateway.connect()
    await world.passes(minutes=1)
    assert desk.invited == ["mei"]


async def test_what_is_tried_again_lapses_all_the_same(world: World, desk: Desk) -> None:
    soon = world.clock.now() + timedelta(minutes=1)
    world.gateway.failures += [NotSent("busy")] * 20
    await desk.asks_for(desk.code(lapses_at=soon))
    await world.passes(minutes=1)
    assert await desk.states() == {"qr:g1": "lapsed"}
    left = len(world.gateway.failures)
    await world.passes(hours=1)
    assert len(world.gateway.failures) == left


async def test_what_was_taken_is_done_though_the_database_did_not_answer(
    world: World, desk: Desk
) -> None:
    desk.begins(transactions=Unanswered(world.engine))
    await desk.asks_for(desk.invitation("dou"), desk.invitation("mei"))
    await world.passes(minutes=5)
    assert await desk.states() == {"invite:dou": "done", "invite:mei": "done"}
    assert desk.invited == ["dou", "mei"]
    assert len(desk.told) == 2


# A handler that fails


@pytest.mark.parametrize("bad", ["raises", "writes what the database refuses"])
async def test_whoever_fails_to_hear_of_it_does_not_have_it_done_again(
    world: World, desk: Desk, bad: str
) -> None:
    @desk.router.on(ErrandDone)
    async def fail(done: ErrandDone, ctx: Context) -> None:
        if bad == "raises":
            raise ValueError(done.errand.key)
        ctx.ask(replace(done.errand, key="\x00"))

    await desk.asks_for(desk.invitation("dou"), desk.code())
    await world.passes(hours=2)
    assert await desk.states() == {"invite:dou": "done", "qr:g1": "done"}
    assert desk.invited == ["dou"]
    letters = await desk.letters()
    assert [kind for kind, _ in letters] == ["ErrandDone", "ErrandDone"]
    assert [event["errand"]["key"] for _, event in letters] == ["invite:dou", "qr:g1"]


async def test_what_a_friend_wrote_is_in_no_dead_letter(world: World, desk: Desk) -> None:
    @desk.router.on(FriendAsked)
    async def fail(asked: FriendAsked, ctx: Context) -> None:
        raise ValueError(asked.request)

    world.gateway.ask_friend(PersonId("dou"), "豆豆妈", "我是豆豆妈 123456")
    await world.passes(seconds=1)
    ((kind, event),) = await desk.letters()
    assert (kind, event["person"]) == ("FriendAsked", "dou")
    assert "123456" not in str(event)
    assert "豆豆妈" not in str(event)


async def test_an_errand_asked_for_because_of_what_was_said_is_done(
    world: World, desk: Desk
) -> None:
    @desk.router.settled(Kind.STAFF_NOTICE)
    async def invite(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
        ctx.ask(desk.invitation("dou"))

    now = world.clock.now()

    async def promise(facts: Unit) -> None:
        message = Outgoing(
            key="hello",
            kind=Kind.STAFF_NOTICE,
            account=ACCOUNT,
            to=PersonId("dou"),
            text="你好呀",
            due_at=now,
            lapses_at=now + HOUR,
        )
        facts.outbox.promise(message, now)

    await world.transactions.run(promise)
    await world.simulation.look_again()
    await world.passes(seconds=1)
    assert desk.invited == ["dou"]


async def test_what_is_asked_for_is_done_though_it_was_looked_at_meanwhile(
    world: World, desk: Desk
) -> None:
    @desk.router.on(FriendAsked)
    async def accept(asked: FriendAsked, ctx: Context) -> None:
        ctx.ask(
            desk.errand(
                asked.request, ErrandKind.ACCEPT, detail=asked.request, person=asked.person
            )
        )
        earlier = await ctx.facts.errands.about(
            asked.person, asked.account, ErrandKind.ACCEPT, ctx.now
        )
        assert [each.errand.key for each in earlier] == [asked.request]

    world.gateway.ask_friend(PersonId("dou"), "豆豆妈", "你好")
    await world.passes(seconds=1)
    assert list((await desk.states()).values()) == ["done"]


# Another process


async def test_who_dies_in_the_middle_leaves_it_unsure(world: World, desk: Desk) -> None:
    world.gateway.failures.append(Killed())
    with pytest.raises(Killed):
        await desk.asks_for(desk.invitation("dou"), desk.invitation("mei"))
    assert await desk.states() == {"invite:dou": "doing", "invite:mei": "waiting"}
    desk.begins(epoch=2)
    await world.passes(minutes=5)
    assert await desk.states() == {"invite:dou": "unsure", "invite:mei": "done"}
    assert desk.invited == ["mei"]
    assert [(each.errand.person, isinstance(each, ErrandDone)) for each in desk.told] == [
        ("dou", True),
        ("mei", True),
    ]


async def test_a_code_that_was_being_fetched_is_fetched_by_the_next(
    world: World, desk: Desk
) -> None:
    world.gateway.failures.append(Killed())
    with pytest.raises(Killed):
        await desk.asks_for(desk.code())
    desk.begins(epoch=2)
    await world.passes(minutes=1)
    (done,) = desk.told
    assert isinstance(done, ErrandDone)
    assert done.result


class Process:
    """One of several, with its own connections, lease and line to the platform."""

    def __init__(self, url: str, name: str, desk: Desk, clock: ManualClock) -> None:
        self.engine = open_engine(url, pool_size=8)
        self.transactions = Transactions(self.engine)
        self.lease = Lapsing(self.engine, ACCOUNT, name)
        self.gateway = SimulatedGateway(ACCOUNT, clock)
        self.gateway.open_room(GROUP, "杭州·01", {PersonId("ming"): Profile("小明")})
        self.gateway.connect()
        self._clock = clock
        self.runner = ErrandRunner(
            ACCOUNT,
            self.gateway,
            self.lease,
            self.transactions,
            Dispatcher(self.transactions, desk.router),
            clock,
        )

    async def works(self) -> None:
        """All that may be done now."""
        while (again := await self.runner.step()) is not None and again <= self._clock.now():
            pass

    async def expires(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text("UPDATE lease SET expires_at = clock_timestamp()"))


@pytest.fixture
async def both(world: World, desk: Desk, database: str) -> AsyncIterator[tuple[Process, Process]]:
    pair = (
        Process(database, "first", desk, world.clock),
        Process(database, "second", desk, world.clock),
    )
    yield pair
    for each in pair:
        await each.engine.dispose()


def invited(*processes: Process) -> list[str]:
    return [person for each in processes for _, person in each.gateway.invited]


async def test_only_the_holder_does_errands(
    world: World, desk: Desk, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert await first.lease.take()
    await desk.asks(desk.invitation("dou"))
    await second.works()
    assert invited(first, second) == []
    await first.works()
    assert invited(first) == ["dou"]


async def test_two_that_change_places_do_everything_once_and_in_order(
    world: World, desk: Desk, both: tuple[Process, Process]
) -> None:
    await world.rules(entry={"hourly": 200, "spacing": 0})
    people = [f"p{n:02}" for n in range(30)]
    await desk.asks(*(desk.invitation(each) for each in people))
    holder, other = both
    assert await holder.lease.take()
    for _ in range(40):
        await asyncio.gather(holder.runner.step(), other.runner.step(), other.runner.step())
        await holder.expires()
        assert await other.lease.take()
        holder, other = other, holder
        world.clock.set(world.clock.now() + timedelta(seconds=1))
    assert sorted(invited(*both)) == people
    assert [person for person, _ in await desk.approaches()] == people
    assert len(desk.told) == len(people)


@pytest.mark.parametrize(("looks", "attempts"), [(0, 0), (1, 1)])
async def test_one_whose_lease_ran_out_before_its_claim_or_its_deed_leaves_it_to_the_next(
    world: World, desk: Desk, both: tuple[Process, Process], looks: int, attempts: int
) -> None:
    """Which need not wait for another try: nobody was knocked at."""
    first, second = both
    assert await first.lease.take()
    await desk.asks(desk.invitation("dou"))
    first.lease.lapses_after = looks
    await first.runner.step()
    assert invited(first) == []
    assert await desk.states() == {"invite:dou": "waiting"}
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(ErrandRow.attempts)) == attempts
    await first.expires()
    assert await second.lease.take()
    await second.works()
    assert invited(second) == ["dou"]


async def test_one_whose_lease_is_renewed_late_goes_on_at_once(
    world: World, desk: Desk, both: tuple[Process, Process]
) -> None:
    first, _ = both
    assert await first.lease.take()
    await desk.asks(desk.invitation("dou"))
    first.lease.lapses_after = 1
    await first.runner.step()
    first.lease.lapses_after = None
    await first.works()
    assert invited(first) == ["dou"]


async def test_what_was_told_as_unsure_is_not_told_again_by_who_wakes_up(
    world: World, desk: Desk, both: tuple[Process, Process]
) -> None:
    """The first was stopped while it did it, and settles it after the second took over."""
    first, second = both
    assert await first.lease.take()
    await desk.asks(desk.invitation("dou"))
    taken = await _taken(world, first)
    await first.expires()
    assert await second.lease.take()
    await second.works()
    assert await desk.states() == {"invite:dou": "unsure"}

    async def settle(facts: Unit) -> bool:
        return await facts.errands.settle(taken, Sent(), world.clock.now())

    assert not await first.transactions.run(settle)
    assert await desk.states() == {"invite:dou": "unsure"}
    assert len(desk.told) == 1


async def test_who_wakes_up_does_not_settle_what_another_is_doing_by_now(
    world: World, desk: Desk, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert await first.lease.take()
    await desk.asks(desk.code())
    stale = await _taken(world, first)
    await first.expires()
    assert await second.lease.take()
    await second.works()
    world.clock.set(world.clock.now() + timedelta(minutes=1))
    fresh = await _taken(world, second)
    now = world.clock.now()
    run = first.transactions.run
    assert not await run(lambda facts: facts.errands.settle(stale, Sent(), now))
    assert await run(lambda facts: facts.errands.settle(fresh, Sent(), now))


async def _taken(world: World, process: Process) -> TakenErrand:
    """It begins, and is stopped before it can tell how it went."""
    taken = await process.transactions.run(
        lambda facts: facts.errands.take(
            ACCOUNT, process.lease.epoch, world.clock.now(), may_approach=True
        )
    )
    assert taken is not None
    return taken
