"""In the morning an operations lead sees how yesterday was, and what waits for somebody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from models.content import ContentKind, Item, Voice
from models.ids import PersonId
from models.kocs import KocTerm
from models.people import Role
from models.stores.unit import Unit
from models.totals import DayTotal
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.stories.quiet import without_posts
from tests.world import GROUP, World

NOTHING = {"value": None, "week_before": None, "usual": None}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await without_posts(world)
    async with world.admin() as client:
        yield client


async def read(http: httpx.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await http.get(f"{API}/overview", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def were(world: World, **days: dict[str, Any]) -> None:
    """What days came to, by their names as in `d02`."""

    async def work(facts: Unit) -> None:
        for name, figures in days.items():
            day = date(2026, 3, int(name[1:]))
            given = {"groups": 1, "heard": 1.0, "channel": "妇幼", **figures}
            facts.totals.put(DayTotal(day=day, counted_at=world.clock.now(), **given))

    await world.transactions.run(work)


async def test_a_day_is_counted_once_it_is_over(world: World, http: httpx.AsyncClient) -> None:
    assert (await read(http))["figures"] == dict.fromkeys(
        ("joined", "left", "messages", "answered", "said", "points"), NOTHING
    )
    await world.joins("班长", "豆豆妈", "米粒妈", "桃子妈")
    await world.becomes("班长", Role.MONITOR)
    question = await world.says("豆豆妈", "宝宝半夜总醒怎么办呀")
    await world.says("米粒妈", "我家是白天少睡一点，晚上就好了", quotes=question)
    await world.leaves("桃子妈")
    await world.says("班长", "大家晚上好")
    await world.until("2026-03-03 08:30")
    found = await read(http)
    assert (found["day"], found["heard"]) == ("2026-03-02", pytest.approx(5 / 24, abs=0.01))
    assert found["figures"]["joined"] == NOTHING, "most of the day nobody listened"
    assert found["figures"]["points"]["value"] == await world.points("米粒妈") > 0
    await world.joins("果果妈")
    await world.says("果果妈", "大家好呀")
    await world.until("2026-03-04 08:30")
    found = await read(http, channel="妇幼")
    figures = {name: each["value"] for name, each in found["figures"].items()}
    assert (found["heard"], figures) == (
        1,
        {"joined": 1, "left": 0, "messages": 1, "answered": None, "said": 0, "points": 0},
    )
    assert (await read(http, channel="社区"))["figures"]["joined"] == NOTHING


async def test_yesterday_is_compared_with_the_days_before(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.until("2026-03-20 09:00")
    await were(
        world,
        d19={"joined": 30, "messages": 100, "asked": 4, "answered": 3},
        d18={"joined": 10, "heard": 0.4, "asked": 10},
        d17={"joined": 20, "asked": 8, "answered": 4},
        d16={"joined": 20},
        d15={"joined": 20},
        d14={"joined": 20},
        d13={"joined": 20},
        d12={"joined": 26, "asked": 2, "answered": 1},
        d11={"joined": 1000},
    )
    figures = (await read(http))["figures"]
    assert figures["joined"] == {"value": 30, "week_before": 26, "usual": 21}
    assert figures["answered"] == {"value": 0.75, "week_before": 0.5, "usual": 0.5}


async def test_of_a_day_that_nobody_heard_only_our_own_doing_is_known(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.passes(days=1)
    await world.goes_deaf()
    await world.until("2026-03-05 09:00")
    found = await read(http)
    assert (found["day"], found["heard"]) == ("2026-03-04", 0)
    assert found["figures"]["messages"]["value"] is None
    assert found["figures"]["said"]["value"] == 0
    assert found["accounts"] == {"up": 0, "deaf": 1}


async def test_days_on_which_nothing_ran_are_counted_afterwards(world: World) -> None:
    await world.until("2026-03-03 01:00")
    first, last = date(2026, 2, 23), date(2026, 3, 2)
    missing = await world.transactions.read(lambda facts: facts.totals.first_missing(first, last))
    assert missing is None


async def test_what_waits_for_somebody_is_counted(world: World, http: httpx.AsyncClient) -> None:
    await world.joins("豆豆妈")
    await world.says("豆豆妈", "宝宝半夜总醒怎么办呀")
    await world.opens("g2", "苏州·2025年3-5月·社区·01")
    await world.passes(minutes=5)
    found = await read(http)
    assert found["groups"] == {"ours": 2, "paused": 0, "without_monitor": 2, "untold": 0}
    assert found["questions"] == {"open": 1, "overdue": 0}
    assert found["accounts"] == {"up": 1, "deaf": 0}
    assert found["unapproved"] == {"today": 0, "tomorrow": 0}
    await world.becomes("豆豆妈", Role.MONITOR)
    await world.passes(minutes=40)
    assert (await read(http))["questions"] == {"open": 1, "overdue": 1}
    other = await read(http, channel="社区")
    assert other["groups"] == {"ours": 1, "paused": 0, "without_monitor": 1, "untold": 0}
    assert other["questions"] == {"open": 0, "overdue": 0}
    notices = await items(http, "/notices")
    assert sum(each["groups"] for each in found["concerns"]) == len(notices)


async def test_posts_that_wait_for_approval_are_counted_where_the_rules_ask_for_it(
    world: World,
) -> None:
    item = Item(id="c1", kind=ContentKind.DRY, text="今天聊聊睡眠", voice=Voice.ASSISTANT)
    await world.stocks(item, replace(item, id="c2", text="今天聊聊补钙"))
    await world.rules(content={"approval": True})
    await world.until("2026-03-03 08:00")
    async with world.admin() as http:
        waiting = (await read(http))["unapproved"]
        assert waiting["today"] > 0 == waiting["tomorrow"]
        assert (await read(http, channel="妇幼"))["unapproved"] == waiting
        assert (await read(http, channel="社区"))["unapproved"]["today"] == 0
        await world.rules(f"group:{GROUP}", content={"approval": False})
        assert (await read(http))["unapproved"]["today"] == 0


async def test_who_may_look_may_see_it_and_nobody_else(world: World) -> None:
    async with await as_viewer(world) as http:
        await read(http)
    async with world.admin("nobody") as http:
        refused(await http.get(f"{API}/overview"), 401)


async def test_kocs_are_listed_by_name_for_who_may_read_it(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("豆豆妈")
    since = world.clock.now()

    async def work(facts: Unit) -> None:
        term = KocTerm(
            group=GROUP,
            person=PersonId("豆豆妈"),
            since=since,
            until=since + timedelta(days=56),
        )
        facts.koc_terms.put(term)

    await world.transactions.run(work)
    (koc,) = await items(http, "/kocs", group=GROUP)
    assert (koc["person"], koc["name"], koc["until"]) == (
        "豆豆妈",
        "豆豆妈",
        "2026-04-27T19:00:00+08:00",
    )
    async with await as_operator(world, channels=["社区"]) as other:
        assert [each["name"] for each in await items(other, "/kocs")] == [None]
    assert await items(http, "/kocs", channel="社区") == []
