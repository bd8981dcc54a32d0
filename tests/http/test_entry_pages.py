"""From a scanned code to a group, as a mother and staff see it."""

from base64 import b64decode
from io import BytesIO

import httpx
import pytest
import zxingcpp
from PIL import Image

from bot.qr import qr_png
from models.entry import MatchedBy
from models.events import EntryCodeChanged, GroupReleased, WayGiven
from models.ids import GroupId
from models.openings import Opening
from models.stores.unit import Unit
from models.tables import OpeningRow, VisitorRow
from models.ways import Way, WayKind
from tests.http.api import items
from tests.http.entry import CODE, Phone, asked_for, entrance, shown
from tests.world import GROUP, NAME, World, shanghai

LIGHT = 50_000
"""Bytes of a page, everything in it."""


async def give_way(world: World, content: str | None = "https://weixin.qq.com/g/abc") -> None:
    now = world.clock.now()
    way = Way(
        group=GroupId(GROUP),
        kind=WayKind.IMAGE,
        got_at=now,
        by="运营小王",
        content=content,
        valid_until=shanghai("2026-03-09 20:00"),
    )
    await world.happens(WayGiven(at=now, by="运营小王", group=GroupId(GROUP), way=way))


def read_codes(page: httpx.Response) -> list[str]:
    """What the QR codes in a page say, to a reader that knows nothing of us."""
    found = []
    for source in shown(page).images:
        assert source.startswith("data:image/png;base64,")
        picture = Image.open(BytesIO(b64decode(source.partition(",")[2]))).convert("L")
        found += [each.text for each in zxingcpp.read_barcodes(picture)]
    return found


def screenshot(content: str) -> bytes:
    """Of a group's code, as a phone takes it."""
    picture = Image.effect_noise((1170, 2000), 60).convert("RGB")
    picture.paste("white", (100, 400, 1070, 1700))
    picture.paste(Image.open(BytesIO(qr_png(content, 760))), (200, 700))
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


async def visitors(world: World) -> int:
    async def work(facts: Unit) -> int:
        return len(await facts.visitors.find(VisitorRow.id != ""))

    return await world.transactions.read(work)


# From the code to the group


async def test_from_a_scan_to_her_group(world: World) -> None:
    await world.makes_code(referrer="王护士", headline="妇幼保健院妈妈群")
    await give_way(world)
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.opens()
        assert form.status_code == 200
        for words in ("妇幼保健院妈妈群", "由 王护士 推荐", "妇幼", "杭州", "这些信息怎么用"):
            assert words in form.text
        assert len(form.content) < LIGHT
        assert not (await world.visitor(phone.cookie)).has_answered

        page = await phone.answers()
        assert page.url.path == f"/j/{CODE}/group"
        for words in ("小雨，你的群找到了", NAME, "3月9日 20:00", "长按二维码"):
            assert words in page.text
        assert read_codes(page)[:1] == ["https://weixin.qq.com/g/abc"]
        assert shown(page).values["nickname"].startswith("杭州-孕")
        assert shown(page).values["nickname"].endswith("小雨")
        assert len(page.content) < LIGHT
        visitor = await world.visitor(phone.cookie)
        assert (visitor.group, visitor.shown_at) == (GROUP, world.clock.now())
        assert visitor.ticket is not None
        assert visitor.ticket in page.text
        assert "http-equiv" not in page.text


async def test_who_has_answered_sees_her_group_and_can_correct_herself(world: World) -> None:
    await world.makes_code()
    await world.makes_code("another2code", channel="妇幼")
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers()
        for path in (f"/j/{CODE}", "/j/another2code"):
            page = await phone.opens(path)
            assert page.url.path == f"{path}/group"
            assert NAME in page.text
        again = await phone.opens(f"/j/{CODE}?again=1")
        screen = shown(again)
        assert screen.values["baby"] == "due"
        assert screen.values["day"] == "2026-04-10"
        assert screen.values["name"] == "小雨"
        assert "consent" not in screen.values
        ticket = (await world.visitor(phone.cookie)).ticket
        await phone.answers_again(name="小雨点", day="2026-05-02")
        visitor = await world.visitor(phone.cookie)
        assert (visitor.name, str(visitor.day)) == ("小雨点", "2026-05-02")
        assert visitor.ticket == ticket
        assert await visitors(world) == 1


