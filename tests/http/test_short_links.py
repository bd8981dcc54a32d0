"""A short link leads to what was posted, counts people once, and shows what came of a post."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text

from bot.http.entry.links import location
from bot.http.visitors import COOKIE
from models.ids import GroupId, Slug
from models.links import Click, ShortLink
from models.stores.unit import Unit
from models.tables import PostRow
from tests.http.api import as_viewer, items, refused
from tests.world import GROUP, World, shanghai

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0.44"
SLUG = "k7m2pq9xwd"
TARGET = "https://shop.example.com/buy?id=1"
LINKS = "/api/v1/links"


@pytest.fixture
async def link(world: World) -> World:
    await made(world)
    return world


async def made(
    world: World,
    slug: str = SLUG,
    target: str = TARGET,
    *,
    day: str = "2026-03-02",
    slot: int = 1140,
    group: str = GROUP,
    item: str = "w1",
) -> None:
    async def work(facts: Unit) -> None:
        facts.short_links.put(
            ShortLink(
                slug=Slug(slug),
                target=target,
                group=GroupId(group),
                day=date.fromisoformat(day),
                slot=slot,
                item=item,
                made_at=world.clock.now(),
            )
        )

    await world.transactions.run(work)


async def was_posted(world: World, item: str = "w1", at: str | None = "2026-03-02 19:30") -> None:
    """In the slot of the link."""
    values: dict[str, Any] = {
        "group": GROUP,
        "day": date(2026, 3, 2),
        "slot": 1140,
        "account": "simulated",
        "phase": "forming",
        "kind": "wet",
        "state": "posted",
        "opens_at": shanghai("2026-03-02 19:00"),
        "closes_at": shanghai("2026-03-02 20:00"),
        "said_at": shanghai("2026-03-02 19:30"),
        "item": item,
        "voice": "assistant",
        "why": "",
        "given": [],
        "posted_at": shanghai(at) if at else None,
    }
    async with world.engine.begin() as connection:
        await connection.execute(insert(PostRow).values(values))


@pytest.fixture
async def phone(link: World) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(link) as client:
        yield client


def browser(world: World, agent: str = PHONE) -> httpx.AsyncClient:
    client = world.admin("")
    client.headers = httpx.Headers({"user-agent": agent})
    return client


async def clicks(world: World, slug: str = SLUG) -> list[Click]:
    return await world.transactions.read(lambda facts: facts.clicks.of(Slug(slug)))


async def times(world: World) -> list[int]:
    return sorted(each.times for each in await clicks(world))


# Following


async def test_it_leads_to_what_was_posted(link: World, phone: httpx.AsyncClient) -> None:
    answer = await phone.get(f"/s/{SLUG}")
    assert answer.status_code == 302
    assert answer.headers["location"] == TARGET
    assert answer.headers["cache-control"] == "no-store"
    assert "httponly" in answer.headers["set-cookie"].lower()
    (click,) = await clicks(link)
    assert (click.times, click.first_at) == (1, link.clock.now())


async def test_a_browser_is_one_person_however_often_it_follows(
    link: World, phone: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await phone.get(f"/s/{SLUG}")
    async with browser(link) as other:
        await other.get(f"/s/{SLUG}")
    assert await times(link) == [1, 3]
    assert phone.cookies[COOKIE] not in str(await clicks(link))


async def test_those_who_follow_at_once_are_all_counted(
    link: World, phone: httpx.AsyncClient
) -> None:
    await phone.get(f"/s/{SLUG}")
    async with browser(link) as elsewhere:  # another process, with an intake of its own
        elsewhere.cookies = phone.cookies
        follows = [each.get(f"/s/{SLUG}") for each in (phone, elsewhere) for _ in range(20)]
        answers = await asyncio.gather(*follows)
    assert {each.status_code for each in answers} == {302}
    assert await times(link) == [41]


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": ""},
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
async def test_who_is_nobody_is_led_and_not_counted(
    link: World, phone: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await phone.get(f"/s/{SLUG}", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert "set-cookie" not in answer.headers
    assert await clicks(link) == []


async def test_a_look_ahead_is_led_and_not_counted(link: World, phone: httpx.AsyncClient) -> None:
    answer = await phone.head(f"/s/{SLUG}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert await clicks(link) == []


async def test_who_can_not_be_counted_is_led_all_the_same(
    link: World, phone: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async with link.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE click RENAME TO clicks_elsewhere"))
    answer = await phone.get(f"/s/{SLUG}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert "a click was not counted" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/s/zzzzzzzzzz",
        "/s/K7M2PQ9XWD",
        "/s/k7m2pq9xw",
        "/s/k7m2pq9xwd0",
        "/s/%00%00%00%00%00%00%00%00%00%00",
        "/s/https:%2F%2Fevil.example",
        "/s/'%20or%201=1",
        "/s/%F0%9F%A4%B1",
    ],
)
async def test_what_was_not_posted_leads_nowhere(
    link: World, phone: httpx.AsyncClient, path: str
) -> None:
    answer = await phone.get(path)
    assert answer.status_code == 404
    assert "location" not in answer.headers
    if "%2F" not in path:
        assert "没有找到这个链接" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "evil" not in answer.text


async def test_nothing_in_the_request_says_where(link: World, phone: httpx.AsyncClient) -> None:
    for path in (f"/s/{SLUG}?url=https://evil.example", f"/s/{SLUG}?next=//evil.example#x"):
        answer = await phone.get(path, headers={"host": "evil.example", "referer": "https://evil"})
        assert answer.headers["location"] == TARGET


async def test_a_flood_is_held_back(link: World, phone: httpx.AsyncClient) -> None:
    await link.rules(entry={"pages_most": 10})
    answers = [await phone.get(f"/s/{SLUG}") for _ in range(12)]
    assert [each.status_code for each in answers[:10]] == [302] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (TARGET, TARGET),
        (
            "https://a.example/路?名=豆豆#尾",
            "https://a.example/%E8%B7%AF?%E5%90%8D=%E8%B1%86%E8%B1%86#%E5%B0%BE",
        ),
        ("https://a.example/%E8%B7%AF", "https://a.example/%E8%B7%AF"),
        ("https://例子.example/x", "https://xn--fsqu00a.example/x"),
        ("https://a.example/x\r\nSet-Cookie: a=b", "https://a.example/xSet-Cookie:%20a=b"),
        ('https://a.example/"<x>', "https://a.example/%22%3Cx%3E"),
    ],
)
def test_a_header_can_carry_it(target: str, expected: str) -> None:
    assert location(target) == expected
    assert location(target).isascii()


# What came of it


@pytest.fixture
async def http(link: World) -> AsyncIterator[httpx.AsyncClient]:
    async with link.admin() as client:
        yield client


async def test_people_are_shown_against_who_was_there(
    link: World, phone: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    await link.joins("豆豆妈", "米粒妈", "糖糖妈", "小雨妈", "果果妈")
    await link.until("2026-03-02 19:40")
    await was_posted(link)
    await link.leaves("果果妈")
    await link.joins("桃子妈")
    for _ in range(2):
        await phone.get(f"/s/{SLUG}")
    async with browser(link) as other:
        await other.get(f"/s/{SLUG}")
    assert await items(http, "/links") == [
        {
            "slug": SLUG,
            "target": TARGET,
            "group": GROUP,
            "group_name": "杭州·2026年3-5月·妇幼·01",
            "day": "2026-03-02",
            "slot": 1140,
            "item": "w1",
            "made_at": "2026-03-02T19:00:00+08:00",
            "kind": "wet",
            "said_at": "2026-03-02T19:30:00+08:00",
            "clicks": 3,
            "people": 2,
            "members": 5,
            "share": 0.4,
        }
    ]


async def test_what_nobody_knows_is_null(link: World, http: httpx.AsyncClient) -> None:
    await made(link, "aaaaaaaaaa", slot=600)
    await was_posted(link, item="another")
    for each in await items(http, "/links"):
        assert (each["kind"], each["said_at"]) == (None, None)
        assert (each["members"], each["share"]) == (None, None)
        assert (each["clicks"], each["people"]) == (0, 0)


async def test_a_post_from_before_we_watched_has_no_share(
    link: World, http: httpx.AsyncClient
) -> None:
    await was_posted(link, at="2026-03-01 19:30")
    (one,) = await items(http, "/links")
    assert (one["said_at"], one["members"]) == ("2026-03-01T19:30:00+08:00", None)


async def test_they_are_chosen_by_group_item_and_time(
    link: World, http: httpx.AsyncClient
) -> None:
    await link.opens("g2", "宁波·2026年3-5月·爱婴·01")
    await link.passes(hours=1)
    await made(link, "aaaaaaaaaa", group="g2", item="w2")
    await link.passes(hours=1)
    await made(link, "bbbbbbbbbb", group="g2", slot=600)

    async def slugs(**params: Any) -> list[str]:
        return [each["slug"] for each in await items(http, "/links", **params)]

    assert await slugs() == ["bbbbbbbbbb", "aaaaaaaaaa", SLUG]
    assert await slugs(sort="made_at", limit=1) == [SLUG, "aaaaaaaaaa", "bbbbbbbbbb"]
    assert await slugs(group="g2") == await slugs(channel="爱婴") == ["bbbbbbbbbb", "aaaaaaaaaa"]
    assert await slugs(item="w2") == ["aaaaaaaaaa"]
    hour = "2026-03-02T{}:00:00+08:00".format
    assert await slugs(since=hour(20)) == ["bbbbbbbbbb", "aaaaaaaaaa"]
    assert await slugs(since=hour(20), until=hour(21)) == ["aaaaaaaaaa"]
    assert await slugs(since=hour(21), until=hour(20)) == []
    for wrong in ({"since": "today"}, {"until": "9999-12-31"}, {"limit": "0"}, {"format": "xlsx"}):
        refused(await http.get(LINKS, params=wrong), 422)


async def test_a_table_computes_nothing(link: World, http: httpx.AsyncClient) -> None:
    await made(link, "aaaaaaaaaa", item='=HYPERLINK("http://evil")', slot=600)
    answer = await http.get(LINKS, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sorted(each["item"] for each in rows) == ['\'=HYPERLINK("http://evil")', "w1"]
    assert (rows[0]["clicks"], rows[0]["share"], rows[0]["day"]) == ("0", "", "2026-03-02")


async def test_whoever_may_look_sees_it(link: World) -> None:
    async with await as_viewer(link) as viewer, link.admin("") as nobody:
        assert len(await items(viewer, "/links")) == 1
        assert (await nobody.get(LINKS)).status_code == 401
