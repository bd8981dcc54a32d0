"""What is posted into the groups, and when: at their hours, once, and not into a lively talk."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from bot.dispatcher import Dispatcher
from bot.gateways.simulated import BOT
from bot.transactions import Transactions
from config.daily import DailySpan
from config.rules import HoursRules
from handlers.content.handler import plan_days
from handlers.context import Context
from handlers.features import ROUTER
from models.cohort import BirthWindow, Stage
from models.content import Item, Post, PostState, Programme, Voice
from models.database import open_engine
from models.delivery import MaybeSent
from models.events import (
    GroupAdopted,
    GroupPaused,
    GroupReleased,
    GroupResumed,
    ItemApproved,
    ItemsPut,
    ItemWithdrawn,
    PostApproved,
    PostDecision,
    PostedNow,
    PostSkipped,
)
from models.growth import Concern
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import CONTENT, Attachment, Kind
from models.people import Role
from models.stores.content import ItemStore, ProgrammeStore
from models.stores.unit import Unit
from models.tables import PostRow
from tests.stories.library import (
    DRY,
    ONLY_DRY,
    POSTNATAL,
    PRENATAL,
    WARM,
    WET,
    item,
    local,
    noticed,
    opens,
    plenty,
    posted,
    posts,
    states,
)
from tests.world import GROUP, Heard, World, shanghai

MINUTE = timedelta(minutes=1)
TUESDAY = "2026-03-03"


@pytest.fixture
async def stocked(world: World) -> World:
    """A library without end, and the night before a Tuesday."""
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY, WARM))
    await opens(world, PRENATAL, POSTNATAL)
    await world.until(f"{TUESDAY} 00:00")
    return world


def hours(heard: list[Heard], spans: tuple[DailySpan, ...]) -> list[str]:
    """In which of these spans each was said."""
    return [str(span) for each in heard for span in spans if span.covers(each.at)]


async def first_with_time(world: World, minutes: int) -> Post:
    """The first slot of Tuesday that has so much of its hours before its minute, and after."""
    enough = timedelta(minutes=minutes)
    found = [
        each
        for each in await posts(world, day=TUESDAY)
        if each.opens_at + enough < each.said_at < each.closes_at - enough
    ]
    return found[0]


async def of_slot(world: World, post: Post) -> Post:
    """As it is by now."""
    (found,) = [
        each
        for each in await posts(world, post.group)
        if (each.day, each.slot) == (post.day, post.slot)
    ]
    return found


async def chatter(world: World, *people: str, seconds: int = 5) -> datetime:
    """Each of them says something; when the last one did."""
    for n, person in enumerate(people):
        await world.says(person, f"我家也是{n}")
        await world.passes(seconds=seconds)
    return world.clock.now() - timedelta(seconds=seconds)


async def decide(world: World, how: type[PostDecision], post: Post) -> None:
    await world.happens(
        how(at=world.clock.now(), by="运营小王", group=post.group, day=post.day, slot=post.slot)
    )


# At the right hours


async def test_each_stage_has_its_hours(stocked: World) -> None:
    await stocked.until("2026-03-04 00:00")
    prenatal, postnatal = posted(stocked, PRENATAL), posted(stocked, POSTNATAL)
    assert hours(prenatal, HoursRules().prenatal) == ["11:00-12:00", "16:00-17:00", "20:00-21:00"]
    assert len(postnatal) == 3
    assert len(set(hours(postnatal, HoursRules().postnatal))) == 3
    assert [each.message.text for each in prenatal] == [
        f"{each.item}的正文" for each in await posts(stocked, PRENATAL, TUESDAY)
    ]


async def test_groups_do_not_speak_in_the_same_minute(stocked: World) -> None:
    names = [f"h{n}" for n in range(8)]
    for name in names:
        await stocked.opens(name, f"杭州·2026年6-8月·妇幼·1{name[1]}")
    await stocked.until("2026-03-04 00:00")
    eleven = [posted(stocked, name)[0].at for name in names]
    assert len({f"{each:%H:%M}" for each in eleven}) > 4
    assert {local(each).hour for each in eleven} == {11}


async def test_a_post_is_what_its_item_says_in_this_group(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    picture = "https://example.com/a.png"
    await world.stocks(
        item("a", text="{{ city }}{{ channel }}的妈妈们好", image=picture, title="好")
    )
    await opens(world, PRENATAL)
    await world.until("2026-03-02 23:00")
    (heard,) = posted(world, PRENATAL)
    assert heard.message.text.startswith("杭州妇幼的妈妈们好")
    assert heard.message.attachment == Attachment(image=picture, title="好")
    assert heard.message.kind is Kind.DRY
    (post,) = await posts(world, PRENATAL)
    assert heard.message.key == f"content:{PRENATAL}:2026-03-02:1200"
    assert (post.state, post.posted_at) == (PostState.POSTED, heard.at)


async def test_after_midnight_it_is_still_what_was_planned_for_its_day(world: World) -> None:
    """The last day of the pregnancy, as of the item: both end at midnight, its hours do not."""
    await world.rules(
        hours={"prenatal": ["23:00-02:00"]},
        delivery={"quiet_hours": "03:00-07:00"},
        content=ONLY_DRY,
    )
    last = date(2026, 4, 14)
    words = "{{ week }}，{{ stage }}"
    await world.stocks(*(item(name, text=words, valid_from=last, valid_to=last) for name in "abc"))
    await world.until("2026-04-15 02:00")
    assert [local(each.at).hour for each in posted(world)] == [23, 0, 1]
    assert {each.message.text for each in posted(world)} == {"孕39周，prenatal"}


async def test_a_group_turns_postnatal_by_itself_and_its_hours_with_it(world: World) -> None:
    """The middle of March to May is the 15th of April; a rule moves it to the 4th of March."""
    await world.rules(content=ONLY_DRY, groups={"postnatal_shift": -42 * 86400})
    await world.stocks(
        *(item(f"孕{n}", stages=(Stage.PRENATAL,)) for n in range(9)),
        *(item(f"产{n}", stages=(Stage.POSTNATAL,)) for n in range(9)),
    )
    await world.until("2026-03-05 00:00")
    before, after = posted(world, day="2026-03-03"), posted(world, day="2026-03-04")
    assert {each.message.text[0] for each in before} == {"孕"}
    assert {each.message.text[0] for each in after} == {"产"}
    assert len(hours(before, HoursRules().prenatal)) == 3
    assert len(hours(after, HoursRules().postnatal)) == 3
    assert {local(each.at).hour for each in after} - {11, 16, 20}


async def test_a_group_taken_in_at_noon_is_planned_for_the_rest_of_the_day(
    stocked: World,
) -> None:
    await stocked.until(f"{TUESDAY} 12:30")
    await stocked.opens("g9", "杭州·2026年6-8月·妇幼·09")
    assert [each.slot for each in await posts(stocked, "g9")] == [16 * 60, 20 * 60]
    await stocked.until("2026-03-04 12:00")
    assert len(posted(stocked, "g9")) == 3


async def test_adopted_with_other_facts_the_rest_of_its_day_is_planned_anew(
    stocked: World,
) -> None:
    """What was said stays, and counts; a group that turns out to be postnatal has other hours."""
    await stocked.rules(content={"posts_daily": 4})
    await stocked.until(f"{TUESDAY} 12:30")
    before = await posts(stocked, day=TUESDAY)
    await stocked.happens(
        GroupAdopted(
            at=stocked.clock.now(),
            by="运营小王",
            group=GroupId(GROUP),
            window=BirthWindow(2025, 12),
        )
    )
    first, *others = await posts(stocked, day=TUESDAY)
    assert first == before[0]
    assert [each.slot // 60 for each in others] == [13, 16, 21]
    await stocked.until("2026-03-04 00:00")
    spans = HoursRules().postnatal
    assert hours(posted(stocked), spans) == list(map(str, spans))
    assert set(await states(stocked, day=TUESDAY)) == {PostState.POSTED}
    assert (await programme(stocked, GROUP)).recent.count(",") == 1


async def test_a_rule_changed_in_the_morning_holds_for_the_rest_of_the_day(
    stocked: World,
) -> None:
    await stocked.until(f"{TUESDAY} 12:30")
    before = [each for each in await posts(stocked, day=TUESDAY) if each.slot == 660]
    await stocked.rules(content={"posts_daily": 0})
    await stocked.until(f"{TUESDAY} 23:59")
    assert await posts(stocked, day=TUESDAY) == before
    assert len(posted(stocked, day=TUESDAY)) == len(before)


async def test_a_hole_of_the_morning_is_not_made_up_for_in_the_evening(world: World) -> None:
    """Whatever the day is planned anew for."""
    await world.rules(content={"forming": "50:0:50"})
    await world.stocks(*plenty(DRY))
    for day in (f"2026-03-0{n}" for n in range(3, 9)):
        await world.until(f"{day} 12:30")
        before = await posts(world, day=day)
        if before[0].state is PostState.EMPTY:
            break
    assert before[0].state is PostState.EMPTY
    await world.stocks(*plenty(WARM))
    await world.rules(content={"lively_messages": 9})
    await world.passes(seconds=10)
    after = await posts(world, day=day)
    assert after[0] == before[0]
    assert Counter(each.kind for each in after) == Counter(each.kind for each in before)


async def test_what_was_missed_lapses_though_the_day_is_planned_anew_before(
    stocked: World,
) -> None:
    stocked.clock.set(shanghai(f"{TUESDAY} 12:30"))
    before = await posts(stocked, day=TUESDAY)
    await stocked.rules(content={"lively_messages": 9})
    after = await posts(stocked, day=TUESDAY)
    assert [each.slot for each in after] == [each.slot for each in before]
    assert after[0].state is PostState.LAPSED
    assert "不在线" in after[0].why


async def test_a_day_off_is_a_day_off(stocked: World) -> None:
    await stocked.rules(content={"days_off": ["sun"]})
    await stocked.until("2026-03-10 00:00")
    assert posted(stocked, day="2026-03-08") == []
    assert len(posted(stocked, day="2026-03-07")) == 3
    assert len(posted(stocked, day="2026-03-09")) == 3


# Once, whatever happens


async def test_what_was_due_while_we_were_down_is_served_while_its_hours_last(
    stocked: World,
) -> None:
    stocked.clock.set(shanghai(f"{TUESDAY} 16:59"))
    await stocked.restarts()
    assert [local(each.at).hour for each in posted(stocked)] == [16]
    for minute in range(3):
        await stocked.restarts()
        await stocked.until(f"{TUESDAY} 18:0{minute}")
    await stocked.until("2026-03-04 00:00")
    assert [local(each.at).hour for each in posted(stocked)] == [16, 20]
    missed, *others = await posts(stocked, day=TUESDAY)
    assert missed.state is PostState.LAPSED
    assert "不在线" in missed.why
    assert {each.state for each in others} == {PostState.POSTED}


async def test_after_days_away_only_today_is_planned(stocked: World) -> None:
    stocked.clock.set(shanghai("2026-03-06 10:00"))
    await stocked.restarts()
    await stocked.until("2026-03-07 00:00")
    assert {local(each.at).date() for each in posted(stocked)} == {date(2026, 3, 6)}
    assert await posts(stocked, day="2026-03-05") == []


async def test_what_may_have_been_said_is_not_said_again(stocked: World) -> None:
    await stocked.until(f"{TUESDAY} 10:59")
    stocked.gateway.failures.append(MaybeSent("the line was lost"))
    await stocked.until(f"{TUESDAY} 12:00")
    (unheard,) = [group for group in (GROUP, PRENATAL, POSTNATAL) if not posted(stocked, group)]
    (unsure, *_) = await posts(stocked, unheard, TUESDAY)
    assert unsure.state is PostState.POSTED
    assert unsure.item in await seen(stocked, unheard)


async def test_no_group_has_the_same_item_twice(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.stocks(*plenty(DRY, count=20))
    await world.until("2026-03-14 00:00")
    texts = [each.message.text for each in posted(world)]
    assert len(texts) == len(set(texts)) == 20
    assert len(await seen(world, GROUP)) == 20


async def test_what_could_not_be_said_may_come_again(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.stocks(item("a"))
    await opens(world, PRENATAL)
    await world.happens(GroupPaused(at=world.clock.now(), by="运营小王", group=GroupId(PRENATAL)))
    await world.until("2026-03-02 22:00")
    assert await states(world, PRENATAL) == [PostState.LAPSED]
    await world.happens(GroupResumed(at=world.clock.now(), by="运营小王", group=GroupId(PRENATAL)))
    await world.until("2026-03-03 12:30")
    assert [each.message.text for each in posted(world, PRENATAL)] == ["a的正文"]


async def programme(world: World, group: str) -> Programme:
    async def work(facts: Unit) -> Programme | None:
        return await facts.programmes.get(group)

    found = await world.transactions.read(work)
    assert found is not None
    return found


async def seen(world: World, group: str) -> tuple[str, ...]:
    return (await programme(world, group)).seen


# Nothing left


async def test_where_nothing_is_left_nothing_is_said_and_somebody_hears_of_it(
    world: World,
) -> None:
    await world.rules(content=ONLY_DRY)
    await world.stocks(item("a"), item("b", valid_to=date(2026, 3, 1)))
    await world.until("2026-03-03 23:30")
    assert [each.message.text for each in posted(world)] == ["a的正文"]
    assert await states(world, day=TUESDAY) == [PostState.EMPTY] * 3
    notice = await noticed(world, Concern.LIBRARY_SHORT)
    assert notice is not None
    assert notice.ended_at is None
    assert "干货" in notice.text
    await world.stocks(item("c"), item("d"), item("e"), item("f"))
    await world.until("2026-03-04 00:01")
    notice = await noticed(world, Concern.LIBRARY_SHORT)
    assert notice is not None
    assert notice.ended_at == shanghai("2026-03-04 00:00")


async def test_what_waits_for_a_monitor_is_no_want_of_items(world: World) -> None:
    """Nobody is told to write more of what there is; once there is a monitor she has it."""
    await world.rules(content={"forming": "50:50:0", "wet_daily": 2})
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY), *plenty(WET, voice=Voice.MONITOR))
    await opens(world, PRENATAL)
    await world.until(f"{TUESDAY} 10:00")
    empty = [p for p in await posts(world, PRENATAL, TUESDAY) if p.state is PostState.EMPTY]
    assert {each.kind for each in empty} == {WET}
    assert await noticed(world, Concern.LIBRARY_SHORT, PRENATAL) is None
    notice = await noticed(world, Concern.NOBODY_TO_POST, PRENATAL)
    assert notice is not None
    assert notice.is_open
    assert "湿货要班长来发" in notice.text
    await world.becomes("班长", Role.MONITOR, PRENATAL)
    await world.passes(seconds=10)
    notice = await noticed(world, Concern.NOBODY_TO_POST, PRENATAL)
    assert notice is not None
    assert not notice.is_open
    assert PostState.EMPTY not in await states(world, PRENATAL, TUESDAY)


async def test_where_nothing_waits_for_a_monitor_any_more_she_is_not_missed(
    world: World,
) -> None:
    await world.rules(content={"forming": "50:50:0"})
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY), item("w", WET, voice=Voice.MONITOR))
    await world.until("2026-03-04 10:00")
    notice = await noticed(world, Concern.NOBODY_TO_POST)
    assert notice is not None
    assert notice.is_open
    await world.stocks(*plenty(WET))
    await world.until("2026-03-05 00:01")
    notice = await noticed(world, Concern.NOBODY_TO_POST)
    assert notice is not None
    assert not notice.is_open


async def test_where_there_is_no_library_nobody_is_bothered_with_it(world: World) -> None:
    await world.until("2026-03-05 12:00")
    assert world.heard(*CONTENT) == []
    assert await noticed(world, Concern.LIBRARY_SHORT) is None
    assert await posts(world) == []


async def test_a_library_that_goes_leaves_the_rest_of_the_day_empty(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.until("2026-03-02 23:10")
    await world.stocks(item("a"))
    await world.until(f"{TUESDAY} 10:00")
    await world.happens(ItemWithdrawn(at=world.clock.now(), by="运营小王", item="a"))
    await world.passes(seconds=10)
    assert await states(world, day=TUESDAY) == [PostState.EMPTY] * 3
    await world.stocks(*plenty(DRY))
    await world.until("2026-03-04 00:00")
    assert len(posted(world, day=TUESDAY)) == 3


async def test_what_comes_into_the_library_fills_the_empty_slots_of_the_day(
    world: World,
) -> None:
    await world.until(f"{TUESDAY} 10:00")
    await world.stocks(item("d1", weight=9))
    await world.passes(seconds=10)
    assert (await states(world, day=TUESDAY)).count(PostState.EMPTY) == 2
    await world.stocks(*plenty(DRY, WARM))
    await world.until(f"{TUESDAY} 23:59")
    assert len(posted(world)) == 3


async def test_without_a_library_nobody_misses_anything(world: World) -> None:
    await world.until("2026-03-04 12:00")
    assert posted(world) == []
    assert await noticed(world, Concern.LIBRARY_SHORT) is None


async def test_what_an_account_has_no_room_for_is_told_in_advance_once(world: World) -> None:
    """Six messages an hour, and eight groups."""
    await world.rules(
        content=ONLY_DRY | {"account_share": 0.1}, delivery={"per_minute": 1, "group_gap": 0}
    )
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY))
    await world.becomes("王姐", Role.ASSISTANT, None)
    names = [f"h{n}" for n in range(8)]
    for name in names:
        await world.opens(name, f"杭州·2026年6-8月·妇幼·1{name[1]}")
    await world.until(f"{TUESDAY} 10:59")
    (told,) = [each for each in world.heard(Kind.STAFF_NOTICE) if "账号" in each.message.text]
    assert told.message.to == "王姐"
    assert local(told.at).hour < 9
    assert "11:00-12:00 要发的 9 个群能照顾 6 个，3 个这次不发" in told.message.text
    dropped = [
        each
        for name in (GROUP, *names)
        for each in await posts(world, name, TUESDAY)
        if each.state is PostState.DROPPED
    ]
    assert len([each for each in dropped if each.slot == 660]) == 3
    await world.until("2026-03-03 12:00")
    assert len([each for name in (GROUP, *names) for each in posted(world, name)]) == 6


# Beside another process


async def test_two_who_plan_the_same_day_plan_it_once(stocked: World) -> None:
    """The second looks what is due before the first has planned it, and goes on at noon: planned
    then, the morning would be left out."""
    await stocked.until("2026-03-03 23:59")
    (plan,) = [each for each in ROUTER.ticks if each.run is plan_days]
    midnight = shanghai("2026-03-04 00:00")

    class Overtaken(ProgrammeStore):
        async def due(self, now: datetime, limit: int) -> dict[AccountId, list[GroupId]]:
            found = await super().due(now, limit)
            await stocked.simulation.dispatcher.tick(plan, midnight)
            return found

    async def second(facts: Unit) -> None:
        facts.programmes = Overtaken(facts.connection)
        await plan.run(await Context.open(facts, midnight + timedelta(hours=12, minutes=30)))

    await stocked.transactions.run(second)
    assert len(await posts(stocked, day="2026-03-04")) == 3


async def test_what_comes_in_while_a_day_is_planned_is_thought_of(
    stocked: World, database: str
) -> None:
    """The library is read already, and the plan, with its empty slots, not written yet."""
    await stocked.rules(content=ONLY_DRY | {"forming": "0:50:50"})
    await stocked.until("2026-03-03 23:59")
    (plan,) = [each for each in ROUTER.ticks if each.run is plan_days]
    midnight = shanghai("2026-03-04 00:00")
    later = midnight + MINUTE
    engine = open_engine(database, pool_size=8)
    other = Dispatcher(Transactions(engine), ROUTER)
    put = ItemsPut(at=later, by="运营小王", items=[item("new", WET)])
    putting: list[asyncio.Task[None]] = []

    class Overtaken(ItemStore):
        async def library(self) -> list[Item]:
            found = await super().library()
            putting.append(asyncio.create_task(other.decide(put, later)))
            await waits_for_a_lock(stocked)
            return found

    async def planning(facts: Unit) -> None:
        facts.items = Overtaken(facts.connection)
        await plan.run(await Context.open(facts, midnight))

    await stocked.transactions.run(planning)
    await putting[0]
    await engine.dispose()
    assert PostState.EMPTY in await states(stocked, day="2026-03-04")
    assert (await programme(stocked, GROUP)).plan_at == later


async def waits_for_a_lock(world: World) -> None:
    """Until somebody does."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with world.engine.connect() as connection:
        # Within one transaction the server shows what it showed at first.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for _ in range(1000):
            if await connection.scalar(waiting):
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_what_comes_into_the_library_is_thought_of_whatever_else_is_written(
    world: World, database: str
) -> None:
    """Whoever posts writes what the group has had, from what was read before; neither takes from
    the other what it wrote."""
    await world.until(f"{TUESDAY} 10:00")
    engine = open_engine(database, pool_size=8)
    other = Dispatcher(Transactions(engine), ROUTER)

    async def posting(facts: Unit, name: str) -> None:
        known = await facts.programmes.get(GroupId(GROUP))
        assert known is not None
        facts.programmes.put(replace(known, recent=name, seen=(*known.seen, name)))

    for n in range(20):
        now = world.clock.now() + n * MINUTE
        put = ItemsPut(at=now, by="运营小王", items=(item(f"i{n}", WARM),))
        await asyncio.gather(
            other.decide(put, now),
            world.transactions.run(partial(posting, name=f"{n}")),
        )
        known = await programme(world, GROUP)
        assert (known.plan_at, known.recent) == (now, f"{n}")
    assert await seen(world, GROUP) == tuple(f"{n}" for n in range(20))
    await engine.dispose()


