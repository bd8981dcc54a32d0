"""What is said is counted by the hour, and the hours of a cohort are learned from it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from handlers.features import ROUTER
from handlers.router import Tick
from models.activity import HourCount
from models.content import LearnedHours
from models.events import MessageReceived
from models.growth import Life
from models.ids import GroupId, MessageId, PersonId
from models.people import Role
from models.stores.office import Beat
from models.stores.unit import Unit
from models.tables import ActivityRow, SpeakerRow
from tests.world import ACCOUNT, GROUP, World, shanghai

SEVEN = shanghai("2026-03-02 19:00")
"""When the World begins."""
COHORT = "杭州~妇幼~2026-03"

Counted = dict[str, dict[Role, HourCount]]


async def counted(world: World, group: str = GROUP) -> Counted:
    """Messages and speakers of each hour, by role."""

    async def work(facts: Unit) -> dict[datetime, dict[Role, HourCount]]:
        since = SEVEN - timedelta(days=40)
        until = world.clock.now() + timedelta(days=40)
        return await facts.activity.by_hour_and_role(GroupId(group), since, until)

    found = await world.transactions.read(work)
    return {f"{hour.astimezone(SEVEN.tzinfo):%d %H}": roles for hour, roles in found.items()}


async def learned(world: World, cohort: str = COHORT, stage: str = "prenatal") -> LearnedHours:
    async def work(facts: Unit) -> LearnedHours | None:
        return await facts.learned_hours.get(cohort, stage)

    found = await world.transactions.read(work)
    assert found is not None
    return found


async def hears(world: World, *messages: MessageReceived) -> None:
    """All in one transaction."""
    await world.simulation.dispatcher.take([world.now(each) for each in messages])


def message(name: str, number: int, at: datetime, group: str = GROUP) -> MessageReceived:
    return MessageReceived(
        at=at,
        account=ACCOUNT,
        id=MessageId(f"x{number}"),
        group=GroupId(group),
        sender=PersonId(name),
        text="今天太阳真好",
    )


async def watches(world: World, *groups: str, since: datetime = SEVEN) -> None:
    """Their lives are watched from then on."""

    async def work(facts: Unit) -> None:
        for group in groups:
            life = Life(group=GroupId(group), since=since, opened_on=since.date(), look_at=None)
            facts.lives.put(life)

    await world.transactions.run(work)


async def talk(world: World, group: str, hours: dict[int, int], first: str, days: int) -> None:
    """So many members speak at each of these hours of each day."""
    start = shanghai(f"{first} 00:00")

    async def work(facts: Unit) -> None:
        for day in range(days):
            for hour, people in hours.items():
                at = start + timedelta(days=day, hours=hour, minutes=5)
                for person in range(people):
                    facts.activity.add(GroupId(group), at, PersonId(f"p{person}"), Role.MEMBER)

    await world.transactions.run(work)


async def beat(world: World) -> Beat:
    async def work(facts: Unit) -> Beat | None:
        return await facts.beats.get("activity.learning")

    found = await world.transactions.read(work)
    assert found is not None
    return found


def tick(name: str) -> Tick:
    (found,) = (each for each in ROUTER.ticks if each.name == name)
    return found


async def rows(world: World, table: type[ActivityRow] | type[SpeakerRow]) -> int:
    async with world.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


# Counting


async def test_messages_and_speakers_are_counted_by_hour_and_role(world: World) -> None:
    await world.becomes("小雨妈妈", Role.MONITOR)
    await world.becomes("豆豆妈", Role.KOC)
    await world.becomes("氛围小李", Role.HOST)
    for name in ("桃子", "桃子", "米粒", "豆豆妈", "小雨妈妈", "氛围小李", "氛围小李"):
        await world.says(name, "今天太阳真好")
    await world.until("2026-03-02 20:30")
    await world.says("桃子", "晚上好")
    assert await counted(world) == {
        "02 19": {
            Role.MEMBER: HourCount(3, 2),
            Role.KOC: HourCount(1, 1),
            Role.MONITOR: HourCount(1, 1),
            Role.HOST: HourCount(2, 1),
        },
        "02 20": {Role.MEMBER: HourCount(1, 1)},
    }


async def test_only_members_words_are_the_groups_activity(world: World) -> None:
    await world.becomes("小雨妈妈", Role.MONITOR)
    await world.becomes("豆豆妈", Role.KOC)
    await world.becomes("氛围小李", Role.HOST, group=None)
    for name in ("桃子", "豆豆妈", "小雨妈妈"):
        await world.says(name, "今天太阳真好")
    await world.until("2026-03-02 21:00")
    await world.says("氛围小李", "大家晚上好")
    group, since = GroupId(GROUP), SEVEN - timedelta(hours=1)

    async def work(facts: Unit) -> tuple[object, ...]:
        return (
            await facts.activity.by_hour([group], since, since + timedelta(days=1)),
            await facts.activity.active([group], since),
            await facts.activity.by_role([group, GroupId("g2")], since),
            await facts.activity.last_heard([group, GroupId("g2")]),
        )

    by_hour, active, by_role, last_heard = await world.transactions.read(work)
    assert by_hour == {GROUP: {SEVEN: HourCount(2, 2)}}
    assert active == {GROUP: 2}
    assert by_role == {GROUP: {Role.MEMBER: 1, Role.KOC: 1, Role.MONITOR: 1, Role.HOST: 1}}
    assert last_heard == {GROUP: SEVEN}


async def test_who_speaks_all_day_is_one_active_member(world: World) -> None:
    for hour in range(4):
        await world.says("桃子", f"第{hour}句")
        await world.passes(hours=1)
    await world.says("米粒", "我也在")

    async def work(facts: Unit) -> list[dict[GroupId, int]]:
        since = (SEVEN, SEVEN + timedelta(hours=4), SEVEN + timedelta(hours=5))
        return [await facts.activity.active([GroupId(GROUP)], each) for each in since]

    assert await world.transactions.read(work) == [{GROUP: 2}, {GROUP: 1}, {}]


async def test_a_message_that_is_told_twice_is_counted_once(world: World) -> None:
    once = message("桃子", 1, SEVEN)
    await hears(world, once, once)
    await hears(world, once)
    assert await counted(world) == {"02 19": {Role.MEMBER: HourCount(1, 1)}}


async def test_in_one_transaction_or_in_many_the_counts_are_the_same(world: World) -> None:
    """Also of whom becomes a KOC meanwhile: she is one speaker, as what she was first."""
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    said = [
        message(name, number, SEVEN + timedelta(minutes=7 * number))
        for number, name in enumerate(("桃子", "米粒", "桃子", "豆豆妈", "桃子", "米粒") * 3)
    ]
    await hears(world, *said)
    for each in said:
        await hears(world, message(each.sender, int(each.id[1:]), each.at, "g2"))
    assert await counted(world) == await counted(world, "g2")

    group = GroupId("g3")

    async def together(facts: Unit) -> None:
        for role in (Role.MEMBER, Role.KOC, Role.KOC):
            facts.activity.add(group, SEVEN, PersonId("桃子"), role)

    await world.transactions.run(together)
    assert await counted(world, "g3") == {
        "02 19": {Role.MEMBER: HourCount(1, 1), Role.KOC: HourCount(2, 0)}
    }


async def test_what_is_read_while_more_is_said_is_counted_once(world: World) -> None:
    async def work(facts: Unit) -> list[int]:
        seen = []
        for _ in range(3):
            facts.activity.add(GroupId(GROUP), SEVEN, PersonId("桃子"), Role.MEMBER)
            said = await facts.activity.by_role([GroupId(GROUP)], SEVEN)
            seen.append(said[GroupId(GROUP)][Role.MEMBER])
        return seen

    assert await world.transactions.run(work) == [1, 2, 3]
    assert await counted(world) == {"02 19": {Role.MEMBER: HourCount(3, 1)}}


async def test_what_reaches_us_late_counts_for_the_hour_in_which_it_was_said(
    world: World,
) -> None:
    await world.until("2026-03-02 22:10")
    await hears(world, message("桃子", 1, shanghai("2026-03-02 20:59")))
    await hears(world, message("桃子", 2, shanghai("2026-03-04 09:00")))
    assert await counted(world) == {
        "02 20": {Role.MEMBER: HourCount(1, 1)},
        "02 22": {Role.MEMBER: HourCount(1, 1)},
    }


async def test_neither_we_nor_rooms_that_are_not_ours_are_counted(world: World) -> None:
    await world.opens("g2", "周末爬山群")
    await world.says("桃子", "爬山去", group="g2")
    await world.says("bot", "大家好")
    await world.joins("桃子")
    await world.tells_us("桃子", "在吗")
    assert await rows(world, ActivityRow) == 0
    assert await rows(world, SpeakerRow) == 0


# Forgetting


async def test_who_spoke_is_forgotten_with_the_texts_and_how_many_stays(world: World) -> None:
    await world.rules(privacy={"keep_text": 24 * 3600})
    await world.says("桃子", "今天太阳真好")
    await world.until("2026-03-03 12:00")
    await world.says("米粒", "中午好")
    await world.simulation.dispatcher.tick(tick("forget_old_speakers"), SEVEN + timedelta(days=1))
    assert await rows(world, SpeakerRow) == 2
    over = SEVEN + timedelta(days=1, hours=1)
    await world.simulation.dispatcher.tick(tick("forget_old_speakers"), over)
    assert await rows(world, SpeakerRow) == 1
    assert await counted(world) == {
        "02 19": {Role.MEMBER: HourCount(1, 1)},
        "03 12": {Role.MEMBER: HourCount(1, 1)},
    }


async def test_it_is_forgotten_in_portions_the_oldest_first(world: World) -> None:
    await talk(world, GROUP, {9: 3, 10: 3}, "2026-03-01", days=1)

    async def forget(facts: Unit) -> int:
        return await facts.activity.forget(shanghai("2026-03-01 10:30"), 2)

    assert [await world.transactions.run(forget) for _ in range(3)] == [2, 1, 0]
    assert await rows(world, SpeakerRow) == 3


# Learned hours


async def test_each_night_the_hours_of_a_cohort_are_learned(world: World) -> None:
    await watches(world, GROUP)
    peaks = {9: 9, 13: 9, 19: 9, **dict.fromkeys((10, 11, 16, 17, 20, 21), 2)}
    await talk(world, GROUP, peaks, "2026-03-03", days=20)
    await world.until("2026-03-03 04:00")
    first = await learned(world)
    assert (first.spans, first.known) == ("11:00-12:00,16:00-17:00,20:00-21:00", 0)
    assert first.learned_on == shanghai("2026-03-03 04:00").date()
    await world.until("2026-03-23 03:59")
    assert (await learned(world)).learned_on < world.clock.now().date()
    await world.until("2026-03-23 04:00")
    found = await learned(world)
    assert found.spans == "09:00-10:00,13:00-14:00,19:00-20:00"
    assert found.known == pytest.approx(0.8, abs=0.01)
    assert sum(found.shares) == pytest.approx(1)
    assert found.learned_on == world.clock.now().date()


async def test_all_groups_of_a_cohort_are_heard_and_no_others(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.opens("g3", "苏州·2026年3-5月·妇幼·01")
    await watches(world, GROUP, "g2", "g3")
    usual = dict.fromkeys(range(9, 23), 1)
    await talk(world, GROUP, usual, "2026-03-03", days=20)
    await talk(world, "g2", {**usual, 9: 30, 13: 30, 19: 30}, "2026-03-03", days=20)
    await talk(world, "g3", {**usual, 10: 9, 14: 9, 22: 9}, "2026-03-03", days=20)
    await world.until("2026-03-23 04:00")
    assert (await learned(world)).spans == "09:00-10:00,13:00-14:00,19:00-20:00"
    other = await learned(world, "苏州~妇幼~2026-03")
    assert other.spans == "10:00-11:00,14:00-15:00,22:00-23:00"


async def test_what_the_account_did_not_hear_is_no_silence(world: World) -> None:
    """On most evenings it was away at the very hour at which everybody speaks."""
    await watches(world, GROUP, since=shanghai("2026-03-03 00:00"))
    await talk(world, GROUP, {9: 9, 13: 9, 16: 2, 17: 2}, "2026-03-03", days=20)
    for day in range(3, 23):
        if day % 2:
            await world.until(f"2026-03-{day:02} 19:00")
            await world.goes_deaf()
            await world.until(f"2026-03-{day:02} 20:00")
            await world.hears_again()
        else:
            await talk(world, GROUP, {19: 9}, f"2026-03-{day:02}", days=1)
    await world.until("2026-03-23 04:00")
    found = await learned(world)
    assert found.spans == "09:00-10:00,13:00-14:00,19:00-20:00"
    assert found.shares[19] == pytest.approx(found.shares[9], rel=0.1)


async def test_who_was_born_since_has_other_hours(world: World) -> None:
    """Of the days before the stage changed nothing is learned for the one after it."""
    await watches(world, GROUP)
    await talk(world, GROUP, {9: 9, 13: 9, 19: 9}, "2026-03-03", days=43)
    await world.until("2026-04-16 12:00")
    before = await learned(world)
    assert before.spans == "09:00-10:00,13:00-14:00,19:00-20:00"
    after = await learned(world, stage="postnatal")
    assert after.spans == "11:00-12:00,13:00-15:00,16:00-17:00,21:00-23:00"
    assert after.known < 0.2


async def test_a_group_that_is_in_another_stage_by_its_own_rules_is_left_out(
    world: World,
) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.rules("group:g2", groups={"postnatal_shift": -60 * 24 * 3600})
    await watches(world, GROUP, "g2")
    await talk(world, "g2", {9: 9, 13: 9, 19: 9}, "2026-03-03", days=20)
    await world.until("2026-03-23 04:00")
    assert (await learned(world)).known == 0


async def test_the_rules_of_the_cohort_say_how_many_hours_and_which_not(world: World) -> None:
    await world.rules(
        f"cohort:{COHORT}",
        hours={"prenatal": ["10:00-12:00"]},
        delivery={"quiet_hours": "18:00-10:00"},
    )
    await watches(world, GROUP)
    peaks = {9: 9, 13: 9, 15: 9, 19: 9, **dict.fromkeys((10, 11, 16, 17, 20, 21), 1)}
    await talk(world, GROUP, peaks, "2026-03-03", days=20)
    await world.until("2026-03-23 04:00")
    assert (await learned(world)).spans == "13:00-14:00,15:00-16:00"


async def test_many_cohorts_have_their_turn_a_few_a_beat(world: World) -> None:
    cities = [f"城{number:02}" for number in range(25)]
    for number, city in enumerate(cities):
        await world.opens(f"h{number}", f"{city}·2026年3-5月·妇幼·01")
    night = shanghai("2026-03-03 04:00")
    await world.until(night - timedelta(seconds=1))
    kept = []
    for second in range(3):
        now = night + timedelta(seconds=second)
        await world.simulation.dispatcher.tick(tick("learn_hours"), now)
        kept.append((await beat(world)).cursor)
    assert kept == ["城09~妇幼~2026-03", "城19~妇幼~2026-03", ""]
    assert (await beat(world)).done_at == night + timedelta(seconds=2)
    for city in (*cities, "杭州"):
        assert (await learned(world, f"{city}~妇幼~2026-03")).learned_on == night.date()


async def test_a_night_that_was_missed_is_made_up_for(world: World) -> None:
    await world.until("2026-03-03 12:00")
    first = (await learned(world)).learned_on
    night = tick("learn_hours")
    for _ in range(2):
        now = shanghai("2026-03-06 09:00")
        await world.simulation.dispatcher.tick(night, now)
    assert (await learned(world)).learned_on == first + timedelta(days=3)
    assert (await beat(world)).done_at == shanghai("2026-03-06 09:00")
