"""From the scan of a code to a place in a group: hers, kept for her, and nobody's else."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.dispatcher import Arrival, Dispatcher
from bot.http.entry.reading import read_offer
from bot.http.visitors import visitor_of
from bot.transactions import Transactions
from handlers.features import ROUTER
from models.cohort import BirthWindow
from models.database import open_engine
from models.entry import Answers, Baby, Visitor
from models.events import (
    AnswersGiven,
    CodeScanned,
    EntryCodeChanged,
    EntryCodeMade,
    Event,
    GroupAdopted,
    GroupReleased,
    OpeningDropped,
    PlaceAsked,
    VisitorErased,
    WayShown,
)
from models.groups import Ability
from models.ids import Code, GroupId
from models.openings import OpeningState
from models.people import is_erased
from models.stores.entry import CodeExists
from models.tables import AccountRow, DeadLetterRow, GroupRow, OpeningRow, VisitorRow
from tests.world import GROUP, World

SECOND, SECOND_NAME = GroupId("g2"), "杭州·2026年3-5月·妇幼·02"
THIRD, THIRD_NAME = GroupId("g3"), "杭州·2026年3-5月·妇幼·03"
SUMMER, SUMMER_NAME = GroupId("g6"), "杭州·2026年6-8月·妇幼·01"
CODE = Code("k7m2pq9xwd")
OTHER_CODE = Code("h4t8rs3vbn")


@pytest.fixture
async def door(world: World) -> World:
    """One group, and a code that leads to it."""
    await world.makes_code()
    return world


async def visitors(world: World) -> list[Visitor]:
    async def work(facts: Any) -> list[Visitor]:
        found: list[Visitor] = await facts.visitors.find()
        return sorted(found, key=lambda each: each.id)

    return await world.transactions.read(work)


async def openings(world: World) -> list[tuple[str, OpeningState]]:
    async with world.engine.connect() as connection:
        rows = await connection.execute(
            select(OpeningRow.name, OpeningRow.state).order_by(OpeningRow.name)
        )
        return [(name, OpeningState(state)) for name, state in rows]


async def is_of(world: World, members: int, group: str = GROUP) -> None:
    """The group has so many members."""
    async with world.engine.begin() as connection:
        row = update(GroupRow).where(GroupRow.id == group)
        await connection.execute(row.values(members=members))


async def nobody_can_invite(world: World) -> None:
    """Nor open a room by itself: codes are all there is."""
    async with world.engine.begin() as connection:
        await connection.execute(
            update(AccountRow).values(abilities=[Ability.SHOWS_QR, Ability.ACCEPTS_FRIENDS])
        )


async def put_aside(world: World) -> int:
    async with world.engine.connect() as connection:
        return len((await connection.execute(select(DeadLetterRow.id))).all())


async def asks(world: World, browser: str) -> Visitor:
    """She opens the page of her group again."""
    await world.happens(PlaceAsked(at=world.clock.now(), visitor=visitor_of(browser)))
    return await world.visitor(browser)


async def beats(world: World, name: str, **later: float) -> None:
    """The beat strikes, now or later."""
    (tick,) = [each for each in ROUTER.ticks if each.name == name]
    await world.simulation.dispatcher.tick(tick, world.clock.now() + timedelta(**later))


def told(world: World, browser: str, **changed: Any) -> AnswersGiven:
    answers: dict[str, Any] = {
        "baby": Baby.DUE,
        "day": date(2026, 4, 10),
        "city": "杭州",
        "name": browser,
        "consent": "2026-11",
    }
    return AnswersGiven(
        at=world.clock.now(),
        visitor=visitor_of(browser),
        code=CODE,
        answers=Answers(**(answers | changed)),
        seed=browser,
    )


# The scan


async def test_a_scan_is_counted_once_by_the_code_that_was_scanned_first(door: World) -> None:
    await door.makes_code(OTHER_CODE)
    first = door.clock.now()
    await door.scans("a browser")
    await door.passes(hours=1)
    await door.scans("a browser", OTHER_CODE)
    (visitor,) = await visitors(door)
    assert (visitor.code, visitor.scanned_at) == (CODE, first)
    assert not visitor.has_answered


async def test_a_code_that_nobody_made_or_that_is_closed_is_no_scan(door: World) -> None:
    await door.scans("a browser", "zzzzzzzzzz")
    await closes(door)
    await door.scans("a browser")
    assert await visitors(door) == []
    assert await put_aside(door) == 0


async def test_who_had_the_form_before_her_while_the_code_was_closed_is_heard(
    door: World,
) -> None:
    await closes(door)
    await door.happens(told(door, "a browser"))
    assert (await door.visitor("a browser")).group == GROUP


async def test_answers_by_a_code_that_nobody_made_are_nothing(world: World) -> None:
    await world.happens(told(world, "a browser"))
    assert await visitors(world) == []
    assert await put_aside(world) == 0


# The answers, and a place


async def test_she_answers_and_has_a_place_and_a_ticket(door: World) -> None:
    visitor = await door.answers("a browser", "小雨", "2026-04-10")
    assert (visitor.city, visitor.channel, visitor.birth_window) == ("杭州", "妇幼", "2026-03")
    assert (visitor.name, visitor.day, visitor.consent) == ("小雨", date(2026, 4, 10), "2026-11")
    assert (visitor.group, visitor.placed_at) == (GROUP, door.clock.now())
    assert visitor.waiting_since is None
    assert visitor.ticket is not None
    assert visitor.ticket_until == door.clock.now() + timedelta(days=30)


async def test_another_window_another_city_another_channel_is_another_group(door: World) -> None:
    await door.makes_code(OTHER_CODE, channel="母婴店")
    await door.opens(SUMMER, SUMMER_NAME)
    assert (await door.answers("b1", "小雨", "2026-06-01")).group == SUMMER
    assert (await door.answers("b2", "小雨", "2026-05-31")).group == GROUP
    nowhere = [
        await door.answers("b3", "小雨", city="宁波"),
        await door.answers("b4", "小雨", code=OTHER_CODE),
        await door.answers("b5", "小雨", "2026-09-01"),
    ]
    assert [each.group for each in nowhere] == [None] * 3
    assert all(each.waiting_since for each in nowhere)


async def test_the_windows_are_those_that_groups_are_named_by(door: World) -> None:
    """Everywhere the same: a name that is read tells no channel yet."""
    await door.rules("channel:妇幼", groups={"first_month": 2})
    assert (await door.answers("a browser", "小雨", "2026-03-31")).birth_window == "2026-03"
    await door.rules(groups={"first_month": 1})
    assert (await door.answers("b browser", "大雨", "2026-03-31")).birth_window == "2026-01"


async def test_she_answers_again_and_the_last_answers_count(door: World) -> None:
    await door.makes_code(OTHER_CODE)
    await door.opens(SUMMER, SUMMER_NAME)
    before = await door.answers("a browser", "小雨", "2026-04-10")
    await door.passes(hours=1)
    after = await door.answers("a browser", "大雨", "2026-07-01", OTHER_CODE)
    assert (after.name, after.group, after.code) == ("大雨", SUMMER, OTHER_CODE)
    assert after.scanned_at == before.scanned_at
    assert after.ticket == before.ticket
    assert after.ticket_until == door.clock.now() + timedelta(days=30)
    assert len(await visitors(door)) == 1


async def test_her_old_place_is_anothers_then(door: World) -> None:
    await nobody_can_invite(door)
    await door.opens(SUMMER, SUMMER_NAME)
    await is_of(door, 199)
    assert (await door.answers("b1", "小雨")).group == GROUP
    assert (await door.answers("b2", "豆豆")).group is None
    await door.answers("b1", "小雨", "2026-07-01")
    assert (await asks(door, "b2")).group == GROUP


async def test_a_slip_that_is_mended_leaves_her_where_she_is(door: World) -> None:
    await is_of(door, 100)
    await door.answers("a browser", "小鱼")
    await door.opens(SECOND, SECOND_NAME)
    assert (await door.answers("b2", "豆豆")).group == SECOND, "it needs people more"
    assert (await door.answers("a browser", "小雨")).group == GROUP


async def test_the_last_place_is_hers_also_when_she_answers_again(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 199)
    for name in ("小鱼", "小雨"):
        assert (await door.answers("a browser", name)).group == GROUP


async def test_in_the_group_nothing_is_asked_and_nothing_is_changed(door: World) -> None:
    await door.answers("a browser", "小雨")
    await door.joins("小雨")
    before = await door.visitor("a browser")
    assert before.is_in
    await door.passes(hours=1)
    await door.answers("a browser", "大雨", "2026-07-01")
    assert await door.visitor("a browser") == before
    assert await asks(door, "a browser") == before


async def test_two_tickets_are_never_the_same(door: World) -> None:
    """Also where both come from one seed."""
    for browser in ("b1", "b2", "b3"):
        given = told(door, browser)
        await door.happens(
            AnswersGiven(
                at=given.at,
                visitor=given.visitor,
                code=CODE,
                answers=given.answers,
                seed="the same",
            )
        )
    tickets = [each.ticket for each in await visitors(door)]
    assert None not in tickets
    assert len(set(tickets)) == 3


async def test_the_way_is_shown_for_the_first_time_once(door: World) -> None:
    await door.answers("a browser", "小雨")
    await door.passes(minutes=1)
    first = door.clock.now()
    for _ in range(2):
        await door.happens(WayShown(at=door.clock.now(), visitor=visitor_of("a browser")))
        await door.passes(minutes=1)
    assert (await door.visitor("a browser")).shown_at == first


async def test_what_is_shown_to_nobody_is_not_noted(door: World) -> None:
    await door.scans("a browser")
    for browser in ("a browser", "another"):
        await door.happens(WayShown(at=door.clock.now(), visitor=visitor_of(browser)))
        await door.happens(PlaceAsked(at=door.clock.now(), visitor=visitor_of(browser)))
    (visitor,) = await visitors(door)
    assert (visitor.shown_at, visitor.group, visitor.ticket) == (None, None, None)
    assert await put_aside(door) == 0


# Seats


async def test_by_code_no_more_than_the_code_takes(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 198)
    placed = [await door.answers(f"b{n}", f"妈妈{n}") for n in range(3)]
    assert [each.group for each in placed] == [GROUP, GROUP, None]


async def test_where_the_account_invites_as_many_as_the_group_takes(door: World) -> None:
    await is_of(door, 348)
    placed = [await door.answers(f"b{n}", f"妈妈{n}") for n in range(3)]
    assert [each.group for each in placed] == [GROUP, GROUP, None]


async def test_a_rule_of_the_groups_own_counts(door: World) -> None:
    await nobody_can_invite(door)
    await door.rules(f"group:{GROUP}", growth={"qr_until": 5})
    await is_of(door, 4)
    placed = [await door.answers(f"b{n}", f"妈妈{n}") for n in range(2)]
    assert [each.group for each in placed] == [GROUP, None]


async def test_a_seat_lapses(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 199)
    await door.answers("b1", "小雨")
    await door.passes(days=3, minutes=-1)
    assert (await door.answers("b2", "豆豆")).group is None
    await door.passes(minutes=1)
    assert (await door.answers("b3", "米粒")).group == GROUP
    assert (await door.visitor("b1")).group == GROUP, "who comes all the same is known"


async def test_who_looks_again_in_time_keeps_her_place(door: World) -> None:
    await nobody_can_invite(door)
    before = await door.answers("a browser", "小雨")
    await is_of(door, 199)
    await door.opens(SECOND, SECOND_NAME)
    await door.passes(days=2)
    after = await asks(door, "a browser")
    assert (after.group, after.placed_at) == (GROUP, before.placed_at)
    assert after.ticket_until == door.clock.now() + timedelta(days=30)


@pytest.mark.parametrize("why", ["lapsed", "full", "released", "moved"])
async def test_whose_place_is_gone_gets_another(door: World, why: str) -> None:
    await door.answers("a browser", "小雨")
    await door.opens(SECOND, SECOND_NAME)
    at, by = door.clock.now(), "运营小王"
    match why:
        case "lapsed":
            await nobody_can_invite(door)
            await door.passes(days=4)
            await is_of(door, 200)
        case "full":
            await is_of(door, 350)
        case "released":
            await door.happens(GroupReleased(at=at, by=by, group=GROUP))
        case "moved":
            window = BirthWindow(2026, 6)
            await door.happens(GroupAdopted(at=at, by=by, group=GROUP, window=window))
    assert (await asks(door, "a browser")).group == SECOND


async def test_whose_place_lapsed_gets_it_back_where_it_is_free(door: World) -> None:
    await is_of(door, 100)
    await door.answers("a browser", "小雨")
    await door.opens(SECOND, SECOND_NAME)
    await door.passes(days=4)
    again = await asks(door, "a browser")
    assert (again.group, again.placed_at) == (GROUP, door.clock.now())


async def test_who_joined_needs_no_seat_any_more(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 198)
    await door.answers("b1", "小雨")
    await door.joins("小雨")
    assert (await door.answers("b2", "豆豆")).group == GROUP
    assert (await door.answers("b3", "米粒")).group is None


# Waiting


async def waits(world: World, *browsers: str) -> None:
    for browser in browsers:
        visitor = await world.answers(browser, browser)
        assert (visitor.group, visitor.waiting_since) == (None, world.clock.now())
        await world.passes(minutes=1)


async def test_who_waits_gets_a_place_once_the_group_is_there_in_order(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await door.rules(growth={"qr_until": 3})
    await waits(door, "b1", "b2", "b3", "b4", "b5")
    assert await openings(door) == [(SECOND_NAME, OpeningState.ASKED)]
    await door.opens(SECOND, SECOND_NAME)
    await door.passes(minutes=1)
    placed = [await door.visitor(f"b{n}") for n in range(1, 6)]
    assert [each.group for each in placed] == [SECOND] * 3 + [None] * 2
    assert [each.waiting_since is None for each in placed] == [True] * 3 + [False] * 2
    assert await openings(door) == [
        (SECOND_NAME, OpeningState.OPEN),
        (THIRD_NAME, OpeningState.ASKED),
    ]
    await door.opens(THIRD, THIRD_NAME)
    await door.passes(minutes=1)
    assert [(await door.visitor(each)).group for each in ("b4", "b5")] == [THIRD] * 2


async def test_many_who_wait_ask_for_one_group(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await door.happens(*(told(door, f"b{n}") for n in range(20)))
    assert all(each.waiting_since for each in await visitors(door))
    assert await openings(door) == [(SECOND_NAME, OpeningState.ASKED)]


async def test_who_waits_gets_a_place_that_came_free(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await waits(door, "b1", "b2")
    await is_of(door, 199)
    await beats(door, "give_places_that_came_free")
    assert [(await door.visitor(each)).group for each in ("b1", "b2")] == [GROUP, None]
    assert await openings(door) == [(SECOND_NAME, OpeningState.ASKED)]


async def test_what_was_dropped_is_not_asked_for_again_by_time_alone(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await waits(door, "b1")
    cohort = (await door.visitor("b1")).cohort
    assert cohort is not None
    dropped = OpeningDropped(at=door.clock.now(), by="运营小王", cohort=cohort, seq=2)
    await door.happens(dropped)
    await beats(door, "give_places_that_came_free", minutes=5)
    assert await openings(door) == [(SECOND_NAME, OpeningState.DROPPED)]


async def test_who_answers_otherwise_waits_anew(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await waits(door, "b1")
    since = (await door.visitor("b1")).waiting_since
    await door.answers("b1", "小雨")
    assert (await door.visitor("b1")).waiting_since == since, "of the same cohort"
    await door.answers("b1", "小雨", city="宁波")
    assert (await door.visitor("b1")).waiting_since == door.clock.now()
    await door.answers("b1", "小雨", "2026-04-11", city="杭州")
    await is_of(door, 20)
    assert (await door.answers("b1", "小雨")).waiting_since is None


# Many at once


class Process:
    """Another one, with its own connections, on the same database."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, pool_size=16)
        self.dispatcher = Dispatcher(Transactions(self.engine), ROUTER)

    async def takes(self, world: World, events: Sequence[Event]) -> None:
        arrivals = [Arrival(each, world.clock.now()) for each in events]
        outcomes = await self.dispatcher.decide_all(arrivals)
        assert outcomes == [None] * len(events)