async def test_a_post_that_is_taken_away_is_not_waited_for(stocked: World) -> None:
    async def work(facts: Unit) -> None:
        first = await facts.posts.next_due()
        for each in await facts.posts.find(PostRow.due_at == first):
            await facts.posts.remove(each)
        after = await facts.posts.next_due()
        assert first is not None
        assert after is not None
        assert after > first

    await stocked.transactions.run(work)


# Not into a lively talk


async def test_a_lively_moment_is_waited_for(stocked: World) -> None:
    await stocked.rules(content={"lively_rest": 120})
    post = await first_with_time(stocked, 5)
    await stocked.until(post.said_at - MINUTE)
    last = await chatter(stocked, *("豆豆妈", "小雨") * 4)
    await stocked.until(post.closes_at)
    (heard,) = posted(stocked)
    assert heard.at == last + 2 * MINUTE


async def test_seven_messages_or_our_own_are_no_lively_moment(stocked: World) -> None:
    post = await first_with_time(stocked, 5)
    await stocked.until(post.said_at - MINUTE)
    await chatter(stocked, *("豆豆妈",) * 7, *(str(BOT),) * 3)
    await stocked.until(post.closes_at)
    (heard,) = posted(stocked)
    assert heard.at - post.said_at < MINUTE / 6


