"""Names and texts that can't be kept as they are, and those that go on and on."""

from time import process_time

from models.messages import Kind
from tests.world import NAME, World

HALF = "小雨\ud83d"
"""Cut in the middle of an emoji."""
NUL = "\x00"
LONG = 100_000


async def put_aside(world: World) -> list[str]:
    """What every dead letter ends with."""
    async with world.admin() as http:
        found = (await http.get("/api/v1/dead-letters")).json()["items"]
    return [each["error"] for each in found]


async def test_who_has_half_an_emoji_in_her_name_is_greeted_like_everybody(world: World) -> None:
    await world.joins(HALF)
    await world.calls_herself(HALF, f"杭州-孕33周-{HALF}")
    await world.passes(minutes=10)
    assert len(world.greeted) == 1
    assert "小雨" in world.heard(Kind.WELCOME)[0].message.text


async def test_what_can_not_be_kept_in_a_message_costs_nobody_the_rest(world: World) -> None:
    await world.says("小雨", f"/积分{NUL}{HALF}")
    await world.types("豆豆妈", "/积分")
    assert len(world.replies) == 2
    assert await put_aside(world) == []


async def test_a_group_may_be_called_anything(world: World) -> None:
    for name in (NUL, HALF, "群" * 10_000, NAME):
        world.gateway.retitle(world.gateway.groups()[0], name)
        await world.passes(seconds=0)
    assert await world.types("豆豆妈", "/积分") != ""
    assert await put_aside(world) == []


async def test_long_texts_make_those_that_follow_no_slower(world: World) -> None:
    """Whoever asks is compared with what was said before."""
    for n in range(40):
        await world.says("小雨", f"{'什么' * LONG}{n}")
    began = process_time()
    await world.says("小雨", "孕晚期晚上总醒怎么办呀？")
    assert process_time() - began < 1