@pytest.fixture
async def both(database: str) -> AsyncIterator[tuple[Process, Process]]:
    pair = (Process(database), Process(database))
    yield pair
    for each in pair:
        await each.engine.dispose()


async def three_groups_of_ten_seats(world: World) -> None:
    await nobody_can_invite(world)
    await world.opens(SECOND, SECOND_NAME)
    await world.opens(THIRD, THIRD_NAME)
    for group in (GROUP, SECOND, THIRD):
        await is_of(world, 190, group)


async def test_three_hundred_at_once_through_two_doors_and_none_is_overfilled(
    door: World, both: tuple[Process, Process]
) -> None:
    await three_groups_of_ten_seats(door)
    events: list[Event] = [told(door, f"b{n}") for n in range(300)]
    first, second = both
    await asyncio.gather(
        *(first.takes(door, events[n : n + 50]) for n in range(0, 150, 50)),
        *(second.takes(door, events[n : n + 50]) for n in range(150, 300, 50)),
    )
    known = await visitors(door)
    assert len(known) == 300
    groups = Counter(each.group for each in known)
    assert groups == {GROUP: 10, SECOND: 10, THIRD: 10, None: 270}
    assert sum(each.waiting_since is not None for each in known) == 270
    assert len({each.ticket for each in known} - {None}) == 300
    assert await openings(door) == [("杭州·2026年3-5月·妇幼·04", OpeningState.ASKED)]


