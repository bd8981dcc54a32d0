"""From a scan to her group, in a real browser on a phone."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize, expect

from handlers.entry.answers import AHEAD
from tests.browser.demo import PHONE, Demo
from tests.http.entry import WECHAT

LIT = "nurse7k2mq"
"""Of the demo: it leads to groups that are there, in a city of its own."""
DARK = "advert6hx3"
"""Leads to groups that are not there yet, in any city."""
NARROW: ViewportSize = {"width": 320, "height": 640}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('a,button,input:not([type=hidden]),select,summary,label')]
  .filter(each => each.offsetParent && !each.classList.contains('pick'))
  .filter(each => !(each.type === 'checkbox'))
  .filter(each => !(each.classList.contains('label')))
  .map(each => [each.outerHTML.slice(0, 60), each.getBoundingClientRect().height])
  .filter(([_, height]) => height < 44)"""
FEWEST_TAPS = 7
LIGHT = 50_000


class Hand:
    """A phone in somebody's hand: it counts her taps, and notes what the browser complains of."""

    def __init__(self, context: BrowserContext, demo: Demo) -> None:
        self.page = context.new_page()
        self.taps = 0
        self.complaints: list[str] = []
        self.weights: dict[str, int] = {}
        self._demo = demo
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._weigh)

    def scans(self, code: str) -> None:
        self.page.goto(f"{self._demo.url}/j/{code}")

    def taps_on(self, words: str) -> None:
        self.taps += 1
        self.page.get_by_text(words, exact=True).first.tap()

    def fills(self, field: str, value: str) -> None:
        """One tap into the field, and then she types or turns the wheel."""
        self.taps += 1
        self.page.locator(f"#{field}").tap()
        self.page.locator(f"#{field}").fill(value)

    def answers(self, name: str = "小雨") -> None:
        """Everything but the city, for a baby that is due in two months."""
        self.taps_on("还没出生")
        self.fills("day", self.in_days(60))
        self.fills("name", name)
        self.taps_on("我看过并同意上面的说明")

    def in_days(self, days: int) -> str:
        """From today, as the form knows it."""
        latest = date.fromisoformat(self.page.locator("#day").get_attribute("max") or "")
        return (latest - AHEAD + timedelta(days=days)).isoformat()

    def _weigh(self, response: Response) -> None:
        if response.status == 200:
            self.weights[response.url] = len(response.body())


@pytest.fixture(params=[PHONE, NARROW], ids=["390", "320"])
def hand(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Hand]:
    context = browser.new_context(
        viewport=request.param,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        user_agent=WECHAT,
    )
    yield Hand(context, demo)
    context.close()


def looks_right(page: Page) -> None:
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(SMALL) == []


def test_from_scan_to_group_in_a_few_taps(hand: Hand) -> None:
    page = hand.page
    hand.scans(LIT)
    expect(page.get_by_text("由 李护士 推荐")).to_be_visible()
    expect(page.locator("#city")).to_have_count(0)
    looks_right(page)
    expect(page.locator("label[for=day] .when-either")).to_be_visible()
    hand.answers()
    expect(page.locator("label[for=day] .when-due")).to_be_visible()
    expect(page.locator("label[for=day] .when-either")).to_be_hidden()
    hand.taps_on("看看我的群")
    expect(page.get_by_role("heading", level=1)).to_have_text("小雨，你的群找到了")
    expect(page.locator(".name")).to_have_text(re.compile(r"^杭州·\d{4}年\d{1,2}-\d{1,2}月·"))
    assert hand.taps <= FEWEST_TAPS
    looks_right(page)
    assert hand.complaints == []
    assert max(hand.weights.values()) < LIGHT
    assert len(hand.weights) == 2, "each page is one answer"
    # Whoever scans again sees it again.
    hand.scans(LIT)
    expect(page.get_by_role("heading", level=1)).to_have_text("小雨，你的群找到了")


def test_the_first_fault_is_where_she_is(hand: Hand) -> None:
    page = hand.page
    hand.scans(DARK)
    hand.taps_on("已出生")
    hand.fills("name", "小雨 妈妈")
    hand.taps_on("看看我的群")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#day")).to_be_focused()
    expect(page.locator("#day")).to_be_in_viewport()
    expect(page.locator("#day-fault")).to_be_visible()
    expect(page.locator("#name")).to_have_value("小雨 妈妈")
    expect(page.locator("#born")).to_be_checked()
    expect(page.locator(".small-print")).to_be_visible()
    looks_right(page)
    # The browser itself notes that the answer was 422.
    assert [each for each in hand.complaints if "422" not in each] == []


def test_she_copies_her_nickname(hand: Hand) -> None:
    page = hand.page
    hand.scans(LIT)
    hand.answers("果果")
    hand.taps_on("看看我的群")
    nickname = page.locator("#nickname").input_value()
    assert nickname.endswith("果果")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand.taps_on("复制")
    expect(page.locator("[data-copy]")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == nickname


def test_she_waits_for_a_group_and_has_all_forgotten(hand: Hand) -> None:
    page = hand.page
    hand.scans(DARK)
    page.locator("#city").select_option("杭州")
    hand.answers("米粒")
    hand.taps_on("看看我的群")
    expect(page.get_by_role("heading", level=1)).to_have_text("米粒，正在为你准备新群")
    looks_right(page)
    hand.taps_on("我的信息")
    expect(page.locator("dl")).to_contain_text("米粒")
    looks_right(page)
    hand.taps_on("全部删除")
    expect(page.get_by_text("真的要全部删除吗")).to_be_visible()
    looks_right(page)
    hand.taps_on("确定，全部删除")
    expect(page.get_by_role("heading", level=1)).to_have_text("已经全部删除")
    assert hand.complaints == []
    hand.scans(DARK)
    expect(page.locator("#name")).to_have_value("")


def test_it_works_without_scripts(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        java_script_enabled=False,
        user_agent=WECHAT,
    )
    hand = Hand(context, demo)
    hand.scans(LIT)
    expect(hand.page.locator("label[for=day] .when-either")).to_be_visible()
    hand.taps_on("已出生")
    expect(hand.page.locator("label[for=day] .when-born")).to_be_visible()
    hand.fills("day", hand.in_days(-40))
    hand.fills("name", "小雨")
    hand.taps_on("我看过并同意上面的说明")
    hand.taps_on("看看我的群")
    expect(hand.page.locator("h1")).to_contain_text("小雨")
    expect(hand.page.locator("[data-copy]:visible")).to_have_count(0)
    context.close()
