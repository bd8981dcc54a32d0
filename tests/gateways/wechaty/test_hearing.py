"""What happens in WeChat is heard, once, in order and in our words."""

from datetime import timedelta

import pytest

from models.events import (
    AccountDown,
    AccountUp,
    FriendAsked,
    FriendMade,
    GroupRenamed,
    GroupStirred,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
)
from models.ids import GroupId
from models.people import Profile
from tests.gateways.wechaty.conftest import Bot, bot_on, clock, eventually, outgoing
from tests.gateways.wechaty.lab.lab import Lab, Unit

ODD_NAMES = ["👩‍👧小雨🌧", "dave.*+?[(", "مها", "a‮b", "  ", "杭州-孕36周-小雨" * 20]


async def test_an_account_that_is_logged_in_is_up(bot: Bot) -> None:
    assert [event.person for event in bot.all(AccountUp)] == ["bot"]
    assert bot.gateway.link.up
    assert bot.gateway.link.person == "bot"


async def test_logging_out_and_in_again_is_told(bot: Bot, lab: Lab) -> None:
    lab.logs_out()
    await bot.hears(AccountDown)
    assert not bot.gateway.link.up
    assert "logged out" in bot.gateway.link.why
    lab.logs_in()
    await bot.hears(AccountUp, 2)
    assert bot.gateway.link.up


async def test_an_account_that_logs_in_later_is_up_then(lab: Lab) -> None:
    lab.logs_out()
    async with bot_on(lab, up=False) as bot:
        lab.logs_in()
        assert await bot.hears(AccountUp)


async def test_another_login_is_another_account(bot: Bot, lab: Lab) -> None:
    lab.logs_out()
    lab.logs_in("bot2")
    assert (await bot.hears(AccountUp, 2))[1].person == "bot2"


async def test_who_joins_is_introduced(bot: Bot, lab: Lab) -> None:
    lab.contact("dou", "豆豆妈")
    lab.sets_nickname("dou", "r1", "杭州-孕37周-豆豆")
    lab.joins("dou", "r1", inviter="ming")
    (joined,) = await bot.hears(MemberJoined)
    assert (joined.group, joined.person, joined.inviter) == ("r1", "dou", "ming")
    assert joined.profile == Profile("豆豆妈", "杭州-孕37周-豆豆")
    assert abs(joined.at - clock()) < timedelta(seconds=30)


async def test_many_join_at_once(bot: Bot, lab: Lab) -> None:
    people = [f"p{number}" for number in range(60)]
    lab.joins(people, "r1")
    assert [event.person for event in await bot.hears(MemberJoined, 60)] == people


async def test_somebody_joins_and_wechat_does_not_say_who(bot: Bot, lab: Lab) -> None:
    lab.joins("dou", "r1", named=False)
    assert [event.group for event in await bot.hears(GroupStirred)] == ["r1"]
    assert not bot.all(MemberJoined)


async def test_who_cannot_be_looked_up_still_joined(bot: Bot, lab: Lab) -> None:
    lab.fails("roomMemberPayload", 9)
    lab.fails("contactPayload", 9)
    lab.joins("dou", "r1")
    (joined,) = await bot.hears(MemberJoined)
    assert joined.profile == Profile("")


async def test_who_is_not_in_the_list_yet_has_a_name_all_the_same(bot: Bot, lab: Lab) -> None:
    lab.contact("dou", "豆豆妈")
    lab.fails("roomMemberPayload")
    lab.joins("dou", "r1")
    assert (await bot.hears(MemberJoined))[0].profile == Profile("豆豆妈")


async def test_the_bot_itself_joins_a_group(bot: Bot, lab: Lab) -> None:
    lab.joins(["bot", "dou"], "r1", inviter="ming")
    await bot.hears(MemberJoined)
    assert [event.group for event in bot.all(GroupStirred)] == ["r1"]
    assert [event.person for event in bot.all(MemberJoined)] == ["dou"]


@pytest.mark.parametrize(("by", "told"), [("hua", "hua"), ("ming", None), ("", None)])
async def test_who_leaves_or_is_removed(bot: Bot, lab: Lab, by: str, told: str | None) -> None:
    lab.leaves("ming", "r1", by=by)
    (left,) = await bot.hears(MemberLeft)
    assert (left.person, left.by) == ("ming", told)


async def test_a_group_is_renamed(bot: Bot, lab: Lab) -> None:
    lab.renames("r1", "杭州·02群", by="ming")
    assert [event.name for event in await bot.hears(GroupRenamed)] == ["杭州·02群"]


