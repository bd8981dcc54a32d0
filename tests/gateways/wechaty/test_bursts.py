"""Everybody talks at once: nothing is lost or out of order, and what is unread waits outside."""

import asyncio
import os
from pathlib import Path

from bot.gateways.wechaty import Timings
from models.events import AccountDown, GroupRenamed, GroupStirred, MessageReceived
from models.ids import GroupId
from tests.gateways.wechaty.conftest import Bot, bot_on, eventually, outgoing
from tests.gateways.wechaty.lab.lab import Lab


def resident() -> int:
    """Resident bytes of this process."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def in_order(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def still_serves(bot: Bot, lab: Lab) -> None:
    """Looks and speaks, although nobody reads."""
    async with asyncio.timeout(5):
        assert await bot.gateway.rooms()
        assert (await bot.gateway.look(GroupId("r1"))).members
        await bot.gateway.send(outgoing("还在", group="r1"))
    assert lab.actions("say")


async def test_slow_answers_do_not_change_the_order(bot: Bot, lab: Lab) -> None:
    lab.joins([f"p{number}" for number in range(40)], "r1")
    lab.burst("ming", "r1", 40)
    lab.renames("r1", "完")
    await bot.hears(GroupRenamed)
    kinds = [type(event).__name__ for event in bot.heard[1:]]
    assert kinds == ["MemberJoined"] * 40 + ["MessageReceived"] * 40 + ["GroupRenamed"]


async def test_what_nobody_reads_waits_outside(lab: Lab) -> None:
    async with bot_on(lab, Timings(silence=0.3, pulse=5)) as bot:
        bot.pause()
        lab.burst("ming", "r1", 2000)
        # More than would fit the windows of stream and connection, and of any queue of ours.
        lab.emits("room-topic", {"roomId": "r1", "newTopic": "题" * 20_000}, count=500)
        before = resident()
        await still_serves(bot, lab)
        # The pulse is felt, too, while the stream stands still.
        pulses = lab.count("version")
        await eventually(lambda: lab.count("version") > pulses + 1)
        assert lab.count("messagePayload") < 100
        assert resident() - before < 8 * 2**20
        bot.resume()
        await bot.hears(GroupRenamed, 500, within=30)
        assert [message.text for message in bot.all(MessageReceived)] == in_order(2000)
        assert not bot.all(AccountDown)


async def test_twenty_thousand_messages_to_a_slow_reader(bot: Bot, lab: Lab) -> None:
    before = resident()
    lab.burst("ming", "r1", 20_000)
    for read in range(500, 20_001, 500):
        await bot.hears(MessageReceived, read)
        bot.pause()
        await bot.gateway.rooms()
        bot.resume()
    assert [message.text for message in bot.all(MessageReceived)] == in_order(20_000)
    # Most of it is the messages this test keeps.
    assert resident() - before < 48 * 2**20


async def test_sixty_thousand_unread_events(bot: Bot, lab: Lab) -> None:
    bot.pause()
    lab.emits("dirty", {"payloadType": 3, "payloadId": "r1"}, count=65_000)
    await still_serves(bot, lab)
    before = resident()
    bot.resume()
    await bot.hears(GroupStirred, 65_000, within=120)
    assert resident() - before < 64 * 2**20
