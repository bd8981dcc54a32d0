"""What people do is told, and not always as it should be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.gateways.wecom.fake import VERSIONS, Callback, Pusher, Quirks, create_app
from tests.gateways.wecom.fake.tests.caller import (
    AES_KEY,
    CHAT,
    CORP_ID,
    EVENING,
    GROUP,
    TOKEN,
    Caller,
)


class Hears:
    """A service of ours that hears callbacks, decrypted by another implementation than theirs."""

    def __init__(self) -> None:
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
        self.heard: list[ElementTree.Element] = []
        self.statuses: list[int] = []
        """Of its next answers; 200 when there are none."""
        self.echo: Callable[[str], str | bytes] = lambda text: text
        self.thinks: Callable[[], Awaitable[object]] | None = None
        self.app = FastAPI()
        self.app.add_api_route("/callback", self._verify, methods=["GET"])
        self.app.add_api_route("/callback", self._hear, methods=["POST"])

    async def _verify(self, request: Request) -> Response:
        asked = request.query_params
        text = self.crypto.check_signature(
            asked["msg_signature"], asked["timestamp"], asked["nonce"], asked["echostr"]
        )
        return Response(self.echo(text))

    async def _hear(self, request: Request) -> Response:
        if self.thinks:
            await self.thinks()
        asked = request.query_params
        text = self.crypto.decrypt_message(
            await request.body(), asked["msg_signature"], asked["timestamp"], asked["nonce"]
        )
        self.heard.append(ElementTree.fromstring(text))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    def told(self, name: str) -> list[str | None]:
        return [each.findtext(name) for each in self.heard]


@pytest.fixture
def hears() -> Hears:
    return Hears()


@pytest.fixture
async def pusher(us: Caller, hears: Hears) -> AsyncIterator[Pusher]:
    callback = Callback("http://ours/callback", TOKEN, AES_KEY, us.app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hears.app)) as client:
        yield Pusher(us.corp, callback, client, answered_within=0.2)


async def test_the_address_is_verified_by_the_bare_text(pusher: Pusher, hears: Hears) -> None:
    assert (await pusher.verify()).fine
    hears.echo = lambda text: f'"{text}"'
    assert not (await pusher.verify()).fine
    hears.echo = lambda text: f"{text}\n"
    assert not (await pusher.verify()).fine
    hears.echo = lambda text: b"\xef\xbb\xbf" + text.encode()
    assert not (await pusher.verify()).fine


async def test_who_comes_and_goes_is_told_with_versions(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    us.corp.join_together(GROUP, {"wmXiaoyu": "小雨", "wmMili": "米粒妈"})
    us.corp.invited_by(GROUP, "linyue", "wmTang", "糖糖妈")
    us.corp.leaves(GROUP, "wmMili")
    us.corp.removed(GROUP, "wmTang")
    assert all(each.arrived for each in await pusher.deliver())
    assert hears.told("UpdateDetail") == ["add_member", "add_member", "del_member", "del_member"]
    assert hears.told("JoinScene") == ["3", "0", "0", "0"]
    assert hears.told("QuitScene") == ["0", "0", "0", "1"]
    assert hears.told("MemChangeCnt") == ["2", "1", "1", "1"]
    assert [each.text for each in hears.heard[0].iter("Item")] == ["wmXiaoyu", "wmMili"]
    assert hears.told("CurMemVer")[:3] == hears.told("LastMemVer")[1:]
    chat = (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"]
    assert chat["member_version"] == hears.told("CurMemVer")[-1]
    assert set(hears.told("CreateTime")) == {str(int(EVENING.timestamp()))}
    assert set(hears.told("FromUserName")) == {"sys"}


async def test_what_becomes_of_a_group_is_told(us: Caller, pusher: Pusher, hears: Hears) -> None:
    us.corp.open_chat("wrNew", "新群", "chenxi")
    us.corp.renamed("wrNew", "宁波·2026年6-8月·母婴店·01")
    us.corp.noticed("wrNew", "请改群昵称")
    us.corp.owner_changes("wrNew", "linyue")
    us.corp.dismissed("wrNew")
    await pusher.deliver()
    told = list(zip(hears.told("ChangeType"), hears.told("UpdateDetail"), strict=True))
    assert told == [
        ("create", None),
        ("update", "change_name"),
        ("update", "change_notice"),
        ("update", "change_owner"),
        ("dismiss", None),
    ]


async def test_a_new_contact_is_told_with_state_and_welcome_code(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    code = us.corp.adds_staff("wmXiaoyu", "小雨", "linyue", state="add-me")
    us.corp.drops_staff("wmXiaoyu", "linyue")
    await pusher.deliver()
    assert hears.told("ChangeType") == ["add_external_contact", "del_follow_user"]
    assert hears.told("WelcomeCode") == [code, None]
    assert hears.told("State") == ["add-me", None]


async def test_what_is_done_by_call_and_what_is_said_is_not_told(us: Caller) -> None:
    config_id = await us.join_way()
    await us.post(f"{CHAT}update_join_way", config_id=config_id, scene=2, chat_id_list=[GROUP])
    us.corp.owner_taps("linyue", (await us.propose())["msgid"])
    us.corp.says(GROUP, "wmDoudou", "收到")
    us.corp.calls_herself(GROUP, "wmDoudou", "杭州-孕37周-豆豆")
    assert us.corp.office.events == []


async def test_a_callback_is_repeated_three_times_and_then_lost(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    hears.statuses = [500, 502, 200]
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    (told,) = await pusher.deliver()
    assert told.statuses == [500, 502, 200]
    hears.statuses = [500] * 9
    us.corp.joins(GROUP, "wmMili", "米粒妈")
    (lost,) = await pusher.deliver()
    assert (lost.statuses, lost.arrived) == ([500] * 4, False)
    assert await pusher.deliver() == []


async def test_no_answer_in_time_counts_as_none(us: Caller, pusher: Pusher, hears: Hears) -> None:
    hears.thinks = asyncio.Event().wait
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    (told,) = await pusher.deliver()
    assert told.statuses == [None] * 4


async def test_callbacks_are_dropped_doubled_and_come_late_on_demand(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    for quirks in (Quirks(dropped=True), Quirks(copies=2), Quirks(held=True)):
        pusher.next_is(quirks)
    for person in ("wmLost", "wmTwice", "wmLate", "wmPlain"):
        us.corp.joins(GROUP, person, "妈妈")
    await pusher.deliver()
    await pusher.release()
    who = [each.findtext("MemChangeList/Item") for each in hears.heard]
    assert who == ["wmTwice", "wmTwice", "wmPlain", "wmLate"]


async def test_callbacks_lack_or_shape_fields_on_demand(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    pusher.next_is(Quirks(omitted=frozenset({"QuitScene", "JoinScene"}) | VERSIONS))
    pusher.next_is(Quirks(cdata_items=True))
    pusher.always = Quirks(comma_joined=True)
    for number in range(4):
        us.corp.join_together(GROUP, {f"wm{number}a": "妈妈", f"wm{number}b": "妈妈"})
    bare, cdata, *joined = await pusher.deliver()
    assert not {each.tag for each in hears.heard[0]} & {"QuitScene", "JoinScene", *VERSIONS}
    assert "<MemChangeList><Item>wm0a</Item><Item>wm0b</Item></MemChangeList>" in bare.xml
    assert "<Item><![CDATA[wm1a]]></Item>" in cdata.xml
    assert "<CurMemVer><![CDATA[" in cdata.xml
    assert [each.findtext("MemChangeList") for each in hears.heard[2:]] == [
        "wm2a,wm2b",
        "wm3a,wm3b",
    ]
    assert len(joined) == 2


async def test_a_room_made_on_its_own_is_told_or_not(us: Caller) -> None:
    config_id = await us.join_way(room_base_name="群")
    for number in range(198):
        us.corp.scan(config_id, f"wm{number}", "妈妈")
    us.corp.office.events.clear()
    us.corp.ways.tells_of_new_rooms = False
    us.corp.scan(config_id, "wmLate", "妈妈")
    (event,) = us.corp.office.events
    assert ("UpdateDetail", "add_member") in event.fields


async def test_a_contact_may_be_told_before_she_is_taken_in(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    code = us.corp.adds_staff("wmXiaoyu", "小雨", "linyue", unconfirmed=True)
    await pusher.deliver()
    assert hears.told("ChangeType") == ["add_half_external_contact"]
    assert hears.told("WelcomeCode") == [code]


async def test_as_a_server_it_tells_on_its_own_once_the_address_is_verified(
    us: Caller, pusher: Pusher, hears: Hears
) -> None:
    heard = asyncio.Event()

    async def notes() -> None:
        heard.set()

    hears.thinks = notes
    app = create_app(us.corp, pusher)
    async with app.router.lifespan_context(app):
        us.corp.joins(GROUP, "wmXiaoyu", "小雨")
        async with asyncio.timeout(5):
            await heard.wait()
    assert pusher.verification is not None
    assert pusher.verification.fine


async def test_who_is_in_already_does_not_come_again(us: Caller) -> None:
    us.corp.joins(GROUP, "wmDoudou", "豆豆妈")
    assert us.corp.office.events == []
    us.corp.join_together(GROUP, {"wmDoudou": "豆豆妈", "wmMili": "米粒妈"})
    (event,) = us.corp.office.events
    assert ("MemChangeList", ("wmMili",)) in event.fields
    with pytest.raises(KeyError):
        us.corp.leaves(GROUP, "wmNobody")
