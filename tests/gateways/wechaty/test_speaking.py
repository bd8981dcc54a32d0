"""What the bot says and asks arrives; what does not arrive is told for what it is."""

import asyncio

import pytest

from bot.gateways.base import Room, Unreachable
from bot.gateways.wechaty import Timings
from models.delivery import MaybeSent, NotSent, Refused
from models.events import AccountUp, FriendAsked, FriendMade, MessageReceived
from models.ids import GroupId, PersonId
from models.messages import Attachment, mention
from models.people import Profile, Role
from tests.gateways.wechaty.conftest import Bot, bot_on, eventually, gateway, outgoing
from tests.gateways.wechaty.lab.lab import Action, Lab

R1, MING = GroupId("r1"), PersonId("ming")


async def test_a_welcome_reaches_the_group_and_everyone_it_names(bot: Bot, lab: Lab) -> None:
    text = f"{mention('小明')}{mention('dave.*+?')}欢迎👏"
    await bot.gateway.send(outgoing(text, group="r1", mentions=("ming", "hua")))
    assert lab.actions("say") == [Action("say", "r1", text, ("ming", "hua"))]


async def test_a_private_message_reaches_a_person(bot: Bot, lab: Lab) -> None:
    lab.contact("ming", friend=True)
    await bot.gateway.send(outgoing("新成员3位", to="ming"))
    assert lab.actions("say") == [Action("say", "ming", "新成员3位")]


async def test_a_private_message_to_a_stranger_is_refused_and_not_tried(
    bot: Bot, lab: Lab
) -> None:
    lab.contact("stranger", name="路人", friend=False)
    with pytest.raises(Refused, match="not a friend"):
        await bot.gateway.send(outgoing("你的兑换码 123456", to="stranger"))
    assert lab.actions("say") == []


async def test_whether_she_is_a_friend_can_be_asked_again(bot: Bot, lab: Lab) -> None:
    lab.contact("ming", friend=True)
    lab.fails("contactPayload", message="request timed out")
    with pytest.raises(NotSent):
        await bot.gateway.send(outgoing("你的兑换码 123456", to="ming"))
    await bot.gateway.send(outgoing("你的兑换码 123456", to="ming"))
    assert len(lab.actions("say")) == 1


BAG = "https://example.org/%E5%BE%85%E4%BA%A7.png?v=2"
PICTURE = Attachment(image=BAG)
CARD = Attachment(link="https://example.org/bag", image=BAG, title="待产包清单")


async def test_a_picture_and_a_card_arrive_before_their_text(bot: Bot, lab: Lab) -> None:
    for attachment in (PICTURE, CARD):
        await bot.gateway.send(outgoing("都在这", group="r1", attachment=attachment))
    assert lab.actions() == [
        Action("picture", "r1", "待产.png", address=BAG),
        Action("say", "r1", "都在这"),
        Action("card", "r1", "待产包清单", address="https://example.org/bag", image=BAG),
        Action("say", "r1", "都在这"),
    ]


@pytest.mark.parametrize(
    ("attachment", "method"), [(PICTURE, "sendFile"), (CARD, "sendUrl")], ids=["picture", "card"]
)
async def test_where_the_puppet_can_not_send_it_its_address_is_said(
    bot: Bot, lab: Lab, attachment: Attachment, method: str
) -> None:
    message = outgoing("都在这", group="r1", attachment=attachment)
    lab.fails(method, message="Wechaty Puppet Unsupported API Error")
    await bot.gateway.send(message)
    assert lab.actions() == [Action("say", "r1", message.plain)]


async def test_nothing_is_said_twice_where_the_text_fails_after_its_card(
    bot: Bot, lab: Lab
) -> None:
    lab.fails("sendText", message="slow down", code=8)
    with pytest.raises(MaybeSent, match="slow down"):
        await bot.gateway.send(outgoing("都在这", group="r1", attachment=CARD))
    assert [each.did for each in lab.actions()] == ["card"]


async def test_where_neither_arrived_it_can_be_tried_again(bot: Bot, lab: Lab) -> None:
    lab.fails("sendUrl", message="slow down", code=8)
    lab.fails("sendText", message="slow down", code=8)
    with pytest.raises(NotSent):
        await bot.gateway.send(outgoing("都在这", group="r1", attachment=CARD))
    assert lab.actions() == []


async def test_a_card_that_may_have_arrived_is_said_in_words_too(bot: Bot, lab: Lab) -> None:
    message = outgoing("都在这", group="r1", attachment=CARD)
    lab.fails("sendUrl", when="after", message="socket hang up")
    await bot.gateway.send(message)
    assert [each.text for each in lab.actions("say")] == [message.plain]
    lab.fails("sendUrl", message="socket hang up")
    lab.fails("sendText", message="slow down", code=8)
    with pytest.raises(MaybeSent):
        await bot.gateway.send(message)


async def test_a_message_to_nobody_is_refused(bot: Bot) -> None:
    with pytest.raises(Refused):
        await bot.gateway.send(outgoing("喂"))


