"""A mother joins and is greeted in three steps; many join, and nobody is flooded."""

import pytest

from models.ids import GroupId, PersonId
from models.messages import Kind
from models.people import Profile
from tests.http.api import items
from tests.world import GROUP, World, shanghai

ROUND = [Kind.WELCOME, Kind.NICKNAME, Kind.RULES]


async def test_a_newcomer_alone_is_greeted_in_three_steps_within_seconds(world: World) -> None:
    joined = world.clock.now()
    await world.joins("豆豆妈")
    await world.passes(seconds=7)
    assert world.said == []
    await world.passes(seconds=8)
    assert [each.message.kind for each in world.said] == ROUND
    assert world.seconds_to_welcome(joined) == [8]
    welcome, nickname, rules = (each.message for each in world.said)
    assert "@豆豆妈\u2005" in welcome.text
    assert "杭州" in welcome.text
    assert "2026年3-5月" in welcome.text
    assert "杭州-孕33周-小雨" in nickname.text
    assert len(rules.text.splitlines()) <= 5


async def test_the_steps_keep_their_distance(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    first, second, third = (each.at for each in world.said)
    assert 1.5 <= (second - first).total_seconds() <= 2.5
    assert 1.5 <= (third - second).total_seconds() <= 2.5


async def test_those_who_join_within_the_calm_delay_are_greeted_together(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(seconds=5)
    await world.joins("米粒妈")
    await world.passes(minutes=5)
    assert world.rounds == [["米粒妈", "豆豆妈"]]


async def test_a_second_newcomer_waits_out_the_gap(world: World) -> None:
    start = world.clock.now()
    await world.joins("豆豆妈")
    await world.passes(seconds=30)
    await world.joins("米粒妈")
    await world.passes(minutes=30)
    # Two joined within ten minutes: 2 min + a quarter of the way to 15 min, after the first round.
    assert world.seconds_to_welcome(start) == [8, 8 + 120 + (900 - 120) / 4]


async def test_newcomers_in_a_peak_are_greeted_together(world: World) -> None:
    start = world.clock.now()
    for n in range(30):
        await world.joins(f"妈妈{n:02}")
        await world.passes(seconds=10)
    await world.passes(hours=2)
    assert [len(each) for each in world.rounds] == [1, 29]
    assert sorted(world.greeted) == [f"妈妈{n:02}" for n in range(30)]
    assert world.seconds_to_welcome(start) == [8, 8 + 1800]
    text = world.heard(Kind.WELCOME)[1].message.text
    assert text.count("@") == 5
    assert "等29位" in text


async def test_120_joins_within_an_hour_make_few_rounds(world: World) -> None:
    for n in range(120):
        await world.joins(f"妈妈{n:03}")
        await world.passes(seconds=30)
    await world.passes(hours=1)
    assert sorted(world.greeted) == [f"妈妈{n:03}" for n in range(120)]
    assert 3 <= len(world.rounds) <= 5


async def test_one_who_left_before_the_round_is_not_named(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈")
    await world.leaves("豆豆妈")
    await world.passes(minutes=5)
    assert world.greeted == ["米粒妈"]
    assert "豆豆妈" not in world.said[0].message.text


async def test_nothing_is_said_when_all_have_left(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈")
    await world.leaves("豆豆妈", "米粒妈")
    await world.passes(hours=1)
    assert world.said == []


async def test_one_who_left_ungreeted_is_greeted_when_she_returns(world: World) -> None:
    await world.joins("豆豆妈")
    await world.leaves("豆豆妈")
    await world.passes(hours=1)
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


@pytest.mark.parametrize(("days", "times"), [(29, 1), (31, 2)])
async def test_a_greeted_one_who_returns_soon_is_not_greeted_again(
    world: World, days: int, times: int
) -> None:
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    await world.leaves("豆豆妈")
    await world.passes(days=days)
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"] * times


async def test_who_joins_at_night_is_greeted_once_in_the_morning(world: World) -> None:
    await world.until("2026-03-02 23:30")
    await world.joins("豆豆妈")
    await world.until("2026-03-03 03:00")
    await world.joins("米粒妈")
    await world.until("2026-03-03 07:29")
    assert world.said == []
    await world.until("2026-03-03 08:00")
    assert world.rounds == [["米粒妈", "豆豆妈"]]
    assert world.said[0].at == shanghai("2026-03-03 07:30")


async def test_staff_and_the_bot_are_not_greeted(world: World) -> None:
    async with world.admin() as http:
        answer = await http.put("/api/v1/staff/客服小李", json={"role": "assistant"})
        assert answer.status_code == 200
        answer = await http.put("/api/v1/groups/g1/members/班长/role", json={"role": "monitor"})
        assert answer.status_code == 200
    await world.joins("客服小李", "班长", "bot", "豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_those_who_were_there_before_us_are_not_greeted(world: World) -> None:
    await world.opens("g2", "杭州 2026年3-5月 妇幼 2", people=("老成员", "另一位"))
    await world.passes(hours=1)
    assert world.said == []
    await world.joins("豆豆妈", group="g2")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_a_room_with_another_name_is_left_in_peace_until_it_is_adopted(
    world: World,
) -> None:
    await world.opens("g2", "周末爬山群", people=("老王",))
    await world.joins("豆豆妈", group="g2")
    await world.passes(hours=1)
    assert world.said == []
    async with world.admin() as http:
        listed = await items(http, "/groups", standing="listed")
        assert [each["name"] for each in listed] == ["周末爬山群"]
        answer = await http.post(
            "/api/v1/groups/g2/adopt",
            json={"city": "杭州", "channel": "妇幼", "birth_window": "2026-03"},
        )
        assert answer.status_code == 200, answer.text
    await world.looks("g2")
    await world.joins("米粒妈", group="g2")
    await world.passes(minutes=1)
    assert world.greeted == ["米粒妈"]


async def test_a_room_renamed_by_the_rule_becomes_ours(world: World) -> None:
    await world.opens("g2", "新群")
    world.gateway.retitle(GroupId("g2"), "苏州_2026年6-8月_妇幼_1")
    await world.looks("g2")
    await world.joins("豆豆妈", group="g2")
    await world.passes(minutes=1)
    assert "苏州2026年6-8月" in world.said[0].message.text


@pytest.mark.parametrize(
    "name", ["🌸豆豆🌸", "dave.*+?[", "שלום", "名\n字", "{{ 7*7 }}", "{% raw %}", "", "\u202e反"]
)
async def test_a_name_is_nothing_special(world: World, name: str) -> None:
    world.gateway.join(GROUP, PersonId("u1"), Profile(name))
    await world.passes(minutes=1)
    assert world.greeted == ["u1"]
    shown = " ".join(name.split()) or "新朋友"
    assert f"@{shown}\u2005" in world.said[0].message.text
