"""The demo with a second account: a company on a local WeCom, over HTTP both ways."""

import asyncio
import html
import re
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.clock import ManualClock
from bot.demo import community
from bot.demo.beside import Beside, account_beside, time_page
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.service import http_server
from config.settings import Settings
from handlers.context import Context
from models.delivery import State
from models.ids import GroupId
from models.proposals import Means, Proposal, ProposalState
from models.stores.unit import Unit
from models.tables import GroupRow, OutboxRow, ProposalRow
from tests.browser.demo import ROOT, free_port
from tests.demo.play import Play, playing
from tests.gateways.wecom.beside import company, settings
from tests.gateways.wecom.fake import Corp
from tests.gateways.wecom.fake.sample import CORP_ID, GROUPS

OWNER = "linyue"
ROOM, NAME = "wrHangzhou01", GROUPS["wrHangzhou01"][0]
NEWS = "明天上午十点，社区医院有免费的讲座～"
PATIENCE = 20.0


def of_company(phones: str) -> Settings:
    given = {name.removeprefix("BOT_").lower(): at for name, at in settings(phones).items()}
    return Settings.model_validate(given)


class Neighbours:
    """The demo, its second account, and the phones of those whose company it is."""

    def __init__(self, play: Play, corp: Corp, client: httpx.AsyncClient, phones: str) -> None:
        self.play, self.corp = play, corp
        self._client, self._phones = client, phones

    async def taps(self, button: str, **fields: str | int) -> None:
        """On the phones' page."""
        answer = await self._client.post(f"{self._phones}/{button}", data=fields)
        assert answer.is_redirect

    async def sees(self) -> str:
        return html.unescape((await self._client.get(f"{self._phones}/")).text)

    async def opens(self, address: str) -> str:
        return (await self._client.get(address)).text

    async def says_done(self, address: str, page: str) -> str:
        """What her page says after 「发好了」 below the text to be pasted."""
        card = page[page.index('class="paste"') :]
        form = dict(re.findall(r'name="(key|named|do)" value="(.*?)"', card)[:3])
        sent = {name: html.unescape(value) for name, value in form.items()}
        assert sent["do"] == "done"
        answer = await self._client.post(address, data=sent, follow_redirects=True)
        return answer.text

    async def proposals(self, means: Means) -> list[Proposal]:
        return await self.play.transactions.read(
            lambda facts: facts.proposals.find(ProposalRow.means == means)
        )

    async def later(self, **time: float) -> None:
        await self.play.stage.jump(self.play.clock.now() + timedelta(**time))


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.1)


@pytest.fixture
async def neighbours(database: str, real: ManualClock) -> AsyncIterator[Neighbours]:
    where = f"127.0.0.1:{free_port()}"
    site, phones = f"http://{where}", f"http://127.0.0.1:{free_port()}"
    async with (
        playing(database, real, site) as play,
        httpx.AsyncClient(trust_env=False) as client,
        company(play.clock, client, phones, site) as corp,
    ):
        beside = Beside(
            of_company(phones), database, play.transactions, play.clock, lambda event: None
        )
        app = http_app(
            play.transactions,
            play.dispatcher,
            play.clock,
            lambda: beside.states,
            Metrics(),
            mailboxes=beside.mailboxes,
        )
        app.include_router(time_page(play.clock))
        async with http_server(app, where, ""), beside.running(play.stage):

            async def is_ready() -> bool:
                return (await client.get(f"{site}/readyz")).status_code == httpx.codes.OK

            await eventually(is_ready)
            yield Neighbours(play, corp, client, phones)


async def test_its_groups_are_taken_in_by_name(neighbours: Neighbours) -> None:
    groups = await neighbours.play.transactions.read(
        lambda facts: facts.groups.find(GroupRow.account != community.ACCOUNT)
    )
    assert {each.id: each.name for each in groups if each.is_ours} == {
        GroupId(each): name for each, (name, _) in GROUPS.items()
    }
    assert not await neighbours.play.transactions.read(community.others_live_here)


async def test_a_wave_of_newcomers_is_one_thing_to_paste(neighbours: Neighbours) -> None:
    await neighbours.taps("join", chat_id=ROOM, how_many=12)

    async def is_heard() -> bool:
        members = await neighbours.play.transactions.read(
            lambda facts: facts.members.present(GroupId(ROOM))
        )
        return len(members) == len(neighbours.corp.chats[ROOM].members)

    await eventually(is_heard)
    await neighbours.later(minutes=5)

    async def is_asked() -> bool:
        await neighbours.later(minutes=1)
        return "12位新朋友" in await neighbours.sees()

    await eventually(is_asked)
    phones = await neighbours.sees()
    assert f"「{NAME}」10:00起来了12位新朋友" in re.findall("「.*?位新朋友", phones)
    (asked,) = await neighbours.proposals(Means.PASTE)
    address = re.findall(r'<a href="(.*?/d/.*?)"', phones)[0]
    page = await neighbours.opens(address)
    assert "<b>12</b> 位新朋友" in page
    assert "发好了" in page
    assert "收到，辛苦啦" in await neighbours.says_done(address, page)
    (done,) = await neighbours.proposals(Means.PASTE)
    assert (done.key, done.state) == (asked.key, ProposalState.DONE)


async def test_a_mass_send_is_sent_by_a_tap_on_the_phone(neighbours: Neighbours) -> None:
    async def announce(facts: Unit) -> None:
        ctx = await Context.open(facts, neighbours.play.clock.now(), GroupId(ROOM))
        ctx.announce(f"news:{ROOM}", NEWS)

    await neighbours.play.transactions.run(announce)

    async def waits() -> bool:
        await neighbours.later(minutes=1)
        return bool(neighbours.corp.sends.pending(OWNER))

    await eventually(waits)
    assert neighbours.corp.chats[ROOM].said == []
    (waiting,) = neighbours.corp.sends.pending(OWNER)
    await neighbours.taps("tap", userid=OWNER, msgid=waiting.msgid)
    assert [each.text for each in neighbours.corp.chats[ROOM].said] == [NEWS]

    async def is_known() -> bool:
        await neighbours.later(minutes=1)
        found = await neighbours.proposals(Means.GROUP_SEND)
        return [each.state for each in found] == [ProposalState.DONE]

    await eventually(is_known)
    async with neighbours.play.transactions.engine.connect() as connection:
        states = await connection.scalars(
            select(OutboxRow.state).where(OutboxRow.group == ROOM, OutboxRow.key == f"news:{ROOM}")
        )
        assert list(states) == [State.SENT]


# What the settings ask for


def test_a_company_on_the_real_wecom_is_left_alone() -> None:
    elsewhere = of_company("https://qyapi.weixin.qq.com")
    assert elsewhere.wecom_corp_id == CORP_ID
    assert account_beside(elsewhere) is None
    assert account_beside(of_company("http://127.0.0.1:8900")) is not None


async def test_who_has_the_port_of_the_phones_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.gateways.wecom.beside", "--port", str(port)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
    assert (process.returncode, said) == (2, b"")
    assert f"make demo PHONES={port + 1}" in complained.decode()
