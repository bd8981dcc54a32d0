"""What happens in groups is heard: all of it, once, and with whoever it happened to."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.gateway import WeComGateway
from handlers.context import Context
from handlers.router import Router
from models.delivery import Refused
from models.events import (
    FriendMade,
    GroupDissolved,
    GroupRenamed,
    GroupSeen,
    GroupStirred,
    MemberJoined,
    MemberLeft,
)
from models.groups import Standing
from models.ids import GroupId
from models.people import Role
from models.stores.unit import Unit
from models.tables import DeadLetterRow, InboxRow
from tests.gateways.listening import Listener, listening
from tests.gateways.wechaty.conftest import outgoing
from tests.gateways.wecom.answers import Time
from tests.gateways.wecom.conftest import GROUP, customer
from tests.gateways.wecom.fake import VERSIONS, Quirks
from tests.gateways.wecom.office import Office
from tests.gateways.wecom.service import running

DOUDOU, XIAOYU, ANAN = customer("doudou"), customer("xiaoyu"), customer("anan")
END = "完了"
LAG = timedelta(seconds=2)


async def all_of(office: Office, listener: Listener) -> None:
    """Waits until whatever was told before is heard: a new name comes last."""
    office.corp.renamed(GROUP, END)
    await office.calls_us()
    await listener.hears(GroupRenamed)


async def unhandled(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        count = select(func.count()).where(
            InboxRow.handled_at.is_(None) | InboxRow.body.is_not(None)
        )
        return await connection.scalar(count) or 0


# Who comes and goes


async def test_two_who_join_in_the_same_second_are_both_told(office: Office) -> None:
    async with listening(office.gateway) as listener:
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        office.corp.joins(GROUP, ANAN, "安安妈")
        await office.calls_us()
        joined = await listener.hears(MemberJoined, 2)
        told = [(each.person, each.profile.name) for each in joined]
        assert told == [(XIAOYU, "小雨妈"), (ANAN, "安安妈")]


async def test_a_join_is_told_with_its_inviter_and_what_the_way_carried(office: Office) -> None:
    corp = office.corp
    async with listening(office.gateway) as listener:
        corp.invited_by(GROUP, "chenxi", XIAOYU, "小雨妈")
        corp.office.add(corp.chats[GROUP], [corp.groups.newcomer(ANAN, "安安妈", 3, state="k7")])
        await office.calls_us()
        by_hand, by_code = await listener.hears(MemberJoined, 2)
        assert (by_hand.inviter, by_hand.state) == (office.staff("chenxi"), "")
        assert (by_code.inviter, by_code.state) == (None, "k7")


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(copies=3),
        Quirks(comma_joined=True),
        Quirks(cdata_items=True),
        Quirks(omitted=frozenset({"QuitScene"})),
        Quirks(omitted=frozenset({"MemChangeCnt"})),
    ],
    ids=["plain", "thrice", "commas", "cdata", "no-quit-scene", "no-count"],
)
async def test_however_it_is_told_each_is_told_once(office: Office, quirks: Quirks) -> None:
    office.pusher.always = quirks
    async with listening(office.gateway) as listener:
        await office.gateway.look(GroupId(GROUP))
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        office.corp.join_together(GROUP, {ANAN: "安安妈", customer("lele"): "乐乐妈"})
        await office.calls_us()
        office.pusher.always = Quirks()
        await all_of(office, listener)
        joined = [each.person for each in listener.all(MemberJoined)]
        assert joined == [XIAOYU, ANAN, customer("lele")]
        assert listener.all(GroupStirred) == []


async def test_who_was_removed_is_told_from_who_left(office: Office) -> None:
    for person, name in ((XIAOYU, "小雨妈"), (ANAN, "安安妈")):
        office.corp.joins(GROUP, person, name)
    office.corp.office.events.clear()
    async with listening(office.gateway) as listener:
        office.corp.leaves(GROUP, XIAOYU)
        office.corp.removed(GROUP, ANAN)
        await office.calls_us()
        office.pusher.next_is(Quirks(omitted=frozenset({"QuitScene"})))
        office.corp.removed(GROUP, DOUDOU)
        await office.calls_us()
        went = [(each.person, each.by) for each in await listener.hears(MemberLeft, 3)]
        assert went == [(XIAOYU, None), (ANAN, office.staff("linyue")), (DOUDOU, None)]


async def test_a_colleague_who_joins_is_told_as_one(office: Office) -> None:
    async with listening(office.gateway) as listener:
        office.corp.invited_by(GROUP, "linyue", "wangmin")
        await office.calls_us()
        (joined,) = await listener.hears(MemberJoined)
        assert joined.person == office.staff("wangmin")


async def test_colleagues_in_the_group_work_there(office: Office) -> None:
    for userid in ("chenxi", "wangmin"):
        office.corp.invited_by(GROUP, "linyue", userid)
    office.corp.chats[GROUP].admins.append("chenxi")
    async with listening(office.gateway):
        room = await office.gateway.look(GroupId(GROUP))
    assert room.owner == office.staff("linyue")
    assert room.staff == {
        office.staff("linyue"): Role.MONITOR,
        office.staff("chenxi"): Role.ASSISTANT,
        office.staff("wangmin"): Role.HOST,
    }


# What was not told, or otherwise than it happened


async def test_where_a_callback_was_lost_the_group_is_looked_at(office: Office) -> None:
    async with listening(office.gateway) as listener:
        await office.gateway.look(GroupId(GROUP))
        office.pusher.next_is(Quirks(dropped=True))
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        office.corp.joins(GROUP, ANAN, "安安妈")
        await office.calls_us()
        (stirred,) = await listener.hears(GroupStirred)
        assert stirred.group == GROUP
        assert [each.person for each in listener.all(MemberJoined)] == [ANAN]


async def test_where_callbacks_overtake_one_another_the_group_is_looked_at(
    office: Office,
) -> None:
    async with listening(office.gateway) as listener:
        await office.gateway.look(GroupId(GROUP))
        office.pusher.next_is(Quirks(held=True))
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        office.corp.leaves(GROUP, XIAOYU)
        await office.calls_us()
        await office.pusher.release()
        await all_of(office, listener)
        assert len(listener.all(GroupStirred)) == 2
        assert [each.person for each in listener.all(MemberJoined)] == [XIAOYU]
        assert [each.person for each in listener.all(MemberLeft)] == [XIAOYU]


@pytest.mark.parametrize(
    "omitted", [VERSIONS, frozenset({"MemChangeList"})], ids=["versions", "who"]
)
async def test_where_too_little_is_told_the_group_is_looked_at(
    office: Office, omitted: frozenset[str]
) -> None:
    office.pusher.always = Quirks(omitted=omitted)
    async with listening(office.gateway) as listener:
        await office.gateway.look(GroupId(GROUP))
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        await office.calls_us()
        await listener.hears(GroupStirred)


async def test_a_group_that_can_not_be_looked_at_still_has_who_joined(office: Office) -> None:
    async with listening(office.gateway) as listener:
        await office.gateway.look(GroupId(GROUP))
        office.corp.break_next("externalcontact/groupchat/get", "refused")
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        await office.calls_us()
        (joined,) = await listener.hears(MemberJoined)
        assert (joined.person, joined.profile.name) == (XIAOYU, "")
        await listener.hears(GroupStirred)


async def test_other_changes_of_a_group_are_a_reason_to_look(office: Office) -> None:
    async with listening(office.gateway) as listener:
        office.corp.noticed(GROUP, "欢迎")
        office.corp.owner_changes(GROUP, "chenxi")
        office.corp.open_chat("wr2", "宁波·2026年3-5月·妇幼·01", "linyue")
        await office.calls_us()
        stirred = [each.group for each in await listener.hears(GroupStirred, 3)]
        assert stirred == [GROUP, GROUP, "wr2"]


async def test_a_newcomer_is_not_taken_for_gone_while_wecom_lags_behind(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    office.corp.groups_lag_by(LAG)
    async with running(database, engine, office.gateway, time) as service:
        await service.handles(GroupSeen)
        time.passes(minutes=5)
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        await office.calls_us()
        await service.handles(MemberJoined)
        seen = (await service.handles(GroupSeen, 2))[-1]
        assert XIAOYU in seen.present
        assert seen.profiles[XIAOYU].name == "小雨妈"


async def test_who_joins_while_a_look_lags_behind_is_in_the_group(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    office.corp.groups_lag_by(LAG)
    time.passes(minutes=5)
    office.corp.joins(GROUP, XIAOYU, "小雨妈")
    time.passes(seconds=1)
    async with running(database, engine, office.gateway, time) as service:
        await service.handles(GroupSeen)
        time.passes(seconds=2)
        await office.calls_us()
        await service.handles(MemberJoined)
        async with engine.connect() as connection:
            member = await Unit(connection).members.get(GroupId(GROUP), XIAOYU)
        assert member is not None
        assert member.present


# What is heard is handled once


async def test_what_came_while_we_were_down_is_told_after_the_restart_and_once(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    office.corp.joins(GROUP, XIAOYU, "小雨妈")
    await office.calls_us()
    async with listening(office.opens()) as listener:
        await listener.hears(MemberJoined)
    # That process ended before it handled anything.
    async with running(database, engine, office.opens(), time) as service:
        (joined,) = await service.handles(MemberJoined)
        assert joined.person == XIAOYU
    assert await unhandled(engine) == 0
    async with listening(office.gateway) as listener:
        await all_of(office, listener)
        assert listener.all(MemberJoined) == []


async def test_a_handler_that_fails_is_not_told_the_same_again(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    router = Router()

    @router.on(MemberJoined)
    async def fail(joined: MemberJoined, ctx: Context) -> None:
        raise ValueError("on purpose")

    async with running(database, engine, office.gateway, time, router) as service:
        office.corp.joins(GROUP, XIAOYU, "小雨妈")
        office.corp.renamed(GROUP, END)
        await office.calls_us()
        await service.handles(GroupRenamed)
    assert await unhandled(engine) == 0
    async with engine.connect() as connection:
        (dead,) = await connection.scalars(select(DeadLetterRow.kind))
    assert dead == "MemberJoined"


async def test_what_is_only_a_reason_to_look_is_handled_as_well(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    async with running(database, engine, office.gateway, time) as service:
        office.corp.noticed(GROUP, "欢迎")
        office.corp.renamed(GROUP, END)
        await office.calls_us()
        await service.handles(GroupRenamed)
    assert await unhandled(engine) == 0


async def test_what_tells_us_nothing_is_kept_no_longer(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    async with running(database, engine, office.gateway, time) as service:
        office.corp.adds_staff(XIAOYU, "小雨妈", "linyue")
        office.corp.drops_staff(XIAOYU, "linyue")
        office.corp.office.tell_contact("edit_external_contact", ("UserID", "linyue"))
        office.corp.renamed(GROUP, END)
        await office.calls_us()
        await service.handles(GroupRenamed)
    assert await unhandled(engine) == 0


async def test_a_dissolved_group_is_released(
    database: str, engine: AsyncEngine, office: Office, time: Time
) -> None:
    async with running(database, engine, office.gateway, time) as service:
        await service.handles(GroupSeen)
        async with engine.connect() as connection:
            known = await Unit(connection).groups.get(GroupId(GROUP))
        assert known is not None
        assert known.standing is Standing.OURS
        office.corp.dismissed(GROUP)
        await office.calls_us()
        await service.handles(GroupDissolved)
    async with engine.connect() as connection:
        known = await Unit(connection).groups.get(GroupId(GROUP))
    assert known is not None
    assert known.standing is Standing.RELEASED


# Who adds a colleague


async def made(office: Office, listener: Listener) -> WeComGateway:
    office.corp.adds_staff(XIAOYU, "小雨妈", "linyue", state="k7")
    await office.calls_us()
    (friend,) = await listener.hears(FriendMade)
    assert (friend.person, friend.state) == (XIAOYU, "k7")
    return office.gateway


async def test_who_adds_a_colleague_is_welcomed_once(office: Office, time: Time) -> None:
    async with listening(office.gateway) as listener:
        gateway = await made(office, listener)
        time.passes(seconds=19)
        await gateway.send(outgoing("欢迎小雨妈", to=XIAOYU))
        with pytest.raises(Refused, match="20 seconds"):
            await gateway.send(outgoing("还有", to=XIAOYU))
        assert office.corp.office.customers[XIAOYU].told == ["欢迎小雨妈"]


async def test_nobody_is_welcomed_after_twenty_seconds(office: Office, time: Time) -> None:
    async with listening(office.gateway) as listener:
        gateway = await made(office, listener)
        time.passes(seconds=20)
        with pytest.raises(Refused, match="20 seconds"):
            await gateway.send(outgoing("欢迎小雨妈", to=XIAOYU))
        assert office.corp.calls_of("externalcontact/send_welcome_msg") == []


async def test_who_was_not_confirmed_yet_is_told_of_once(office: Office) -> None:
    async with listening(office.gateway) as listener:
        office.corp.adds_staff(XIAOYU, "小雨妈", "linyue", state="k7", unconfirmed=True)
        await office.calls_us()
        await all_of(office, listener)
        assert [each.person for each in listener.all(FriendMade)] == [XIAOYU]
