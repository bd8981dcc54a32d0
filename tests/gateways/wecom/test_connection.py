"""Whether the app may work at all: said in words where it may not, and tried with patience."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.base import Gateway, Unreachable
from models.delivery import NotSent
from models.events import AccountDown, AccountUp, GroupRenamed
from tests.gateways.listening import Listener, listening
from tests.gateways.wechaty.conftest import outgoing
from tests.gateways.wecom.answers import Time
from tests.gateways.wecom.conftest import GROUP, NAME, STAFF
from tests.gateways.wecom.office import SECRET, Office

TOKEN, LIST = "gettoken", "externalcontact/groupchat/list"


class Patience:
    """Waits until it is told that the time has passed."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._asked: asyncio.Queue[float] = asyncio.Queue()
        self._over: asyncio.Queue[None] = asyncio.Queue()

    async def wait(self, seconds: float) -> None:
        self._asked.put_nowait(seconds)
        await self._over.get()
        self._time.passes(seconds=seconds)

    async def asked(self) -> timedelta:
        async with asyncio.timeout(10):
            return timedelta(seconds=await self._asked.get())

    def is_over(self) -> None:
        self._over.put_nowait(None)


@pytest.fixture
def patience(time: Time) -> Patience:
    return Patience(time)


@pytest.fixture
async def trying(engine: AsyncEngine, time: Time, patience: Patience) -> AsyncIterator[Office]:
    office = Office(engine, time, STAFF, wait=patience.wait)
    office.corp.open_chat(GROUP, NAME, "linyue")
    office.corp.office.events.clear()
    yield office
    await office.aclose()


async def closed(gateway: Gateway, listener: Listener) -> None:
    await gateway.aclose()
    await listener.reading


async def test_a_token_that_ran_out_is_renewed_once_for_all(office: Office, time: Time) -> None:
    async with listening(office.gateway):
        for ends in (office.corp.invalidates_tokens, lambda: time.passes(hours=2)):
            before = len(office.corp.calls_of(TOKEN))
            ends()
            found = await asyncio.gather(*(office.gateway.rooms() for _ in range(5)))
            assert found == [[GROUP]] * 5
            assert len(office.corp.calls_of(TOKEN)) == before + 1
        assert office.gateway.link.up


async def test_two_processes_share_a_token(office: Office) -> None:
    other = office.opens()
    await asyncio.gather(office.gateway.probe([]), other.probe([]))
    assert len(office.corp.calls_of(TOKEN)) == 1
    await other.aclose()


async def test_a_wrong_secret_is_told_and_not_tried_again_for_an_hour(
    engine: AsyncEngine, time: Time, patience: Patience
) -> None:
    office = Office(engine, time, STAFF, secret="wrong", wait=patience.wait)
    listener = Listener(office.gateway)
    assert await patience.asked() >= timedelta(hours=1)
    link = office.gateway.link
    assert not link.up
    assert "Secret" in link.why
    assert "wrong" not in link.why.split()
    with pytest.raises(NotSent, match="Secret"):
        await office.gateway.send(outgoing("新成员3位", to=office.staff("linyue")))
    with pytest.raises(Unreachable, match="Secret"):
        await office.gateway.probe([])
    # Nor after a restart.
    again = office.opens()
    with pytest.raises(Unreachable, match="Secret"):
        await again.probe([])
    await again.aclose()
    assert len(office.corp.calls_of(TOKEN)) == 1
    patience.is_over()
    assert await patience.asked() >= timedelta(hours=1)
    assert len(office.corp.calls_of(TOKEN)) == 2
    assert listener.heard == []
    await closed(office.gateway, listener)


async def test_another_secret_is_tried_at_once(engine: AsyncEngine, time: Time) -> None:
    wrong = Office(engine, time, STAFF, secret="wrong", wait=time.wait)
    with pytest.raises(Unreachable):
        await wrong.gateway.probe([])
    right = Office(engine, time, STAFF, secret=SECRET, wait=time.wait)
    assert (await right.gateway.probe([])).rooms == 0
    await wrong.aclose()
    await right.aclose()


@pytest.mark.parametrize(
    ("errcode", "says"),
    [(60020, "企业可信IP"), (48002, "可调用接口的应用"), (81017, "可见范围")],
)
async def test_what_an_admin_has_to_mend_is_told_and_works_once_it_is(
    trying: Office, patience: Patience, errcode: int, says: str
) -> None:
    gateway = trying.gateway
    listener = Listener(gateway)
    await listener.hears(AccountUp)
    trying.corp.fail_next(LIST, errcode, times=3)
    with pytest.raises(Unreachable, match=says):
        await gateway.rooms()
    (down,) = await listener.hears(AccountDown)
    assert says in down.why
    assert says in gateway.link.why
    waits = [await patience.asked()]
    patience.is_over()
    waits.append(await patience.asked())
    assert waits[0] < waits[1]
    patience.is_over()
    await listener.hears(AccountUp, 2)
    assert gateway.link.up
    await closed(gateway, listener)


async def test_a_line_that_breaks_for_a_moment_is_no_news(office: Office, time: Time) -> None:
    async with listening(office.gateway) as listener:
        before = len(office.corp.calls_of(LIST))
        office.corp.break_next(LIST, "unanswered", times=2)
        for number in range(3):
            time.passes(minutes=1)
            office.corp.renamed(GROUP, f"{NAME}{number}")
            await office.calls_us()
            await listener.hears(GroupRenamed, number + 1)
        assert len(office.corp.calls_of(LIST)) >= before + 2
        assert office.gateway.link.up
        assert listener.all(AccountDown) == []


async def test_a_busy_wecom_is_asked_three_times_more(office: Office, time: Time) -> None:
    office.corp.fail_next(LIST, -1, times=3)
    assert (await office.gateway.probe([])).rooms == 1
    office.corp.fail_next(LIST, -1, times=10)
    with pytest.raises(Unreachable, match="busy"):
        await office.gateway.probe([])
    assert len(office.corp.calls_of(LIST)) == 8


async def test_a_quota_that_is_used_up_is_left_alone_for_a_minute(
    office: Office, time: Time
) -> None:
    async with listening(office.gateway):
        before = len(office.corp.calls_of(LIST))
        office.corp.fail_next(LIST, 45009)
        for _ in range(3):
            with pytest.raises(Unreachable, match="quota"):
                await office.gateway.rooms()
        assert len(office.corp.calls_of(LIST)) == before + 1
        assert office.gateway.link.up
        time.passes(minutes=1)
        assert await office.gateway.rooms() == [GROUP]


async def test_who_is_closed_asks_nothing_more(office: Office) -> None:
    async with listening(office.gateway):
        pass
    calls = len(office.corp.calls)
    with pytest.raises(Unreachable):
        await office.gateway.probe([])
    with pytest.raises(NotSent):
        await office.gateway.send(outgoing("新成员3位", to=office.staff("linyue")))
    assert len(office.corp.calls) == calls
    assert not office.gateway.link.up


async def test_no_secret_and_no_token_is_written_down(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening(office.gateway):
        office.corp.fail_next(LIST, 60020)
        with pytest.raises(Unreachable):
            await office.gateway.rooms()
    assert caplog.records
    said = " ".join(each.getMessage() for each in caplog.records)
    # The local WeCom's tokens look like this.
    assert not re.search(r"[0-9a-f]{64}", said)
    assert f"={SECRET}" not in said
