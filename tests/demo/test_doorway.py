"""The whole way in, as one plays it in the demo: through its pages, without a browser."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.clock import ManualClock
from bot.demo import codes, panels
from bot.demo.cast import Awkward
from bot.demo.entry_panel import entry_panel
from bot.demo.markup import shown_name
from bot.demo.scanning import scan_pages
from bot.http.app import http_app
from bot.metrics import Metrics
from models.entry import MatchedBy, Visitor
from models.events import RulesChanged
from models.ids import Code, GroupId, PersonId
from models.openings import OpeningState
from models.scopes import EVERYWHERE
from tests.demo.play import GROUP, SITE, Play, playing

NURSE, SHOP = "nurse7k2mq", "shop4w9tze"
MATURE = GroupId("demo-2025-12")
PHONE = "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/86 Mobile MicroMessenger/8.0"
A_WHILE = timedelta(minutes=3)


class Phone:
    """A mother's, and what she does with it."""

    def __init__(self, play: Play) -> None:
        app = http_app(play.transactions, play.dispatcher, play.clock, dict, Metrics())
        app.include_router(scan_pages(play.doorway))
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=SITE,
            headers={"User-Agent": PHONE, "Sec-Fetch-Site": "same-origin"},
            follow_redirects=True,
        )
        self.page = ""

    async def opens(self, path: str) -> None:
        answer = await self._http.get(path)
        self.page, self.at = answer.text, answer.url.path

    async def sends(self, **fields: str) -> None:
        """The form on this page."""
        hidden = dict(re.findall(r'name="(token|consent|hello)" value="([^"]*)"', self.page))
        answer = await self._http.post(self.at, data=hidden | fields)
        self.page, self.at = answer.text, answer.url.path

    async def fills_in(self, code: str, name: str, due: str = "2026-04-10") -> None:
        await self.opens(f"/j/{code}")
        await self.sends(baby="due", day=due, name=name)

    async def follows(self, words: str) -> None:
        await self.opens(self.link(words))

    def link(self, words: str) -> str:
        found = re.search(f'<a [^>]*href="([^"]*)"[^>]*>[^<]*{words}', self.page)
        assert found, self.page
        return unescape(found[1])

    def chat(self) -> tuple[GroupId, PersonId]:
        """Where, and as whom, she can be found in the phone view."""
        query = parse_qs(urlsplit(self.link("打开")).query)
        return GroupId(query["group"][0]), PersonId(query["me"][0])


async def lives(play: Play, time: timedelta = A_WHILE) -> None:
    await play.stage.jump(play.stage.now() + time)


async def visitors(play: Play) -> list[Visitor]:
    return await play.transactions.read(lambda facts: facts.visitors.find())


# By the group's code


async def test_a_mother_who_fills_in_the_form_joins_and_is_greeted_by_name(play: Play) -> None:
    phone = Phone(play)
    await phone.fills_in(NURSE, "豆豆妈")
    assert "豆豆妈，你的群找到了" in phone.page
    await phone.follows("模拟扫码进群")
    assert "你的微信名就当是「豆豆妈」" in phone.page
    await phone.sends()
    group, me = phone.chat()
    assert group == GROUP
    assert (await play.scene()).somebody(me) == me
    await lives(play)
    assert any("欢迎@豆豆妈" in text for text in await play.said())
    (visitor,) = await visitors(play)
    assert (visitor.joined_in, visitor.person) == (GROUP, me)
    await phone.opens(f"/j/{NURSE}/group")
    assert "你已经在群里啦" in phone.page


async def test_pressing_twice_joins_once(play: Play) -> None:
    phone = Phone(play)
    await phone.fills_in(NURSE, "豆豆妈")
    await phone.follows("模拟扫码进群")
    await phone.sends()
    before = (await play.scene()).group.members
    await phone.sends()
    assert (await play.scene()).group.members == before


async def test_two_mothers_of_one_name_are_two(play: Play) -> None:
    for _ in range(2):
        phone = Phone(play)
        await phone.fills_in(NURSE, "豆豆妈")
        await phone.follows("模拟扫码进群")
        await phone.sends()
    assert [each.shown for each in (await play.scene()).present].count("豆豆妈") == 2


async def test_who_scans_without_a_form_joins_under_some_name(play: Play) -> None:
    phone = Phone(play)
    await phone.opens(f"/demo/scan/g/{GROUP}?1")
    await phone.sends()
    _, me = phone.chat()
    assert (await play.scene()).people[me].shown
    assert await visitors(play) == []


async def test_a_room_that_is_none_is_said_kindly(play: Play) -> None:
    phone = Phone(play)
    await phone.opens("/demo/scan/g/nowhere")
    assert "这个二维码不认识" in phone.page


# By the account


async def test_into_a_large_group_the_assistant_invites_her(play: Play) -> None:
    phone = Phone(play)
    await phone.fills_in(NURSE, "米粒", "2026-02-20")
    assert "模拟扫码进群" not in phone.page
    await phone.follows("模拟加小助手")
    await phone.sends()
    assert "米粒" in phone.page
    await lives(play, timedelta(seconds=30))
    await phone.opens(phone.at)
    group, me = phone.chat()
    assert group == MATURE
    assert (await play.scene(MATURE)).somebody(me) == me
    (visitor,) = await visitors(play)
    assert visitor.matched_by is MatchedBy.TICKET
    await lives(play)
    assert any("欢迎@米粒" in text for text in await play.said(MATURE))


async def test_a_wrong_ticket_opens_nothing(play: Play) -> None:
    phone = Phone(play)
    await phone.fills_in(NURSE, "米粒", "2026-02-20")
    await phone.follows("模拟加小助手")
    await phone.sends(hello="111111")
    await lives(play)
    await phone.opens(phone.at)
    assert "发送好友申请" in phone.page


