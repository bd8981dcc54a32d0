"""The public pages with hostile, hurried and broken visitors."""

import asyncio
import logging
import random
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from bot.http.entry.limits import Allowance, Limiter, connection_of
from bot.http.entry.show import HEADERS
from bot.http.visitors import COOKIE
from bot.service import http_server
from config.settings import Settings
from models.stores.unit import Unit
from models.tables import VisitorRow
from tests.browser.demo import free_port
from tests.http.entry import ANSWERS, CODE, asked_for, entrance, shown
from tests.world import NAME, World

FORM = "application/x-www-form-urlencoded"
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{1234*4321}}&"


async def visitors(world: World) -> int:
    async def work(facts: Unit) -> int:
        return len(await facts.visitors.find(VisitorRow.answered_at.is_not(None)))

    return await world.transactions.read(work)


def tags(page: httpx.Response) -> list[str]:
    return [tag for tag, _ in shown(page).tags]


# What is shown is encoded


async def test_nothing_that_anybody_wrote_becomes_markup(world: World) -> None:
    await world.rules(entry={"cities": ["杭州", "<b>宁波"]})
    await world.makes_code(headline=SCRIPT, referrer=SCRIPT, channel="妇幼<i>")
    await world.opens("g2", "杭州·2026年3-5月·妇幼<i>·01")
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.opens()
        faulty = await phone.answers(name=SCRIPT, day=SCRIPT, city=SCRIPT, baby=SCRIPT)
        assert faulty.status_code == 422
        done = await phone.answers(name="<b>小雨&amp;</b>")
        mine = await phone.opens("/me")
        for page in (form, faulty, done, mine):
            found = tags(page)
            assert found.count("script") == 1
            assert set(found) & {"i", "img"} <= ({"img"} if page is done else set())
            attributes = {name for _, given in shown(page).tags for name in given}
            assert not any(each.startswith("on") for each in attributes)
            assert "5332114" not in shown(page).text
        assert "<b>小雨&amp;</b>" in shown(done).text
        assert SCRIPT in shown(faulty).values["name"]


