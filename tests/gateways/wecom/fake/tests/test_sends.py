"""Sending into groups: nothing is said without a tap."""

from typing import Any

import pytest

from tests.gateways.wecom.fake.tests.caller import CONTACT, GROUP, Caller


async def test_nothing_is_said_until_the_owner_taps(us: Caller) -> None:
    msgid = (await us.propose(chat_id_list=[GROUP]))["msgid"]
    us.later(seconds=2)
    tasks = await us.post(f"{CONTACT}get_groupmsg_task", msgid=msgid)
    assert tasks["task_list"] == [{"userid": "linyue", "status": 0}]
    assert await us.results(msgid) == []
    assert not us.corp.chats[GROUP].said
    us.corp.owner_taps("linyue", msgid)
    at = int(us.clock.now().timestamp())
    tasks = await us.post(f"{CONTACT}get_groupmsg_task", msgid=msgid)
    assert tasks["task_list"] == [{"userid": "linyue", "status": 2, "send_time": at}]
    assert await us.results(msgid) == [
        {"chat_id": GROUP, "userid": "linyue", "status": 1, "send_time": at}
    ]
    assert [(e.by, e.text) for e in us.corp.chats[GROUP].said] == [("linyue", "今晚八点讲辅食")]
    with pytest.raises(ValueError, match="nobody's tap"):
        us.corp.owner_taps("linyue", msgid)


async def test_a_message_is_not_to_be_asked_about_while_it_is_dispatched(us: Caller) -> None:
    msgid = (await us.propose())["msgid"]
    assert await us.code(f"{CONTACT}get_groupmsg_task", msgid=msgid) == 41063
    asked = {"msgid": msgid, "userid": "linyue"}
    assert await us.code(f"{CONTACT}get_groupmsg_send_result", **asked) == 41063
    us.later(seconds=2)
    assert await us.code(f"{CONTACT}get_groupmsg_task", msgid=msgid) == 0


async def test_groups_that_cannot_get_it_are_told_at_once(us: Caller) -> None:
    us.corp.open_chat("wrChenxi", "晨曦的群", "chenxi")
    answer = await us.propose(chat_id_list=[GROUP, "wrChenxi", "wrNowhere"])
    assert answer["fail_list"] == ["wrChenxi", "wrNowhere"]
    nobody = await us.propose(chat_id_list=["wrChenxi"])
    assert (nobody["errcode"], nobody["fail_list"]) == (41048, ["wrChenxi"])


async def test_a_group_gets_as_many_in_a_month_as_it_has_days(us: Caller) -> None:
    waiting = (await us.propose(chat_id_list=[GROUP]))["msgid"]
    for _ in range(31):
        us.corp.owner_taps("linyue", (await us.propose(chat_id_list=[GROUP]))["msgid"])
    assert (await us.propose(chat_id_list=[GROUP]))["errcode"] == 41048
    us.later(seconds=2)
    us.corp.owner_taps("linyue", waiting)
    assert [row["status"] for row in await us.results(waiting)] == [3]
    assert len(us.corp.chats[GROUP].said) == 31
    us.later(days=14)
    assert (await us.propose(chat_id_list=[GROUP]))["errcode"] == 42001
    await us.log_in()
    assert (await us.propose(chat_id_list=[GROUP]))["errcode"] == 0


@pytest.mark.parametrize(("quota", "allowed"), [("week", 7), ("day", 1)])
async def test_a_corp_may_choose_a_tighter_quota(us: Caller, quota: Any, allowed: int) -> None:
    us.corp.sends_at_most(quota)
    for _ in range(allowed):
        us.corp.owner_taps("linyue", (await us.propose(chat_id_list=[GROUP]))["msgid"])
    assert (await us.propose(chat_id_list=[GROUP]))["errcode"] == 41048


async def test_a_row_may_end_otherwise(us: Caller) -> None:
    msgid = (await us.propose(chat_id_list=[GROUP]))["msgid"]
    us.corp.row_ends(msgid, GROUP, 2)
    us.later(seconds=2)
    us.corp.owner_taps("linyue", msgid)
    assert await us.results(msgid) == [{"chat_id": GROUP, "userid": "linyue", "status": 2}]
    assert not us.corp.chats[GROUP].said


async def test_an_owner_is_reminded_three_times_a_day_at_most(us: Caller) -> None:
    msgid = (await us.propose())["msgid"]
    remind = f"{CONTACT}remind_groupmsg_send"
    assert [await us.code(remind, msgid=msgid) for _ in range(4)] == [0, 0, 0, 41094]
    assert len(us.corp.office.staff["linyue"].notices) == 4
    us.later(hours=24)
    await us.log_in()
    assert await us.code(remind, msgid=msgid) == 0


async def test_what_is_cancelled_waits_no_longer(us: Caller) -> None:
    msgid = (await us.propose())["msgid"]
    assert await us.code(f"{CONTACT}cancel_groupmsg_send", msgid=msgid) == 0
    assert await us.code(f"{CONTACT}remind_groupmsg_send", msgid=msgid) == 41093
    with pytest.raises(ValueError, match="nobody's tap"):
        us.corp.owner_taps("linyue", msgid)


async def test_messages_are_listed_for_a_month_at_most(us: Caller) -> None:
    msgid = (await us.propose())["msgid"]
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
    assert (await us.propose(**wrong))["errcode"] == errcode


async def test_a_picture_can_be_sent_for_three_days(us: Caller) -> None:
    media_id = (await us.upload())["media_id"]
    picture = [{"msgtype": "image", "image": {"media_id": media_id}}]
    msgid = (await us.propose(attachments=picture))["msgid"]
    us.corp.owner_taps("linyue", msgid)
    assert list(us.corp.chats[GROUP].said[-1].attachments) == picture
    us.later(days=3)
    await us.log_in()
    assert (await us.propose(attachments=picture))["errcode"] == 40007


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
    assert [row["status"] for row in await us.results(answer["msgid"])] == [0]
    us.corp.owner_taps("linyue", answer["msgid"])
    assert us.corp.office.customers["wmXiaoyu"].told == ["在吗"]


async def test_a_group_that_changed_hands_before_the_tap_gets_nothing(us: Caller) -> None:
    msgid = (await us.propose(chat_id_list=[GROUP]))["msgid"]
    us.corp.owner_changes(GROUP, "chenxi")
    us.later(seconds=2)
    us.corp.owner_taps("linyue", msgid)
    assert await us.results(msgid) == []
    assert not us.corp.chats[GROUP].said
