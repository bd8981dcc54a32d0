"""Where WeCom calls us: only what is WeCom's is taken in, and it is kept before it is answered."""

import logging
import time as real_time

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.crypto import Envelope
from bot.http.callbacks import ANSWERED_WITHIN, HEAVIEST
from models.tables import InboxRow
from tests.gateways.wecom.conftest import GROUP, customer
from tests.gateways.wecom.fake import Quirks
from tests.gateways.wecom.office import ACCOUNT, AES_KEY, CORP_ID, TOKEN, Office

PATH = f"/wecom/{ACCOUNT}/callback"
EVENT = "<xml><Event>change_external_chat</Event><ChatId>wr1</ChatId></xml>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Event>&b;</Event></xml>'
DEEP = f"<xml>{'<a>' * 1000}{'</a>' * 1000}</xml>"


def sealed(xml: str, *, token: str = TOKEN, corp_id: str = CORP_ID) -> tuple[dict[str, str], str]:
    """How WeCom calls: what stands in the address, and the body."""
    found = Envelope(token, AES_KEY, corp_id).seal(xml, "1772452800", "77", bytes(16))
    asked = {"msg_signature": found.signature, "timestamp": found.timestamp, "nonce": found.nonce}
    return asked, f"<xml><Encrypt><![CDATA[{found.encrypted}]]></Encrypt></xml>"


async def post(
    office: Office, asked: dict[str, str], body: str | bytes, path: str = PATH
) -> httpx.Response:
    return await office.client.post(path, params=asked, content=body)


async def kept(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(InboxRow)) or 0


async def test_the_address_is_verified_by_the_bare_text_at_once(office: Office) -> None:
    verification = await office.pusher.verify()
    assert verification.fine, verification.why


async def test_nobody_else_verifies_it(office: Office) -> None:
    found = Envelope("another", AES_KEY, CORP_ID).seal("4711", "1", "2", bytes(16))
    asked = {
        "msg_signature": found.signature,
        "timestamp": "1",
        "nonce": "2",
        "echostr": found.encrypted,
    }
    answer = await office.client.get(PATH, params=asked)
    assert answer.status_code == 403
    assert "4711" not in answer.text
    assert (await office.client.get(PATH)).status_code == 403


async def test_what_is_told_is_kept_and_answered(office: Office, engine: AsyncEngine) -> None:
    office.corp.joins(GROUP, customer("xiaoyu"), "小雨妈")
    (delivery,) = await office.pusher.deliver()
    assert delivery.statuses == [200]
    async with engine.connect() as connection:
        (body,) = await connection.scalars(select(InboxRow.body))
    assert body == delivery.xml


async def test_a_repeat_is_answered_and_kept_once(office: Office, engine: AsyncEngine) -> None:
    office.pusher.next_is(Quirks(copies=3))
    office.corp.joins(GROUP, customer("xiaoyu"), "小雨妈")
    (delivery,) = await office.pusher.deliver()
    assert delivery.statuses == [200, 200, 200]
    assert await kept(engine) == 1


async def test_somebody_who_sends_the_same_again_changes_nothing(
    office: Office, engine: AsyncEngine
) -> None:
    asked, body = sealed(EVENT)
    assert [(await post(office, asked, body)).status_code for _ in range(3)] == [200] * 3
    assert await kept(engine) == 1


@pytest.mark.parametrize(
    ("asked", "body", "path", "status"),
    [
        (*sealed(EVENT, token="another"), PATH, 403),
        (*sealed(EVENT, corp_id="ww2"), PATH, 403),
        (*sealed(EVENT), "/wecom/wecom-ww1-7/callback", 403),
        ({}, sealed(EVENT)[1], PATH, 403),
        (sealed(EVENT)[0], sealed(EVENT + " ")[1], PATH, 403),
        (sealed(EVENT)[0], "no xml", PATH, 400),
        (sealed(EVENT)[0], "", PATH, 400),
        (sealed(EVENT)[0], b"\xff\xfe", PATH, 400),
        (sealed(EVENT)[0], "<xml></xml>", PATH, 400),
        (sealed(EVENT)[0], BOMB, PATH, 400),
        (sealed(EVENT)[0], DEEP, PATH, 400),
        (sealed(EVENT)[0], "<xml>" + " " * HEAVIEST + "</xml>", PATH, 413),
        (*sealed(BOMB), PATH, 400),
        (*sealed(DEEP), PATH, 400),
        (*sealed("<xml><Event>"), PATH, 400),
        (*sealed("not even xml"), PATH, 400),
        (*sealed(""), PATH, 400),
    ],
    ids=[
        "token",
        "corp",
        "account",
        "unsigned",
        "swapped",
        "text",
        "empty",
        "bytes",
        "nothing-in-it",
        "bomb",
        "deep",
        "heavy",
        "sealed-bomb",
        "sealed-deep",
        "sealed-half",
        "sealed-text",
        "sealed-empty",
    ],
)
async def test_what_is_not_wecoms_or_no_event_is_not_taken_in(
    office: Office,
    engine: AsyncEngine,
    asked: dict[str, str],
    body: str | bytes,
    path: str,
    status: int,
) -> None:
    answer = await post(office, asked, body, path)
    assert answer.status_code == status
    assert await kept(engine) == 0


async def test_who_has_not_our_token_learns_nothing_of_accounts(office: Office) -> None:
    asked, body = sealed(EVENT, token="another")
    ours = await post(office, asked, body)
    nobodys = await post(office, asked, body, "/wecom/nobody/callback")
    assert (ours.status_code, ours.content) == (nobodys.status_code, nobodys.content)


async def test_an_event_that_nobody_knows_yet_is_taken_in(
    office: Office, engine: AsyncEngine
) -> None:
    answer = await post(office, *sealed("<xml><Event>something_new</Event></xml>"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await kept(engine) == 1


async def test_where_the_database_does_not_answer_wecom_is_asked_to_tell_it_again(
    office: Office, engine: AsyncEngine
) -> None:
    asked, body = sealed(EVENT)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        began = real_time.monotonic()
        answer = await post(office, asked, body)
        assert answer.status_code == 503
        assert real_time.monotonic() - began < ANSWERED_WITHIN + 0.9
    assert await kept(engine) == 0
    assert (await post(office, asked, body)).status_code == 200
    assert await kept(engine) == 1


async def test_nothing_secret_is_written_down(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.corp.joins(GROUP, customer("xiaoyu"), "小雨妈")
    await office.pusher.deliver()
    await post(office, *sealed(EVENT, token="another"))
    await post(office, *sealed(BOMB))
    ours = [each for each in caplog.records if each.name.startswith("bot.")]
    assert ours
    said = " ".join(each.getMessage() for each in ours)
    for secret in (TOKEN, AES_KEY, "小雨妈", customer("xiaoyu")):
        assert secret not in said
