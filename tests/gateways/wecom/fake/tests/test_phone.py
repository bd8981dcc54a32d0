"""The page in place of the phones, and the corp it shows when it is run."""

import random

from config.naming import DEFAULT_TEMPLATE
from handlers.naming import GroupName, parse
from tests.gateways.wecom.fake.sample import sample_corp
from tests.gateways.wecom.fake.tests.caller import CHAT, EVENING, GROUP, NAME, Caller

PHONE = "https://phone"


async def test_the_phone_page_shows_what_waits_and_taps_it(us: Caller) -> None:
    msgid = (await us.propose(chat_id_list=[GROUP], text={"content": "<b>辅食</b>"}))["msgid"]
    page = (await us.client.get(f"{PHONE}/")).text
    assert "&lt;b&gt;辅食&lt;/b&gt;" in page
    assert f"发到：{NAME}" in page
    tap = {"userid": "linyue", "msgid": msgid}
    for _ in range(2):  # an impatient finger
        assert (await us.client.post(f"{PHONE}/tap", data=tap)).status_code == 303
    assert [each.text for each in us.corp.chats[GROUP].said] == ["<b>辅食</b>"]


async def test_the_phone_page_lets_mothers_come_and_go(us: Caller) -> None:
    await us.client.post(f"{PHONE}/join", data={"chat_id": GROUP, "how_many": "12"})
    await us.client.post(f"{PHONE}/leave", data={"chat_id": GROUP})
    assert f"{NAME}（13 人）" in (await us.client.get(f"{PHONE}/")).text
    assert len(us.corp.office.events) == 13


async def test_a_code_can_be_scanned_on_the_phone_page(us: Caller) -> None:
    config_id = await us.join_way(auto_create_room=0)
    assert NAME in (await us.client.post(f"{PHONE}/scan/{config_id}")).text
    assert len(us.corp.chats[GROUP].members) == 3
    await us.post(f"{CHAT}del_join_way", config_id=config_id)
    assert "进不去" in (await us.client.post(f"{PHONE}/scan/{config_id}")).text


async def test_a_welcome_can_be_applied_on_the_phone_page(us: Caller) -> None:
    add = "externalcontact/group_welcome_template/add"
    template_id = (await us.post(add, text={"content": "欢迎%NICKNAME%"}))["template_id"]
    assert "用欢迎语「欢迎%NICKNAME%」" in (await us.client.get(f"{PHONE}/")).text
    chosen = {"chat_id": GROUP, "template_id": template_id}
    await us.client.post(f"{PHONE}/apply", data=chosen)
    assert us.corp.chats[GROUP].welcome == template_id


def test_the_sample_corp_has_groups_named_as_ours_are() -> None:
    corp = sample_corp(lambda: EVENING, random.Random(0))
    named = [parse(each.name, DEFAULT_TEMPLATE, 3) for each in corp.chats.values()]
    assert all(isinstance(each, GroupName) for each in named)
    assert [len(each.members) for each in corp.chats.values()] == [31, 31, 31]
    assert corp.office.events == []
