"""Ways into groups and to staff, and welcomes, against a local WeCom."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.contacts import ContactWays
from bot.gateways.wecom.failures import Failed
from bot.gateways.wecom.pace import Pace
from bot.gateways.wecom.pictures import Pictures
from bot.gateways.wecom.tokens import Renewal, Tokens
from bot.gateways.wecom.ways import JoinWays, changed_by_others, merged
from bot.gateways.wecom.welcome import Welcomes
from models.cohort import BirthWindow, Cohort
from models.delivery import Refused
from models.ids import Code, GroupId
from models.platform_ways import WantedContactWay, WantedJoinWay, WantedWelcome
from models.stores.wecom import KeptToken
from tests.gateways.wecom.answers import BASE, Time
from tests.gateways.wecom.fake import Corp
from tests.gateways.wecom.fake.app import create_app

FIRST, SECOND, THIRD = GroupId("wrHangzhou01"), GroupId("wrHangzhou02"), GroupId("wrHangzhou03")
COHORT = Cohort("杭州", "妇幼", BirthWindow(2026, 3))
STEM = "杭州·2026年3-5月·妇幼·"
PNG = b"\x89PNG"
WAY = "externalcontact/groupchat/"


class Memory:
    """A shelf that only this process has."""

    def __init__(self) -> None:
        self.kept = KeptToken()

    async def change(self, renewal: Renewal) -> KeptToken:
        self.kept = await renewal(self.kept)
        return self.kept


@dataclass
class Desk:
    corp: Corp
    client: WeComClient
    pictures: Pictures

    @property
    def ways(self) -> JoinWays:
        return JoinWays(self.client, self.pictures)

    @property
    def contacts(self) -> ContactWays:
        return ContactWays(self.client, self.pictures, ["linyue", "chenxi"])

    @property
    def welcomes(self) -> Welcomes:
        return Welcomes(self.client)

    def written(self, path: str) -> list[dict[str, Any]]:
        return [each.body for each in self.corp.calls_of(path)]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    time = Time()
    corp = Corp("ww1", time.now)
    for userid in ("linyue", "chenxi"):
        corp.hires(userid, userid)
    corp.installs("s3cret")
    for number, group in enumerate((FIRST, SECOND, THIRD), 1):
        corp.open_chat(group, f"{STEM}{number:02}", "linyue", {})
    transport = httpx.ASGITransport(create_app(corp))
    async with (
        httpx.AsyncClient(base_url=BASE, transport=transport) as http,
        httpx.AsyncClient(transport=transport) as outside,
    ):
        tokens = Tokens(Memory(), http, "ww1", "s3cret", time.now)
        client = WeComClient(http, tokens, Pace(), time.wait, time.now)
        yield Desk(corp, client, Pictures(outside))


def wanted(*groups: GroupId, **more: Any) -> WantedJoinWay:
    given = {"base_name": STEM, "base_id": 4, **more}
    return WantedJoinWay(code=Code("k7m2pq9xwd"), cohort=COHORT, groups=groups, **given)


def as_made(asked: WantedJoinWay, config: str) -> WantedJoinWay:
    """What is wanted next, where nothing has changed."""
    was = (asked.base_name, asked.base_id)
    return replace(asked, config=config, known=asked.groups, was=was, has_qr=True)


# Into groups


async def test_who_scans_a_way_joins_a_group_and_brings_the_entry_code(desk: Desk) -> None:
    made = await desk.ways.keep(wanted(FIRST, SECOND))
    assert base64.b64decode(made.picture).startswith(PNG)
    assert made.groups == (FIRST, SECOND)
    chat = desk.corp.scan(made.config, "wm1", "豆豆妈")
    assert (chat.chat_id, chat.members["wm1"].state) == (FIRST, "k7m2pq9xwd")


async def test_what_is_as_it_should_be_is_not_written_again(desk: Desk) -> None:
    asked = wanted(FIRST)
    made = await desk.ways.keep(asked)
    again = await desk.ways.keep(as_made(asked, made.config))
    assert (again.config, again.groups, again.picture) == (made.config, (FIRST,), "")
    assert desk.written(f"{WAY}update_join_way") == []


async def test_an_update_loses_nothing_that_is_not_ours(desk: Desk) -> None:
    asked = wanted(FIRST)
    made = await desk.ways.keep(asked)
    there = desk.corp.ways.join[made.config]
    desk.corp.ways.join[made.config] = replace(there, remark="前台立牌", mark_source=False)
    await desk.ways.keep(replace(as_made(asked, made.config), groups=(SECOND, THIRD)))
    now = desk.corp.ways.join[made.config]
    assert now.chat_id_list == (SECOND, THIRD)
    assert (now.remark, now.mark_source, now.state) == ("前台立牌", False, "k7m2pq9xwd")


async def test_what_others_changed_is_told_and_put_right(desk: Desk) -> None:
    asked = wanted(FIRST, SECOND)
    made = await desk.ways.keep(asked)
    there = desk.corp.ways.join[made.config]
    desk.corp.ways.join[made.config] = replace(there, state="other", chat_id_list=(FIRST,))
    again = await desk.ways.keep(as_made(asked, made.config))
    assert again.changed == ("chat_id_list", "state")
    now = desk.corp.ways.join[made.config]
    assert (now.state, now.chat_id_list) == ("k7m2pq9xwd", (FIRST, SECOND))


async def test_a_way_that_is_gone_is_made_again(desk: Desk) -> None:
    asked = wanted(FIRST)
    made = await desk.ways.keep(asked)
    del desk.corp.ways.join[made.config]
    again = await desk.ways.keep(as_made(asked, made.config))
    assert again.config != made.config
    assert again.picture
    assert desk.corp.scan(again.config, "wm1", "豆豆妈").chat_id == FIRST


async def test_a_group_that_the_platform_opened_stays_and_keeps_its_number(desk: Desk) -> None:
    asked = wanted(FIRST)
    made = await desk.ways.keep(asked)
    desk.corp.join_together(FIRST, {f"wm{n}": "妈妈" for n in range(200)})
    fourth = desk.corp.scan(made.config, "wm900", "豆豆妈")
    assert fourth.name == f"{STEM}4"
    again = await desk.ways.keep(replace(as_made(asked, made.config), groups=(SECOND,)))
    assert again.groups == (SECOND, fourth.chat_id)
    assert again.base_id == 5
    assert again.changed == ()


async def test_where_the_rule_has_no_number_no_group_is_opened(desk: Desk) -> None:
    made = await desk.ways.keep(wanted(FIRST, base_name=""))
    assert desk.corp.ways.join[made.config].auto_create_room == 0


@pytest.mark.parametrize(("errcode", "words"), [(41091, "five groups"), (41045, "500,000")])
async def test_what_is_refused_is_told_in_words(desk: Desk, errcode: int, words: str) -> None:
    desk.corp.fail_next(f"{WAY}add_join_way", errcode)
    with pytest.raises(Failed, match=words):
        await desk.ways.keep(wanted(FIRST))


async def test_a_way_whose_code_can_not_be_had_is_not_made_twice(desk: Desk) -> None:
    desk.corp.fail_next(f"{WAY}get_join_way", 60020)
    asked = wanted(FIRST)
    made = await desk.ways.keep(asked)
    assert made.config in desk.corp.ways.join
    assert made.picture == ""
    again = await desk.ways.keep(replace(as_made(asked, made.config), has_qr=False))
    assert (again.config, bool(again.picture)) == (made.config, True)


def test_fields_that_nobody_knows_yet_are_written_back() -> None:
    found = {"config_id": "c1", "qr_code": "https://q", "chat_id_list": ["a"], "is_new": 7}
    body = merged(found, replace(wanted(FIRST), config="c1", known=(GroupId("a"),)))
    assert (body["is_new"], body["config_id"]) == (7, "c1")
    assert "qr_code" not in body
    assert body["chat_id_list"] == [FIRST]


def test_a_group_in_the_place_of_another_is_the_platforms_doing() -> None:
    known = tuple(GroupId(each) for each in "abcde")
    found = {
        "chat_id_list": list("bcdef"),
        "state": "k7m2pq9xwd",
        "auto_create_room": 1,
        "room_base_name": STEM,
    }
    asked = replace(wanted(FIRST), known=known, was=(STEM, 4))
    assert changed_by_others(found, asked) == ()
    assert changed_by_others({**found, "chat_id_list": list("bcde")}, asked) == ("chat_id_list",)


# To staff


async def test_who_comes_by_a_contact_way_brings_the_entry_code(desk: Desk) -> None:
    made = await desk.contacts.keep(WantedContactWay(state="k7m2pq9xwd"))
    assert base64.b64decode(made.picture).startswith(PNG)
    given = desk.corp.ways.contact[made.config].given
    assert (given["state"], given["user"], given["skip_verify"]) == (
        "k7m2pq9xwd",
        ["linyue", "chenxi"],
        True,
    )


async def test_who_is_there_for_them_is_kept_up_to_date_and_nothing_else(desk: Desk) -> None:
    made = await desk.contacts.keep(WantedContactWay(state="k7m2pq9xwd"))
    desk.corp.ways.contact[made.config].given["remark"] = "前台"
    fewer = ContactWays(desk.client, desk.pictures, ["chenxi"])
    asked = WantedContactWay(state="k7m2pq9xwd", config=made.config, has_qr=True)
    again = await fewer.keep(asked)
    assert (again.config, again.picture) == (made.config, "")
    given = desk.corp.ways.contact[made.config].given
    assert (given["user"], given["remark"]) == (["chenxi"], "前台")


async def test_without_anybody_to_add_it_says_what_to_set(desk: Desk) -> None:
    nobody = ContactWays(desk.client, desk.pictures, [])
    with pytest.raises(Refused, match="wecom_contacts"):
        await nobody.keep(WantedContactWay(state="k7m2pq9xwd"))


# Welcomes


async def test_a_welcome_is_kept_in_step(desk: Desk) -> None:
    first = WantedWelcome(name="prenatal", text="欢迎%NICKNAME%～")
    template = await desk.welcomes.keep(first)
    desk.corp.owner_applies(FIRST, template)
    desk.corp.joins(FIRST, "wm1", "豆豆妈")
    assert [each.text for each in desk.corp.chats[FIRST].said] == ["欢迎豆豆妈～"]
    changed = replace(first, text="%NICKNAME%来啦", config=template)
    assert await desk.welcomes.keep(changed) == template
    assert desk.corp.welcome.templates[template].text == "%NICKNAME%来啦"
    assert await desk.welcomes.keep(changed) == template
    assert len(desk.written("externalcontact/group_welcome_template/edit")) == 1


async def test_nobody_is_told_of_a_welcome_but_by_us(desk: Desk) -> None:
    await desk.welcomes.keep(WantedWelcome(name="prenatal", text="欢迎"))
    assert all(not each.notices for each in desk.corp.office.staff.values())


async def test_a_welcome_that_is_gone_or_anothers_is_made_anew(desk: Desk) -> None:
    template = await desk.welcomes.keep(WantedWelcome(name="prenatal", text="欢迎"))
    desk.corp.fail_next("externalcontact/group_welcome_template/edit", 41058)
    changed = WantedWelcome(name="prenatal", text="你好", config=template)
    another = await desk.welcomes.keep(changed)
    assert another != template
    del desk.corp.welcome.templates[another]
    assert await desk.welcomes.keep(replace(changed, config=another)) not in (template, another)


async def test_a_full_library_and_a_long_text_are_told_in_words(desk: Desk) -> None:
    desk.corp.fail_next("externalcontact/group_welcome_template/add", 41055)
    with pytest.raises(Failed, match="100 group welcome texts"):
        await desk.welcomes.keep(WantedWelcome(name="prenatal", text="欢迎"))
    with pytest.raises(Refused, match="3003 bytes"):
        await desk.welcomes.keep(WantedWelcome(name="prenatal", text="欢" * 1001))
