"""会话存档: decrypted lines become what was said, of those who agreed to it alone."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.archive import BadLine, checked, is_line
from models.events import GroupRenamed, MessageRecalled, MessageReceived
from models.stores.inbox import InboxStore
from models.tables import InboxRow
from tests.gateways.listening import Listener, listening
from tests.gateways.wecom.answers import START, Time
from tests.gateways.wecom.conftest import GROUP, NAME, STAFF, customer
from tests.gateways.wecom.office import ACCOUNT, Office

DOUDOU, XIAOYU = customer("doudou"), customer("xiaoyu")
NO_TEXT: dict[str, Any] = {"text": None}
QUOTING = "这是一条引用/回复消息：\n“豆豆妈：建档要带什么”\n------\n身份证"


def line(id_: str, text: str = "你好", by: str = DOUDOU, **more: Any) -> str:
    message = {
        "msgid": id_,
        "action": "send",
        "from": by,
        "tolist": ["linyue"],
        "roomid": GROUP,
        "msgtime": int(START.timestamp() * 1000),
        "msgtype": "text",
        "text": {"content": text},
    }
    return json.dumps(message | more, ensure_ascii=False)


# What is a line


def test_a_line_is_known_by_its_message() -> None:
    assert checked(line("m1")) == "m1"
    assert checked('{"msgid": "m2", "action": "switch", "time": 1, "user": "linyue"}') == "m2"
    assert is_line(line("m1"))
    assert not is_line("<xml><Event>change_external_chat</Event></xml>")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no object"),
        ("{}", "msgid"),
        ('{"msgid": 7}', "msgid"),
        ('{"msgid": "m1", "action": "send"}', "msgtime"),
        (line("m1", msgtime="yesterday"), "msgtime"),
        (line("m1", msgtime=True), "msgtime"),
        (line("m1", msgtime=10**20), "msgtime"),
        (line("m1", msgtime=-1), "msgtime"),
        (line("m1", text="你好") + "x", "no JSON"),
        (line("m1", **{"text": "你好"}).replace('{"content": "你好"}', '"你好"'), "text"),
        (line("m1", msgtype="revoke", revoke="m0"), "revoke"),
        (line("m1", msgtype="agree", agree=[1]), "agree"),
        (line("m\0"), "msgid"),
        (line("m" * 201), "msgid"),
    ],
    ids=range(17),
)
def test_what_is_no_line_is_told_in_words(bad: str, why: str) -> None:
    with pytest.raises(BadLine, match=why):
        checked(bad)


# What is told of it


@pytest.fixture
async def archived(engine: AsyncEngine, time: Time) -> AsyncIterator[Office]:
    """Doudou's mother has agreed, Xiaoyu's has not."""
    office = Office(engine, time, STAFF, has_archive=True, wait=time.wait)
    office.corp.open_chat(GROUP, NAME, "linyue", {DOUDOU: "豆豆妈", XIAOYU: "小雨妈"})
    office.corp.agrees(GROUP, DOUDOU)
    office.corp.office.events.clear()
    yield office
    await office.aclose()


async def come(office: Office, engine: AsyncEngine, *lines: str, at: datetime = START) -> None:
    async with engine.begin() as connection:
        for each in lines:
            await InboxStore(connection).add(ACCOUNT, checked(each), each, at)
    office.knock.ring()


async def heard(office: Office, listener: Listener) -> list[tuple[str, str]]:
    """Who said what, until now."""
    before = len(listener.all(GroupRenamed))
    office.corp.renamed(GROUP, f"{NAME}{before}")
    await office.calls_us()
    await listener.hears(GroupRenamed, before + 1)
    return [(each.sender, each.text) for each in listener.all(MessageReceived)]


async def test_with_the_archive_it_hears(archived: Office) -> None:
    able = archived.gateway.capabilities
    assert able.hears
    assert able.sees_recalls


async def test_what_is_said_in_a_group_is_told(archived: Office, engine: AsyncEngine) -> None:
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1", "在吗"), line("m2", "在的", "linyue"))
        said = await listener.hears(MessageReceived, 2)
        assert [(each.id, each.group, each.sender, each.text) for each in said] == [
            ("m1", GROUP, DOUDOU, "在吗"),
            ("m2", GROUP, archived.staff("linyue"), "在的"),
        ]
        assert said[0].at == START


async def test_who_did_not_agree_is_not_heard_until_she_does(
    archived: Office, engine: AsyncEngine, time: Time
) -> None:
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1", "在吗", XIAOYU))
        assert await heard(archived, listener) == []
        archived.corp.agrees(GROUP, XIAOYU)
        time.passes(minutes=2)
        await come(archived, engine, line("m2", "我同意了", XIAOYU))
        assert await heard(archived, listener) == [(XIAOYU, "我同意了")]


async def test_who_takes_her_consent_back_is_not_heard_from_then_on(
    archived: Office, engine: AsyncEngine
) -> None:
    said_no = line("m2", msgtype="disagree", disagree={"userid": DOUDOU, "disagree_time": 1})
    said_yes = line("m4", msgtype="agree", agree={"userid": DOUDOU, "agree_time": 1})
    async with listening(archived.gateway) as listener:
        lines = (line("m1", "一"), said_no, line("m3", "二"), said_yes, line("m5", "三"))
        await come(archived, engine, *lines)
        assert await heard(archived, listener) == [(DOUDOU, "一"), (DOUDOU, "三")]


async def test_consent_is_asked_for_again_after_a_while(
    archived: Office, engine: AsyncEngine, time: Time
) -> None:
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1", "一"))
        await listener.hears(MessageReceived)
        del archived.corp.chats[GROUP].agreed[DOUDOU]
        time.passes(minutes=10)
        await come(archived, engine, line("m2", "二"))
        assert await heard(archived, listener) == [(DOUDOU, "一")]


async def test_nobody_is_heard_where_wecom_does_not_tell_who_agreed(
    archived: Office, engine: AsyncEngine
) -> None:
    archived.corp.fail_next("msgaudit/check_room_agree", 301053)
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1"), line("m2", "在的", "linyue"))
        assert await heard(archived, listener) == [(archived.staff("linyue"), "在的")]


async def test_what_is_taken_back_is_told(archived: Office, engine: AsyncEngine) -> None:
    back = line("m2", action="recall", msgtype="revoke", revoke={"pre_msgid": "m1"})
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1"), back)
        (recalled,) = await listener.hears(MessageRecalled)
        assert (recalled.group, recalled.id) == (GROUP, "m1")


async def test_what_she_quotes_is_not_what_she_says(archived: Office, engine: AsyncEngine) -> None:
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1", QUOTING))
        (said,) = await listener.hears(MessageReceived)
        assert not said.text.startswith("这是一条引用")
        assert said.text.endswith("身份证")


async def test_a_picture_is_said_without_words(archived: Office, engine: AsyncEngine) -> None:
    picture = line("m1", msgtype="image", image={"md5sum": "0"}, **NO_TEXT)
    async with listening(archived.gateway) as listener:
        await come(archived, engine, picture)
        assert await heard(archived, listener) == [(DOUDOU, "")]


async def test_private_conversations_are_none_of_ours(
    archived: Office, engine: AsyncEngine
) -> None:
    private = line("m1", "私下说", roomid="")
    switch = '{"msgid": "m2", "action": "switch", "time": 1, "user": "linyue"}'
    async with listening(archived.gateway) as listener:
        await come(archived, engine, private, switch)
        assert await heard(archived, listener) == []
    async with engine.connect() as connection:
        bodies = await connection.scalars(select(InboxRow.body).where(InboxRow.digest == "m1"))
        assert list(bodies) == [None]


async def test_a_letter_that_can_not_be_understood_stops_none_behind_it(
    archived: Office, engine: AsyncEngine
) -> None:
    half = json.dumps({"msgid": "m0", "action": "send", "from": DOUDOU, "roomid": GROUP})
    async with engine.begin() as connection:
        await InboxStore(connection).add(ACCOUNT, "m0", half, START)
    async with listening(archived.gateway) as listener:
        await come(archived, engine, line("m1", "在吗"))
        assert await heard(archived, listener) == [(DOUDOU, "在吗")]


# How they come: `python -m bot archive`


def archive(database: str, lines: str, **settings: str) -> subprocess.CompletedProcess[str]:
    company = {
        "BOT_WECOM_CORP_ID": "ww1",
        "BOT_WECOM_AGENT_ID": "1000002",
        "BOT_WECOM_SECRET": "secret",
        "BOT_WECOM_ARCHIVE": "on",
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", "archive"],
        input=lines,
        env={**os.environ, "BOT_DATABASE_URL": database, **company, **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


async def waiting(engine: AsyncEngine) -> list[tuple[str, str, str | None]]:
    async with engine.connect() as connection:
        found = await connection.execute(
            select(InboxRow.account, InboxRow.digest, InboxRow.body).order_by(InboxRow.id)
        )
        return [(account, digest, body) for account, digest, body in found]


async def test_lines_are_taken_in_once(database: str, engine: AsyncEngine) -> None:
    lines = f"{line('m1')}\n\n{line('m2', '第二句')}\n"
    for _ in range(2):
        done = archive(database, lines)
        assert (done.returncode, done.stderr) == (0, "")
    assert await waiting(engine) == [
        (ACCOUNT, "m1", line("m1")),
        (ACCOUNT, "m2", line("m2", "第二句")),
    ]


async def test_a_bad_line_is_told_by_its_number_and_the_others_are_kept(
    database: str, engine: AsyncEngine
) -> None:
    done = archive(database, f"{line('m1')}\n{{\n{line('m2')}\n[]\n")
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first.startswith("line 2: it is no JSON")
    assert second == "line 4: it is no object"
    assert [digest for _, digest, _ in await waiting(engine)] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"BOT_WECOM_ARCHIVE": "off"}, "BOT_WECOM_ARCHIVE"),
        ({"BOT_WECOM_SECRET": ""}, "BOT_WECOM_SECRET"),
    ],
    ids=["off", "half"],
)
async def test_without_the_archive_nothing_is_taken_in(
    database: str, engine: AsyncEngine, settings: dict[str, str], says: str
) -> None:
    done = archive(database, line("m1"), **settings)
    assert done.returncode == 2
    assert says in done.stderr
    assert await waiting(engine) == []
