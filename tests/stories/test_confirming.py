"""Groups in which an account can't speak by itself: their owner is asked, and takes her time."""

from datetime import datetime, timedelta

import pytest

from handlers.content import keys
from models.content import PostState, Voice
from models.ids import GroupId, PersonId
from models.messages import CONTENT, Kind, Outgoing
from models.onboarding import Newcomer
from models.people import Role
from models.stores.unit import Unit
from tests.stories.library import DRY, WARM, item, local, plenty, posts
from tests.stories.owner import Owner
from tests.world import GROUP, World, shanghai

HER_GROUPS = ("g5", "g6", "g7")
NAMES = [f"杭州·2025年12-2月·妇幼·{number:02}" for number in (5, 6, 7)]
TUESDAY = "2026-03-03"


@pytest.fixture
async def owner(world: World) -> Owner:
    owner = Owner(world)
    await owner.takes_over()
    return owner


@pytest.fixture
async def stocked(owner: Owner) -> Owner:
    """Three groups of one age, and a library of which the half is the monitor's to say."""
    world = owner.world
    await world.until("2026-03-02 23:10")
    hers = [item(f"warm{n:02}", WARM, voice=Voice.MONITOR) for n in range(40)]
    await world.stocks(*plenty(DRY), *hers)
    await world.lets_go()
    for group, name in zip(HER_GROUPS, NAMES, strict=True):
        await world.opens(group, name, ("班长", "豆豆妈", "小雨"))
        await world.becomes("班长", Role.MONITOR, group)
    await world.until(f"{TUESDAY} 00:00")
    return owner


def content(asked: list[Outgoing]) -> list[Outgoing]:
    return [each for each in asked if each.kind in CONTENT]


async def newcomer(world: World, name: str) -> Newcomer:
    async def work(facts: Unit) -> Newcomer | None:
        return await facts.newcomers.get(GroupId(GROUP), PersonId(name))

    found = await world.transactions.read(work)
    assert found is not None
    return found


# What is posted


async def test_groups_of_one_age_get_one_text_at_one_time(stocked: Owner) -> None:
    world = stocked.world
    asked: list[Outgoing] = []
    for hour in range(8, 24):
        await world.until(f"{TUESDAY} {hour:02}:30" if hour < 23 else f"{TUESDAY} 22:59")
        asked = content(await stocked.is_asked())
        if asked:
            break
    assert [each.group for each in asked] == list(HER_GROUPS)
    assert len({(each.text, each.due_at, each.lapses_at) for each in asked}) == 1
    assert asked[0].due_at == local(asked[0].due_at).replace(minute=0)


async def test_nothing_is_handed_to_the_monitor_where_her_saying_it_would_not_be_heard(
    stocked: Owner,
) -> None:
    world = stocked.world
    for day in range(3, 11):
        for hour in range(8, 23):
            await world.until(f"2026-03-{day:02} {hour:02}:30")
            await stocked.is_asked()
            await stocked.taps()
    assert [each.key for each in stocked.private if each.key.startswith(keys.HANDED)] == []
    for group in HER_GROUPS:
        found = await posts(world, group)
        assert [each.state for each in found] == [PostState.POSTED] * 8
        assert {each.kind for each in found} == {DRY, WARM}
        assert {each.voice for each in found} == {Voice.ASSISTANT}
        assert len({each.day for each in found}) == 8


async def test_what_she_has_been_asked_for_stays_hers_until_she_taps(stocked: Owner) -> None:
    world = stocked.world
    asked = await first_asked(stocked)
    slot = await posts(world, "g5", TUESDAY)
    await world.stocks(*plenty(DRY, count=60, weight=9))
    await world.rules(content={"posts_daily": 2})
    await world.until(asked.lapses_at - timedelta(minutes=1))
    assert await posts(world, "g5", TUESDAY) == slot
    assert content(await stocked.is_asked())[0] == asked
    await stocked.taps()
    (post,) = await posts(world, "g5", TUESDAY)
    assert (post.state, post.item) == (PostState.POSTED, slot[0].item)
    assert post.posted_at == world.clock.now()