# A group that is not there yet


async def test_who_waits_is_placed_once_staff_has_made_the_room(play: Play) -> None:
    phone = Phone(play)
    await phone.fills_in(SHOP, "小树")
    assert "正在为你准备新群" in phone.page
    entrance = (await play.scene()).entrance
    (opening,) = entrance.openings
    assert opening.state is OpeningState.ASKED
    assert [each.name for each in entrance.waiting] == ["小树"]
    await lives(play, timedelta(hours=1))
    scene = await play.scene()
    letter = next(each for each in scene.settled if opening.name in each.text)
    assert letter.to is not None
    assert shown_name(scene, letter.to) == "运营"
    assert letter.text[:20] in panels.outbox_panel(scene)
    assert opening.name in entry_panel(scene)
    assert f"/o/{opening.token}" in entry_panel(scene)

    room = await play.doorway.open_room(opening.name)
    await lives(play, timedelta(minutes=1))
    await phone.opens(f"/j/{SHOP}/group")
    await phone.follows("模拟扫码进群")
    await phone.sends()
    assert phone.chat()[0] == room
    await lives(play)
    assert any("欢迎@小树" in text for text in await play.said(room))
    assert (await play.scene()).entrance.openings == []
    with pytest.raises(Awkward, match="不用建了"):
        await play.doorway.open_room(opening.name)


async def test_with_people_of_staff_the_account_opens_the_room_by_itself(play: Play) -> None:
    assert not (await play.scene()).entrance.opens_alone
    await play.doorway.hire()
    assert (await play.scene()).entrance.opens_alone
    phone = Phone(play)
    await phone.fills_in(SHOP, "小树")
    await lives(play)
    await phone.opens(f"/j/{SHOP}/group")
    await phone.follows("模拟扫码进群")
    await phone.sends()
    room, _ = phone.chat()
    assert (await play.scene(room)).group.channel == "爱婴坊"
    await lives(play)
    assert any("欢迎@小树" in text for text in await play.said(room))


# What the panel shows, and what a restart keeps


async def test_the_panel_counts_each_code(play: Play) -> None:
    for name in ("豆豆妈", "糖糖"):
        phone = Phone(play)
        await phone.fills_in(NURSE, name)
    await phone.follows("模拟扫码进群")
    await phone.sends()
    await Phone(play).opens(f"/j/{NURSE}")
    funnels = {each.code.code: each for each in (await play.scene()).entrance.codes}
    nurse = funnels[Code(NURSE)]
    assert (nurse.scanned, nurse.answered, nurse.shown, nurse.joined) == (3, 2, 2, 1)
    assert len(funnels) == 3
    shown = entry_panel(await play.scene())
    assert f'href="/j/{NURSE}"' in shown
    assert "扫码<b>3</b>填表<b>2</b>看到群码<b>2</b>进群<b>1</b>" in shown


async def test_a_restart_keeps_codes_rooms_and_who_waits(database: str, real: ManualClock) -> None:
    async with playing(database, real) as play:
        phone = Phone(play)
        await phone.fills_in(SHOP, "小树")
        await phone.follows("模拟加小助手")
        await phone.sends()
        await lives(play)
        (opening,) = (await play.scene()).entrance.openings
    async with playing(database, real) as play:
        entrance = (await play.scene()).entrance
        assert len(entrance.codes) == 3
        assert [each.name for each in entrance.waiting] == ["小树"]
        room = await play.doorway.open_room(opening.name)
        await lives(play)
        (visitor,) = await visitors(play)
        assert visitor.joined_in == room
        assert "小树" in [each.shown for each in (await play.scene(room)).present]
    async with playing(database, real) as play:
        assert "小树" in [each.shown for each in (await play.scene(room)).present]
        assert await play.doorway.group(room) is not None


async def test_codes_lead_to_where_the_demo_is_served_today(
    database: str, real: ManualClock
) -> None:
    elsewhere = "http://127.0.0.1:9999"
    async with playing(database, real) as play:
        await lives(play)
    async with playing(database, real, elsewhere) as play:
        rules = await play.transactions.read(lambda facts: facts.rules.in_force())
        ways = await play.transactions.read(lambda facts: facts.ways.find())
        cards = await play.transactions.read(lambda facts: facts.account_cards.find())
    assert rules.entry.site == elsewhere
    contents = [each.content for each in ways if each.content] + [each.content for each in cards]
    assert len(contents) >= 3
    assert all(each.startswith(f"{elsewhere}/demo/scan/") for each in contents)


async def test_an_address_that_somebody_else_has_set_stays(
    database: str, real: ManualClock
) -> None:
    theirs = "https://demo.example.com"
    async with playing(database, real) as play:
        now = play.stage.now()
        set_ = RulesChanged(
            at=now, by="运营", scope=EVERYWHERE, changes={"entry": {"site": theirs}}
        )
        await play.dispatcher.decide(set_, now)
    async with playing(database, real, "http://127.0.0.1:9999") as play:
        rules = await play.transactions.read(lambda facts: facts.rules.in_force())
        assert rules.entry.site == theirs
        await lives(play)
        ways = await play.transactions.read(lambda facts: facts.ways.find())
    assert any((each.content or "").startswith(f"{theirs}/demo/scan/") for each in ways)


@pytest.mark.parametrize(
    ("where", "site"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("192.168.1.5:8001", "http://192.168.1.5:8001"),
    ],
)
def test_the_address_that_a_browser_of_this_machine_reaches(where: str, site: str) -> None:
    assert codes.site_at(where) == site
