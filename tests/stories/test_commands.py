"""Members and monitors type commands, with their thumbs."""

from collections import Counter

from models.ids import GroupId
from models.messages import Kind
from models.people import Role
from tests.world import GROUP, World


async def test_help_lists_what_a_member_can_type(world: World) -> None:
    await world.joins("豆豆妈")
    await world.says("豆豆妈", "／帮助")
    (reply,) = world.heard(Kind.REPLY)
    assert reply.message.group == GROUP
    assert reply.message.mentions == ("豆豆妈",)
    assert "/帮助" in reply.message.text


async def test_a_message_that_is_told_twice_is_answered_once(world: World) -> None:
    await world.joins("豆豆妈")
    message = await world.says("豆豆妈", "/帮助")
    world.gateway.say(
        GroupId(GROUP), world.heard(Kind.REPLY)[0].message.mentions[0], message, "/帮助"
    )
    await world.passes(minutes=1)
    assert len(world.heard(Kind.REPLY)) == 1


async def test_an_unknown_word_is_answered_only_where_we_are_addressed(world: World) -> None:
    await world.joins("豆豆妈")
    await world.says("豆豆妈", "/微笑")
    await world.says("豆豆妈", "#好物分享")
    assert world.replies == []
    await world.says("豆豆妈", "@小助手 帮住")
    assert world.replies == ["没看懂，是想发 /帮助 吗？发 /帮助 看看都有什么"]


async def test_in_private_she_is_asked_which_group_she_means(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.joins("豆豆妈")
    await world.joins("豆豆妈", group="g2")
    await world.becomes("豆豆妈", Role.MONITOR, "g2")
    await world.passes(minutes=10)
    await world.tells_us("豆豆妈", "帮助")
    assert "1. 杭州·2026年3-5月·妇幼·01\n2. 杭州·2026年3-5月·妇幼·02" in world.replies[0]
    await world.tells_us("豆豆妈", "２")
    assert "/帮助" in world.replies[1]
    assert [each.message.to for each in world.heard(Kind.REPLY)] == ["豆豆妈", "豆豆妈"]


async def test_a_stranger_in_private_is_left_in_peace(world: World) -> None:
    await world.tells_us("路人", "你好")
    assert world.said == []


async def test_who_plays_with_commands_does_not_flood_the_group(world: World) -> None:
    await world.joins("豆豆妈", "班长")
    await world.becomes("班长", Role.MONITOR)
    for _ in range(12):
        await world.says("豆豆妈", "/积分")
        await world.says("班长", "/积分")
    await world.passes(minutes=5)
    answered = Counter(each.message.mentions[0] for each in world.heard(Kind.REPLY))
    assert answered == {"豆豆妈": 8, "班长": 12}
    await world.passes(minutes=10)
    assert await world.types("豆豆妈", "/积分")
