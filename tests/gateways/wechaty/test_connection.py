"""The line to the gateway: lost and found again, refused, taken by another, and let go."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot.gateways.base import ON_ITS_WAY, Unreachable
from bot.gateways.wechaty import Timings
from models.delivery import MaybeSent
from models.events import AccountDown, AccountUp, MessageReceived
from models.ids import GroupId
from tests.gateways.wechaty.conftest import (
    QUICK,
    Bot,
    bot_on,
    clock,
    eventually,
    gateway,
    outgoing,
)
from tests.gateways.wechaty.lab.lab import Lab

BACK = 2.0
"""Seconds a gateway may be there again before we are."""


async def test_a_killed_gateway_is_found_again(own_lab: Lab) -> None:
    async with bot_on(own_lab) as bot:
        for time in (2, 3):
            await asyncio.to_thread(own_lab.kill)
            await bot.hears(AccountDown, time - 1, within=BACK)
            assert not bot.gateway.link.up
            own_lab.joins_meanwhile(f"new{time}", "r1")
            await asyncio.to_thread(own_lab.start)
            await bot.hears(AccountUp, time, within=BACK)
            assert f"new{time}" in (await bot.gateway.look(GroupId("r1"))).members
        own_lab.says("ming", "还在吗", room="r1")
        assert await bot.hears(MessageReceived)


async def test_a_message_that_a_killed_gateway_took_along_counts_as_not_heard(
    own_lab: Lab,
) -> None:
    """We were told that there is one, some time before, and not what it says."""
    async with bot_on(own_lab) as bot:
        own_lab.slows("messagePayload", 60)
        said_at = clock()
        own_lab.says("ming", "还在吗", room="r1")
        await eventually(lambda: own_lab.count("messagePayload") == 1)
        await asyncio.sleep(2 * ON_ITS_WAY.total_seconds())
        await asyncio.to_thread(own_lab.kill)
        (down,) = await bot.hears(AccountDown, within=BACK)
        assert not bot.all(MessageReceived)
        assert down.heard_until is not None
        assert down.heard_until < said_at


async def test_a_gateway_that_is_not_there_yet_is_waited_for(own_lab: Lab) -> None:
    await asyncio.to_thread(own_lab.kill)
    async with bot_on(own_lab, up=False) as bot:
        await eventually(lambda: "no line" in bot.gateway.link.why)
        await asyncio.to_thread(own_lab.start)
        await bot.hears(AccountUp, within=BACK)


async def test_a_frozen_gateway_is_noticed_and_found_again(own_lab: Lab) -> None:
    async with bot_on(own_lab, QUICK) as bot:
        own_lab.freeze()
        frozen_at = clock()
        (down,) = await bot.hears(AccountDown)
        assert down.heard_until is not None
        assert down.heard_until < frozen_at < down.at
        assert "silent" in bot.gateway.link.why
        # The port of a frozen gateway accepts and says nothing.
        await eventually(lambda: "no line" in bot.gateway.link.why)
        own_lab.thaw()
        await bot.hears(AccountUp, 2, within=BACK)
        own_lab.says("ming", "还在吗", room="r1")
        assert await bot.hears(MessageReceived)


async def test_a_short_freeze_costs_nothing(own_lab: Lab) -> None:
    async with bot_on(own_lab, Timings(silence=0.2, pulse=5)) as bot:
        own_lab.freeze()
        saying = asyncio.create_task(bot.gateway.send(outgoing("大家好", group="r1")))
        await asyncio.wait([saying], timeout=0.6)
        own_lab.thaw()
        await saying
        own_lab.says("ming", "早", room="r1")
        await bot.hears(MessageReceived)
        assert not bot.all(AccountDown)


async def test_who_speaks_to_a_frozen_gateway_may_be_heard_later(own_lab: Lab) -> None:
    async with bot_on(own_lab, Timings(answer=0.2)) as bot:
        own_lab.freeze()
        with pytest.raises(MaybeSent):
            await bot.gateway.send(outgoing("大家好", group="r1"))
        own_lab.thaw()


async def test_a_quiet_gateway_is_left_in_peace(lab: Lab) -> None:
    async with bot_on(lab, Timings(silence=0.1, pulse=1)) as bot:
        await eventually(lambda: lab.count("version") >= 4)
        assert not bot.all(AccountDown)


async def test_a_bad_token_is_told_of_once(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    before = lab.count("version")
    quick = Timings(shortest_pause=0.02, longest_pause=0.1)
    async with bot_on(lab, quick, token="wrong-secret", up=False) as bot:
        await eventually(lambda: bot.gateway.link.why == "the gateway refuses the token")
        await asyncio.sleep(0.5)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.levelname for record in told] == ["ERROR"]
    assert "wrong-secret" not in caplog.text
    assert not bot.heard
    assert lab.count("version") == before


async def test_a_second_bot_is_refused_and_the_first_hears_on(
    bot: Bot, lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    quick = Timings(shortest_pause=0.05, longest_pause=0.2)
    async with bot_on(lab, quick, up=False) as second:
        await eventually(lambda: "another client" in second.gateway.link.why)
        lab.says("ming", "早", room="r1")
        await bot.hears(MessageReceived)
        assert not second.heard
        assert not bot.all(AccountDown)
        await bot.close()
        await second.hears(AccountUp)
    assert lab.count("stop") == 0
    assert caplog.text.count("taken by another client") == 1


async def test_a_second_bot_takes_over_when_the_first_is_gone(lab: Lab) -> None:
    async with bot_on(lab):
        pass
    async with bot_on(lab) as second:
        lab.says("ming", "早", room="r1")
        assert await second.hears(MessageReceived)


async def test_repeats_are_known_across_connections(own_lab: Lab) -> None:
    async with bot_on(own_lab) as bot:
        own_lab.says("ming", "早", room="r1", id_="one")
        await bot.hears(MessageReceived)
        await asyncio.to_thread(own_lab.kill)
        await asyncio.to_thread(own_lab.start)
        await bot.hears(AccountUp, 2)
        own_lab.says("ming", "早", room="r1", id_="one")
        own_lab.says("ming", "又早", room="r1")
        assert [event.text for event in await bot.hears(MessageReceived, 2)] == ["早", "又早"]


async def test_letting_go_is_quick_and_leaves_nothing(own_lab: Lab) -> None:
    tasks = asyncio.all_tasks()
    async with bot_on(own_lab) as bot:
        own_lab.freeze()
        looking = asyncio.create_task(bot.gateway.rooms())
        async with asyncio.timeout(1):
            await bot.close()
        with pytest.raises(Unreachable):
            await looking
    assert asyncio.all_tasks() == tasks
    own_lab.thaw()
    assert own_lab.count("stop") == 0
    assert own_lab.state()["loggedIn"]


async def test_a_reader_that_goes_away_lets_go(lab: Lab) -> None:
    tasks = asyncio.all_tasks()
    events = gateway(lab).events()
    assert isinstance(await anext(events), AccountUp)
    await events.aclose()
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize("endpoint", ["", "host", "host:", ":1", "host:port"])
def test_an_endpoint_is_a_host_and_a_port(lab: Lab, endpoint: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        gateway(lab, endpoint=endpoint)


async def test_a_line_can_be_encrypted(tmp_path: Path) -> None:
    with Lab(tmp_path / "lab", tls=True) as lab:
        ca = tmp_path / "ca.pem"
        ca.write_text(lab.certificate_authority())
        reader = gateway(lab, tls_ca=ca, tls_name="insecure").events()
        async with asyncio.timeout(5):
            assert isinstance(await anext(reader), AccountUp)
        await reader.aclose()
