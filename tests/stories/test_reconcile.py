"""What happened while nobody listened, and what a look at a room may be believed for."""

from dataclasses import replace
from datetime import timedelta

from models.events import GroupReleased, GroupSeen, MemberJoined, MemberLeft
from models.ids import GroupId, PersonId
from models.messages import Kind
from models.people import Profile
from models.stores.unit import Unit
from tests.world import ACCOUNT, GROUP, World

OLD = tuple(f"老成员{n}" for n in range(11))


def only(seen: GroupSeen, *people: str) -> GroupSeen:
    """The same look, with only these in the list."""
    return replace(seen, present=frozenset(map(PersonId, people)))


async def test_who_came_while_we_were_deaf_is_greeted(world: World) -> None:
    await world.goes_deaf()
    await world.passes(hours=1)
    await world.joins("豆豆妈", "米粒妈")
    await world.passes(hours=1)
    assert world.said == []
    await world.hears_again()
    back = world.clock.now()
    await world.passes(minutes=1)
    assert world.rounds == [["米粒妈", "豆豆妈"]]
    assert world.seconds_to_welcome(back) == [8]


async def test_who_came_and_went_while_we_were_deaf_is_not(world: World) -> None:
    await world.goes_deaf()
    await world.joins("豆豆妈", "米粒妈")
    await world.leaves("豆豆妈")
    await world.hears_again()
    await world.passes(minutes=1)
    assert world.greeted == ["米粒妈"]


async def test_who_waited_and_left_while_we_were_deaf_is_not_named(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.joins("豆豆妈", "米粒妈", group="g2")
    await world.goes_deaf()
    await world.leaves("豆豆妈", group="g2")
    await world.passes(minutes=1)
    await world.hears_again()
    await world.passes(minutes=1)
    assert world.greeted == ["米粒妈"]


async def test_after_a_day_of_silence_nobody_is_greeted_for_it(world: World) -> None:
    await world.goes_deaf()
    await world.passes(hours=23)
    await world.joins("豆豆妈")
    await world.passes(hours=2)
    await world.hears_again()
    await world.passes(hours=1)
    assert world.heard(group=GROUP) == []
    await world.joins("米粒妈")
    await world.passes(minutes=1)
    assert world.greeted == ["米粒妈"]


async def test_how_long_the_silence_may_be_is_a_rule(world: World) -> None:
    await world.rules(groups={"absence": 2 * 86400})
    await world.goes_deaf()
    await world.joins("豆豆妈")
    await world.passes(hours=25)
    await world.hears_again()
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_the_first_look_is_a_baseline_also_when_it_comes_late(world: World) -> None:
    await world.goes_deaf()
    world.gateway.open_room(
        GroupId("g2"), "杭州·2026年3-5月·妇幼·02", {PersonId(each): Profile(each) for each in OLD}
    )
    await world.passes(hours=1)
    await world.hears_again()
    await world.passes(hours=1)
    assert world.said == []


async def test_looking_again_and_again_greets_nobody_twice(world: World) -> None:
    await world.joins("豆豆妈")
    for _ in range(5):
        await world.looks()
        await world.passes(minutes=10)
    assert world.greeted == ["豆豆妈"]


# Half lists


async def test_an_empty_list_is_not_believed_at_once(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.joins("豆豆妈", group="g2")
    await world.passes(seconds=1)
    await world.happens(only(world.gateway.show(GroupId("g2"))))
    await world.passes(minutes=1)
    await world.looks("g2")
    await world.passes(hours=1)
    assert world.greeted == ["豆豆妈"]


async def test_a_half_list_is_believed_when_it_is_seen_twice(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.joins("豆豆妈", group="g2")
    await world.passes(seconds=1)
    half = ("bot", *OLD[:6])
    await world.happens(only(world.gateway.show(GroupId("g2")), *half))
    await world.happens(only(world.gateway.show(GroupId("g2")), *half))
    await world.passes(hours=1)
    assert world.heard(group="g2") == []


async def test_two_different_half_lists_are_not_the_same_list_twice(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.happens(only(world.gateway.show(GroupId("g2"))))
    await world.happens(only(world.gateway.show(GroupId("g2")), "bot", *OLD[:4]))
    await world.looks("g2")
    await world.passes(hours=1)
    assert world.said == []


async def test_a_list_a_little_smaller_is_believed(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.joins("豆豆妈", group="g2")
    await world.passes(seconds=1)
    await world.happens(only(world.gateway.show(GroupId("g2")), "bot", *OLD[:9]))
    await world.passes(hours=1)
    assert world.heard(group="g2") == []


async def test_an_empty_first_look_is_no_baseline(world: World) -> None:
    world.gateway.open_room(
        GroupId("g2"), "杭州·2026年3-5月·妇幼·02", {PersonId(each): Profile(each) for each in OLD}
    )
    empty = only(world.gateway.show(GroupId("g2")))
    await world.happens(empty)
    await world.happens(empty)
    await world.looks("g2")
    await world.passes(hours=1)
    assert world.said == []


# A list is as old as it is


async def test_who_joined_after_the_list_was_taken_is_not_thrown_out_by_it(
    world: World,
) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    taken = world.gateway.show(GroupId("g2"))
    await world.passes(seconds=2)
    await world.joins("豆豆妈", group="g2")
    await world.happens(taken)
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_who_left_after_the_list_was_taken_is_not_brought_back_by_it(
    world: World,
) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.joins("豆豆妈", group="g2")
    taken = world.gateway.show(GroupId("g2"))
    await world.passes(seconds=2)
    await world.leaves("豆豆妈", group="g2")
    await world.happens(taken)
    await world.passes(minutes=1)
    assert world.said == []


async def test_a_join_told_again_after_a_look_found_her_gone(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    joined = MemberJoined(
        account=ACCOUNT,
        at=world.clock.now(),
        group=GroupId("g2"),
        person=PersonId("豆豆妈"),
        profile=Profile("豆豆妈"),
    )
    await world.happens(joined)
    await world.passes(seconds=2)
    await world.looks("g2")
    await world.happens(joined)
    await world.passes(hours=1)
    assert world.said == []


async def test_a_leave_told_after_she_came_back_does_not_throw_her_out(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(seconds=5)
    now = world.clock.now()
    left = MemberLeft(
        account=ACCOUNT, at=now - timedelta(seconds=3), group=GROUP, person=PersonId("豆豆妈")
    )
    await world.joins("豆豆妈")
    await world.happens(left)
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


# Who speaks is there


async def test_a_speaker_whose_join_was_missed_is_greeted_once_a_look_finds_her(
    world: World,
) -> None:
    await world.says("豆豆妈", "大家好")
    await world.passes(minutes=5)
    assert world.said == []
    await world.looks()
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_a_speaker_whose_join_is_told_late_is_greeted(world: World) -> None:
    await world.says("豆豆妈", "大家好")
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_we_ourselves_are_not_counted(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈")
    await world.looks()
    await world.leaves("米粒妈")

    async def members(facts: Unit) -> int:
        group = await facts.groups.peek(GROUP)
        assert group is not None
        return group.members

    assert await world.transactions.read(members) == 1


# Released


async def test_a_released_group_is_left_in_peace(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(seconds=8.5)
    await world.happens(GroupReleased(at=world.clock.now(), by="运营", group=GROUP))
    await world.joins("米粒妈")
    await world.looks()
    await world.passes(days=3)
    assert [each.message.kind for each in world.said] == [Kind.WELCOME]
