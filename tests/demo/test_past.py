"""The community that the demo opens with: there is something of everything to see in it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import ManualClock
from bot.demo.community import ACCOUNT
from bot.demo.outlook import read_outlook
from bot.demo.past.making import State, make_past, state_of
from bot.demo.past.plots import PLOTS, WEEKS, Trait, is_around, places
from bot.demo.past.rhythm import CLOSELY, LONG_AGO, Fading
from bot.demo.past.story import write
from bot.demo.view import read_sight
from bot.transactions import Transactions
from config.daily import ZONE, midnight
from handlers.context import Context
from handlers.growth.standing import standing_of
from models.database import open_engine
from models.delivery import State as Said
from models.growth import Concern, Recruiting
from models.ids import GroupId
from models.phase import Phase
from models.rewards import RedemptionState
from models.stores.unit import Unit
from models.tables import (
    DeadLetterRow,
    DeafSpellRow,
    GroupRow,
    NoticeRow,
    OutboxRow,
    QuestionRow,
    RedemptionRow,
)
from tests.demo.play import START, playing

QR = "http://127.0.0.1:8000/demo/scan"
FEWEST_EVENTS = 6_000


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(database, pool_size=4)
    yield opened
    await opened.dispose()


async def make(engine: AsyncEngine, heard: list[float]) -> None:
    await make_past(engine, START, QR, heard.append, lambda: None)


# Pure


def test_it_is_the_same_twice_and_another_one_by_another_seed() -> None:
    assert write(START) == write(START)
    assert write(START).events != write(START, seed=1).events


def test_its_events_are_many_and_in_order() -> None:
    story = write(START)
    times = [each.at for each in story.events]
    assert len(times) >= FEWEST_EVENTS
    assert times == sorted(times)
    assert story.start < times[0]
    assert times[-1] < START
    assert START - story.start >= timedelta(weeks=WEEKS)


@pytest.mark.parametrize("month", range(1, 13))
def test_it_can_be_written_on_any_day(month: int) -> None:
    for hour in (0, 8, 15, 23):
        now = datetime(2027, month, 28, hour, 30, tzinfo=ZONE)
        assert write(now).events[-1].at < now
    assert len({each.name for each in places(now.date())}) == len(PLOTS)


def test_looks_are_few_long_ago_and_many_by_now() -> None:
    rhythm = Fading(START - timedelta(weeks=WEEKS), START)
    early = midnight(START.date() - timedelta(days=40))
    minutes = [early + timedelta(minutes=each) for each in range(24 * 60)]
    looks = {rhythm.wake(each).replace(second=0, microsecond=0) for each in minutes}
    assert len(LONG_AGO) <= len(looks) <= 4 * len(LONG_AGO)
    assert all(rhythm.wake(each) >= each for each in minutes)
    late = START - CLOSELY + timedelta(minutes=7)
    assert rhythm.wake(late) == late


# Lived through


async def test_there_is_something_of_everything(database: str, engine: AsyncEngine) -> None:
    heard: list[float] = []
    await make(engine, heard)
    assert heard == sorted(heard)
    async with engine.connect() as connection:
        facts = Unit(connection)
        await _check_groups(facts)
        await _check_concerns(facts)
        await _check_what_waits(facts)
        await _check_the_way_in(facts)
        assert await connection.scalar(select(func.count()).select_from(DeadLetterRow)) == 0
    async with playing(database, ManualClock(START)) as play:
        groups = await play.transactions.read(
            lambda facts: facts.groups.find(GroupRow.account == ACCOUNT)
        )
        assert len(groups) == 24
        sight = await play.transactions.read(
            lambda facts: read_sight(facts, GroupId(""), None, START)
        )
        assert len(sight.cards) == 3
        assert not any(is_around(each.group.id) for each in sight.cards)
        assert len((await play.scene()).entrance.codes) == 3
        assert "around-01" in {each.id for each in groups}
        looked_at = await play.scene(GroupId("around-01"))
        assert looked_at.chat


async def _check_groups(facts: Unit) -> None:
    groups = await facts.groups.find()
    assert len(groups) == len(PLOTS) == 21
    standings = [await standing_of(await Context.open(facts, START, each.id)) for each in groups]
    phases = {each.phase for each in standings if each is not None}
    assert phases == set(Phase)
    states = Counter(each.recruiting for each in standings if each is not None)
    assert set(states) == set(Recruiting)
    assert len([each for each in groups if each.paused_at is not None]) == 1
    leaderless = [each for each in groups if await facts.members.monitor(each.id) is None]
    assert len(leaderless) == len([each for each in PLOTS if each.has(Trait.LEADERLESS)])
    assert len({each.city for each in groups}) >= 4
    assert len({each.channel for each in groups}) >= 3


async def _check_concerns(facts: Unit) -> None:
    open_ = {each.concern for each in await facts.notices.find(NoticeRow.ended_at.is_(None))}
    assert open_ >= {
        Concern.AT_RISK,
        Concern.OVERDUE,
        Concern.SILENT,
        Concern.MONITOR_QUIET,
        Concern.MISNAMED,
        Concern.LEAVING,
    }


async def _check_what_waits(facts: Unit) -> None:
    found = await facts.connection.execute(
        select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
    )
    states = {row[0]: row[1] for row in found}
    assert states[Said.PARKED] >= 1
    assert states[Said.UNSURE] >= 1
    assert Said.SENDING not in states
    open_ = QuestionRow.answered_at.is_(None) & QuestionRow.closed_at.is_(None)
    assert len(await facts.questions.find(open_)) >= 2
    ready = RedemptionRow.state == RedemptionState.READY
    assert len(await facts.redemptions.find(ready)) >= 3
    handed = RedemptionRow.state == RedemptionState.HANDED
    assert await facts.redemptions.find(handed)
    (spell,) = (await facts.connection.execute(select(DeafSpellRow.__table__))).all()
    assert timedelta(hours=3) <= spell.until - spell.since <= timedelta(hours=5)
    asks = next(each for each in places(START.date()) if each.plot.has(Trait.APPROVAL))
    group = await facts.groups.peek(asks.id)
    assert group is not None
    outlook = await read_outlook(facts, group, START)
    tomorrow = START.date() + timedelta(days=1)
    assert any(
        slot.needs_consent for day, slots in outlook.days if day == tomorrow for slot in slots
    )


async def _check_the_way_in(facts: Unit) -> None:
    visitors = await facts.visitors.find()
    answered = [each for each in visitors if each.answered_at is not None]
    joined = [each for each in answered if each.has_joined]
    assert len(visitors) > len(answered) > len(joined) > 50
    assert len({each.code for each in joined}) >= 4


# Interrupted


async def test_a_start_that_was_stopped_begins_anew(engine: AsyncEngine) -> None:
    transactions = Transactions(engine)
    heard: list[float] = []
    half = asyncio.Event()

    def tell(share: float) -> None:
        heard.append(share)
        if share > 0.4:
            half.set()

    making = asyncio.ensure_future(make_past(engine, START, QR, tell, lambda: None))
    await half.wait()
    making.cancel()
    with suppress(asyncio.CancelledError):
        await making
    assert await transactions.read(state_of) is State.BEGUN
    before = await _said(engine)
    assert before

    await make(engine, heard)
    assert await transactions.read(state_of) is State.SETTLED
    assert (await _said(engine))[: len(before)] == before
    again: list[float] = []
    await make(engine, again)
    assert again == []


async def test_a_database_with_a_life_of_its_own_is_left_alone(
    database: str, engine: AsyncEngine
) -> None:
    async with playing(database, ManualClock(START)):
        pass
    assert await Transactions(engine).read(state_of) is State.SETTLED


async def _said(engine: AsyncEngine) -> list[tuple[object, ...]]:
    """Everything that the bot has said, or not, in order of time."""
    async with engine.connect() as connection:
        ours = await connection.execute(
            select(OutboxRow.settled_at, OutboxRow.key, OutboxRow.text, OutboxRow.state)
            .where(OutboxRow.settled_at.is_not(None))
            .order_by(OutboxRow.settled_at, OutboxRow.key)
        )
        return [tuple(each) for each in ours]
