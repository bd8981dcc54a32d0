"""A monitor sees who filled in the form for her group, and nobody else in chat does."""

from datetime import timedelta

import pytest

from bot.http.visitors import visitor_of
from handlers.registry import policy
from models.entry import Baby
from models.events import VisitorErased
from models.ids import PersonId
from models.messages import Kind
from models.people import Profile, Role
from tests.world import GROUP, NAME, World

MONITOR, ASSISTANT, MEMBER, STAFF = "班长", "小助理", "小雨妈妈", "运营姐姐"
BROWSERS = [f"browser number {n:02} of somebody" for n in range(30)]


@pytest.fixture
async def group(world: World) -> World:
    await world.joins(MONITOR, ASSISTANT, MEMBER, STAFF)
    await world.becomes(MONITOR, Role.MONITOR)
    await world.becomes(ASSISTANT, Role.ASSISTANT)
    await world.becomes(STAFF, Role.MONITOR, group=None)
    await world.makes_code()
    await world.passes(minutes=10)
    return world


async def asks(world: World, name: str, words: str = "/登记") -> str:
    """In private."""
    before = len(world.said)
    await world.tells_us(name, words)
    await world.passes(seconds=4)
    told = [each.message for each in world.said[before:]]
    return "\n".join(each.text for each in told if each.to == name)


async def comes(world: World, browser: str, person: str) -> None:
    """Into the group, by a way that carried her ticket."""
    ticket = (await world.visitor(browser)).ticket
    assert ticket is not None
    world.gateway.join(GROUP, PersonId(person), Profile(person), state=ticket)
    await world.passes(minutes=1)


async def test_she_sees_who_is_coming_and_who_came(group: World) -> None:
    await group.answers(BROWSERS[0], "米粒", "2026-04-10")
    await group.answers(BROWSERS[1], "桃子", "2026-03-01", baby=Baby.BORN)
    await group.passes(days=1)
    await group.answers(BROWSERS[2], "豆豆", "2026-05-31")
    await comes(group, BROWSERS[1], "u1")
    assert (await asks(group, MONITOR)).splitlines() == [
        f"【{NAME}】最近填过表的：",
        "还没进群2位",
        "· 豆豆，预产期2026年5月31日，3月3日填的",
        "· 米粒，预产期2026年4月10日，3月2日填的",
        "已进群1位",
        "· 桃子，宝宝2026年3月1日出生，3月3日进群",
        policy.KEEP_IT,
    ]


async def test_where_nobody_filled_in_the_form_she_is_told_so(group: World) -> None:
    assert await asks(group, MONITOR) == f"【{NAME}】{policy.NOBODY}"


async def test_the_newest_twenty_are_enough(group: World) -> None:
    for n, browser in enumerate(BROWSERS[:23]):
        await group.answers(browser, f"第{n:02}位")
        await group.passes(minutes=1)
    told = await asks(group, MONITOR)
    assert "还没进群20位" in told
    assert "第22位" in told
    assert "第03位" in told
    assert "第02位" not in told


async def test_who_is_long_expected_is_expected_no_more(group: World) -> None:
    await group.rules(entry={"seat_kept": timedelta(days=30).total_seconds()})
    await group.answers(BROWSERS[0], "米粒")
    await group.passes(days=29)
    assert "米粒" in await asks(group, MONITOR)
    await group.passes(days=2)
    assert "米粒" not in await asks(group, MONITOR)


async def test_who_left_again_or_is_forgotten_is_not_listed(group: World) -> None:
    await group.answers(BROWSERS[0], "米粒")
    await comes(group, BROWSERS[0], "u1")
    await group.answers(BROWSERS[1], "桃子")
    told = await asks(group, MONITOR)
    assert "米粒" in told
    assert "桃子" in told
    await group.leaves("u1")
    erased = VisitorErased(at=group.clock.now(), visitor=visitor_of(BROWSERS[1]))
    await group.happens(erased)
    assert await asks(group, MONITOR) == f"【{NAME}】{policy.NOBODY}"


async def test_another_groups_are_another_monitors(group: World) -> None:
    await group.opens("g2", "杭州·2026年6-8月·妇幼·01", ("别的班长",))
    await group.becomes("别的班长", Role.MONITOR, group="g2")
    await group.answers(BROWSERS[0], "米粒", "2026-04-10")
    await group.answers(BROWSERS[1], "桃子", "2026-07-10")
    hers = await asks(group, MONITOR)
    others = await asks(group, "别的班长")
    assert ("米粒" in hers, "桃子" in hers) == (True, False)
    assert ("米粒" in others, "桃子" in others) == (False, True)


@pytest.mark.parametrize("person", [ASSISTANT, MEMBER, STAFF])
async def test_nobody_else_is_told(person: str, group: World) -> None:
    """Assistants are not, and staff who lead every group are not."""
    await group.answers(BROWSERS[0], "米粒")
    for words in ("/登记", "登记", "/registry"):
        told = await asks(group, person, words)
        assert told
        assert "米粒" not in told
        assert "2026年4月" not in told
    assert await asks(group, "路人") == ""


async def test_in_the_group_it_points_at_the_private_chat(group: World) -> None:
    await group.answers(BROWSERS[0], "米粒")
    assert await group.types(MONITOR, "/登记") == policy.IN_PRIVATE
    assert await group.types(ASSISTANT, "/登记") == policy.FOR_THE_MONITOR
    assert not any("米粒" in each.message.text for each in group.heard(group=GROUP))


async def test_what_she_was_told_is_not_kept(group: World) -> None:
    await group.answers(BROWSERS[0], "米粒")
    assert "米粒" in await asks(group, MONITOR)

    async def texts() -> list[str]:
        found = await group.transactions.read(
            lambda facts: facts.outbox.texts(
                [each.message.key for each in group.heard(Kind.REPLY)], PersonId(MONITOR)
            )
        )
        return list(found.values())

    assert await texts() == [""]
