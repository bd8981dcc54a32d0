"""Whoever has the link of a code has its poster too, as it would be printed."""

from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import pytest
import zxingcpp
from PIL import Image

from models.events import EntryCodeChanged
from models.ids import Code
from tests.world import World

CODE = "k7m2pq9xwd"
POSTER, QR = f"/j/{CODE}/poster.png", f"/j/{CODE}/qr.png"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await world.makes_code(CODE, referrer="林护士")
    async with world.admin("nobody") as client:
        client.headers = httpx.Headers({"User-Agent": PHONE})
        yield client


async def get(http: httpx.AsyncClient, path: str) -> httpx.Response:
    answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


def read(answer: httpx.Response) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(answer.content)))
    return found.text


async def changes(world: World, **what: object) -> None:
    at = world.clock.now()
    await world.happens(EntryCodeChanged(at=at, by="运营小王", code=Code(CODE), changes=what))


async def test_a_poster_leads_to_its_code_and_so_does_the_qr_alone(
    http: httpx.AsyncClient,
) -> None:
    poster = await get(http, POSTER)
    assert Image.open(BytesIO(poster.content)).size == (1080, 1920)
    assert read(poster) == read(await get(http, QR)) == f"http://qunzhu/j/{CODE}"


async def test_it_leads_to_the_public_address_of_its_channel(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.rules(entry={"site": "https://q.example.com"})
    assert read(await get(http, POSTER)) == f"https://q.example.com/j/{CODE}"
    await world.rules("channel:妇幼", entry={"site": "https://fy.example.com"})
    assert read(await get(http, POSTER)) == f"https://fy.example.com/j/{CODE}"
    assert read(await get(http, QR)) == f"https://fy.example.com/j/{CODE}"


async def test_it_looks_as_its_code_says_unless_another_template_is_asked_for(
    http: httpx.AsyncClient,
) -> None:
    own = await get(http, POSTER)
    each = [
        await get(http, f"{POSTER}?template={name}") for name in ("mother", "hospital", "shop")
    ]
    assert own.content == each[0].content
    assert len({answer.content for answer in each}) == 3
    assert {read(answer) for answer in each} == {f"http://qunzhu/j/{CODE}"}


async def test_who_has_it_is_told_that_it_is_still_the_same_until_it_is_not(
    world: World, http: httpx.AsyncClient
) -> None:
    for path in (POSTER, QR):
        first = await get(http, path)
        tag = first.headers["etag"]
        again = await http.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    before = (await get(http, POSTER)).headers["etag"]
    await changes(world, headline="三个月的宝宝，都在这里")
    answer = await http.get(POSTER, headers={"If-None-Match": before})
    assert answer.status_code == 200


async def test_who_only_asks_whether_it_is_there_is_told(http: httpx.AsyncClient) -> None:
    for path in (POSTER, QR):
        asked = await http.head(path)
        assert (asked.status_code, asked.headers["content-type"]) == (200, "image/png")


async def test_a_code_that_is_not_there_or_closed_has_none(
    world: World, http: httpx.AsyncClient
) -> None:
    for unknown in ("nobody", "k7m2pq9xwD", "%F0%9F%91%B6", "a%00b", "x" * 500):
        assert (await http.get(f"/j/{unknown}/poster.png")).status_code == 404
    await get(http, POSTER)
    await changes(world, closed_at=world.clock.now())
    for path in (POSTER, QR):
        answer = await http.get(path)
        assert answer.status_code == 410
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_template_that_is_not_there_is_a_problem(http: httpx.AsyncClient) -> None:
    answer = await http.get(POSTER, params={"template": "funeral"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "template"


async def test_an_address_that_no_code_could_hold_is_a_problem(http: httpx.AsyncClient) -> None:
    for path in (POSTER, QR):
        answer = await http.get(path, headers={"Host": "a" * 3000})
        assert answer.status_code == 400
        assert "too long" in answer.json()["detail"]


async def test_looking_at_a_poster_is_no_scan(world: World, http: httpx.AsyncClient) -> None:
    await get(http, POSTER)
    await get(http, QR)
    await world.passes(minutes=1)
    assert await world.transactions.read(lambda facts: facts.visitors.find()) == []


async def test_one_address_is_given_so_many_and_then_told_to_wait(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.rules(entry={"pages_most": 25})
    answers = [await http.get(QR) for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
