"""Staff gives a group its way in, and sees which groups are asked for."""

import io
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.qr import qr_png
from models.entry import Visitor
from models.ids import Code, VisitorId
from models.openings import Opening, OpeningState
from models.stores.unit import Unit
from tests.http.api import as_operator, as_viewer, items, refused
from tests.world import EVENING, GROUP, World

WAY, PICTURE = f"/api/v1/groups/{GROUP}/way", f"/api/v1/groups/{GROUP}/way/image.png"
OPENINGS = "/api/v1/openings"
PNG = {"Content-Type": "image/png"}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


def picture(size: tuple[int, int] = (600, 800), kind: str = "PNG", **more: Any) -> bytes:
    """A photograph of something."""
    data = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(data, kind, **more)
    return data.getvalue()


def bomb() -> bytes:
    """A few kilobytes that would fill a gigabyte."""
    data = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(data, "PNG")
    return data.getvalue()


# Pictures


async def test_a_picture_is_drawn_anew_and_shown_until_it_lapses(
    world: World, http: httpx.AsyncClient
) -> None:
    until = (EVENING + timedelta(days=5)).isoformat()
    sent = qr_png("https://weixin.example/g/1", 400)
    answer = await http.put(WAY, content=sent, headers=PNG, params={"valid_until": until})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["kind"], told["by"], told["has_image"]) == ("image", "运营小王", True)
    assert (told["is_valid"], told["valid_until"]) == (True, "2026-03-07T19:00:00+08:00")
    assert (await http.get(WAY)).json() == told
    shown = await http.get(PICTURE)
    assert shown.headers["content-type"] == "image/png"
    assert shown.content != sent
    with Image.open(io.BytesIO(shown.content)) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", Image.open(io.BytesIO(sent)).size)
    await world.passes(days=5)
    assert (await http.get(WAY)).json()["is_valid"] is False


async def test_a_form_with_a_photograph_is_taken_too(http: httpx.AsyncClient) -> None:
    files = {"file": ("群码.jpg", picture(kind="JPEG"), "image/jpeg")}
    given = {"valid_until": "2026-03-04T20:00:00+08:00"}
    answer = await http.put(WAY, files=files, data=given)
    assert answer.status_code == 200, answer.text
    assert answer.json()["valid_until"] == "2026-03-04T20:00:00+08:00"
    bare = await http.put(WAY, files=files)
    assert bare.json()["valid_until"] == "2026-03-09T19:00:00+08:00", "by the rule: seven days"


async def test_nothing_but_what_can_be_seen_goes_on(http: httpx.AsyncClient) -> None:
    """Where it was taken, and whatever was hidden behind its end, stays behind."""
    exif = Image.Exif()
    exif[0x010E] = "西湖区某小区"
    photo = picture((3000, 2000), "JPEG", exif=exif) + b"<script>alert(1)</script>"
    assert (await http.put(WAY, content=photo, headers=PNG)).status_code == 200
    shown = (await http.get(PICTURE)).content
    assert "西湖区".encode() not in shown
    assert b"script" not in shown
    with Image.open(io.BytesIO(shown)) as drawn:
        assert drawn.size == (1080, 720)
        assert not drawn.getexif()


