"""Which groups there are, and what they look like, as far as the app may see."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.base import Unreachable
from bot.gateways.wecom.looking import A_PAGE, MOST_OWNERS
from models.events import AccountUp, MemberJoined
from models.ids import GroupId
from models.people import Profile
from tests.gateways.listening import Listener, listening
from tests.gateways.wecom.answers import START, Time
from tests.gateways.wecom.conftest import GROUP, NAME, customer
from tests.gateways.wecom.office import Office

LIST = "externalcontact/groupchat/list"
OWNERS = [f"owner{number:03}" for number in range(MOST_OWNERS + 20)]


async def test_all_groups_are_found_over_several_pages(office: Office) -> None:
    for number in range(A_PAGE + 5):
        office.corp.open_chat(f"wrx{number}", NAME, "linyue")
    async with listening(office.gateway):
        assert len(set(await office.gateway.rooms())) == A_PAGE + 6


async def test_groups_of_the_named_owners_are_found_a_hundred_owners_at_a_time(
    engine: AsyncEngine, time: Time
) -> None:
    names = {each: each for each in (*OWNERS, "wangmin")}
    office = Office(engine, time, names, owners=tuple(OWNERS), wait=time.wait)
    for number, owner in enumerate([OWNERS[0], OWNERS[-1], "wangmin"]):
        office.corp.open_chat(f"wr{number}", NAME, owner)
    office.corp.groups.too_many_members = True
    async with listening(office.gateway):
        assert await office.gateway.rooms() == ["wr0", "wr1"]
    asked = [len(each.body["owner_filter"]["userid_list"]) for each in office.corp.calls_of(LIST)]
    assert max(asked) == MOST_OWNERS
    await office.aclose()


async def test_too_wide_a_range_is_told_in_words(office: Office) -> None:
    office.corp.groups.too_many_members = True
    with pytest.raises(Unreachable, match="name the group owners"):
        await office.gateway.probe([])
    listener = Listener(office.gateway)
    office.corp.groups.too_many_members = False
    await listener.hears(AccountUp)
    office.corp.groups.too_many_members = True
    with pytest.raises(Unreachable, match="81017"):
        await office.gateway.rooms()
    await office.aclose()
    await listener.reading


async def test_names_and_nicknames_come_with_a_look(office: Office) -> None:
    office.corp.calls_herself(GROUP, customer("doudou"), "杭州-孕28周-豆豆")
    async with listening(office.gateway):
        room = await office.gateway.look(GroupId(GROUP))
        assert room.name == NAME
        assert room.profiles == {
            office.staff("linyue"): Profile("林悦"),
            customer("doudou"): Profile("豆豆妈", "杭州-孕28周-豆豆"),
        }
        nobody = await office.gateway.profile(GroupId(GROUP), customer("xiaoyu"))
        assert nobody == Profile("")


async def test_a_group_whose_owner_is_out_of_range_is_told_in_words(office: Office) -> None:
    office.corp.hires("newbie", "新人")
    office.corp.open_chat("wr2", NAME, "newbie")
    async with listening(office.gateway):
        assert await office.gateway.rooms() == [GROUP]
        with pytest.raises(Unreachable, match="visible range"):
            await office.gateway.look(GroupId("wr2"))
        assert office.gateway.link.up


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 19, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 19, 29, tzinfo=UTC), datetime(2026, 3, 2, 19, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 19, 30, tzinfo=UTC), datetime(2026, 3, 3, 19, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 3, 19, 30, tzinfo=UTC)),
    ],
    ids=["evening", "just-before", "just-then", "morning"],
)
async def test_all_groups_are_looked_at_every_night(
    office: Office, now: datetime, then: datetime
) -> None:
    assert office.gateway.next_round(now) == then


async def test_a_look_waits_for_what_it_was_told_of_but_not_for_ever(
    office: Office, time: Time
) -> None:
    office.corp.groups_lag_by(timedelta(hours=1))
    async with listening(office.gateway) as listener:
        office.corp.joins(GROUP, customer("xiaoyu"), "小雨妈")
        await office.calls_us()
        await listener.hears(MemberJoined)
        room = await office.gateway.look(GroupId(GROUP))
    assert customer("xiaoyu") not in room.members
    assert timedelta(seconds=6) < time.now() - START < timedelta(seconds=12)