async def test_what_was_promised_before_a_lively_moment_waits_for_its_end(
    stocked: World,
) -> None:
    await stocked.rules(content={"lively_rest": 120})
    post = await first_with_time(stocked, 10)
    await stocked.until(post.said_at - MINUTE)
    stocked.gateway.disconnect()
    await stocked.until(post.said_at + MINUTE)
    assert (await of_slot(stocked, post)).state is PostState.PROMISED
    stocked.gateway.connect()
    for n in range(8):
        stocked.gateway.say(GROUP, PersonId("豆豆妈"), MessageId(f"chat{n}"), f"终于回来了{n}")
    lively = stocked.clock.now()
    await stocked.until(post.closes_at)
    (heard,) = posted(stocked)
    assert heard.at == lively + 2 * MINUTE
    assert (await of_slot(stocked, post)).state is PostState.POSTED


async def test_what_somebody_wants_posted_now_waits_for_no_rest(stocked: World) -> None:
    post = await first_with_time(stocked, 5)
    await stocked.until(post.opens_at)
    await chatter(stocked, *("豆豆妈", "小雨") * 4)
    await decide(stocked, PostedNow, post)
    await stocked.passes(seconds=10)
    assert len(posted(stocked)) == 1


async def test_a_moment_that_outlasts_the_hours_ends_the_post(stocked: World) -> None:
    await stocked.rules(content={"lively_rest": 7200})
    post = await first_with_time(stocked, 5)
    await stocked.until(post.said_at - MINUTE)
    await chatter(stocked, *("豆豆妈", "小雨") * 4)
    await stocked.until(post.closes_at)
    assert posted(stocked) == []
    post = await of_slot(stocked, post)
    assert post.state is PostState.LAPSED
    assert "热闹" in post.why