async def test_a_photograph_stands_upright(http: httpx.AsyncClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (
        await http.put(WAY, content=picture((600, 300), "JPEG", exif=exif), headers=PNG)
    ).status_code == 200
    with Image.open(io.BytesIO((await http.get(PICTURE)).content)) as drawn:
        assert drawn.size == (300, 600)


def crooked() -> bytes:
    """A photograph to be turned, whose other marks are not what they say."""
    orientation = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    resolution = struct.pack(">HHI4s", 0x011A, 2, 4, b"abc\0")
    marks = struct.pack(">2sHIH", b"MM", 42, 8, 2) + orientation + resolution + bytes(4)
    return picture(kind="JPEG", exif=b"Exif\0\0" + marks)


BROKEN = {
    "nothing": b"",
    "no picture": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "another kind": picture(kind="GIF"),
    "cut off": picture()[:-100],
    "only its beginning": picture()[:40],
    "too wide": picture((4001, 10)),
    "a bomb": bomb(),
    "crooked": crooked(),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_picture_of_ours_is_refused(what: str, http: httpx.AsyncClient) -> None:
    refused(await http.put(WAY, content=BROKEN[what], headers=PNG), 422, "file")
    assert (await http.get(WAY)).status_code == 404


async def test_what_is_too_large_or_of_another_kind_is_refused(http: httpx.AsyncClient) -> None:
    refused(await http.put(WAY, content=b"x" * 2_000_001, headers=PNG), 413)
    large = {"file": ("a.png", b"x" * 2_100_000, "image/png")}
    refused(await http.put(WAY, files=large), 413)
    refused(await http.put(WAY, content=b"x", headers={"Content-Type": "text/html"}), 415)
    refused(await http.put(WAY, files={"file": (None, "x")}), 422, "file")
    odd = {"Content-Type": "multipart/form-data; boundary=x; charset=undefined"}
    body = b'--x\r\nContent-Disposition: form-data; name="valid_until"\r\n\r\nx\r\n--x--\r\n'
    refused(await http.put(WAY, content=body, headers=odd), 400)


async def test_a_date_that_makes_no_sense_is_refused(http: httpx.AsyncClient) -> None:
    for until, status in (
        ("2026-03-01T00:00:00+08:00", 409),
        ("tomorrow", 422),
        ("2026-03-09", 422),
        ("2026-03-09T00:00:00", 422),
    ):
        given = {"valid_until": until}
        bare = await http.put(WAY, content=picture(), headers=PNG, params=given)
        (fault,) = {each["field"].split(".")[0] for each in refused(bare, status)["errors"]}
        assert fault == "valid_until"
        form = await http.put(WAY, files={"file": ("a.png", picture())}, data=given)
        refused(form, status, "valid_until")


# WeCom's


async def test_a_join_way_does_not_lapse(world: World, http: httpx.AsyncClient) -> None:
    link = "https://work.weixin.qq.com/gm/abc"
    answer = await http.put(WAY, json={"content": link})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["kind"], told["content"], told["valid_until"]) == ("join_way", link, None)
    until = {"valid_until": "2026-03-09T20:00:00+08:00"}
    for dated in (
        await http.put(WAY, json={"content": link}, params=until),
        await http.put(WAY, json={"content": link, **until}),
    ):
        assert dated.json()["valid_until"] == "2026-03-09T20:00:00+08:00"
    past = {"valid_until": "2020-01-01T00:00:00Z"}
    refused(await http.put(WAY, json={"content": link}, params=past), 409, "valid_until")
    assert (await http.get(PICTURE)).status_code == 404


@pytest.mark.parametrize(
    "given", [{}, {"content": "javascript:alert(1)"}, {"content": "https://a b"}, {"x": 1}]
)
async def test_a_join_way_that_leads_nowhere_is_refused(
    given: dict[str, Any], http: httpx.AsyncClient
) -> None:
    refused(await http.put(WAY, json=given), 422)


async def test_a_way_is_taken_away(http: httpx.AsyncClient) -> None:
    await http.put(WAY, json={"content": "https://work.weixin.qq.com/gm/abc"})
    assert (await http.delete(WAY)).status_code == 204
    refused(await http.delete(WAY), 404)
    known = await http.get(WAY)
    assert known.status_code == 404 or known.json()["kind"] == "room_qr"


async def test_groups_that_are_not_there_are_told(http: httpx.AsyncClient) -> None:
    nowhere = "/api/v1/groups/g9/way"
    assert "there is no way g9" in str(refused(await http.get(nowhere), 404))
    for answer in (
        await http.put(nowhere, content=picture(), headers=PNG),
        await http.delete(nowhere),
    ):
        assert "there is no group g9" in refused(answer, 404)["detail"]


async def test_an_operator_gives_her_own_groups_their_ways(world: World) -> None:
    link = {"content": "https://work.weixin.qq.com/gm/abc"}
    async with await as_viewer(world) as viewer:
        for answer in (await viewer.put(WAY, json=link), await viewer.delete(WAY)):
            refused(answer, 403)
        refused(await viewer.get(WAY), 404)
    async with await as_operator(world, channels=["妇幼"]) as operator:
        assert (await operator.put(WAY, content=picture(), headers=PNG)).status_code == 200
    async with await as_operator(world, channels=["爱婴"]) as other:
        for answer in (
            await other.put(WAY, content=picture(), headers=PNG),
            await other.delete(WAY),
        ):
            assert f"group:{GROUP}" in refused(answer, 403)["detail"]
        assert (await other.get(WAY)).json()["kind"] == "image"
    async with world.admin("qz_none") as nobody:
        refused(await nobody.get(WAY), 401)


async def test_a_way_is_changed_by_one_at_a_time_and_it_is_noted(
    world: World, http: httpx.AsyncClient
) -> None:
    link = {"content": "https://work.weixin.qq.com/gm/abc"}
    given = await http.put(WAY, json=link)
    tag = {"If-Match": (await http.get(WAY)).headers["ETag"]}
    assert (await http.put(WAY, content=picture(), headers=PNG | tag)).status_code == 200
    refused(await http.put(WAY, json=link, headers=tag), 412)
    second, first = await items(http, "/audit", target=f"way:{GROUP}")
    assert (first["action"], first["before"], first["after"]) == ("way_given", None, given.json())
    assert (second["before"]["kind"], second["after"]["kind"]) == ("join_way", "image")


# Groups that are asked for


@pytest.fixture
async def asked(world: World) -> World:
    """One group was asked for, and two wait for it; one waits for another, and one has a place."""
    opening = Opening(
        city="杭州",
        channel="妇幼",
        birth_window="2026-06",
        seq=1,
        name="杭州·2026年6-8月·妇幼·01",
        token="t" * 32,
        state=OpeningState.ASKED,
        asked_at=EVENING,
    )
    visitor = Visitor(
        id=VisitorId("v1"),
        code=Code("k7m2pq9xwd"),
        scanned_at=EVENING,
        answered_at=EVENING,
        city="杭州",
        channel="妇幼",
        birth_window="2026-06",
        name="豆豆",
        waiting_since=EVENING,
    )

    async def work(facts: Unit) -> None:
        facts.openings.put(opening)
        facts.openings.put(
            replace(opening, seq=2, token="u", state=OpeningState.OPEN, opened_at=EVENING)
        )
        facts.visitors.put(visitor)
        facts.visitors.put(replace(visitor, id=VisitorId("v2")))
        facts.visitors.put(replace(visitor, id=VisitorId("v3"), city="宁波"))
        placed = replace(visitor, id=VisitorId("v4"), waiting_since=None, group=GROUP)
        facts.visitors.put(placed)

    await world.transactions.run(work)
    return world


async def test_groups_that_are_asked_for_are_told_with_who_waits(
    asked: World, http: httpx.AsyncClient
) -> None:
    (told,) = await items(http, "/openings")
    assert (told["name"], told["waiting"]) == ("杭州·2026年6-8月·妇幼·01", 2)
    assert (told["cohort"], told["seq"], told["state"]) == ("杭州~妇幼~2026-06", 1, "asked")
    assert told["asked_at"] == "2026-03-02T19:00:00+08:00"
    assert told["page"] == f"http://qunzhu/o/{'t' * 32}"
    await asked.rules(entry={"site": "https://q.example.com"})
    (told,) = await items(http, "/openings")
    assert told["page"] == f"https://q.example.com/o/{'t' * 32}"
    assert "豆豆" not in str(told)


async def test_the_page_for_staff_is_told_those_who_may_decide(asked: World) -> None:
    for client, is_told in (
        (await as_viewer(asked), False),
        (await as_operator(asked, channels=["爱婴"]), False),
        (await as_operator(asked, channels=["妇幼"]), True),
    ):
        async with client as other:
            (told,) = await items(other, "/openings")
            assert told["waiting"] == 2
            assert (told["page"] is not None) == is_told
            assert ("t" * 32 in (await other.get(OPENINGS)).text) == is_told
            table = await other.get(OPENINGS, params={"format": "csv"})
            assert ("t" * 32 in table.text) == is_told


async def test_openings_are_found_by_cohort_and_state(
    asked: World, http: httpx.AsyncClient
) -> None:
    async def found(**params: Any) -> list[int]:
        return [each["seq"] for each in await items(http, "/openings", **params)]

    assert await found() == [1]
    assert await found(state="open") == [2]
    assert await found(state=["open", "asked"], limit=1) == [1, 2]
    assert await found(channel="妇幼", city="杭州", birth_window="2026-06") == [1]
    assert await found(channel="爱婴") == []
    one = await http.get(f"{OPENINGS}/杭州~妇幼~2026-06/2")
    assert (one.json()["state"], "ETag" in one.headers) == ("open", True)


async def test_a_group_that_is_not_needed_is_dropped(
    asked: World, http: httpx.AsyncClient
) -> None:
    drop = f"{OPENINGS}/杭州~妇幼~2026-06/1/drop"
    async with await as_viewer(asked) as viewer:
        refused(await viewer.post(drop), 403)
    async with await as_operator(asked, channels=["爱婴"]) as other:
        refused(await other.post(drop), 403)
    async with await as_operator(asked, channels=["妇幼"]) as operator:
        assert (await operator.post(drop)).json()["state"] == "dropped"
    assert await items(http, "/openings") == []
    refused(await http.post(drop.replace("/1/", "/2/")), 409)
    refused(await http.post(drop.replace("/1/", "/7/")), 404)
    refused(await http.post(drop.replace("2026-06", "soon")), 404)
    refused(await http.post(drop.replace("/1/", "/0/")), 422, "seq")
    (entry,) = await items(http, "/audit", action="opening_dropped")
    assert (entry["before"]["state"], entry["after"]["state"]) == ("asked", "dropped")
    assert "t" * 32 not in str(entry)