async def test_every_answer_forbids_what_no_page_of_ours_does(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        answers = [
            await phone.opens(),
            await phone.opens("/j/nosuchcode"),
            await phone.answers(name=""),
            await phone.sends(f"/j/{CODE}", {"token": "forged"}),
            await phone.http.post(f"/j/{CODE}", json={}),
            await phone.answers(),
            await phone.opens("/me"),
            await phone.opens("/o/nosuchtoken"),
        ]
        answers += [each for answer in answers for each in answer.history]
        assert {each.status_code for each in answers} == {200, 303, 403, 404, 415, 422}
        for each in answers:
            for name, value in HEADERS.items():
                assert each.headers[name] == value, (each.url, name)
        policy = HEADERS["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; ")
        cookie = next(
            each.headers["set-cookie"] for each in answers if "set-cookie" in each.headers
        )
        assert re.match(
            rf"{COOKIE}=[\w-]{{32}}; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax$", cookie
        )


# What is sent in


async def test_half_a_character_is_no_text_in_whatever_charset(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        opening = await asked_for(world, door.phone())
        for charset in ("utf-7", "unicode_escape", "undefined"):
            body = (
                b'--x\r\nContent-Disposition: form-data; name="until"\r\n\r\n'
                + (b"+2AA-" if charset == "utf-7" else b"\\ud800")
                + b"\r\n--x--\r\n"
            )
            headers = {
                "content-type": f"multipart/form-data; boundary=x; charset={charset}",
                "origin": "http://qunzhu",
            }
            page = await door.phone().http.post(
                f"/o/{opening.token}", content=body, headers=headers
            )
            assert page.status_code == 400, charset


async def test_where_nothing_is_people_see_a_page_and_programs_a_problem(world: World) -> None:
    async with entrance(world) as door:
        phone = door.phone()
        for path in ("/j", "/j/abc/def", "/nothing"):
            seen = await phone.http.get(path, headers={"accept": "text/html,*/*;q=0.8"})
            assert seen.status_code == 404
            assert "这里没有页面" in seen.text
            told = await phone.http.get(path, headers={"accept": "application/json"})
            assert told.json()["status"] == 404
        api = await phone.http.get("/api/v1/nothing", headers={"accept": "text/html"})
        assert api.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/plain", b"name=x", 415),
        ("", b"name=x", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        (FORM, b"name=" + b"x" * 9_000, 413),
        (FORM, b"&".join(b"f%d=x" % n for n in range(50)), 400),
        (FORM, b"name=%ff%fe", 400),
        (FORM, b"name=\xff\xfe", 400),
        (FORM, b"name=%ed%a0%80", 400),
        (FORM, b"name=%00", 400),
        (FORM, b"", 403),
        (FORM, b"token=" + "é".encode(), 403),
        (FORM, b"token=" + b"0" * 64, 403),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(
    world: World, kind: str, body: bytes, status: int
) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        await phone.scans()
        headers = {"content-type": kind, "origin": "http://qunzhu"}
        page = await phone.http.post(f"/j/{CODE}", content=body, headers=headers)
        assert page.status_code == status
        assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_body_that_does_not_say_how_long_it_is(world: World) -> None:
    await world.makes_code()

    async def endless() -> AsyncIterator[bytes]:
        yield b"name="
        for _ in range(1000):
            sent.append(1)
            yield b"x" * 1000

    sent: list[int] = []
    async with entrance(world) as door:
        phone = door.phone()
        await phone.scans()
        page = await phone.http.post(
            f"/j/{CODE}", content=endless(), headers={"content-type": FORM}
        )
        assert page.status_code == 413
        assert len(sent) < 20


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://qunzhu"},
        {"sec-fetch-site": "same-site", "origin": "http://qunzhu"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://qunzhu.evil.example"},
        {"origin": "http://[::1"},
    ],
)
async def test_forms_from_elsewhere_are_refused(world: World, headers: dict[str, str]) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.scans()
        for path in (f"/j/{CODE}", "/me"):
            page = await phone.http.post(path, data=ANSWERS | form.hidden, headers=headers)
            assert page.status_code == 403
        assert await visitors(world) == 0


async def test_a_token_is_good_for_one_browser_and_one_code(world: World) -> None:
    await world.makes_code()
    await world.makes_code("another2code")
    async with entrance(world) as door:
        mine, hers = door.phone(), door.phone()
        form = await mine.scans()
        await hers.scans()
        assert (await hers.sends(f"/j/{CODE}", ANSWERS | form.hidden)).status_code == 403
        assert (await mine.sends("/j/another2code", ANSWERS | form.hidden)).status_code == 403
        assert await visitors(world) == 0
        assert NAME in (await mine.sends(f"/j/{CODE}", ANSWERS | form.hidden)).text


async def test_a_form_that_is_sent_again_changes_nothing(world: World) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        form = await phone.scans()
        sent = ANSWERS | form.hidden
        pages = await asyncio.gather(*(phone.sends(f"/j/{CODE}", sent) for _ in range(5)))
        assert all(NAME in each.text for each in pages)
        first = await world.visitor(phone.cookie)
        await phone.sends(f"/j/{CODE}", sent)
        assert await world.visitor(phone.cookie) == first
        assert await visitors(world) == 1
        await world.joins("小雨")
        assert "你已经在群里啦" in (await phone.sends(f"/j/{CODE}", sent | {"name": "别人"})).text
        assert (await world.visitor(phone.cookie)).name == "小雨"


@pytest.mark.parametrize(
    "code",
    [
        "%0d%0aSet-Cookie:%20x=y",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "%2f%2fevil.example",
        "%ff",
        "x" * 5_000,
        "<script>",
        "k7m2pq9xwd%20",
        "K7M2PQ9XWD",
        "%E6%9D%AD%E5%B7%9E",
    ],
)
async def test_codes_nobody_made(world: World, code: str) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        phone.http.follow_redirects = False
        for path in (f"/j/{code}", f"/j/{code}/group", f"/o/{code}"):
            page = await phone.opens(path)
            if page.status_code == 303:
                assert re.fullmatch(r"/j/[A-Za-z0-9_-]{1,40}", page.headers["location"])
            else:
                assert page.status_code == 404
            assert "set-cookie" not in page.headers
        sent = await phone.sends(f"/j/{code}", ANSWERS)
        assert sent.status_code == 404


@pytest.mark.parametrize("cookie", ["x", "a b", "x" * 5_000, "%00", "é", "../../etc", '"'])
async def test_a_cookie_that_is_none_of_ours_is_replaced(world: World, cookie: str) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        given = [(b"cookie", f"{COOKIE}={cookie}".encode())]
        page = await phone.http.get(f"/j/{CODE}", headers=given)
        assert page.status_code == 200
        assert len(phone.cookie) == 32


# Many at once


async def test_a_hundred_at_once_are_all_taken_and_no_group_is_overfilled(world: World) -> None:
    await world.makes_code()
    await world.rules(
        entry={"pages_most": 100_000, "answers_most": 100_000},
        growth={"formed_at": 20, "qr_until": 25, "full_at": 30},
    )
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.opens("g3", "杭州·2026年3-5月·妇幼·03")
    async with entrance(world) as door:
        phones = [door.phone() for _ in range(100)]
        forms = await asyncio.gather(*(each.scans() for each in phones))
        for each in phones:
            each.http.follow_redirects = False
        pages = await asyncio.gather(
            *(
                each.http.post(f"/j/{CODE}", data=ANSWERS | form.hidden | {"name": f"妈妈{n}"})
                for n, (each, form) in enumerate(zip(phones, forms, strict=True))
            )
        )
        assert {each.status_code for each in pages} == {303}
        found = [await world.visitor(each.cookie) for each in phones]
    assert [each.name for each in found] == [f"妈妈{n}" for n in range(100)]
    assert len({each.ticket for each in found}) == 100
    placed = [each.group for each in found if each.group]
    assert sorted(placed.count(group) for group in set(placed)) == [30, 30, 30]
    assert sum(each.waiting_since is not None for each in found) == 10


async def test_limits_by_address_and_by_browser(world: World) -> None:
    await world.makes_code()
    await world.rules(entry={"pages_most": 30, "answers_most": 24})
    async with entrance(world) as door:
        eager = door.phone()
        form = await eager.scans()
        sent = [await eager.sends(f"/j/{CODE}", form.hidden) for _ in range(3)]
        assert [each.status_code for each in sent] == [422, 422, 429]
        other = door.phone()
        assert (await other.answers()).status_code == 200
        pages = [await other.opens() for _ in range(30)]
        refused = pages[-1]
        assert refused.status_code == 429
        assert "人有点多" in refused.text
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await door.phone("198.51.100.9").opens()).status_code == 200


# What is written down


async def test_nothing_personal_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for quiet in ("hypothesis", "asyncio"):
        logging.getLogger(quiet).setLevel("WARNING")
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers(name="绝密小名", day="2026-04-13")
        await phone.answers(name="", day="2026-04-13")
        visitor = await world.visitor(phone.cookie)
        await phone.sends(
            "/me", {"do": "find", "ticket": visitor.ticket or "", "day": "2026-04-13"}
        )
        await phone.sends("/me", shown(await phone.opens("/me")).hidden)
    ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    said = " ".join(f"{each.getMessage()} {vars(each)}" for each in ours)
    for secret in ("绝密小名", "2026-04-13", str(visitor.ticket), phone.cookie):
        assert secret not in said


async def test_a_fault_of_ours_is_a_page_for_her_and_a_traceback_for_us(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.makes_code()
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers(name="绝密小名")
        async with world.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE way RENAME TO way_away")
        page = await phone.opens()
        assert page.status_code == 500
        assert "是我们这边的问题" in page.text
        assert "a public page failed: /j/{code}/group" in caplog.text
        assert "绝密小名" not in caplog.text
        assert phone.cookie not in caplog.text


# Limits, as numbers


def test_an_allowance_is_had_at_once_and_then_evenly() -> None:
    limiter, minute = Limiter(), Allowance(60, 60.0)
    assert [limiter.wait("a", minute, 0.0) for _ in range(60)] == [0] * 60
    assert limiter.wait("a", minute, 0.0) == 1
    assert limiter.wait("b", minute, 0.0) == 0
    assert [limiter.wait("a", minute, 10.0) for _ in range(11)] == [0] * 10 + [1]
    hour = Allowance(10, 3600.0)
    assert [limiter.wait("c", hour, 0.0) for _ in range(11)] == [0] * 10 + [360]


@given(
    st.integers(1, 50),
    st.lists(st.floats(0, 30), min_size=1, max_size=300),
)
def test_no_window_holds_twice_what_is_allowed(many: int, pauses: list[float]) -> None:
    limiter, allowance, now, had = Limiter(), Allowance(many, 60.0), 0.0, []
    for pause in pauses:
        now += pause
        wait = limiter.wait("a", allowance, now)
        if wait == 0:
            had.append(now)
        else:
            assert Limiter().wait("a", allowance, now + wait) == 0
        assert sum(now - 60 < at for at in had) <= 2 * many
    assert had


def test_a_rush_of_strangers_does_not_fill_the_memory() -> None:
    limiter, minute = Limiter(most_kept=1_000), Allowance(10, 60.0)
    rng = random.Random(7)
    for n in range(20_000):
        limiter.wait(f"{rng.random()}", minute, n / 1000)
        assert len(limiter) <= 1_000


@pytest.mark.parametrize(
    ("address", "connection"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_what_an_address_stands_for(address: str, connection: str) -> None:
    assert connection_of(address) == connection


# Behind a proxy


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [("127.0.0.1", ["203.0.113.7", "https"]), ("10.0.0.0/8", ["127.0.0.1", "http"])],
)
async def test_only_a_known_proxy_says_whose_request_it_is(proxies: str, seen: list[str]) -> None:
    app = FastAPI()

    @app.get("/")
    async def who(request: Request) -> list[str]:
        return [request.client.host if request.client else "", request.url.scheme]

    where = f"127.0.0.1:{free_port()}"
    forged = {"x-forwarded-for": "6.6.6.6, 203.0.113.7", "x-forwarded-proto": "https"}
    async with http_server(app, where, proxies), httpx.AsyncClient() as http:
        for _ in range(50):
            try:
                answer = await http.get(f"http://{where}/", headers=forged)
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
        assert answer.json() == seen


def test_proxies_are_addresses() -> None:
    def proxies(given: str) -> Any:
        return Settings(_env_file=None, proxies=given).proxies

    assert proxies(" 10.0.0.5, 172.16.0.0/12 ") == "10.0.0.5,172.16.0.0/12"
    assert proxies("*") == "*"
    for wrong in ("nginx", "10.0.0.5/8", "10.0.0"):
        with pytest.raises(ValueError, match="proxies"):
            proxies(wrong)