@pytest.mark.parametrize(
    ("message", "code", "meaning"),
    [
        ("no such room: r9", None, NotSent),
        ("listOnTimeout is only in the stack trace\nTimeoutError", None, MaybeSent),
        ("Error: request timed out", None, MaybeSent),
        ("read ECONNRESET", None, MaybeSent),
        ("socket hang up", None, MaybeSent),
        ("发送超时", None, MaybeSent),
        ("bad text", 3, Refused),
        ("upstream took too long", 4, MaybeSent),
        ("no such room", 5, Refused),
        ("kicked", 7, Refused),
        ("slow down", 8, NotSent),
        ("not allowed now", 9, Refused),
        ("no", 12, Refused),
        ("no connection established", 14, NotSent),
        ("14 UNAVAILABLE: Connection dropped", 14, MaybeSent),
    ],
)
async def test_what_an_error_means(
    bot: Bot, lab: Lab, message: str, code: int | None, meaning: type[Exception]
) -> None:
    lab.fails("sendText", message=message, code=code)
    with pytest.raises(meaning):
        await bot.gateway.send(outgoing("大家好", group="r1"))
    await bot.gateway.send(outgoing("大家好", group="r1"))
    assert len(lab.actions("say")) == 1


async def test_an_error_is_told_in_one_line(bot: Bot, lab: Lab) -> None:
    lab.fails("sendText", message="no such room: r9")
    with pytest.raises(NotSent) as failure:
        await bot.gateway.send(outgoing("大家好", group="r1"))
    assert str(failure.value).endswith("no such room: r9")


async def test_no_answer_in_time_may_have_arrived(lab: Lab) -> None:
    async with bot_on(lab, Timings(answer=0.3)) as bot:
        lab.slows("sendText", 0.6)
        with pytest.raises(MaybeSent):
            await bot.gateway.send(outgoing("大家好", group="r1"))
        await eventually(lambda: len(lab.actions("say")) == 1)


async def test_a_gateway_killed_in_mid_sentence_may_have_said_it(own_lab: Lab) -> None:
    async with bot_on(own_lab) as bot:
        own_lab.slows("sendText", 60)
        saying = asyncio.create_task(bot.gateway.send(outgoing("大家好", group="r1")))
        await eventually(lambda: own_lab.count("sendText") == 1)
        own_lab.kill()
        with pytest.raises(MaybeSent):
            await saying
        with pytest.raises(NotSent):
            await bot.gateway.send(outgoing("大家好", group="r1"))
        with pytest.raises(Unreachable):
            await bot.gateway.rooms()


async def test_who_is_not_connected_says_nothing(lab: Lab) -> None:
    with pytest.raises(NotSent):
        await gateway(lab).send(outgoing("大家好", group="r1"))
    assert not lab.actions("say")


async def test_who_is_logged_out_says_nothing(bot: Bot, lab: Lab) -> None:
    lab.logs_out()
    await bot.until(lambda: len(bot.heard) == 2)
    with pytest.raises(NotSent, match="logged out"):
        await bot.gateway.send(outgoing("大家好", group="r1"))
    assert not lab.actions("say")


async def test_a_group_is_really_renamed(bot: Bot, lab: Lab) -> None:
    await bot.gateway.rename(R1, "杭州·02群")
    assert lab.actions() == [Action("setTopic", "r1", "杭州·02群")]
    assert (await bot.gateway.look(R1)).name == "杭州·02群"


async def test_an_announcement_is_really_made(bot: Bot, lab: Lab) -> None:
    await bot.gateway.announce(R1, "请改群昵称")
    assert lab.actions() == [Action("announce", "r1", "请改群昵称")]


@pytest.mark.parametrize("nothing", ["", "  "])
async def test_an_empty_name_is_not_sent_as_a_question(bot: Bot, lab: Lab, nothing: str) -> None:
    with pytest.raises(Refused, match="blank"):
        await bot.gateway.rename(R1, nothing)
    with pytest.raises(ValueError, match="empty"):
        await bot.gateway.announce(R1, nothing)
    assert not lab.actions()


async def test_a_failed_rename_is_told(bot: Bot, lab: Lab) -> None:
    lab.fails("setTopic", code=7, message="only the owner may")
    with pytest.raises(Refused, match="only the owner"):
        await bot.gateway.rename(R1, "杭州·02群")


async def asked(bot: Bot, lab: Lab) -> str:
    lab.asks_to_be_friends("dou", "我是豆豆妈")
    return (await bot.hears(FriendAsked))[-1].request


async def test_who_was_just_accepted_is_reached_though_the_puppet_is_behind(
    bot: Bot, lab: Lab
) -> None:
    await bot.gateway.accept(await asked(bot, lab))
    lab.contact("dou", friend=False, told=True)
    await bot.gateway.send(outgoing("你好呀", to="dou"))
    assert [each.did for each in lab.actions()] == ["accept", "say"]


