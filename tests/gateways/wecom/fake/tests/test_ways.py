"""Ways into groups and to colleagues."""

from typing import Any

import pytest

from tests.gateways.wecom.fake import ScanRefused
from tests.gateways.wecom.fake.tests.caller import CHAT, CONTACT, GROUP, NAME, Caller


async def test_a_join_way_leads_into_the_group_with_its_state(us: Caller) -> None:
    config_id = await us.join_way()
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
    config_id = await us.join_way(chat_id_list=[GROUP, "wr2"], room_base_name=base, room_base_id=8)
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
    config_id = await us.join_way(auto_create_room=0)
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
    config_id = await us.join_way(remark="妇幼门口" * 10, auto_create_room=0)
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
    config_id = await us.join_way()
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