async def test_one_by_one_through_two_doors(door: World, both: tuple[Process, Process]) -> None:
    """As where nothing is gathered: each in a transaction of its own."""
    await three_groups_of_ten_seats(door)
    await asyncio.gather(
        *(both[n % 2].takes(door, [told(door, f"b{n}")]) for n in range(60)),
    )
    groups = Counter(each.group for each in await visitors(door))
    assert groups == {GROUP: 10, SECOND: 10, THIRD: 10, None: 30}


async def test_the_same_browser_through_two_doors_is_one_visitor(
    door: World, both: tuple[Process, Process]
) -> None:
    """Whatever comes first, a scan takes nothing from what she told."""
    first, second = both
    browsers = [f"b{n}" for n in range(10)]
    scans = [
        CodeScanned(at=door.clock.now(), visitor=visitor_of(each), code=CODE) for each in browsers
    ]
    answers = [told(door, each) for each in browsers]
    await asyncio.gather(
        first.takes(door, scans),
        second.takes(door, answers),
        first.takes(door, answers[::-1]),
        second.takes(door, scans[::-1]),
    )
    known = await visitors(door)
    assert len(known) == 10
    assert all(each.group == GROUP and each.ticket for each in known)


async def test_cohorts_in_any_order_through_two_doors(
    door: World, both: tuple[Process, Process]
) -> None:
    await door.opens(SUMMER, SUMMER_NAME)
    days = [date(2026, 4, 10), date(2026, 7, 1), date(2026, 10, 1)]
    events = [told(door, f"b{n}", day=days[n % 3]) for n in range(90)]
    await asyncio.gather(
        both[0].takes(door, events[::2]),
        both[1].takes(door, events[1::2][::-1]),
        both[0].takes(door, [told(door, f"c{n}", day=days[n % 3]) for n in range(30)]),
    )
    groups = Counter(each.group for each in await visitors(door))
    assert groups == {GROUP: 40, SUMMER: 40, None: 40}