async def test_what_is_said_in_a_group(bot: Bot, lab: Lab) -> None:
    said = lab.says("ming", "@小助手 早", room="r1", mentions=["bot", "hua"])
    (message,) = await bot.hears(MessageReceived)
    assert (message.id, message.group, message.sender) == (said, "r1", "ming")
    assert (message.text, message.mentions) == ("@小助手 早", ("bot", "hua"))


async def test_what_is_said_in_private(bot: Bot, lab: Lab) -> None:
    lab.says("ming", "在吗")
    (message,) = await bot.hears(MessageReceived)
    assert (message.group, message.sender, message.text) == (None, "ming", "在吗")


@pytest.mark.parametrize("per_second", [1, 1000])
async def test_times_come_in_seconds_or_milliseconds(bot: Bot, lab: Lab, per_second: int) -> None:
    hour_ago = clock().replace(microsecond=0) - timedelta(hours=1)
    lab.says("ming", "早", room="r1", timestamp=int(hour_ago.timestamp()) * per_second)
    assert [message.at for message in await bot.hears(MessageReceived)] == [hour_ago]


@pytest.mark.parametrize("unit", ["s", "ms"])
async def test_what_happens_now_is_dated_now(bot: Bot, lab: Lab, unit: Unit) -> None:
    lab.says("ming", "早", room="r1", unit=unit)
    lab.joins("dou", "r1", unit=unit)
    (message,), (joined,) = await bot.hears(MessageReceived), await bot.hears(MemberJoined)
    assert abs(message.at - clock()) < timedelta(seconds=30)
    assert abs(joined.at - clock()) < timedelta(seconds=30)


@pytest.mark.parametrize("timestamp", [0, 1, 4_000_000_000, 9_007_199_254_740_991])
async def test_an_absurd_time_is_now(bot: Bot, lab: Lab, timestamp: int) -> None:
    lab.says("ming", "早", room="r1", timestamp=timestamp)
    (message,) = await bot.hears(MessageReceived)
    assert abs(message.at - clock()) < timedelta(seconds=30)


async def test_a_picture_has_no_text(bot: Bot, lab: Lab) -> None:
    lab.says("ming", "<msg><img aeskey='...'/></msg>", room="r1", kind=6)
    lab.says("ming", "post", room="r1", kind=16)
    assert [message.text for message in await bot.hears(MessageReceived, 2)] == ["", ""]


async def test_a_recall_names_what_was_recalled(bot: Bot, lab: Lab) -> None:
    said = lab.says("ming", "说错了", room="r1")
    lab.says("ming", said, room="r1", kind=13)
    assert [event.id for event in await bot.hears(MessageRecalled)] == [said]


async def test_our_own_words_are_not_heard(bot: Bot, lab: Lab) -> None:
    await bot.gateway.send(outgoing("大家好", group="r1"))
    lab.says("bot", "从手机上说的", room="r1")
    lab.says("ming", "早", room="r1")
    assert [message.text for message in await bot.hears(MessageReceived)] == ["早"]


async def test_a_message_told_of_twice_is_heard_once(bot: Bot, lab: Lab) -> None:
    lab.says("ming", "早", room="r1", repeats=3)
    lab.says("ming", "完", room="r1")
    assert [message.text for message in await bot.hears(MessageReceived, 2)] == ["早", "完"]


async def test_a_message_that_needs_two_looks_is_heard(bot: Bot, lab: Lab) -> None:
    lab.fails("messagePayload")
    lab.says("ming", "早", room="r1")
    assert [message.text for message in await bot.hears(MessageReceived)] == ["早"]


async def test_a_message_that_cannot_be_fetched_holds_up_no_other(bot: Bot, lab: Lab) -> None:
    lab.fails("messagePayload", 2)
    lab.says("ming", "丢了", room="r1", id_="lost")
    await eventually(lambda: lab.count("messagePayload") == 2)
    lab.says("ming", "早", room="r1")
    assert [message.text for message in await bot.hears(MessageReceived)] == ["早"]
    lab.says("ming", "又来了", room="r1", id_="lost")
    assert [message.text for message in await bot.hears(MessageReceived, 2)] == ["早", "又来了"]


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("error", {"gerror": "boom"}),
        ("error", {}),
        ("ready", {}),
        ("heartbeat", {}),
        ("dong", {"data": "x"}),
        ("scan", {"status": 2, "qrcode": "q"}),
        ("friendship", {"friendshipId": "f"}),
        ("room-invite", {"roomInvitationId": "i"}),
        ("message", {}),
        ("message", {"messageId": 5}),
        ("message", {"messageId": "unknown"}),
        ("message", []),
        ("message", "text"),
        ("message", None),
        ("room-join", {}),
        ("room-join", {"roomId": "", "inviteeIdList": ["x"]}),
        ("room-join", {"roomId": 7, "inviteeIdList": "x", "timestamp": "yesterday"}),
        ("room-leave", {"removeeIdList": [None, 3, ""]}),
        ("room-topic", {"newTopic": None}),
        ("login", {}),
    ],
)
async def test_odd_events_do_no_harm(bot: Bot, lab: Lab, event: str, payload: object) -> None:
    lab.emits(event, payload)
    lab.says("ming", "还在吗", room="r1")
    assert [message.text for message in await bot.hears(MessageReceived)] == ["还在吗"]
    assert len(bot.heard) == 2