# Pause, release, withdrawal, approval


async def test_a_pause_is_waited_for_too(stocked: World) -> None:
    post = await first_with_time(stocked, 20)
    await stocked.until(post.opens_at)
    await stocked.happens(GroupPaused(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await stocked.until(post.said_at + 8 * MINUTE)
    assert posted(stocked) == []
    await stocked.happens(
        GroupResumed(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP))
    )
    await stocked.until(post.closes_at)
    (heard,) = posted(stocked)
    assert heard.at <= post.said_at + 13 * MINUTE


async def test_a_pause_longer_than_the_hours_ends_the_post(stocked: World) -> None:
    await stocked.happens(GroupPaused(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await stocked.until("2026-03-04 00:00")
    assert posted(stocked) == []
    for each in await posts(stocked, day=TUESDAY):
        assert each.state is PostState.LAPSED
        assert "暂停" in each.why


async def test_what_was_promised_before_a_pause_is_not_said_at_another_hour(
    stocked: World,
) -> None:
    post = (await posts(stocked, day=TUESDAY))[0]
    await stocked.until(post.opens_at)
    stocked.gateway.disconnect()
    await stocked.until(post.said_at + timedelta(seconds=5))
    assert (await states(stocked, day=TUESDAY))[0] is PostState.PROMISED
    await stocked.happens(GroupPaused(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await stocked.hears_again()
    await stocked.until(f"{TUESDAY} 13:30")
    await stocked.happens(
        GroupResumed(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP))
    )
    await stocked.until(f"{TUESDAY} 15:00")
    assert posted(stocked) == []
    assert (await states(stocked, day=TUESDAY))[0] is PostState.LAPSED


async def test_a_group_that_was_let_go_hears_nothing_more(stocked: World) -> None:
    await stocked.until(f"{TUESDAY} 09:00")
    await stocked.happens(
        GroupReleased(at=stocked.clock.now(), by="运营小王", group=GroupId(GROUP))
    )
    assert (await programme(stocked, GROUP)).plan_at is None
    await stocked.until("2026-03-05 00:00")
    assert posted(stocked) == []
    assert await posts(stocked, day="2026-03-04") == []


async def test_what_was_withdrawn_makes_room_for_something_else(stocked: World) -> None:
    first = (await posts(stocked, day=TUESDAY))[0]
    await stocked.happens(
        ItemWithdrawn(at=stocked.clock.now(), by="运营小王", item=first.item or "")
    )
    await stocked.until("2026-03-04 00:00")
    assert len(posted(stocked)) == 3
    assert first.item not in {each.item for each in await posts(stocked, day=TUESDAY)}


async def test_what_was_withdrawn_is_not_said_though_somebody_chose_it(stocked: World) -> None:
    first = (await posts(stocked, day=TUESDAY))[0]
    await decide(stocked, PostApproved, first)
    await stocked.happens(
        ItemWithdrawn(at=stocked.clock.now(), by="运营小王", item=first.item or "")
    )
    await stocked.until(f"{TUESDAY} 12:00")
    assert posted(stocked) == []
    (lapsed, *_) = await posts(stocked, day=TUESDAY)
    assert lapsed.item == first.item
    assert "下架" in lapsed.why


async def test_what_an_item_is_not_for_any_more_it_is_not_posted_for(stocked: World) -> None:
    await stocked.until(f"{TUESDAY} 09:00")
    for change in (
        {"cities": ("上海",)},
        {"valid_to": date(2026, 3, 2)},
        {"voice": Voice.MONITOR},
        {"to_week": -39},
    ):
        first = (await posts(stocked, day=TUESDAY))[0]
        assert first.item is not None
        await stocked.stocks(item(first.item, first.kind, **change))
        await stocked.passes(seconds=10)
        assert first.item not in {each.item for each in await posts(stocked, day=TUESDAY)}
    await stocked.until("2026-03-04 00:00")
    assert len(posted(stocked, day=TUESDAY)) == 3


async def test_an_item_of_another_kind_counts_as_that(stocked: World) -> None:
    await stocked.until(f"{TUESDAY} 09:00")
    first = (await posts(stocked, day=TUESDAY))[0]
    assert first.item is not None
    await stocked.stocks(item(first.item, WET, weight=9))
    await stocked.passes(seconds=10)
    assert {each.kind for each in await posts(stocked, day=TUESDAY)} <= {DRY, WARM}


async def test_what_only_says_something_else_is_no_reason_to_plan_anew(stocked: World) -> None:
    midnight = shanghai("2026-03-04 00:00")
    first = (await posts(stocked, day=TUESDAY))[0]
    now, dispatcher = stocked.clock.now(), stocked.simulation.dispatcher
    assert first.item is not None
    changed = item(first.item, first.kind, text="改了几个字", title="新", weight=3)
    await dispatcher.decide(ItemsPut(at=now, by="运营小王", items=[changed]), now)
    assert (await programme(stocked, GROUP)).plan_at == midnight
    narrower = replace(changed, to_week=3)
    await dispatcher.decide(ItemsPut(at=now, by="运营小王", items=[narrower]), now)
    assert (await programme(stocked, GROUP)).plan_at == now


async def test_with_approval_required_only_approved_items_are_posted(world: World) -> None:
    await world.rules(content=ONLY_DRY | {"approval": True})
    await world.stocks(item("a", weight=9), item("b", weight=5, approved_by="王医生"))
    await world.until("2026-03-03 23:00")
    lapsed, said, _ = await posts(world, day=TUESDAY)
    assert (lapsed.item, lapsed.state) == ("a", PostState.LAPSED)
    assert "同意" in lapsed.why
    assert (said.item, said.state) == ("b", PostState.POSTED)
    assert [each.message.text for each in posted(world)] == ["b的正文"]


async def test_somebody_hears_each_morning_what_waits_for_approval(world: World) -> None:
    await world.rules(content=ONLY_DRY | {"approval": True})
    await world.becomes("王姐", Role.ASSISTANT, None)
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY), item("good", weight=9, approved_by="王医生"))
    for day in ("2026-03-03", "2026-03-04"):
        await world.until(f"{day} 10:00")
        told = world.heard(Kind.STAFF_NOTICE)[-1]
        assert told.at.date() == date.fromisoformat(day)
        waiting = 2 if day == TUESDAY else 3
        assert f"今天有{waiting}条内容要有人同意" in told.message.text
    first, second, third = await posts(world, day="2026-03-04")
    await decide(world, PostApproved, first)
    await decide(world, PostSkipped, second)
    assert (await waiting_for_approval(world)) == "今天有1条"
    await world.happens(ItemApproved(at=world.clock.now(), by="运营小王", item=third.item or ""))
    await world.passes(seconds=10)
    assert (await waiting_for_approval(world)) == ""


async def test_where_approval_is_not_asked_for_any_more_nothing_waits_for_it(
    stocked: World,
) -> None:
    await stocked.rules(content={"approval": True})
    await stocked.passes(seconds=10)
    assert (await waiting_for_approval(stocked)) == "今天有3条"
    await stocked.rules(content={"approval": False})
    await stocked.passes(seconds=10)
    assert (await waiting_for_approval(stocked)) == ""


async def waiting_for_approval(world: World) -> str:
    """How the notice begins; "" where there is none, or it is over."""
    notice = await noticed(world, Concern.UNAPPROVED)
    return notice.text[:5] if notice is not None and notice.is_open else ""


# What followed


async def test_an_hour_later_what_members_said_is_kept(stocked: World) -> None:
    await stocked.becomes("班长", Role.MONITOR)
    await stocked.becomes("阿芳", Role.HOST)
    for day in range(3, 8):
        await stocked.until(f"2026-03-0{day} 10:00")
        await stocked.until((await posts(stocked, day=f"2026-03-0{day}"))[0].said_at + MINUTE)
        await chatter(stocked, "豆豆妈", "小雨", "豆豆妈", "班长", "阿芳", seconds=120)
    await stocked.until("2026-03-08 00:00")
    (first, *_) = await posts(stocked, day=TUESDAY)
    (last, *_) = await posts(stocked, day="2026-03-07")
    assert (first.heard, first.speakers) == (3, 2)
    assert (last.heard, last.speakers) == (3, 2)
    assert last.usual_heard is not None
    assert 0 < last.usual_heard < 3.01


async def test_what_nobody_heard_is_unknown(stocked: World) -> None:
    post = (await posts(stocked, day=TUESDAY))[0]
    await stocked.until(post.said_at + 5 * MINUTE)
    await stocked.goes_deaf()
    await stocked.until(f"{TUESDAY} 15:00")
    await stocked.hears_again()
    (first, *_) = await posts(stocked, day=TUESDAY)
    assert first.state is PostState.POSTED
    assert first.heard is None
    assert first.due_at is None