async def test_whoever_is_placed_is_in_a_group_of_her_cohort(door: World) -> None:
    names = [
        "杭州·2026年6-8月·妇幼·01",
        "杭州·2026年9-11月·妇幼·01",
        "宁波·2026年3-5月·妇幼·01",
        "宁波·2026年3-5月·母婴店·01",
        "杭州·2025年12-2月·妇幼·01",
    ]
    for number, name in enumerate(names):
        await door.opens(f"other{number}", name)
    start = date(2026, 2, 12)
    await door.happens(
        *(
            told(door, f"b{n}", day=start + timedelta(days=n * 2), city=("杭州", "宁波")[n % 2])
            for n in range(140)
        )
    )

    async def work(facts: Any) -> list[bool]:
        return [
            (await facts.groups.peek(each.group)).cohort == each.cohort
            for each in await facts.visitors.find(VisitorRow.group.is_not(None))
        ]

    placed = await door.transactions.read(work)
    assert len(placed) > 80
    assert all(placed)
    for each in await visitors(door):
        assert each.day is not None
        assert each.cohort is not None
        assert each.cohort.window.first_day <= each.day <= each.cohort.window.last_day


# Forgetting


async def test_what_she_told_is_erased_and_her_place_is_free(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 199)
    before = await door.answers("a browser", "小雨")
    erased = VisitorErased(at=door.clock.now(), visitor=before.id)
    await door.happens(erased, erased)
    (after,) = await visitors(door)
    assert is_erased(after.id)
    assert (after.name, after.day, after.baby, after.consent) == ("", None, None, None)
    assert (after.ticket, after.person, after.group) == (None, None, None)
    assert (after.code, after.city, after.birth_window) == (CODE, "杭州", "2026-03")
    assert (after.scanned_at, after.answered_at) == (before.scanned_at, before.answered_at)
    assert after.erased_at == door.clock.now()
    assert (await door.answers("b2", "豆豆")).group == GROUP
    await door.answers("a browser", "小雨")
    assert len(await visitors(door)) == 3