@pytest.mark.parametrize(
    "payload",
    [
        {"payloadType": 3, "payloadId": "r1"},
        {"payloadType": 4, "payloadId": "r1"},
        {"payloadType": 4, "payloadId": "ming@@@r1"},
    ],
)
async def test_a_group_that_changed_is_stirred(bot: Bot, lab: Lab, payload: object) -> None:
    lab.emits("dirty", payload)
    assert [event.group for event in await bot.hears(GroupStirred)] == ["r1"]


async def test_looking_stirs_nothing(bot: Bot, lab: Lab) -> None:
    for _ in range(3):
        await bot.gateway.look(GroupId("r1"))
    lab.says("ming", "早", room="r1")
    await bot.hears(MessageReceived)
    assert not bot.all(GroupStirred)
    lab.emits("dirty", {"payloadType": 3, "payloadId": "r1"})
    assert len(await bot.hears(GroupStirred)) == 1


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_names_of_any_kind(bot: Bot, lab: Lab, name: str) -> None:
    lab.contact("dou", name)
    lab.joins("dou", "r1")
    lab.renames("r1", name)
    (joined,), (renamed,) = await bot.hears(MemberJoined), await bot.hears(GroupRenamed)
    assert joined.profile.name == name
    assert renamed.name == name


@pytest.mark.parametrize(("text", "heard"), [("早\ud83d", "早"), ("\udc00早", "早")])
async def test_half_an_emoji_costs_nobody_the_rest(
    bot: Bot, lab: Lab, text: str, heard: str
) -> None:
    """As where a text or a name was cut in the middle of one."""
    lab.contact("dou", text)
    lab.joins("dou", "r1")
    lab.says("dou", text, room="r1")
    (joined,), (said,) = await bot.hears(MemberJoined), await bot.hears(MessageReceived)
    assert heard in joined.profile.name
    assert heard in said.text


async def test_a_friend_request_is_heard_once(bot: Bot, lab: Lab) -> None:
    lab.contact("dou", "豆豆妈")
    request = lab.asks_to_be_friends("dou", "我是豆豆妈 123456", repeats=2)
    lab.says("ming", "早", room="r1")
    await bot.hears(MessageReceived)
    (asked,) = bot.all(FriendAsked)
    assert (asked.request, asked.person) == (request, "dou")
    assert asked.hello == "我是豆豆妈 123456"


async def test_a_friend_request_that_can_not_be_fetched_is_fetched_again(
    bot: Bot, lab: Lab
) -> None:
    lab.fails("friendshipPayload")
    lab.asks_to_be_friends("dou", "你好")
    (asked,) = await bot.hears(FriendAsked)
    assert (asked.person, asked.hello) == ("dou", "你好")


async def test_one_that_could_not_be_fetched_at_all_may_be_told_again(bot: Bot, lab: Lab) -> None:
    lab.fails("friendshipPayload", 2)
    request = lab.asks_to_be_friends("dou", "你好")
    lab.says("ming", "早", room="r1")
    await bot.hears(MessageReceived)
    assert not bot.all(FriendAsked)
    lab.emits("friendship", {"friendshipId": request})
    assert [each.request for each in await bot.hears(FriendAsked)] == [request]


async def test_who_became_a_friend_by_herself_is_told(bot: Bot, lab: Lab) -> None:
    lab.befriends("dou")
    assert [each.person for each in await bot.hears(FriendMade)] == ["dou"]


async def test_what_is_no_friendship_is_none(bot: Bot, lab: Lab) -> None:
    lab.asks_to_be_friends("bot", "那是我自己")
    lab.is_friend_no_more("ming")
    for payload in ({"friendshipId": "nowhere"}, {"friendshipId": 7}, {}):
        lab.emits("friendship", payload)
    lab.says("ming", "早", room="r1")
    await bot.hears(MessageReceived)
    assert not bot.all(FriendAsked)
    assert not bot.all(FriendMade)