async def test_who_is_a_friend_no_more_is_not_reached(bot: Bot, lab: Lab) -> None:
    lab.befriends("dou")
    await bot.hears(FriendMade)
    lab.contact("dou", friend=False, told=True)
    lab.is_friend_no_more("dou")
    lab.says("ming", "早", room="r1")
    await bot.hears(MessageReceived)
    with pytest.raises(Refused, match="not a friend"):
        await bot.gateway.send(outgoing("你好呀", to="dou"))


async def test_whom_another_login_befriended_is_no_friend_of_this_one(bot: Bot, lab: Lab) -> None:
    lab.befriends("dou")
    await bot.hears(FriendMade)
    lab.logs_out()
    lab.logs_in("bot2")
    lab.contact("dou", friend=False, told=True)
    await bot.hears(AccountUp, 2)
    with pytest.raises(Refused, match="not a friend"):
        await bot.gateway.send(outgoing("你好呀", to="dou"))


@pytest.mark.parametrize("method", ["friendshipPayload", "contactPayload"])
async def test_what_could_not_be_looked_up_surely_was_not_done(
    bot: Bot, lab: Lab, method: str
) -> None:
    lab.contact("dou", friend=True, told=True)
    request = await asked(bot, lab)
    lab.emits("dirty", {"payloadType": 5, "payloadId": request})
    lab.contact("dou", friend=True, told=True)
    lab.fails(method, message="request timed out")
    doing = (
        bot.gateway.accept(request)
        if method == "friendshipPayload"
        else bot.gateway.invite(R1, PersonId("dou"))
    )
    with pytest.raises(NotSent):
        await doing
    assert lab.actions() == []


async def test_an_empty_code_is_none(bot: Bot, lab: Lab) -> None:
    lab.shows_empty_codes()
    with pytest.raises(NotSent, match="empty"):
        await bot.gateway.room_qr(R1)


async def test_a_room_that_failed_half_way_may_be_there(bot: Bot, lab: Lab) -> None:
    people = [MING, PersonId("hua")]
    for each in people:
        lab.contact(each, friend=True)
    lab.fails("roomCreate", when="after", message="its name could not be set")
    with pytest.raises(MaybeSent, match="its name"):
        await bot.gateway.create_room("杭州·02群", people)
    assert [each.text for each in lab.actions("createRoom")] == ["杭州·02群"]


@pytest.mark.parametrize("nothing", ["", "  "])
async def test_a_room_without_a_name_is_not_created(bot: Bot, lab: Lab, nothing: str) -> None:
    with pytest.raises(Refused, match="name"):
        await bot.gateway.create_room(nothing, [MING, PersonId("hua")])
    assert not lab.actions()


async def test_looking_at_the_rooms(bot: Bot, lab: Lab) -> None:
    lab.room("r2", members=["ming"], owner="ming", admins=["hua", "bot"])
    assert sorted(await bot.gateway.rooms()) == ["r1", "r2"]
    assert await bot.gateway.look(GroupId("r2")) == Room(
        name="r2",
        members=frozenset({MING, PersonId("bot")}),
        staff={MING: Role.MONITOR, PersonId("hua"): Role.MONITOR},
    )


async def test_a_look_is_fresh(bot: Bot, lab: Lab) -> None:
    await bot.gateway.look(R1)
    lab.renames("r1", "杭州·02群", quiet=True)
    lab.joins("dou", "r1", quiet=True)
    room = await bot.gateway.look(R1)
    assert room.name == "杭州·02群"
    assert "dou" in room.members


async def test_a_profile_is_fresh(bot: Bot, lab: Lab) -> None:
    lab.contact("ming", "小明")
    lab.sets_nickname("ming", "r1", "杭州-孕36周-小明")
    assert await bot.gateway.profile(R1, MING) == Profile("小明", "杭州-孕36周-小明")
    lab.contact("ming", "大明")
    lab.sets_nickname("ming", "r1", "")
    assert await bot.gateway.profile(R1, MING) == Profile("大明")


async def test_friends_are_reached_and_strangers_not(bot: Bot, lab: Lab) -> None:
    assert not await bot.gateway.reaches(MING)
    lab.contact("ming", friend=True)
    assert await bot.gateway.reaches(MING)


async def test_what_is_not_there_cannot_be_looked_at(bot: Bot) -> None:
    with pytest.raises(Unreachable, match="no such room"):
        await bot.gateway.look(GroupId("nowhere"))
    with pytest.raises(Unreachable):
        await bot.gateway.profile(R1, PersonId("nobody"))
    with pytest.raises(Unreachable):
        await bot.gateway.reaches(PersonId("nobody"))


async def test_many_looks_at_once(bot: Bot, lab: Lab) -> None:
    for number in range(50):
        lab.room(f"g{number}", members=["ming"])
    looks = [bot.gateway.look(room) for room in await bot.gateway.rooms()]
    assert len(await asyncio.gather(*looks)) == 51


async def test_half_lists_are_shown_as_they_come(bot: Bot, lab: Lab) -> None:
    lab.room("r2", members=[f"p{number}" for number in range(9)])
    lab.halves_member_lists()
    assert len((await bot.gateway.look(GroupId("r2"))).members) == 5