async def test_who_waited_and_is_erased_waits_no_more(door: World) -> None:
    await nobody_can_invite(door)
    await is_of(door, 200)
    await waits(door, "b1")
    erased = VisitorErased(at=door.clock.now(), visitor=visitor_of("b1"))
    await door.happens(erased)
    await door.opens(SECOND, SECOND_NAME)
    await door.passes(minutes=1)
    (after,) = await visitors(door)
    assert (after.waiting_since, after.group) == (None, None)


async def test_who_never_joined_is_forgotten_in_the_end(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.answers("b2", "豆豆")
    await door.joins("豆豆")
    await beats(door, "forget_answers", days=180, seconds=-1)
    assert (await door.visitor("b1")).name == "小雨"
    await beats(door, "forget_answers", days=180)
    forgotten, stays = await door.visitor("b1"), await door.visitor("b2")
    assert (forgotten.name, forgotten.day, forgotten.group) == ("", None, None)
    assert (forgotten.city, forgotten.birth_window) == ("杭州", "2026-03")
    assert forgotten.answered_at is not None
    assert stays.name == "豆豆"
    assert (await asks(door, "b1")).group is None, "she is to fill in the form again"
    assert (await door.answers("b1", "小雨")).name == "小雨"


async def test_who_left_is_forgotten_as_long_afterwards(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.joins("小雨")
    await beats(door, "forget_answers", days=400)
    await door.passes(hours=1)
    await door.leaves("小雨")
    await beats(door, "forget_answers", days=179)
    assert (await door.visitor("b1")).name == "小雨"
    await beats(door, "forget_answers", days=180)
    after = await door.visitor("b1")
    assert (after.name, after.person) == ("", None)
    assert after.joined_at is not None
    assert after.left_at is not None


async def test_a_ticket_lapses_and_she_may_have_another(door: World) -> None:
    await door.answers("a browser", "小雨")
    await beats(door, "free_tickets", days=30, seconds=-1)
    assert (await door.visitor("a browser")).ticket is not None
    await beats(door, "free_tickets", days=30)
    assert (await door.visitor("a browser")).ticket is None
    assert (await asks(door, "a browser")).ticket is not None


# Codes


async def closes(world: World) -> None:
    await changes(world, closed_at=world.clock.now())


async def changes(world: World, of: Code = CODE, **changes: Any) -> None:
    at = world.clock.now()
    event = EntryCodeChanged(at=at, by="运营小王", code=of, changes=changes)
    await world.simulation.dispatcher.decide(event, at)


async def read_code(world: World, code: Code = CODE) -> Any:
    return await world.transactions.read(lambda facts: facts.entry_codes.get(code))


async def test_a_code_is_changed_in_what_it_says(door: World) -> None:
    await changes(door, headline="找到你的妈妈群", referrer="护士小张")
    code = await read_code(door)
    assert (code.headline, code.referrer, code.channel) == ("找到你的妈妈群", "护士小张", "妇幼")
    await closes(door)
    assert (await read_code(door)).closed_at == door.clock.now()
    await changes(door, closed_at=None)
    assert (await read_code(door)).closed_at is None


@pytest.mark.parametrize("field", ["channel", "code", "member", "group", "created_at", "nonsense"])
async def test_where_it_leads_stays(door: World, field: str) -> None:
    before = await read_code(door)
    refused: dict[str, Any] = {"headline": "新的", field: None}
    with pytest.raises(ValueError, match=field):
        await changes(door, **refused)
    assert await read_code(door) == before


async def test_a_code_that_nobody_made_can_not_be_changed(door: World) -> None:
    with pytest.raises(LookupError):
        await changes(door, OTHER_CODE, headline="新的")


async def test_a_code_is_made_once(door: World) -> None:
    made = await read_code(door)
    at = door.clock.now()
    with pytest.raises(CodeExists):
        await door.simulation.dispatcher.decide(EntryCodeMade(at=at, by="运营小王", code=made), at)


# Cities


async def test_the_cities_are_those_of_our_groups_unless_a_rule_names_them(door: World) -> None:
    async def named() -> list[str]:
        code = await door.transactions.read(lambda facts: facts.entry_codes.get(CODE))
        assert code is not None
        offer = await door.transactions.read(lambda facts: read_offer(facts, code))
        return list(offer.cities)

    await door.opens("n1", "宁波·2026年3-5月·母婴店·01")
    await door.opens("x1", "随便聊聊")
    assert sorted(await named()) == ["宁波", "杭州"]
    await door.rules("channel:妇幼", entry={"cities": ["嘉兴", "杭州"]})
    assert await named() == ["嘉兴", "杭州"]