async def test_what_she_did_not_tap_lapses_and_comes_another_day(stocked: Owner) -> None:
    world = stocked.world
    asked = await first_asked(stocked)
    assert asked.lapses_at - asked.due_at >= timedelta(minutes=90)
    await world.until(asked.lapses_at)
    await stocked.lets_lapse()
    await world.until(f"{TUESDAY} 23:30")
    assert content(await stocked.is_asked()) == []
    (missed,) = await posts(world, "g5", TUESDAY)
    assert missed.state is PostState.LAPSED
    await world.until("2026-03-05 00:01")
    later = await posts(world, "g5", "2026-03-04") + await posts(world, "g5", "2026-03-05")
    assert missed.item in [each.item for each in later]


async def test_the_calendar_says_that_the_owner_is_asked(stocked: Owner) -> None:
    world = stocked.world
    await first_asked(stocked)
    await world.says("班长", "/日历", "g5")
    (answer,) = [each for each in await stocked.is_asked() if each.kind is Kind.REPLY]
    assert "等群主确认" in answer.text


async def test_a_post_can_go_out_now_where_she_confirms_it(stocked: Owner) -> None:
    world = stocked.world
    await world.until(f"{TUESDAY} 08:00")
    await world.says("班长", "/现在发 1", "g5")
    asked = await stocked.is_asked()
    (answer,) = [each for each in asked if each.kind is Kind.REPLY]
    (post,) = content(asked)
    assert "请群主确认" in answer.text
    assert post.lapses_at - world.clock.now() >= timedelta(minutes=90)


async def first_asked(owner: Owner) -> Outgoing:
    """Of the first group, on Tuesday."""
    (post,) = await posts(owner.world, "g5", TUESDAY)
    await owner.world.until(post.opens_at)
    return content(await owner.is_asked())[0]


# Who is greeted


async def came(owner: Owner, *names: str) -> list[Outgoing]:
    """They join, and the owner is asked for whatever is due a bit later."""
    await owner.world.joins(*names)
    await owner.world.passes(minutes=1)
    return await owner.is_asked()


async def test_who_joins_before_the_owner_looks_is_greeted_with_the_round(owner: Owner) -> None:
    world = owner.world
    asked = await came(owner, "豆豆妈")
    kinds = [Kind.WELCOME, Kind.NICKNAME, Kind.RULES]
    assert [each.kind for each in asked] == kinds
    await world.passes(minutes=40)
    assert await came(owner, "米粒妈", "小雨") == asked
    await world.passes(minutes=20)
    welcome, nickname, _ = await owner.looks()
    assert sorted(welcome.mentions) == ["小雨", "米粒妈", "豆豆妈"]
    assert "@小雨" in welcome.text
    assert "@小雨" in nickname.text
    await owner.taps()
    await world.passes(hours=1)
    assert await owner.is_asked() == []
    greeted = [await newcomer(world, each) for each in ("豆豆妈", "米粒妈", "小雨")]
    assert all(each.greeted_at and each.waiting_since is None for each in greeted)


async def test_who_joined_after_the_owner_looked_waits_for_the_next_round(owner: Owner) -> None:
    world = owner.world
    await came(owner, "豆豆妈")
    await owner.looks()
    await came(owner, "米粒妈")
    await owner.taps()
    pasted = world.clock.now()
    assert (await newcomer(world, "米粒妈")).greeted_at is None
    assert (await newcomer(world, "米粒妈")).is_waiting
    await world.passes(seconds=119)
    assert await owner.is_asked() == []
    await world.passes(minutes=5)
    welcome, *_ = await owner.is_asked()
    assert welcome.mentions == ("米粒妈",)
    assert timedelta(minutes=2) <= welcome.due_at - pasted <= timedelta(minutes=6)


