"""The groups of a cohort take nobody any more: the next one is opened, or somebody is asked to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.dispatcher import Arrival, Dispatcher
from bot.transactions import Transactions
from config.daily import ZONE
from handlers.features import ROUTER
from models.cohort import BirthWindow, Cohort
from models.database import open_engine
from models.delivery import MaybeSent, NotSent, Refused
from models.entry import Visitor
from models.events import EntryCodeChanged, GroupReleased, GroupWanted, OpeningDropped
from models.ids import Code, GroupId, PersonId
from models.messages import Kind, Outgoing
from models.openings import Opening, OpeningState
from models.people import Profile, Role
from models.stores.unit import Unit
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, World, shanghai

COHORT = Cohort("杭州", "妇幼", BirthWindow(2026, 3))
SUMMER = Cohort("杭州", "妇幼", BirthWindow(2026, 6))
SECOND = "杭州·2026年3-5月·妇幼·02"
THIRD = "杭州·2026年3-5月·妇幼·03"
SITE = "https://q.example.com"


@pytest.fixture
async def world(world: World) -> World:
    """The only group of the cohort is full; one person is in charge."""
    await without_posts(world)
    await world.rules(growth={"formed_at": 2, "full_at": 4, "qr_until": 4, "nearly_full": 1.0})
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await world.joins("妈妈1", "妈妈2", "妈妈3", "妈妈4")
    await world.makes_code()
    await world.passes(minutes=1)
    await _forgets_growth(world)
    return world


async def _forgets_growth(world: World) -> None:
    """What was told and asked for when the group filled up is another story."""

    async def work(facts: Unit) -> None:
        for each in await facts.openings.of(COHORT):
            await facts.connection.exec_driver_sql("DELETE FROM opening")
            assert each.name == SECOND

    await world.transactions.run(work)
    world.said.clear()
    await world.simulation.look_again()


async def has_colleague(world: World) -> None:
    """With two people to put into it, an account can open a room by itself."""
    await world.becomes("运营小王", Role.HOST, None)


async def openings(world: World) -> list[Opening]:
    async def work(facts: Unit) -> list[Opening]:
        return await facts.openings.find()

    return sorted(await world.transactions.run(work), key=lambda each: each.seq)


def told(world: World) -> list[Outgoing]:
    """Those that speak of groups to be opened."""
    texts = [each.message for each in world.heard(Kind.STAFF_NOTICE)]
    return [each for each in texts if "小助手拉进来" in each.text]


async def room_is_made(world: World, name: str, group: str = "g2", *people: str) -> None:
    """By staff, who put the bot in."""
    members = {PersonId(each): Profile(each) for each in people}
    world.gateway.open_room(GroupId(group), name, members)
    await world.looks(group)
    await world.passes(seconds=10)


async def placed(world: World, *browsers: str) -> list[str | None]:
    found: list[Visitor] = [await world.visitor(each) for each in browsers]
    return [each.group for each in found]


# Staff is asked


async def test_staff_is_asked_for_the_next_group_by_its_exact_name(world: World) -> None:
    visitor = await world.answers("b1", "豆豆妈")
    assert (visitor.group, visitor.waiting_since) == (None, world.clock.now())
    await world.passes(seconds=5)
    (message,) = told(world)
    assert message.to == "运营小李"
    assert SECOND in message.text.split("\n")
    assert "1位妈妈" in message.text
    assert message.attachment is None, "there is no address at which anybody would find a page"
    assert "http" not in message.text
    assert "豆豆妈" not in message.text


async def test_a_card_leads_to_the_page_about_it_where_there_is_one(world: World) -> None:
    await world.rules(entry={"site": SITE})
    await world.answers("b1", "豆豆妈")
    await world.passes(seconds=5)
    (message,) = told(world)
    (opening,) = await openings(world)
    assert message.attachment is not None
    assert message.attachment.link == f"{SITE}/o/{opening.token}"
    assert len(opening.token) >= 20


async def test_one_group_is_asked_for_however_many_wait(world: World) -> None:
    for n in range(5):
        await world.answers(f"b{n}", f"妈妈{n}")
        await world.passes(minutes=3)
    assert len(told(world)) == 1
    assert [each.name for each in await openings(world)] == [SECOND]


async def test_she_is_reminded_every_morning_until_it_is_there(world: World) -> None:
    await world.answers("b1", "豆豆妈")
    await world.answers("b2", "果果妈")
    await world.until("2026-03-04 12:00")
    at = [
        f"{each.at.astimezone(ZONE):%m-%d %H:%M}"
        for each in world.heard(Kind.STAFF_NOTICE)
        if SECOND in each.message.text.split("\n")
    ]
    assert at == ["03-02 19:01", "03-03 08:30", "03-04 08:30"]
    assert "2位妈妈" in told(world)[-1].text
    await room_is_made(world, SECOND)
    await world.until("2026-03-06 12:00")
    assert len(told(world)) == 3


async def test_nobody_is_woken_at_night_nor_reminded_an_hour_later(world: World) -> None:
    await world.until("2026-03-02 23:30")
    await world.answers("b1", "豆豆妈")
    await world.until("2026-03-03 07:29")
    assert told(world) == []
    await world.until("2026-03-03 12:00")
    assert len(told(world)) == 1
    await world.until("2026-03-04 09:00")
    assert len(told(world)) == 2


async def test_where_nobody_is_in_charge_people_see_it_in_the_outbox(world: World) -> None:
    await world.becomes("运营小李", Role.MEMBER, None)
    await world.answers("b1", "豆豆妈")
    await world.passes(seconds=5)
    assert [each.to for each in told(world)] == ["staff"]


# It is there


async def test_those_who_wait_get_their_places_in_order(world: World) -> None:
    for n in range(6):
        await world.answers(f"b{n}", f"妈妈{n}")
        await world.passes(minutes=1)
    await room_is_made(world, SECOND)
    assert await placed(world, *(f"b{n}" for n in range(6))) == ["g2"] * 4 + [None] * 2
    first, second = await openings(world)
    assert (first.state, first.group) == (OpeningState.OPEN, "g2")
    assert (second.name, second.state) == (THIRD, OpeningState.ASKED)
    await world.passes(seconds=5)
    assert "2位妈妈" in told(world)[-1].text


async def test_whatever_number_staff_gave_it(world: World) -> None:
    await world.answers("b1", "豆豆妈")
    await room_is_made(world, "杭州 2026年3-5月 妇幼 7群")
    assert await placed(world, "b1") == ["g2"]
    (opening,) = await openings(world)
    assert opening.state is OpeningState.OPEN


async def test_a_full_room_that_is_taken_in_is_not_what_was_asked_for(world: World) -> None:
    await world.answers("b1", "豆豆妈")
    await room_is_made(world, "杭州·2026年3-5月·妇幼·09", "g9", "甲", "乙", "丙", "丁")
    (opening,) = await openings(world)
    assert opening.is_pending
    await room_is_made(world, "宁波·2026年3-5月·妇幼·01", "g8")
    assert (await openings(world))[0].is_pending, "nor is another city's"


async def test_numbers_have_no_holes(world: World) -> None:
    await room_is_made(world, THIRD, "g3", "甲", "乙", "丙", "丁")
    await world.answers("b1", "豆豆妈")
    assert [each.name for each in await openings(world)] == [SECOND]
    await room_is_made(world, SECOND, "g2", "戊", "己", "庚")
    assert await placed(world, "b1") == ["g2"]
    await world.joins("b1", group="g2")
    await world.answers("b2", "果果妈")
    assert (await openings(world))[-1].name == "杭州·2026年3-5月·妇幼·04"


async def test_a_released_group_keeps_its_number(world: World) -> None:
    await room_is_made(world, SECOND, "g2", "甲", "乙", "丙", "丁")
    await world.happens(GroupReleased(at=world.clock.now(), by="运营小王", group=GroupId("g2")))
    await world.answers("b1", "豆豆妈")
    assert [each.name for each in await openings(world)] == [THIRD]


# It is not needed


async def drops(world: World, seq: int = 2, cohort: Cohort = COHORT) -> None:
    now = world.clock.now()
    await world.happens(OpeningDropped(at=now, by="运营小王", cohort=cohort, seq=seq))


async def test_what_was_dropped_is_asked_for_again_when_somebody_else_waits(
    world: World,
) -> None:
    await world.answers("b1", "豆豆妈")
    await world.passes(minutes=5)
    token = (await openings(world))[0].token
    await drops(world)
    await world.until("2026-03-04 12:00")
    assert len(told(world)) == 1, "nobody is reminded of it"
    await world.answers("b2", "果果妈")
    await world.passes(seconds=5)
    (opening,) = await openings(world)
    assert (opening.name, opening.state) == (SECOND, OpeningState.ASKED)
    assert opening.token != token
    assert "2位妈妈" in told(world)[-1].text


async def test_and_serves_those_who_waited_should_it_come_after_all(world: World) -> None:
    await world.answers("b1", "豆豆妈")
    await drops(world)
    await room_is_made(world, SECOND)
    assert await placed(world, "b1") == ["g2"]


async def test_what_was_not_asked_for_can_not_be_dropped(world: World) -> None:
    with pytest.raises(LookupError):
        await world.simulation.dispatcher.decide(
            OpeningDropped(at=world.clock.now(), by="运营小王", cohort=COHORT, seq=2),
            world.clock.now(),
        )


# By itself


async def test_an_account_opens_the_room_by_itself(world: World) -> None:
    await has_colleague(world)
    await world.answers("b1", "豆豆妈")
    await world.passes(seconds=30)
    assert told(world) == []
    (opening,) = await openings(world)
    assert (opening.state, opening.account) == (OpeningState.OPEN, ACCOUNT)
    assert opening.group is not None
    assert set(world.gateway.people(opening.group)) == {"bot", "运营小李", "运营小王"}
    assert await placed(world, "b1") == [opening.group]
    group = await world.transactions.read(
        lambda facts: facts.groups.peek(GroupId(opening.group or ""))
    )
    assert group is not None
    assert (group.name, group.is_ours, group.cohort) == (SECOND, True, COHORT)
    assert group.opened_on == shanghai("2026-03-02 00:00").date()


async def test_staff_is_asked_where_the_room_can_not_be_opened(world: World) -> None:
    await has_colleague(world)
    world.gateway.failures.append(Refused("too many rooms today"))
    await world.answers("b1", "豆豆妈")
    await world.passes(seconds=30)
    assert len(told(world)) == 1
    assert (await openings(world))[0].state is OpeningState.ASKED


async def test_and_where_nobody_knows_whether_it_was(world: World) -> None:
    await has_colleague(world)
    world.gateway.failures.append(MaybeSent("the line broke"))
    await world.answers("b1", "豆豆妈")
    await world.passes(minutes=9)
    assert told(world) == [], "it may be seen yet"
    await world.passes(minutes=2)
    assert len(told(world)) == 1


async def test_a_room_that_was_opened_all_the_same_is_found(world: World) -> None:
    await has_colleague(world)
    world.gateway.failures.append(MaybeSent("the line broke"))
    await world.answers("b1", "豆豆妈")
    await world.passes(minutes=1)
    await room_is_made(world, SECOND)
    assert await placed(world, "b1") == ["g2"]
    await world.passes(minutes=30)
    assert told(world) == []
    assert [each.state for each in await openings(world)] == [OpeningState.OPEN]


async def test_nor_does_an_account_that_is_away_keep_anybody_waiting(world: World) -> None:
    await has_colleague(world)
    await world.goes_deaf()
    await world.answers("b1", "豆豆妈")
    assert [each.state for each in await openings(world)] == [OpeningState.ASKED]


async def test_a_room_that_is_not_opened_in_time_is_asked_for_elsewhere(world: World) -> None:
    await has_colleague(world)
    world.gateway.failures.extend(NotSent("busy") for _ in range(200))
    await world.rules(delivery={"max_attempts": 50, "longest_wait": 60})
    await world.answers("b1", "豆豆妈")
    await world.passes(minutes=12)
    world.gateway.failures.clear()
    await world.passes(minutes=1)
    assert len(told(world)) == 1
    await world.passes(hours=1)
    assert "room" not in "".join(world.gateway.groups()), "it is not opened twice"


async def test_rooms_are_not_opened_in_rows(world: World) -> None:
    await has_colleague(world)
    at = world.clock.now()
    for n, day in enumerate(("2026-06-10", "2026-09-10", "2026-12-10"), start=1):
        await world.answers(f"b{n}", f"妈妈{n}", day)
    await world.passes(minutes=10)
    opened = sorted(each.opened_at or at for each in await openings(world))
    assert len(opened) == 3
    gaps = [later - earlier for earlier, later in pairwise(opened)]
    assert all(each >= timedelta(minutes=2) for each in gaps)


async def test_a_room_that_is_dropped_before_its_turn_is_not_opened(world: World) -> None:
    await has_colleague(world)
    await world.answers("b1", "豆豆妈")
    await world.answers("b2", "果果妈", "2026-06-10")
    await drops(world, 1, SUMMER)
    await world.passes(minutes=10)
    assert [each.state for each in await openings(world)] == [
        OpeningState.DROPPED,
        OpeningState.OPEN,
    ]
    assert len(world.gateway.groups()) == 2


async def test_a_room_that_is_dropped_just_when_it_is_opened_keeps_its_number(
    world: World,
) -> None:
    await has_colleague(world)
    world.gateway.failures.append(MaybeSent("the line broke"))
    await world.answers("b1", "豆豆妈")
    await world.passes(seconds=30)
    await drops(world)
    await world.answers("b2", "果果妈")
    assert [each.name for each in await openings(world)] == [SECOND, THIRD]
    await room_is_made(world, SECOND)
    assert await placed(world, "b1", "b2") == ["g2", "g2"]


async def test_a_series_goes_on_by_another_naming_rule(world: World) -> None:
    """The first group keeps the name that it has."""
    await world.rules(groups={"name_template": "{channel}妈妈群/{city}/{window}/{seq}"})
    await world.answers("b1", "豆豆妈")
    (opening,) = await openings(world)
    assert (opening.seq, opening.name) == (2, "妇幼妈妈群/杭州/2026年3-5月/02")


# Names that a template can't carry


async def test_staff_hears_clearly_of_a_name_that_could_not_be_read_back(world: World) -> None:
    await world.rules(groups={"name_template": "{city}-{channel}-{window}-{seq}"})
    await world.rules(entry={"cities": ["杭州", "杭州-萧山"]})
    await world.answers("b1", "豆豆妈", city="杭州-萧山")
    await world.passes(seconds=5)
    (message,) = told(world)
    assert "杭州-萧山" in message.text
    assert "{city}-{channel}-{window}-{seq}" in message.text
    assert "-01" not in message.text, "a name that would be read as another city's"
    await world.rules(groups={"name_template": "{city}·{window}·{channel}·{seq}"})
    await world.until("2026-03-03 09:00")
    assert "杭州-萧山·2026年3-5月·妇幼·01" in told(world)[-1].text.split("\n")


async def test_a_channel_with_separators_is_served_like_any_other(world: World) -> None:
    await world.makes_code("k7m2pq9xwe", channel="妇幼-东院")
    await world.answers("b1", "豆豆妈", code="k7m2pq9xwe")
    name = "杭州·2026年3-5月·妇幼-东院·01"
    assert [each.name for each in await openings(world)] == [name]
    await room_is_made(world, name)
    assert await placed(world, "b1") == ["g2"]


# Before anybody waits


async def test_the_next_group_is_asked_for_before_anybody_waits(world: World) -> None:
    await room_is_made(world, SECOND, "g2", "甲", "乙", "丙")
    await world.joins("丁", group="g2")
    await world.passes(seconds=30)
    (message,) = told(world)
    assert THIRD in message.text.split("\n")
    await drops(world, 3)
    await world.passes(days=10)
    assert len(told(world)) == 1, "nobody waits for what is not needed"


async def test_but_not_where_no_entry_code_leads_there(world: World) -> None:
    now = world.clock.now()
    await world.happens(
        EntryCodeChanged(
            at=now, by="运营小王", code=Code("k7m2pq9xwd"), changes={"closed_at": now}
        )
    )
    await room_is_made(world, SECOND, "g2", "甲", "乙", "丙")
    await world.joins("丁", group="g2")
    await world.passes(seconds=30)
    assert await openings(world) == []


# Two processes


@pytest.fixture
async def second(database: str) -> AsyncIterator[Dispatcher]:
    engine = open_engine(database, pool_size=8)
    yield Dispatcher(Transactions(engine), ROUTER)
    await engine.dispose()


async def test_two_processes_number_a_series_without_holes_or_collisions(
    world: World, second: Dispatcher
) -> None:
    """Both want groups of the same cohorts at the same time, again and again."""
    windows = [BirthWindow(2026, 6), BirthWindow(2026, 9)]
    cohorts = [Cohort("杭州", "妇幼", each) for each in windows]
    await world.rules(entry={"site": SITE})
    now = world.clock.now()
    for n in range(1, 5):
        wanted = [GroupWanted(at=now, cohort=each) for each in cohorts]
        await asyncio.gather(
            *(
                process.take([Arrival(each, now)])
                for process in (world.simulation.dispatcher, second)
                for each in (*wanted, *reversed(wanted))
            )
        )
        pending = [each for each in await openings(world) if each.is_pending]
        assert [each.seq for each in pending] == [n, n]
        await world.simulation.look_again()
        await world.passes(seconds=10)
        cards = [
            each.attachment.link or "" for each in told(world)[-2:] if each.attachment is not None
        ]
        assert sorted(cards) == sorted(f"{SITE}/o/{each.token}" for each in pending)
        for each in pending:
            full = [f"{each.name}-{person}" for person in range(4)]
            await room_is_made(world, each.name, f"room-{each.name}", *full[:3])
            await world.joins(full[3], group=f"room-{each.name}")
        await _forgets(world, n + 1)
        await world.passes(seconds=2)
        now = world.clock.now()
    names = [each.name for each in await openings(world) if not each.is_pending]
    expected = [f"杭州·{window.label}·妇幼·{n:02}" for n in range(1, 5) for window in windows]
    assert sorted(names) == sorted(expected)


async def _forgets(world: World, seq: int) -> None:
    """What was asked for when the groups filled up."""

    async def work(facts: Unit) -> None:
        await facts.connection.exec_driver_sql(f"DELETE FROM opening WHERE seq = {seq}")

    await world.transactions.run(work)
