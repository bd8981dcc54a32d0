"""Who there is, and messages to staff."""

from tests.gateways.wecom.fake.tests.caller import CONTACT, Caller


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


async def test_too_many_notices_in_a_minute_are_dropped_without_a_word(us: Caller) -> None:
    asked = {"touser": "linyue", "agentid": 218, "msgtype": "text", "text": {"content": "在吗"}}
    assert [await us.code("message/send", **asked) for _ in range(31)] == [0] * 31
    assert len(us.corp.office.staff["linyue"].notices) == 30
    us.later(minutes=1)
    await us.post("message/send", **asked)
    assert len(us.corp.office.staff["linyue"].notices) == 31
