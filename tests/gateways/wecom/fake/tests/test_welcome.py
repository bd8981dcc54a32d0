"""Welcomes, in groups and to a new contact."""

from tests.gateways.wecom.fake.tests.caller import CONTACT, GROUP, LIBRARY, Caller


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