async def test_a_peak_that_one_paste_greeted_does_not_slow_down_the_next_round(
    owner: Owner,
) -> None:
    world = owner.world
    await came(owner, "小雨")
    for n in range(30):
        await world.joins(f"妈妈{n:02}")
        await world.passes(seconds=10)
    welcome, *_ = await owner.looks()
    assert len(welcome.mentions) == 31
    await owner.taps()
    pasted = world.clock.now()
    await world.passes(minutes=20)
    await came(owner, "豆豆妈")
    (welcome, *_) = await owner.is_asked()
    assert welcome.mentions == ("豆豆妈",)
    assert welcome.due_at - pasted <= timedelta(minutes=21)


async def test_from_paste_to_paste_a_peak_keeps_its_distance(owner: Owner) -> None:
    world = owner.world
    await came(owner, "豆豆妈")
    await owner.looks()
    for n in range(30):
        await world.joins(f"妈妈{n:02}")
        await world.passes(seconds=10)
    await owner.taps()
    pasted = world.clock.now()
    await world.passes(minutes=40)
    welcome, *_ = await owner.is_asked()
    assert len(welcome.mentions) == 30
    assert welcome.due_at - pasted == timedelta(minutes=30)


async def test_a_round_that_nobody_pasted_is_given_up_and_its_people_wait_anew(
    owner: Owner,
) -> None:
    world = owner.world
    (welcome, *_) = await came(owner, "豆豆妈")
    await came(owner, "米粒妈")
    assert welcome.lapses_at - welcome.due_at == timedelta(hours=12)
    await world.passes(hours=11)
    await owner.lets_lapse()
    assert (await owner.is_asked())[0] == welcome
    await world.until(shanghai("2026-03-03 07:40"))
    await owner.lets_lapse()
    await world.passes(minutes=1)
    again, *_ = await owner.is_asked()
    assert again.key != welcome.key
    assert sorted(again.mentions) == ["米粒妈", "豆豆妈"]


async def test_who_leaves_before_the_owner_looks_is_not_named(owner: Owner) -> None:
    await came(owner, "豆豆妈", "小雨")
    await came(owner, "米粒妈")
    await owner.world.leaves("米粒妈", "小雨")
    welcome, *_ = await owner.looks()
    assert welcome.mentions == ("豆豆妈",)


# Who is reminded


async def reminded_of(owner: Owner, until: datetime) -> list[Outgoing]:
    """The reminders that she was asked for, looked for every half hour, and never tapped."""
    asked: dict[str, Outgoing] = {}
    while owner.world.clock.now() < until:
        await owner.world.passes(minutes=30)
        await owner.lets_lapse()
        pending = [each for each in await owner.is_asked() if each.kind is Kind.REMINDER]
        assert len(pending) <= 1
        asked |= {each.key: each for each in pending}
    return list(asked.values())


async def test_an_owner_who_does_not_tap_is_asked_for_a_reminder_once_in_two_days(
    owner: Owner,
) -> None:
    world = owner.world
    await came(owner, "豆豆妈")
    await owner.taps()
    await world.passes(hours=1)
    await came(owner, "米粒妈")
    await owner.taps()
    found = await reminded_of(owner, world.clock.now() + timedelta(days=4))
    assert [each.lapses_at - each.due_at for each in found] == [timedelta(hours=12)] * len(found)
    assert 1 <= sum("豆豆妈" in each.mentions for each in found) <= 2
    assert (await newcomer(world, "豆豆妈")).reminders == 0


# What is decided about single messages


@pytest.mark.parametrize("what", ["cancel", "send-now", "retry"])
async def test_what_is_with_its_owner_is_decided_on_with_its_proposal(
    owner: Owner, what: str
) -> None:
    await came(owner, "豆豆妈")
    first, *_ = await owner.asked_for()
    async with owner.world.admin() as http:
        answer = await http.post(f"/api/v1/outbox/{first.id}/{what}")
    assert answer.status_code == 409
    assert "decide on the proposal" in answer.json()["detail"]
    assert (await owner.asked_for())[0].message == first.message
