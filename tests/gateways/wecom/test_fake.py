"""The local WeCom keeps WeCom's rules: each limit and each code of the documents, once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.clock import ManualClock
from tests.gateways.wecom.fake import (
    VERSIONS,
    App,
    Callback,
    Corp,
    Line,
    Pusher,
    Quirks,
    ScanRefused,
    create_app,
)
from tests.gateways.wecom.fake.crypto import Crypto

EVENING = datetime(2026, 3, 18, 12, tzinfo=UTC)
CORP_ID = "wx5823bf96d3bd56c7"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
GROUP = "wrHangzhou01"
NAME = "杭州·2026年3-5月·妇幼·01"
CHAT = "externalcontact/groupchat/"
CONTACT = "externalcontact/"
LIBRARY = "externalcontact/group_welcome_template/"


@dataclass
class Caller:
    """An app at work: it knows its token and nothing else."""

    corp: Corp
    clock: ManualClock
    client: httpx.AsyncClient
    app: App
    token: str = ""

    async def log_in(self, secret: str = "secret", corp_id: str = CORP_ID) -> dict[str, Any]:
        asked = {"corpid": corp_id, "corpsecret": secret}
        answer = (await self.client.get("gettoken", params=asked)).json()
        self.token = answer.get("access_token", self.token)
        return dict(answer)

    async def get(self, path: str, **asked: str) -> dict[str, Any]:
        answer = await self.client.get(path, params={"access_token": self.token, **asked})
        return self._read(answer)

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(path, params={"access_token": self.token}, json=body)
        return self._read(answer)

    async def code(self, path: str, **body: Any) -> int:
        return int((await self.post(path, **body))["errcode"])

    async def upload(self, content: bytes = b"a picture", kind: str = "image") -> dict[str, Any]:
        answer = await self.client.post(
            "media/upload",
            params={"access_token": self.token, "type": kind},
            files={"media": ("poster.png", content)},
        )
        return self._read(answer)

    def later(self, **by: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**by))

    @staticmethod
    def _read(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200
        return dict(answer.json())


@pytest.fixture
async def us() -> AsyncIterator[Caller]:
    clock = ManualClock(EVENING)
    corp = Corp(CORP_ID, clock.now)
    for userid, name in {"linyue": "林悦", "chenxi": "陈曦", "wangmin": "王敏"}.items():
        corp.hires(userid, name)
    app = corp.installs("secret", agent_id=218, visible=["linyue", "chenxi"])
    corp.open_chat(GROUP, NAME, "linyue", {"wmDoudou": "豆豆妈"})
    corp.office.events.clear()
    transport = Line(corp, create_app(corp))
    base = "https://qyapi.weixin.qq.com/cgi-bin/"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        caller = Caller(corp, clock, client, app)
        await caller.log_in()
        yield caller


# Tokens


async def test_a_token_is_the_same_again_until_it_has_run_out(us: Caller) -> None:
    first = await us.log_in()
    us.later(seconds=7199)
    assert await us.log_in() == {**first, "expires_in": 1}
    us.later(seconds=1)
    assert (await us.get("getcallbackip"))["errcode"] == 42001
    assert (await us.log_in())["access_token"] != first["access_token"]
    assert (await us.get("getcallbackip"))["ip_list"]


async def test_a_token_can_become_invalid_before_its_time(us: Caller) -> None:
    us.corp.invalidates_tokens()
    assert (await us.get("getcallbackip"))["errcode"] == 40014
    await us.log_in()
    assert (await us.get("getcallbackip"))["errcode"] == 0


@pytest.mark.parametrize(
    ("corp_id", "secret", "errcode"),
    [("", "secret", 41002), (CORP_ID, "", 41004), ("other", "secret", 40013)],
)
async def test_a_token_needs_a_corp_and_a_secret(
    us: Caller, corp_id: str, secret: str, errcode: int
) -> None:
    assert (await us.log_in(secret, corp_id))["errcode"] == errcode


async def test_a_token_must_be_there_and_known(us: Caller) -> None:
    for token, errcode in {"": 41001, "stolen": 40014}.items():
        us.token = token
        assert (await us.get("getcallbackip"))["errcode"] == errcode


async def test_repeating_a_wrong_secret_bans_the_address_for_an_hour(us: Caller) -> None:
    for _ in range(5):
        assert (await us.log_in("wrong"))["errcode"] == 40001
    assert (await us.log_in("wrong"))["errcode"] == 45009
    assert (await us.log_in())["errcode"] == 45009
    us.later(hours=1)
    assert (await us.log_in())["errcode"] == 0


# What stands before every call


async def test_more_calls_than_the_quota_block_the_api_for_a_minute(us: Caller) -> None:
    us.corp.gate.calls_a_minute["getcallbackip"] = 3
    codes = [(await us.get("getcallbackip"))["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 45009]
    us.later(seconds=59)
    assert (await us.get("getcallbackip"))["errcode"] == 45009
    assert (await us.get("user/get", userid="linyue"))["errcode"] == 0
    us.later(seconds=1)
    assert (await us.get("getcallbackip"))["errcode"] == 0


async def test_only_trusted_addresses_may_call(us: Caller) -> None:
    us.corp.gate.trusted_ips = frozenset({"10.0.0.1"})
    assert (await us.get("getcallbackip"))["errcode"] == 60020
    us.corp.gate.trusted_ips = frozenset({"127.0.0.1"})
    assert (await us.get("getcallbackip"))["errcode"] == 0


async def test_an_app_that_is_not_listed_may_not_ask_for_customers(us: Caller) -> None:
    us.corp.installs("unlisted", customer_contact=False, archive=False)
    await us.log_in("unlisted")
    assert await us.code(f"{CHAT}list", limit=10) == 48002
    assert await us.code("msgaudit/check_room_agree", roomid=GROUP) == 301053
    assert (await us.get("user/get", userid="linyue"))["errcode"] == 0


async def test_a_failure_comes_as_often_as_it_was_ordered(us: Caller) -> None:
    us.corp.fail_next("getcallbackip", -1, times=2)
    us.corp.fail_next("getcallbackip", 45033)
    codes = [(await us.get("getcallbackip"))["errcode"] for _ in range(4)]
    assert codes == [-1, -1, 45033, 0]
    assert [call.errcode for call in us.corp.calls_of("getcallbackip")] == codes


async def test_a_connection_may_fail_before_the_call_or_after_it(us: Caller) -> None:
    way = {"scene": 2, "chat_id_list": [GROUP]}
    us.corp.break_next(f"{CHAT}add_join_way", "refused")
    with pytest.raises(httpx.ConnectError):
        await us.post(f"{CHAT}add_join_way", **way)
    assert not us.corp.ways.join
    us.corp.break_next(f"{CHAT}add_join_way", "unanswered")
    with pytest.raises(httpx.ReadTimeout):
        await us.post(f"{CHAT}add_join_way", **way)
    assert len(us.corp.ways.join) == 1


async def test_what_cannot_be_read_is_said_to_be_wrong_json(us: Caller) -> None:
    asked = {"access_token": us.token}
    broken = await us.client.post(f"{CHAT}list", params=asked, content=b'{"limit": 10')
    assert broken.json()["errcode"] == 40058
    assert "Warning: wrong json format." in broken.json()["errmsg"]
    mistyped = await us.post(f"{CHAT}list", limit="10")
    assert "Warning: wrong json format." in mistyped["errmsg"]


async def test_a_call_has_one_method_and_one_path(us: Caller) -> None:
    assert (await us.get(f"{CHAT}list"))["errcode"] == 43002
    assert await us.code("user/get") == 43001
    assert (await us.client.get("send_chat_msg", params={"access_token": us.token})).is_error


async def test_every_call_is_written_down_without_its_secrets(us: Caller) -> None:
    await us.post(f"{CHAT}get", chat_id=GROUP)
    assert [(call.path, call.body, call.at) for call in us.corp.calls] == [
        ("gettoken", {"corpid": CORP_ID}, EVENING),
        (f"{CHAT}get", {"chat_id": GROUP}, EVENING),
    ]


# Groups


async def test_groups_are_listed_page_by_page(us: Caller) -> None:
    for number in range(4):
        us.corp.open_chat(f"wr{number}", f"群{number}", "chenxi")
    seen, cursor = [], ""
    for _ in range(3):
        page = await us.post(f"{CHAT}list", limit=2, cursor=cursor)
        seen += [each["chat_id"] for each in page["group_chat_list"]]
        cursor = page["next_cursor"]
    assert seen == [GROUP, "wr0", "wr1", "wr2", "wr3"]
    assert cursor == ""
    assert await us.code(f"{CHAT}list", limit=2, cursor="2") == 50100


@pytest.mark.parametrize("limit", [0, 1001, None])
async def test_a_list_wants_a_limit_it_can_keep(us: Caller, limit: int | None) -> None:
    assert await us.code(f"{CHAT}list", limit=limit) == 40058


async def test_with_many_members_in_range_a_list_wants_owners(us: Caller) -> None:
    us.corp.groups.too_many_members = True
    assert await us.code(f"{CHAT}list", limit=10) == 81017
    owners = {"userid_list": ["linyue"]}
    found = await us.post(f"{CHAT}list", limit=10, owner_filter=owners)
    assert found["group_chat_list"] == [{"chat_id": GROUP, "status": 0}]
    crowd = {"userid_list": ["linyue"] * 101}
    assert await us.code(f"{CHAT}list", limit=10, owner_filter=crowd) == 40058


async def test_a_group_tells_who_is_in_it_and_names_only_when_asked(us: Caller) -> None:
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    us.corp.invited_by(GROUP, "linyue", "wmMili", "米粒妈")
    us.corp.invited_by(GROUP, "wmMili", "wmTang", "糖糖妈", by_link=True)
    us.corp.calls_herself(GROUP, "wmXiaoyu", "杭州-孕37周-小雨")
    chat = (await us.post(f"{CHAT}get", chat_id=GROUP, need_name=1))["group_chat"]
    assert (chat["name"], chat["owner"]) == (NAME, "linyue")
    by_id = {each["userid"]: each for each in chat["member_list"]}
    assert [each["type"] for each in by_id.values()] == [1, 2, 2, 2, 2]
    assert [by_id[who]["join_scene"] for who in ("wmXiaoyu", "wmMili", "wmTang")] == [3, 1, 2]
    assert by_id["wmMili"]["invitor"] == {"userid": "linyue"}
    assert "invitor" not in by_id["wmTang"]
    assert by_id["wmXiaoyu"]["group_nickname"] == "杭州-孕37周-小雨"
    assert by_id["wmXiaoyu"]["name"] == "小雨"
    nameless = (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"]
    assert not any("name" in each for each in nameless["member_list"])


async def test_a_group_may_lag_behind_what_happened(us: Caller) -> None:
    us.corp.groups_lag_by(timedelta(seconds=2))
    before = (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"]
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    us.later(seconds=1)
    assert (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"] == before
    us.later(seconds=1)
    after = (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"]
    assert len(after["member_list"]) == 3
    assert after["member_version"] != before["member_version"]


async def test_a_group_must_exist_and_be_in_range(us: Caller) -> None:
    assert await us.code(f"{CHAT}get", chat_id="wrNowhere") == 40050
    us.corp.open_chat("wrWang", "别的群", "wangmin")
    assert await us.code(f"{CHAT}get", chat_id="wrWang") == 60011
    us.corp.dismissed(GROUP)
    assert await us.code(f"{CHAT}get", chat_id=GROUP) == 49008
    assert (await us.post(f"{CHAT}list", limit=10))["group_chat_list"] == []


async def test_who_agreed_to_the_archive_is_told(us: Caller) -> None:
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    us.corp.agrees(GROUP, "wmXiaoyu")
    told = await us.post("msgaudit/check_room_agree", roomid=GROUP)
    status = {each["exteranalopenid"]: each["agree_status"] for each in told["agreeinfo"]}
    assert status == {"wmDoudou": "Disagree", "wmXiaoyu": "Agree"}


# Ways in


async def join_way(us: Caller, **more: Any) -> str:
    asked = {"scene": 2, "chat_id_list": [GROUP], "state": "fuyou-01", **more}
    answer = await us.post(f"{CHAT}add_join_way", **asked)
    assert answer.keys() == {"errcode", "errmsg", "config_id"}
    return str(answer["config_id"])


async def test_a_join_way_leads_into_the_group_with_its_state(us: Caller) -> None:
    config_id = await join_way(us)
    shown = (await us.post(f"{CHAT}get_join_way", config_id=config_id))["join_way"]
    assert (await us.client.get(shown["qr_code"])).headers["content-type"] == "image/png"
    us.corp.scan(config_id, "wmXiaoyu", "小雨")
    us.corp.scan(config_id, "wmXiaoyu", "小雨")
    chat = (await us.post(f"{CHAT}get", chat_id=GROUP))["group_chat"]
    newest = chat["member_list"][-1]
    assert (newest["userid"], newest["state"], newest["join_scene"]) == ("wmXiaoyu", "fuyou-01", 3)
    assert len(chat["member_list"]) == 3


async def test_at_200_the_next_group_takes_over_and_then_new_ones(us: Caller) -> None:
    us.corp.open_chat("wr2", "群2", "chenxi")
    base = "杭州·2026年3-5月·妇幼·"
    config_id = await join_way(
        us, chat_id_list=[GROUP, "wr2"], room_base_name=base, room_base_id=8
    )
    names = [us.corp.scan(config_id, f"wm{n}", "妈妈").name for n in range(198 + 199 + 200)]
    assert names[197:199] == [NAME, "群2"]
    assert names[396:398] == ["群2", f"{base}8"]
    assert us.corp.scan(config_id, "wmLate", "妈妈").name == f"{base}9"
    way = (await us.post(f"{CHAT}get_join_way", config_id=config_id))["join_way"]
    assert way["chat_id_list"][:2] == [GROUP, "wr2"]
    assert [us.corp.chats[each].name for each in way["chat_id_list"][2:]] == [
        f"{base}8",
        f"{base}9",
    ]


async def test_a_full_group_without_new_rooms_lets_nobody_in(us: Caller) -> None:
    config_id = await join_way(us, auto_create_room=0)
    for number in range(198):
        us.corp.scan(config_id, f"wm{number}", "妈妈")
    with pytest.raises(ScanRefused) as refused:
        us.corp.scan(config_id, "wmLate", "妈妈")
    assert refused.value.code == -3009
    us.corp.dismissed(GROUP)
    with pytest.raises(ScanRefused) as refused:
        us.corp.scan(config_id, "wmLate", "妈妈")
    assert refused.value.code == -3010


async def test_an_update_of_a_join_way_loses_what_it_does_not_say(us: Caller) -> None:
    config_id = await join_way(us, remark="妇幼门口" * 10, auto_create_room=0)
    way = (await us.post(f"{CHAT}get_join_way", config_id=config_id))["join_way"]
    assert len(way["remark"]) == 30
    await us.post(f"{CHAT}update_join_way", config_id=config_id, scene=2, chat_id_list=[GROUP])
    way = (await us.post(f"{CHAT}get_join_way", config_id=config_id))["join_way"]
    assert (way["remark"], way["state"], way["auto_create_room"]) == ("", "", 1)
    assert await us.code(f"{CHAT}del_join_way", config_id=config_id) == 0
    assert await us.code(f"{CHAT}get_join_way", config_id=config_id) == 40058


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"chat_id_list": []}, 41091),
        ({"chat_id_list": [GROUP] * 6}, 41091),
        ({"chat_id_list": ["wrNowhere"]}, 40050),
        ({"scene": 3}, 40058),
        ({"room_base_name": "群" * 41}, 40058),
        ({"state": "s" * 31}, 40058),
    ],
)
async def test_a_join_way_is_checked(us: Caller, wrong: dict[str, Any], errcode: int) -> None:
    asked = {"scene": 2, "chat_id_list": [GROUP], **wrong}
    assert await us.code(f"{CHAT}add_join_way", **asked) == errcode


async def test_ways_are_an_apps_own_and_share_a_quota(us: Caller) -> None:
    config_id = await join_way(us)
    us.corp.installs("another")
    await us.log_in("another")
    assert await us.code(f"{CHAT}get_join_way", config_id=config_id) == 40058
    us.corp.ways.quota = 1
    user = ["linyue"]
    assert await us.code(f"{CONTACT}add_contact_way", type=1, scene=2, user=user) == 41045


async def test_a_contact_way_leads_to_a_colleague_with_its_state(us: Caller) -> None:
    added = await us.post(
        f"{CONTACT}add_contact_way", type=1, scene=2, user=["linyue"], state="add-me"
    )
    assert added["qr_code"]
    us.corp.adds_staff("wmXiaoyu", "小雨", "linyue", way=added["config_id"])
    customer = await us.get(f"{CONTACT}get", external_userid="wmXiaoyu")
    assert customer["external_contact"]["name"] == "小雨"
    assert [(e["userid"], e["state"]) for e in customer["follow_user"]] == [("linyue", "add-me")]
    changed = {"config_id": added["config_id"], "remark": "门诊"}
    assert await us.code(f"{CONTACT}update_contact_way", **changed) == 0
    way = (await us.post(f"{CONTACT}get_contact_way", config_id=added["config_id"]))["contact_way"]
    assert (way["state"], way["remark"]) == ("add-me", "门诊")
    listed = await us.post(f"{CONTACT}list_contact_way")
    assert listed["contact_way"] == [{"config_id": added["config_id"]}]
    assert await us.code(f"{CONTACT}del_contact_way", config_id=added["config_id"]) == 0


@pytest.mark.parametrize(
    ("users", "kind", "errcode"),
    [
        (["linyue", "chenxi"], 1, 40058),
        (["linyue"] * 101, 2, 41041),
        (["wangmin"], 1, 40031),
        ([], 2, 40058),
    ],
)
async def test_who_a_contact_way_leads_to_is_checked(
    us: Caller, users: list[str], kind: int, errcode: int
) -> None:
    asked = {"type": kind, "scene": 2, "user": users}
    assert await us.code(f"{CONTACT}add_contact_way", **asked) == errcode


# Sending into groups


async def propose(us: Caller, **more: Any) -> dict[str, Any]:
    asked = {"chat_type": "group", "sender": "linyue", "text": {"content": "今晚八点讲辅食"}}
    return await us.post(f"{CONTACT}add_msg_template", **{**asked, **more})


async def results(us: Caller, msgid: str) -> list[dict[str, Any]]:
    path = f"{CONTACT}get_groupmsg_send_result"
    return list((await us.post(path, msgid=msgid, userid="linyue"))["send_list"])


async def test_nothing_is_said_until_the_owner_taps(us: Caller) -> None:
    msgid = (await propose(us, chat_id_list=[GROUP]))["msgid"]
    us.later(seconds=2)
    tasks = await us.post(f"{CONTACT}get_groupmsg_task", msgid=msgid)
    assert tasks["task_list"] == [{"userid": "linyue", "status": 0}]
    assert await results(us, msgid) == []
    assert not us.corp.chats[GROUP].said
    us.corp.owner_taps("linyue", msgid)
    at = int(us.clock.now().timestamp())
    tasks = await us.post(f"{CONTACT}get_groupmsg_task", msgid=msgid)
    assert tasks["task_list"] == [{"userid": "linyue", "status": 2, "send_time": at}]
    assert await results(us, msgid) == [
        {"chat_id": GROUP, "userid": "linyue", "status": 1, "send_time": at}
    ]
    assert [(e.by, e.text) for e in us.corp.chats[GROUP].said] == [("linyue", "今晚八点讲辅食")]
    with pytest.raises(ValueError, match="nobody's tap"):
        us.corp.owner_taps("linyue", msgid)


async def test_a_message_is_not_to_be_asked_about_while_it_is_dispatched(us: Caller) -> None:
    msgid = (await propose(us))["msgid"]
    assert await us.code(f"{CONTACT}get_groupmsg_task", msgid=msgid) == 41063
    asked = {"msgid": msgid, "userid": "linyue"}
    assert await us.code(f"{CONTACT}get_groupmsg_send_result", **asked) == 41063
    us.later(seconds=2)
    assert await us.code(f"{CONTACT}get_groupmsg_task", msgid=msgid) == 0


async def test_groups_that_cannot_get_it_are_told_at_once(us: Caller) -> None:
    us.corp.open_chat("wrChenxi", "晨曦的群", "chenxi")
    answer = await propose(us, chat_id_list=[GROUP, "wrChenxi", "wrNowhere"])
    assert answer["fail_list"] == ["wrChenxi", "wrNowhere"]
    nobody = await propose(us, chat_id_list=["wrChenxi"])
    assert (nobody["errcode"], nobody["fail_list"]) == (41048, ["wrChenxi"])


async def test_a_group_gets_as_many_in_a_month_as_it_has_days(us: Caller) -> None:
    waiting = (await propose(us, chat_id_list=[GROUP]))["msgid"]
    for _ in range(31):
        us.corp.owner_taps("linyue", (await propose(us, chat_id_list=[GROUP]))["msgid"])
    assert (await propose(us, chat_id_list=[GROUP]))["errcode"] == 41048
    us.later(seconds=2)
    us.corp.owner_taps("linyue", waiting)
    assert [row["status"] for row in await results(us, waiting)] == [3]
    assert len(us.corp.chats[GROUP].said) == 31
    us.later(days=14)
    assert (await propose(us, chat_id_list=[GROUP]))["errcode"] == 42001
    await us.log_in()
    assert (await propose(us, chat_id_list=[GROUP]))["errcode"] == 0


@pytest.mark.parametrize(("quota", "allowed"), [("week", 7), ("day", 1)])
async def test_a_corp_may_choose_a_tighter_quota(us: Caller, quota: Any, allowed: int) -> None:
    us.corp.sends_at_most(quota)
    for _ in range(allowed):
        us.corp.owner_taps("linyue", (await propose(us, chat_id_list=[GROUP]))["msgid"])
    assert (await propose(us, chat_id_list=[GROUP]))["errcode"] == 41048


async def test_a_row_may_end_otherwise(us: Caller) -> None:
    msgid = (await propose(us, chat_id_list=[GROUP]))["msgid"]
    us.corp.row_ends(msgid, GROUP, 2)
    us.later(seconds=2)
    us.corp.owner_taps("linyue", msgid)
    assert await results(us, msgid) == [{"chat_id": GROUP, "userid": "linyue", "status": 2}]
    assert not us.corp.chats[GROUP].said


async def test_an_owner_is_reminded_three_times_a_day_at_most(us: Caller) -> None:
    msgid = (await propose(us))["msgid"]
    remind = f"{CONTACT}remind_groupmsg_send"
    assert [await us.code(remind, msgid=msgid) for _ in range(4)] == [0, 0, 0, 41094]
    assert len(us.corp.office.staff["linyue"].notices) == 4
    us.later(hours=24)
    await us.log_in()
    assert await us.code(remind, msgid=msgid) == 0


async def test_what_is_cancelled_waits_no_longer(us: Caller) -> None:
    msgid = (await propose(us))["msgid"]
    assert await us.code(f"{CONTACT}cancel_groupmsg_send", msgid=msgid) == 0
    assert await us.code(f"{CONTACT}remind_groupmsg_send", msgid=msgid) == 41093
    with pytest.raises(ValueError, match="nobody's tap"):
        us.corp.owner_taps("linyue", msgid)


async def test_messages_are_listed_for_a_month_at_most(us: Caller) -> None:
    msgid = (await propose(us))["msgid"]
    us.later(seconds=2)
    now = int(us.clock.now().timestamp())
    asked = {"chat_type": "group", "start_time": now - 3600, "end_time": now}
    listed = await us.post(f"{CONTACT}get_groupmsg_list_v2", **asked)
    assert [each["msgid"] for each in listed["group_msg_list"]] == [msgid]
    asked["start_time"] = now - 32 * 86_400
    assert await us.code(f"{CONTACT}get_groupmsg_list_v2", **asked) == 40058


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"sender": ""}, 40058),
        ({"sender": "wangmin"}, 60011),
        ({"sender": "nobody"}, 60111),
        ({"text": {"content": "辅" * 1334}}, 40058),
        ({"text": {"content": ""}}, 40058),
        ({"chat_id_list": ["wr"] * 2001}, 40058),
        ({"attachments": [{"msgtype": "link"}] * 10}, 41064),
        ({"attachments": [{"msgtype": "link"}]}, 41065),
        ({"attachments": [{"msgtype": "voice"}]}, 86214),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "gone"}}]}, 40007),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t" * 129, "url": "u"}}]}, 40058),
    ],
)
async def test_a_message_is_checked(us: Caller, wrong: dict[str, Any], errcode: int) -> None:
    assert (await propose(us, **wrong))["errcode"] == errcode


async def test_a_picture_can_be_sent_for_three_days(us: Caller) -> None:
    media_id = (await us.upload())["media_id"]
    picture = [{"msgtype": "image", "image": {"media_id": media_id}}]
    msgid = (await propose(us, attachments=picture))["msgid"]
    us.corp.owner_taps("linyue", msgid)
    assert list(us.corp.chats[GROUP].said[-1].attachments) == picture
    us.later(days=3)
    await us.log_in()
    assert (await propose(us, attachments=picture))["errcode"] == 40007


async def test_an_upload_is_checked(us: Caller) -> None:
    assert (await us.upload(kind="poem"))["errcode"] == 40005
    assert (await us.upload(b"tiny"))["errcode"] == 40006
    assert await us.code("media/uploadimg") == 41005


async def test_a_customer_gets_it_from_who_follows_her(us: Caller) -> None:
    us.corp.adds_staff("wmXiaoyu", "小雨", "linyue")
    asked = {"external_userid": ["wmXiaoyu", "wmDoudou"], "text": {"content": "在吗"}}
    answer = await us.post(f"{CONTACT}add_msg_template", **asked)
    assert answer["fail_list"] == ["wmDoudou"]
    us.later(seconds=2)
    assert [row["status"] for row in await results(us, answer["msgid"])] == [0]
    us.corp.owner_taps("linyue", answer["msgid"])
    assert us.corp.office.customers["wmXiaoyu"].told == ["在吗"]


# Welcomes


async def test_a_welcome_is_said_once_the_owner_applied_it(us: Caller) -> None:
    text = {"content": "欢迎%NICKNAME%，请先看群公告"}
    template_id = (await us.post(f"{LIBRARY}add", text=text))["template_id"]
    us.corp.joins(GROUP, "wmMili", "米粒妈")
    assert not us.corp.chats[GROUP].said
    us.corp.owner_applies(GROUP, template_id)
    us.corp.joins(GROUP, "wmXiaoyu", "小雨")
    assert [each.text for each in us.corp.chats[GROUP].said] == ["欢迎小雨，请先看群公告"]


async def test_the_library_holds_a_hundred_welcomes_each_of_one_app(us: Caller) -> None:
    text = {"content": "欢迎"}
    ids = [(await us.post(f"{LIBRARY}add", text=text))["template_id"] for _ in range(100)]
    assert await us.code(f"{LIBRARY}add", text=text) == 41055
    assert await us.code(f"{LIBRARY}del", template_id=ids[0]) == 0
    too_long = {"content": "欢" * 1001}
    assert await us.code(f"{LIBRARY}edit", template_id=ids[1], text=too_long) == 40058
    assert await us.code(f"{LIBRARY}edit", template_id=ids[1], text={"content": "你好"}) == 0
    shown = await us.post(f"{LIBRARY}get", template_id=ids[1])
    assert shown["text"] == {"content": "你好"}
    us.corp.installs("another")
    await us.log_in("another")
    assert await us.code(f"{LIBRARY}edit", template_id=ids[1], text=text) == 41058


async def test_a_new_contact_is_welcomed_once_and_within_20_seconds(us: Caller) -> None:
    send, text = f"{CONTACT}send_welcome_msg", {"content": "你好，我是林悦"}
    code = us.corp.adds_staff("wmXiaoyu", "小雨", "linyue")
    us.corp.fail_next(send, 41096)
    codes = [await us.code(send, welcome_code=code, text=text) for _ in range(3)]
    assert codes == [41096, 0, 41051]
    assert us.corp.office.customers["wmXiaoyu"].told == ["你好，我是林悦"]
    late = us.corp.adds_staff("wmMili", "米粒妈", "linyue")
    us.later(seconds=20)
    assert await us.code(send, welcome_code=late, text=text) == 41050


# Staff and customers


async def test_staff_in_range_can_be_looked_up(us: Caller) -> None:
    assert (await us.get("user/get", userid="linyue"))["name"] == "林悦"
    assert (await us.get("user/get", userid="wangmin"))["errcode"] == 60011
    assert (await us.get("user/get", userid="nobody"))["errcode"] == 60111
    listed = await us.get("user/simplelist", department_id="1")
    assert [each["name"] for each in listed["userlist"]] == ["林悦", "陈曦"]
    following = await us.get(f"{CONTACT}get_follow_user_list")
    assert following["follow_user"] == ["linyue", "chenxi"]


async def test_a_customer_is_told_of_only_with_a_relationship(us: Caller) -> None:
    assert (await us.get(f"{CONTACT}get", external_userid="wmNobody"))["errcode"] == 40096
    assert (await us.get(f"{CONTACT}get", external_userid="wmDoudou"))["errcode"] == 84061


async def test_a_notice_reaches_who_is_in_range(us: Caller) -> None:
    asked = {"touser": "linyue|WangMin", "agentid": 218, "msgtype": "text"}
    answer = await us.post("message/send", **asked, text={"content": "20:05 起来了 12 位"})
    assert answer["invaliduser"] == "wangmin"
    assert [e.text for e in us.corp.office.staff["linyue"].notices] == ["20:05 起来了 12 位"]
    asked["touser"] = "wangmin"
    assert await us.code("message/send", **asked, text={"content": "在吗"}) == 81013


async def test_a_notice_is_checked(us: Caller) -> None:
    card = {"title": "待发送", "description": "3 个群", "url": "https://example.com/tasks"}
    asked = {"touser": "@all", "agentid": 218, "msgtype": "textcard", "textcard": card}
    assert await us.code("message/send", **asked) == 0
    assert us.corp.office.staff["chenxi"].notices[-1].url == "https://example.com/tasks"
    assert await us.code("message/send", **{**asked, "agentid": 1}) == 301002
    assert await us.code("message/send", **{**asked, "msgtype": "poem"}) == 40008
    card["title"] = "待" * 129
    assert await us.code("message/send", **asked) == 40058


# Callbacks


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
    config_id = await join_way(us)
    await us.post(f"{CHAT}update_join_way", config_id=config_id, scene=2, chat_id_list=[GROUP])
    us.corp.owner_taps("linyue", (await propose(us))["msgid"])
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
    config_id = await join_way(us, room_base_name="群")
    for number in range(198):
        us.corp.scan(config_id, f"wm{number}", "妈妈")
    us.corp.office.events.clear()
    us.corp.ways.tells_of_new_rooms = False
    us.corp.scan(config_id, "wmLate", "妈妈")
    (event,) = us.corp.office.events
    assert ("UpdateDetail", "add_member") in event.fields


# Encryption


def test_the_official_example_is_read() -> None:
    crypto = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(0))
    encrypted = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    signature = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert crypto.sign("1409659589", "263014780", encrypted) == signature
    assert crypto.decrypt(encrypted) == "1616140317555161061"


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 500])
def test_another_implementation_understands_ours_and_we_it(length: int) -> None:
    ours = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(length))
    theirs = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    text = ("妈a" * length)[:length]
    encrypted = ours.encrypt(text)
    signature = ours.sign("1409659589", "n", encrypted)
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert theirs.decrypt_message(body, signature, "1409659589", "n") == text
    sealed = ElementTree.fromstring(theirs.encrypt_message(text, "n", "1409659589"))
    encrypted = sealed.findtext("Encrypt") or ""
    assert ours.sign("1409659589", "n", encrypted) == sealed.findtext("MsgSignature")
    assert ours.decrypt(encrypted) == text


def test_what_was_meant_for_another_corp_is_not_read() -> None:
    theirs = Crypto(TOKEN, AES_KEY, "wwOther", random.Random(0))
    ours = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(0))
    with pytest.raises(ValueError, match="wwOther"):
        ours.decrypt(theirs.encrypt("hello"))


# The phone page


async def test_the_phone_page_shows_what_waits_and_taps_it(us: Caller) -> None:
    msgid = (await propose(us, chat_id_list=[GROUP], text={"content": "<b>辅食</b>"}))["msgid"]
    page = (await us.client.get("https://phone/")).text
    assert "&lt;b&gt;辅食&lt;/b&gt;" in page
    assert f"发到：{NAME}" in page
    await us.client.post("https://phone/tap", data={"userid": "linyue", "msgid": msgid})
    assert us.corp.chats[GROUP].said[-1].text == "<b>辅食</b>"
    await us.client.post("https://phone/join", data={"chat_id": GROUP, "how_many": "12"})
    await us.client.post("https://phone/leave", data={"chat_id": GROUP})
    assert f"{NAME}（13 人）" in (await us.client.get("https://phone/")).text
