"""Who joins a group is known for who filled in the form, where anything tells; else unknown."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.http.visitors import visitor_of
from handlers.entry.matching import suggested_nickname
from models.entry import MatchedBy, Visitor
from models.events import MemberJoined, PersonErased, PlaceAsked
from models.groups import Ability
from models.ids import GroupId, PersonId
from models.people import Profile, Role
from models.tables import AccountRow, GroupRow
from tests.world import ACCOUNT, GROUP, World

SECOND, SECOND_NAME = GroupId("g2"), "杭州·2026年3-5月·妇幼·02"
SUMMER, SUMMER_NAME = GroupId("g6"), "杭州·2026年6-8月·妇幼·01"


@pytest.fixture
async def door(world: World) -> World:
    await world.makes_code()
    return world


async def comes(
    world: World,
    person: str,
    name: str,
    nickname: str = "",
    *,
    group: str = GROUP,
    state: str = "",
) -> None:
    """Into the group, under a name that is not her platform id."""
    profile = Profile(name, nickname)
    world.gateway.join(GroupId(group), PersonId(person), profile, state=state)
    await world.passes(seconds=1)


async def is_known(world: World, browser: str) -> tuple[str | None, MatchedBy | None]:
    visitor = await world.visitor(browser)
    assert visitor.has_joined == (visitor.matched_by is not None) == (visitor.person is not None)
    return visitor.person, visitor.matched_by


UNKNOWN = (None, None)


# By her name


async def test_she_is_known_by_her_name(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.passes(minutes=5)
    at = door.clock.now()
    await comes(door, "wx1", "小雨🌸")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)
    visitor = await door.visitor("b1")
    assert (visitor.joined_in, visitor.joined_at, visitor.left_at) == (GROUP, at, None)


async def test_she_is_known_once_she_has_a_nickname(door: World) -> None:
    visitor = await door.answers("b1", "小雨")
    await door.passes(minutes=5)
    came = door.clock.now()
    await comes(door, "wx1", "夏天的风")
    assert await is_known(door, "b1") == UNKNOWN
    await door.passes(days=1)
    nickname = await suggestion(door, visitor)
    await door.calls_herself("wx1", nickname)
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)
    assert (await door.visitor("b1")).joined_at == came, "not when she was recognised"


async def suggestion(world: World, visitor: Visitor) -> str:
    group = await world.transactions.read(lambda facts: facts.groups.peek(GROUP))
    assert group is not None
    return suggested_nickname(visitor, group, date(2026, 3, 3))


async def test_a_name_that_reads_as_an_age_is_known_by_the_whole_nickname(door: World) -> None:
    visitor = await door.answers("b1", "5月小雨")
    await comes(door, "wx1", "夏天的风", await suggestion(door, visitor))
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)


@pytest.mark.parametrize("name", ["宝妈", "妈妈", "🌸"])
async def test_what_anybody_is_called_tells_nobody(door: World, name: str) -> None:
    await door.answers("b1", name)
    await comes(door, "wx1", name)
    assert await is_known(door, "b1") == UNKNOWN


async def test_namesakes_stay_unknown(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.answers("b2", "小雨", "2026-04-12")
    await comes(door, "wx1", "小雨")
    await comes(door, "wx2", "小雨")
    assert [await is_known(door, each) for each in ("b1", "b2")] == [UNKNOWN] * 2


async def test_namesakes_are_told_apart_by_their_babies(door: World) -> None:
    await door.answers("b1", "小雨", "2026-03-05")
    await door.answers("b2", "小雨", "2026-05-28")
    await comes(door, "wx2", "小雨")
    await door.calls_herself("wx2", "杭州-孕27周-小雨")
    assert await is_known(door, "b1") == UNKNOWN
    assert await is_known(door, "b2") == ("wx2", MatchedBy.NICKNAME)
    await comes(door, "wx1", "小雨")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME), "the only one left"


@pytest.mark.parametrize("scanned", [False, True])
async def test_who_was_there_before_is_nobody_who_is_awaited(door: World, scanned: bool) -> None:
    if scanned:
        await door.scans("b1")
        await door.passes(minutes=1)
    await comes(door, "wx1", "夏天的风")
    await door.passes(minutes=1)
    await door.answers("b1", "小雨")
    await door.calls_herself("wx1", "杭州-孕34周-小雨")
    assert await is_known(door, "b1") == UNKNOWN


async def test_she_is_not_looked_for_in_another_group(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.opens(SECOND, SECOND_NAME)
    await comes(door, "wx1", "小雨", group=SECOND)
    assert await is_known(door, "b1") == UNKNOWN


async def test_who_works_here_is_not_taken_for_a_mother(door: World) -> None:
    await door.becomes("wx1", Role.HOST, None)
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    assert await is_known(door, "b1") == UNKNOWN


async def test_one_person_is_one_visitor_of_a_group(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.answers("b2", "大雨")
    await comes(door, "wx1", "小雨")
    await door.calls_herself("wx1", "杭州-孕34周-大雨")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)
    assert await is_known(door, "b2") == UNKNOWN


async def test_who_joined_while_nobody_looked_is_known(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.goes_deaf()
    await door.passes(days=2)
    door.gateway.join(GROUP, PersonId("wx1"), Profile("小雨"))
    await door.hears_again()
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)


async def test_who_comes_after_her_seat_lapsed_is_known(door: World) -> None:
    await door.answers("b1", "小雨")
    await door.passes(days=4)
    await comes(door, "wx1", "小雨")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.NICKNAME)


async def test_many_who_join_at_once_are_all_known(door: World) -> None:
    names = [f"妈妈{n:03}号" for n in range(60)]
    for name in names:
        await door.answers(f"browser of {name}", name)
    await door.passes(minutes=1)
    for name in names:
        door.gateway.join(GROUP, PersonId(f"wx {name}"), Profile("x", f"杭州-孕34周-{name}"))
    await door.passes(seconds=1)
    for name in names:
        known = await is_known(door, f"browser of {name}")
        assert known == (f"wx {name}", MatchedBy.NICKNAME)


# By the way in, and by her ticket


async def test_she_is_known_by_what_the_way_in_carried(door: World) -> None:
    visitor = await door.answers("b1", "小雨")
    await door.answers("b2", "大雨")
    await comes(door, "wx1", "大雨", state=visitor.ticket or "")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.STATE)
    assert await is_known(door, "b2") == UNKNOWN


@pytest.mark.parametrize("state", ["channel-7", "000000", "123456"])
async def test_a_state_that_is_nobodys_ticket_says_nothing(door: World, state: str) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "x", state=state)
    assert await is_known(door, "b1") == UNKNOWN
    await comes(door, "wx2", "小雨", state=state)
    assert await is_known(door, "b1") == ("wx2", MatchedBy.NICKNAME)


async def test_a_ticket_of_long_ago_says_nothing(door: World) -> None:
    visitor = await door.answers("b1", "小雨")
    await door.passes(days=30, minutes=1)
    await comes(door, "wx1", "x", state=visitor.ticket or "")
    assert await is_known(door, "b1") == UNKNOWN


async def test_she_is_known_by_the_ticket_she_showed(door: World) -> None:
    visitor = await door.answers("b1", "小雨")
    await door.tells_us("wx1", visitor.ticket or "")
    await door.passes(minutes=1)
    await comes(door, "wx1", "夏天的风")
    known = await door.visitor("b1")
    assert (known.person, known.matched_by, known.joined_in) == ("wx1", MatchedBy.TICKET, GROUP)


async def test_she_is_known_by_the_ticket_she_shows_in_the_group_already(door: World) -> None:
    visitor = await door.answers("b1", "小雨")
    await nobody_can_invite(door)
    await door.passes(minutes=1)
    came = door.clock.now()
    await comes(door, "wx1", "夏天的风")
    assert await is_known(door, "b1") == UNKNOWN
    await door.passes(hours=1)
    await door.tells_us("wx1", visitor.ticket or "")
    assert await is_known(door, "b1") == ("wx1", MatchedBy.TICKET)
    assert (await door.visitor("b1")).joined_at == came


async def nobody_can_invite(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(
            update(AccountRow).values(abilities=[Ability.SHOWS_QR, Ability.ACCEPTS_FRIENDS])
        )


async def test_by_her_ticket_she_is_known_in_another_group_of_her_cohort(door: World) -> None:
    await nobody_can_invite(door)
    visitor = await door.answers("b1", "小雨")
    await door.tells_us("wx1", visitor.ticket or "")
    await door.opens(SECOND, SECOND_NAME)
    await door.opens(SUMMER, SUMMER_NAME)
    await door.passes(minutes=1)
    await comes(door, "wx1", "夏天的风", group=SUMMER)
    assert not (await door.visitor("b1")).has_joined, "her first child's group, perhaps"
    await comes(door, "wx1", "夏天的风", group=SECOND)
    known = await door.visitor("b1")
    assert (known.joined_in, known.group) == (SECOND, SECOND)


async def test_who_waits_and_joins_waits_no_more(door: World) -> None:
    await nobody_can_invite(door)
    async with door.engine.begin() as connection:
        await connection.execute(update(GroupRow).values(members=200))
    visitor = await door.answers("b1", "小雨")
    assert visitor.waiting_since is not None
    await door.tells_us("wx1", visitor.ticket or "")
    await door.passes(minutes=1)
    await comes(door, "wx1", "夏天的风")
    known = await door.visitor("b1")
    assert (known.joined_in, known.waiting_since) == (GROUP, None)


# Leaving, and coming back


async def test_she_leaves_and_comes_back(door: World) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    joined = (await door.visitor("b1")).joined_at
    await door.passes(days=1)
    await door.leaves("wx1")
    gone = await door.visitor("b1")
    assert (gone.left_at, gone.joined_in, gone.group) == (door.clock.now(), GROUP, None)
    await door.passes(days=1)
    await comes(door, "wx1", "另一个名字")
    back = await door.visitor("b1")
    assert (back.left_at, back.joined_at, back.group) == (None, joined, GROUP)


async def test_who_left_may_look_for_a_group_again(door: World) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    await door.passes(days=1)
    await door.leaves("wx1")
    await door.opens(SUMMER, SUMMER_NAME)
    again = await door.answers("b1", "小雨", "2026-07-01")
    assert again.group == SUMMER
    await door.passes(minutes=1)
    await comes(door, "wx1", "小雨", group=SUMMER)
    known = await door.visitor("b1")
    assert (known.joined_in, known.left_at, known.is_in) == (SUMMER, None, True)


async def test_who_left_gets_her_place_again(door: World) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    await door.leaves("wx1")
    asked = PlaceAsked(at=door.clock.now(), visitor=visitor_of("b1"))
    await door.happens(asked)
    assert (await door.visitor("b1")).group == GROUP


async def test_who_moves_to_another_group_of_hers_has_not_left(door: World) -> None:
    """In whichever order: she joins the other one before she leaves the first."""
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    joined = (await door.visitor("b1")).joined_at
    await door.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await comes(door, "wx1", "小雨", group="g2")
    await door.leaves("wx1")
    moved = await door.visitor("b1")
    assert (moved.joined_in, moved.group) == ("g2", "g2")
    assert (moved.left_at, moved.joined_at, moved.is_in) == (None, joined, True)
    await door.leaves("wx1", group="g2")
    assert not (await door.visitor("b1")).is_in


async def test_another_who_leaves_changes_nothing(door: World) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    await comes(door, "wx2", "大雨")
    await door.leaves("wx2")
    assert (await door.visitor("b1")).left_at is None


async def test_she_is_known_once_however_often_it_is_told(door: World) -> None:
    await door.answers("b1", "小雨")
    await comes(door, "wx1", "小雨")
    before = await door.visitor("b1")
    await door.passes(minutes=1)
    again = MemberJoined(
        account=ACCOUNT,
        at=door.clock.now() - timedelta(minutes=1),
        group=GROUP,
        person=PersonId("wx1"),
        profile=Profile("小雨"),
    )
    await door.happens(again)
    await door.looks()
    assert await door.visitor("b1") == before


async def test_who_was_erased_is_not_looked_for(door: World) -> None:
    await comes(door, "wx1", "夏天的风")
    erased: Any = PersonErased(at=door.clock.now(), by="运营小王", person=PersonId("wx1"))
    await door.happens(erased)
    await door.answers("b1", "小雨")
    await door.calls_herself("wx1", "杭州-孕34周-小雨")
    assert await is_known(door, "b1") == UNKNOWN
