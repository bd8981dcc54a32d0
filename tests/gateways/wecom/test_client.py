"""What becomes of a call, by what WeCom, the line and the quotas make of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import (
    Failed,
    NoAnswer,
    NotReached,
    SecretRefused,
    SlowDown,
    WeComError,
)
from bot.gateways.wecom.pace import AT_ONCE, Limit, Pace
from bot.gateways.wecom.tokens import Renewal, Tokens
from models.stores.wecom import KeptToken
from tests.gateways.wecom.answers import BASE, Line, Time

GET = "externalcontact/groupchat/get"
SEND = "externalcontact/add_msg_template"


class Memory:
    """A shelf that only this process has."""

    def __init__(self) -> None:
        self.kept = KeptToken()

    async def change(self, renewal: Renewal) -> KeptToken:
        self.kept = await renewal(self.kept)
        return self.kept


@pytest.fixture
def time() -> Time:
    return Time()


def client(http: httpx.AsyncClient, time: Time, pace: Pace | None = None) -> WeComClient:
    tokens = Tokens(Memory(), http, "ww1", "s3cret", time.now)
    return WeComClient(http, tokens, pace or Pace(), time.wait, time.now)


async def test_a_call_is_a_post_with_the_token_in_its_address(time: Time) -> None:
    line = Line({"errcode": 0, "errmsg": "ok", "group_chat": {"name": "杭州"}})
    answer = await client(line.http, time).call(GET, {"chat_id": "wr1", "need_name": 1})
    assert answer["group_chat"] == {"name": "杭州"}
    (asked,) = line.asked
    assert asked.method == "POST"
    assert str(asked.url) == f"{BASE}/cgi-bin/{GET}?access_token=TOKEN-1"
    assert asked.content == b'{"chat_id":"wr1","need_name":1}'


async def test_without_a_body_it_is_a_get(time: Time) -> None:
    line = Line({"external_contact": {"name": "豆豆妈"}})
    got = await client(line.http, time).call(
        "externalcontact/get", params={"external_userid": "wm1"}
    )
    assert got["external_contact"] == {"name": "豆豆妈"}
    (asked,) = line.asked
    assert asked.method == "GET"
    assert dict(asked.url.params) == {"external_userid": "wm1", "access_token": "TOKEN-1"}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_that_ran_out_is_renewed_once(time: Time, errcode: int) -> None:
    line = Line(errcode)
    await client(line.http, time).call(GET, {})
    assert line.tokens_used == ["TOKEN-1", "TOKEN-2"]
    assert time.waited == []


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_what_a_new_token_does_not_help_fails(time: Time, errcode: int) -> None:
    line = Line(errcode, errcode, errcode)
    with pytest.raises(Failed) as failed:
        await client(line.http, time).call(GET, {})
    assert failed.value.errcode == errcode
    assert len(line.asked) == line.tokens_given == 2


async def test_calls_at_the_same_moment_renew_it_once(time: Time) -> None:
    given, together = 0, asyncio.Barrier(5)

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal given
        if request.url.path.endswith("gettoken"):
            given += 1
            return httpx.Response(200, json={"access_token": f"TOKEN-{given}"})
        await together.wait()
        is_old = request.url.params["access_token"] == "TOKEN-1"
        return httpx.Response(200, json={"errcode": 42001 if is_old else 0})

    async with httpx.AsyncClient(base_url=BASE, transport=httpx.MockTransport(answer)) as http:
        asks = client(http, time)
        await asyncio.gather(*(asks.call(GET, {"n": n}) for n in range(5)))
    assert given == 2


async def test_a_wrong_secret_ends_it(time: Time) -> None:
    line = Line()
    line.token_says = [40001]
    asks = client(line.http, time)
    for _ in range(3):
        with pytest.raises(SecretRefused):
            await asks.call(GET, {})
    assert line.tokens_given == 1
    assert line.asked == []


async def test_while_wecom_is_busy_it_is_asked_three_times_more(time: Time) -> None:
    line = Line(-1, -1, -1)
    await client(line.http, time).call(GET, {})
    assert len(line.asked) == 4
    assert time.waited == sorted(time.waited)
    assert 0 < sum(time.waited) < 10

    line = Line(*([-1] * 9))
    with pytest.raises(Failed, match="busy"):
        await client(line.http, time).call(GET, {})
    assert len(line.asked) == 4


async def test_a_busy_wecom_may_also_be_late_with_the_token(time: Time) -> None:
    line = Line()
    line.token_says = [-1, -1]
    await client(line.http, time).call(GET, {})
    assert line.tokens_used == ["TOKEN-3"]


@pytest.mark.parametrize("errcode", [42001, 60020])
async def test_where_wecom_gives_no_token_nothing_is_called(time: Time, errcode: int) -> None:
    line = Line()
    line.token_says = [errcode]
    with pytest.raises(Failed, match=str(errcode)):
        await client(line.http, time).call(GET, {})
    assert line.asked == []
    assert line.tokens_given == 1


async def test_a_crowd_is_waited_off(time: Time) -> None:
    line = Line(45033, 45033)
    await client(line.http, time).call(GET, {})
    assert len(time.waited) == 2

    line = Line(*([45033] * 99))
    with pytest.raises(SlowDown, match="at the same moment") as slow:
        await client(line.http, time).call(GET, {})
    assert len(line.asked) == 5
    assert slow.value.after < timedelta(seconds=5)


async def test_a_used_up_quota_leaves_that_call_off_for_a_minute(time: Time) -> None:
    line = Line(45009)
    asks = client(line.http, time)
    with pytest.raises(SlowDown, match="45009") as slow:
        await asks.call(GET, {})
    assert slow.value.after == timedelta(seconds=60)
    time.passes(seconds=50)
    with pytest.raises(SlowDown) as slow:
        await asks.call(GET, {})
    assert slow.value.after == timedelta(seconds=10)
    assert len(line.asked) == 1
    await asks.call(SEND, {})
    time.passes(seconds=10)
    await asks.call(GET, {})
    assert time.waited == []


async def test_our_own_quota_is_waited_for_if_it_is_not_long(time: Time) -> None:
    line = Line()
    asks = client(line.http, time, Pace([Limit(2, timedelta(seconds=3))]))
    begun = time.now()
    for _ in range(5):
        await asks.call(GET, {})
    assert time.now() - begun >= timedelta(seconds=6)

    asks = client(line.http, time, Pace([Limit(2, timedelta(hours=1))]))
    for _ in range(2):
        await asks.call(GET, {})
    with pytest.raises(SlowDown, match="quota") as slow:
        await asks.call(GET, {})
    assert slow.value.after > timedelta(minutes=59)


async def test_eight_calls_of_a_kind_at_the_same_moment_and_no_more(time: Time) -> None:
    running, most, together = 0, 0, asyncio.Barrier(AT_ONCE)

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        if request.url.path.endswith("gettoken"):
            return httpx.Response(200, json={"access_token": "T"})
        running += 1
        most = max(most, running)
        await together.wait()
        running -= 1
        return httpx.Response(200, json={"errcode": 0})

    async with httpx.AsyncClient(base_url=BASE, transport=httpx.MockTransport(answer)) as http:
        asks = client(http, time)
        await asyncio.gather(*(asks.call(GET, {"n": n}) for n in range(4 * AT_ONCE)))
    assert most == AT_ONCE


async def test_what_wecom_refuses_is_said_in_words(time: Time) -> None:
    line = Line({"errcode": 48002, "errmsg": "api forbidden"})
    with pytest.raises(Failed, match="可调用接口的应用") as failed:
        await client(line.http, time).call(GET, {})
    assert (failed.value.errcode, failed.value.errmsg) == (48002, "api forbidden")
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (httpx.ConnectError("refused"), NotReached),
        (httpx.ConnectTimeout("slow"), NotReached),
        (httpx.PoolTimeout("busy"), NotReached),
        (httpx.ProxyError("407"), NotReached),
        (httpx.WriteError("reset"), NoAnswer),
        (httpx.WriteTimeout("slow"), NoAnswer),
        (httpx.ReadError("reset"), NoAnswer),
        (httpx.ReadTimeout("slow"), NoAnswer),
        (httpx.RemoteProtocolError("gone"), NoAnswer),
        (httpx.Response(404, text="<html>nginx"), NotReached),
        (httpx.Response(429, json={"message": "slow"}), NotReached),
        (httpx.Response(503, text=""), NotReached),
        (httpx.Response(500, json={"error": "oops"}), NoAnswer),
        (httpx.Response(502, text="<html>"), NoAnswer),
        (httpx.Response(504, text="<html>"), NoAnswer),
        (httpx.Response(302, headers={"location": "https://example.com"}), NoAnswer),
        (httpx.Response(200, text="<html>log in to this network"), NoAnswer),
        (httpx.Response(200, json=[1]), NoAnswer),
        (httpx.Response(200, json={"errcode": None}), NoAnswer),
        (httpx.Response(200, json={"errcode": "x"}), NoAnswer),
        (httpx.Response(200, content=b"\xff{"), NoAnswer),
        (httpx.Response(200, text="[" * 100_000), NoAnswer),
        (httpx.Response(500, json={"errcode": 40058, "errmsg": "bad"}), Failed),
    ],
)
async def test_what_is_known_of_a_call_that_failed(
    time: Time, said: object, kind: type[WeComError]
) -> None:
    line = Line(said)
    with pytest.raises(WeComError) as raised:
        await client(line.http, time).call(SEND, {})
    assert type(raised.value) is kind
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        httpx.Response(200, json={"fail_list": []}),
        httpx.Response(200, json={"errcode": "0"}),
        httpx.Response(500, json={"errcode": 0}),
    ],
)
async def test_only_the_errcode_decides(time: Time, said: httpx.Response) -> None:
    answer = await client(Line(said).http, time).call(SEND, {})
    assert answer["errcode"] == 0


async def test_a_token_that_nobody_gives_means_that_nothing_was_sent(time: Time) -> None:
    line = Line()
    line.token_says = [httpx.ReadTimeout("slow")]
    with pytest.raises(NotReached):
        await client(line.http, time).call(SEND, {})
    line = Line(42001)
    asks = client(line.http, time)
    await asks.call(GET, {})
    line.says, line.token_says = [42001], [httpx.ReadTimeout("slow")]
    with pytest.raises(NotReached):
        await asks.call(SEND, {})


async def test_no_log_and_no_error_tells_a_token(
    time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    leaky = f"{BASE}/cgi-bin/{SEND}?access_token=TOKEN-1"
    line = Line(
        httpx.ConnectError(leaky),
        httpx.ReadError(leaky),
        {"errcode": 99999, "errmsg": "what is TOKEN-1?"},
        httpx.Response(502, text=leaky),
    )
    asks = client(line.http, time)
    for _ in range(4):
        with pytest.raises(WeComError) as raised:
            await asks.call(SEND, {})
        assert "TOKEN" not in str(raised.value)
        assert raised.value.__cause__ is raised.value.__context__ is None
    await asks.call(SEND, {})
    assert f"{SEND}?access_token=***" in caplog.text
    assert "TOKEN" not in caplog.text
    assert "s3cret" not in caplog.text


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Once it has heard everything, except for the token."""
    heard = await reader.readuntil(b"\r\n\r\n")
    if b"gettoken" in heard:
        body = b'{"errcode":0,"access_token":"T","expires_in":7200}'
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 50\r\n\r\n" + body)
        await writer.drain()


async def falls_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await hangs_up(reader, writer)
    await reader.read()


async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await hangs_up(reader, writer)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")


@pytest.mark.parametrize("talk", [hangs_up, falls_silent, breaks_off])
async def test_a_real_line_that_is_lost_midway(time: Time, talk: Talk) -> None:
    async with listening(talk) as base, httpx.AsyncClient(base_url=base, timeout=0.3) as http:
        with pytest.raises(NoAnswer):
            await client(http, time).call(SEND, {"text": {"content": "早"}})


async def test_a_real_port_that_nobody_listens_on(time: Time) -> None:
    async with listening(hangs_up) as base:
        pass
    async with httpx.AsyncClient(base_url=base) as http:
        with pytest.raises(NotReached):
            await client(http, time).call(SEND, {})
