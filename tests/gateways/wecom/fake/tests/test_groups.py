"""Customer groups, as they can be read."""

from datetime import timedelta

import pytest

from tests.gateways.wecom.fake.tests.caller import CHAT, GROUP, NAME, Caller


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
