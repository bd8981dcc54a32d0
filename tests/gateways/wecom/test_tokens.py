"""One access token for everybody, asked for once, and never with a secret that was refused."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.failures import Failed, NotReached, SecretRefused
from bot.gateways.wecom.shelf import DatabaseShelf
from bot.gateways.wecom.tokens import Tokens
from models.database import open_engine
from models.ids import AccountId
from tests.gateways.wecom.answers import BASE, START, Line, Time

SECRET = "s3cret-of-the-app"


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def time() -> Time:
    return Time()


def process(
    engine: AsyncEngine, line: Line, time: Time, secret: str = SECRET, account: str = "wecom"
) -> Tokens:
    """Each has a memory of its own."""
    return Tokens(DatabaseShelf(engine, AccountId(account)), line.http, "ww1", secret, time.now)


async def test_a_token_is_kept_for_two_hours_and_over_a_restart(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    tokens = process(engine, line, time)
    assert await tokens.token() == "TOKEN-1"
    time.passes(minutes=119)
    assert await tokens.token() == "TOKEN-1"
    assert await process(engine, line, time).token() == "TOKEN-1"
    time.passes(minutes=1)
    assert await tokens.token() == "TOKEN-2"
    assert await process(engine, line, time).token() == "TOKEN-2"


async def test_every_account_has_its_own(engine: AsyncEngine, line: Line, time: Time) -> None:
    assert await process(engine, line, time, account="a").token() == "TOKEN-1"
    assert await process(engine, line, time, account="b").token() == "TOKEN-2"
    assert await process(engine, line, time, account="a").token() == "TOKEN-1"


async def test_whoever_comes_late_with_a_bad_token_gets_the_one_that_was_renewed(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    one, other = process(engine, line, time), process(engine, line, time)
    bad = await one.token()
    assert await other.token() == bad
    assert await one.renew(bad) == "TOKEN-2"
    assert await other.renew(bad) == "TOKEN-2"
    assert await one.renew(bad) == "TOKEN-2"
    assert line.tokens_given == 2


class Slow:
    """WeCom answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()
        self.http = httpx.AsyncClient(base_url=BASE, transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.answers.wait()
        return httpx.Response(200, json={"errcode": 0, "access_token": "T", "expires_in": 7200})


async def waiting(engine: AsyncEngine, processes: int) -> None:
    """Until so many wait for each other's row."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(10):
        while True:
            async with engine.connect() as connection:
                if await connection.scalar(query) == processes:
                    return


@pytest.mark.parametrize("is_first", [True, False])
async def test_of_five_processes_with_twenty_tasks_each_one_asks(
    engine: AsyncEngine, line: Line, time: Time, is_first: bool
) -> None:
    if not is_first:
        await process(engine, line, time).token()
        time.passes(hours=2)
    slow = Slow()
    five = [
        Tokens(DatabaseShelf(engine, AccountId("wecom")), slow.http, "ww1", SECRET, time.now)
        for _ in range(5)
    ]
    tasks = [asyncio.create_task(each.token()) for each in five for _ in range(20)]
    await waiting(engine, 4)
    slow.answers.set()
    assert set(await asyncio.gather(*tasks)) == {"T"}
    assert slow.asked == 1


@pytest.mark.parametrize("errcode", [40001, 40013, 45009])
async def test_a_wrong_secret_is_not_tried_again_for_an_hour(
    engine: AsyncEngine, line: Line, time: Time, errcode: int
) -> None:
    line.token_says = [errcode]
    tokens = process(engine, line, time)
    with pytest.raises(SecretRefused, match=str(errcode)) as refused:
        await tokens.token()
    assert refused.value.until == START + timedelta(hours=1)
    time.passes(minutes=59)
    for each in (tokens, process(engine, line, time)):
        with pytest.raises(SecretRefused, match="2026-03-02 21:00"):
            await each.token()
        with pytest.raises(SecretRefused):
            await each.renew("TOKEN-0")
    assert line.tokens_given == 1
    time.passes(minutes=1)
    assert await tokens.token() == "TOKEN-2"


async def test_another_secret_is_tried_at_once(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    line.token_says = [40001]
    with pytest.raises(SecretRefused):
        await process(engine, line, time, "mistyped").token()
    assert await process(engine, line, time).token() == "TOKEN-2"
    line.token_says = [40001]
    with pytest.raises(SecretRefused):
        await process(engine, line, time, "mistyped").token()


async def test_the_token_of_another_secret_is_not_used(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    assert await process(engine, line, time, "of another app").token() == "TOKEN-1"
    assert await process(engine, line, time).token() == "TOKEN-2"


async def test_a_refusal_that_can_not_be_kept_is_remembered(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text("ALTER TABLE wecom_token ADD CHECK (refused_why = '')"),
        )
    line.token_says = [40001]
    tokens = process(engine, line, time)
    with pytest.raises(NotReached, match="kept"):
        await tokens.token()
    with pytest.raises(SecretRefused):
        await tokens.token()
    assert line.tokens_given == 1


@pytest.mark.parametrize(
    "said",
    [
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
        httpx.Response(502, text="<html>"),
        {"errcode": 0, "errmsg": "ok"},
        {"errcode": 0, "access_token": ""},
    ],
)
async def test_without_a_token_nothing_was_done(
    engine: AsyncEngine, line: Line, time: Time, said: object
) -> None:
    line.token_says = [said]
    tokens = process(engine, line, time)
    with pytest.raises(NotReached):
        await tokens.token()
    assert await tokens.token() == "TOKEN-2"


async def test_what_is_neither_token_nor_secret_is_not_kept(
    engine: AsyncEngine, line: Line, time: Time
) -> None:
    line.token_says = [60020]
    tokens = process(engine, line, time)
    with pytest.raises(Failed, match="企业可信IP"):
        await tokens.token()
    assert await tokens.token() == "TOKEN-2"


@pytest.mark.parametrize("odd", [None, "7200", -1, 0, 10**12, 1.5])
async def test_an_odd_lifetime_is_two_hours(
    engine: AsyncEngine, line: Line, time: Time, odd: object
) -> None:
    line.token_says = [{"errcode": 0, "access_token": "T", "expires_in": odd}]
    tokens = process(engine, line, time)
    assert await tokens.token() == "T"
    time.passes(minutes=119)
    assert await tokens.token() == "T"
    time.passes(minutes=1)
    assert await tokens.token() == "TOKEN-2"


async def test_while_the_database_is_away_wecom_is_not_asked(line: Line, time: Time) -> None:
    nowhere = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(NotReached, match="database is away"):
        await process(nowhere, line, time).token()
    assert line.tokens_given == 0


async def test_neither_secret_nor_token_is_told(
    engine: AsyncEngine, line: Line, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line.token_says = [
        {"errcode": 99999, "errmsg": f"corpsecret={SECRET} or {SECRET} is odd"},
        httpx.ConnectError(f"{BASE}/cgi-bin/gettoken?corpid=ww1&corpsecret={SECRET}"),
    ]
    tokens = process(engine, line, time)
    for kind in (Failed, NotReached):
        with pytest.raises(kind) as raised:
            await tokens.token()
        assert SECRET not in str(raised.value)
        assert raised.value.__context__ is None
    token = await tokens.token()
    assert "gettoken?corpid=ww1&corpsecret=***" in caplog.text
    assert SECRET not in caplog.text
    assert token not in caplog.text