async def test_codes_that_lead_nowhere(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        early, late = door.phone(), door.phone()
        await early.answers()
        closed = EntryCodeChanged(
            at=world.clock.now(),
            by="运营小王",
            code=await world.makes_code("closedcode"),
            changes={"closed_at": world.clock.now()},
        )
        await world.happens(closed)
        unknown = await late.opens("/j/nosuchcode")
        assert unknown.status_code == 404
        assert "没有找到这个入口" in unknown.text
        gone = await late.opens("/j/closedcode")
        assert gone.status_code == 410
        assert "已经关闭" in gone.text
        assert late.cookie == ""
        form = await late.scans()
        sent = await late.sends("/j/closedcode", form.hidden)
        assert sent.status_code == 410
        assert await visitors(world) == 2
        # Her group is hers, by whichever code she comes back.
        assert NAME in (await early.opens("/j/closedcode")).text
        assert NAME in (await early.opens("/j/closedcode?again=1")).text


async def test_where_no_city_is_served_yet_nobody_fills_in_a_form_for_nothing(
    world: World,
) -> None:
    await world.makes_code("nowhereyet", channel="新渠道")
    async with entrance(world) as door:
        await world.rules("channel:新渠道", entry={"cities": []})
        await world.happens(
            GroupReleased(at=world.clock.now(), by="运营小王", group=GroupId(GROUP))
        )
        page = await door.phone().opens("/j/nowhereyet")
        assert page.status_code == 503
        assert "现在还没有能选的城市" in page.text
        await world.rules("channel:新渠道", entry={"cities": ["宁波"]})
        assert "宁波" in (await door.phone().opens("/j/nowhereyet")).text


async def test_what_is_wrong_stands_beside_it_and_what_she_typed_stays(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        page = await phone.answers(day="2027-13-40", city="", consent="", name="小雨 妈妈")
        assert page.status_code == 422
        screen = shown(page)
        assert screen.values["name"] == "小雨 妈妈"
        assert screen.values["baby"] == "due"
        wrong = [given for _, given in screen.tags if given.get("aria-invalid")]
        assert [each["name"] for each in wrong] == ["day", "city", "consent"]
        assert ["autofocus" in each for each in wrong] == [True, False, False]
        for each in wrong:
            assert f'id="{each["aria-describedby"]}"' in page.text
        assert not (await world.visitor(phone.cookie)).has_answered
        # The form is good for another try as it stands.
        fixed = await phone.sends(
            f"/j/{CODE}",
            screen.hidden
            | {"baby": "due", "day": "2026-04-10", "city": "杭州", "name": "小雨"}
            | {"consent": "yes"},
        )
        assert fixed.url.path == f"/j/{CODE}/group"


async def test_a_code_with_a_city_does_not_ask_for_hers(world: World) -> None:
    await world.makes_code(city="杭州")
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.scans()
        assert not [tag for tag, _ in form.tags if tag == "select"]
        page = await phone.answers(city="上海")
        assert NAME in page.text
        assert (await world.visitor(phone.cookie)).city == "杭州"


async def test_while_her_group_is_being_opened(world: World) -> None:
    await world.rules(entry={"cities": ["杭州", "宁波"]})
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        assert "<option>宁波" in (await phone.opens()).text
        page = await phone.answers(city="宁波")
        assert "小雨，正在为你准备新群" in page.text
        assert '<meta http-equiv="refresh" content="60">' in page.text
        await world.opens("g2", "宁波·2026年3-5月·妇幼·01")
        await world.passes(minutes=10)
        assert "宁波·2026年3-5月·妇幼·01" in (await phone.opens()).text


async def test_who_is_in_is_told_what_comes_next(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers()
        await world.joins("小雨")
        assert (await world.visitor(phone.cookie)).matched_by is MatchedBy.NICKNAME
        page = await phone.opens()
        assert "小雨，你已经在群里啦" in page.text
        assert "重新填" not in page.text
        again = await phone.opens(f"/j/{CODE}?again=1")
        assert again.url.path == f"/j/{CODE}/group"
        await world.leaves("小雨")
        assert "你的群找到了" in (await phone.opens()).text


async def test_a_place_that_is_gone_is_found_anew(world: World) -> None:
    await world.makes_code()
    await world.rules(growth={"qr_until": 3, "formed_at": 3, "full_at": 4})
    async with entrance(world) as door:
        phone = door.phone()
        assert NAME in (await phone.answers()).text
        await world.joins("阿明", "米粒", "豆豆", "果果")
        await phone.opens()
        await world.passes(seconds=0)
        assert "正在为你准备新群" in (await phone.opens()).text
        assert (await world.visitor(phone.cookie)).waiting_since is not None


async def test_an_uploaded_picture_is_light_and_still_readable(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        staff, phone = door.phone(), door.phone()
        opening = await asked_for(world, phone)
        await world.opens("g2", opening.name)
        await world.passes(minutes=1)
        content = "https://weixin.qq.com/g/AwYAADfh3kJHkjhKJH87hjkhJKHkjh"
        page = await upload(staff, opening, screenshot(content), "2026-03-09")
        assert page.url.path == f"/o/{opening.token}"
        assert "收到了" in page.text
        hers = await phone.opens()
        assert opening.name in hers.text
        assert read_codes(hers)[:1] == [content]
        assert len(hers.content) < LIGHT
        assert "3月9日 00:00" in hers.text


async def upload(
    phone: Phone, opening: Opening, file: bytes, until: str, do: str = "upload"
) -> httpx.Response:
    return await phone.http.post(
        f"/o/{opening.token}",
        data={"do": do, "until": until},
        files={"image": ("qr.jpg", file, "image/jpeg")},
        headers={"origin": "http://qunzhu"},
    )


# Staff


async def test_staff_opens_the_group_that_is_asked_for(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        staff, phone = door.phone(), door.phone()
        opening = await asked_for(world, phone)
        page = await staff.opens(f"/o/{opening.token}")
        assert shown(page).values["name"] == opening.name == "宁波·2026年3-5月·妇幼·01"
        assert "有<b>1</b>位妈妈在等它" in page.text.replace(" ", "")
        assert "还没有看到这个群" in page.text
        early = await upload(staff, opening, screenshot("x"), "2026-03-09")
        assert "还没有看到这个群" in early.text
        await world.opens("g2", opening.name)
        await world.passes(minutes=1)
        for file, until, why in (
            (b"", "2026-03-09", "请先选一张图片"),
            (b"GIF89a nothing", "2026-03-09", "读不出来"),
            (screenshot("x"), "", "请填上"),
            (screenshot("x"), "2026-03-02", "明天到 30 天之内"),
            (screenshot("x"), "2026-09-02", "明天到 30 天之内"),
            (bytes(2_000_001), "2026-03-09", "图片太大"),
        ):
            page = await upload(staff, opening, file, until)
            assert (page.status_code, why in page.text) == (422, True), why
        heavy = await upload(staff, opening, bytes(2_100_000), "2026-03-09")
        assert (heavy.status_code, "截一张图" in heavy.text) == (422, True)
        taken = await upload(staff, opening, screenshot("x"), "2026年3月9日")
        assert "收到了" in taken.text
        await world.until("2026-04-03 20:00")
        late = await staff.opens(f"/o/{opening.token}")
        assert "不再收二维码" in late.text
        await upload(staff, opening, screenshot("another"), "2026-04-09")
        way = await world.transactions.read(lambda facts: facts.ways.get(GroupId("g2")))
        assert way is not None
        assert way.kind is not WayKind.IMAGE


async def test_staff_does_not_need_it(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        staff, phone = door.phone(), door.phone()
        opening = await asked_for(world, phone)
        page = await upload(staff, opening, b"", "", do="drop")
        assert "这个群不用开了" in page.text
        (dropped,) = await world.transactions.read(
            lambda facts: facts.openings.find(OpeningRow.token == opening.token)
        )
        assert not dropped.is_pending
        async with world.admin() as http:
            (noted,) = await items(http, "/audit", action="opening_dropped")
        assert (noted["by"], noted["target"]) == ("开群页", f"opening:{opening.cohort}/1")
        assert (await staff.opens("/o/nosuchtoken")).status_code == 404


# What we hold of her


async def test_she_sees_what_we_hold_and_has_it_forgotten(world: World) -> None:
    await world.makes_code(referrer="王护士")
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers()
        page = await phone.opens("/me")
        for words in ("小雨", "2026年4月10日", "杭州", "妇幼，王护士", "2026-11 版", NAME):
            assert words in page.text
        asked = await phone.sends("/me", shown(page).hidden)
        assert "真的要全部删除吗" in asked.text
        assert (await world.visitor(phone.cookie)).name == "小雨"
        gone = await phone.sends("/me", shown(asked).hidden)
        assert "已经全部删除" in gone.text
        assert phone.cookie == ""
        (left,) = await world.transactions.read(
            lambda facts: facts.visitors.find(VisitorRow.id != "")
        )
        assert (left.name, left.day, left.ticket, left.group) == ("", None, None, None)
        assert "6 位数字" in (await phone.opens("/me")).text


async def test_her_ticket_and_her_day_open_it_on_any_phone(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        hers, other = door.phone(), door.phone("198.51.100.2")
        await hers.answers()
        ticket = (await world.visitor(hers.cookie)).ticket or ""
        wrong = await find(other, ticket, "2026-04-11")
        assert wrong.status_code == 422
        assert "没有找到" in wrong.text
        assert "小雨" not in wrong.text
        page = await find(other, f" {ticket} ", "2026-04-10")
        assert "小雨" in page.text
        as_typed = await find(other, ticket, "2026年4月10日")
        assert "小雨" in as_typed.text
        unread = await find(other, ticket, "四月十号")
        assert "没看懂这个日期" in unread.text
        assert shown(unread).values["ticket"] == ticket
        forged = await other.sends("/me", {"do": "erase", "ticket": ticket, "proof": "0" * 64})
        assert forged.status_code == 403
        asked = await other.sends("/me", shown(page).hidden)
        gone = await other.sends("/me", shown(asked).hidden)
        assert "已经全部删除" in gone.text
        assert (await hers.opens("/me")).text.count("6 位数字") > 0


async def test_tickets_are_not_found_by_trying(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        hers = door.phone()
        await hers.answers()
        ticket = (await world.visitor(hers.cookie)).ticket or ""
        # One after the other from one address, then one ticket from many.
        robber = door.phone("198.51.100.3")
        tried = [(await find(robber, f"{100_000 + n}", "2026-04-10")) for n in range(11)]
        assert [each.status_code for each in tried] == [422] * 10 + [429]
        assert int(tried[-1].headers["retry-after"]) > 60
        days = [
            await find(door.phone(f"198.51.100.{n}"), ticket, f"2026-04-{n}")
            for n in range(11, 17)
        ]
        assert [each.status_code for each in days] == [422] * 5 + [429]


async def find(phone: Phone, ticket: str, day: str) -> httpx.Response:
    return await phone.sends("/me", {"do": "find", "ticket": ticket, "day": day})


# Who is no person


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"user-agent": ""},
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
async def test_machines_get_the_page_and_nothing_else(
    world: World, headers: dict[str, str]
) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        machine = door.phone(**headers)
        page = await machine.opens()
        assert page.status_code == 200
        assert "怎么称呼你" in page.text
        assert "set-cookie" not in page.headers
        assert await visitors(world) == 0
        assert (await door.phone().http.head(f"/j/{CODE}")).status_code == 200
        assert await visitors(world) == 0


async def test_a_scan_counts_once(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        for _ in range(3):
            await phone.opens()
        assert await visitors(world) == 1


async def test_without_cookies_she_is_told_how_to_go_on(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.scans()
        phone.http.cookies.clear()
        page = await phone.sends(f"/j/{CODE}", form.hidden)
        assert page.status_code == 400
        assert "浏览器没有记住" in page.text
