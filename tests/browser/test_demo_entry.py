"""A mother's way from the code to her group on her phone, and what is seen of it beside."""

import re

from playwright.sync_api import Browser, expect

from bot.clock import SystemClock
from bot.demo.community import ReadyMade, ready_made
from config.daily import ZONE
from tests.browser.demo import PHONE, SIDEWAYS, Demo, Mother, Visit

NURSE, SHOP = "nurse7k2mq", "shop4w9tze"
MOST = 30.0
"""Seconds of a person's time from the scan to the group."""


def groups() -> list[ReadyMade]:
    """A young one, one that may still be entered by its code, and a large one."""
    return ready_made(SystemClock().now().astimezone(ZONE).date())


def funnel(visit: Visit, number: int) -> str:
    return visit.part("funnel").nth(number).inner_text().replace(" ", "")


def test_a_mother_is_in_her_group_in_half_a_minute_and_greeted_by_name(
    browser: Browser, demo: Demo, visit: Visit
) -> None:
    visit.to_morning()
    visit.press("tab-entry")
    young = groups()[0]
    mother = Mother(browser, demo)
    mother.scans(NURSE)
    mother.sees("李护士")
    mother.fills_in("豆豆妈", young.window.middle)
    mother.sends()
    mother.sees(young.name)
    mother.taps("模拟扫码进群")
    mother.sees("你的微信名就当是「豆豆妈」")
    mother.taps("加入群聊")
    mother.sees("你已经在群里啦")
    assert mother.took < MOST
    assert mother.outside == []

    mother.taps("打开群聊")
    expect(mother.page.get_by_test_id("who")).to_contain_text("豆豆妈")
    expect(visit.part("funnel").first).to_have_text(re.compile("进群 ?1"))
    mother.page.get_by_test_id("skip").click()
    expect(mother.page.locator(".bubble").filter(has_text="欢迎@豆豆妈")).to_be_visible()
    mother.page.close()


def test_into_a_large_group_the_assistant_takes_her(
    browser: Browser, demo: Demo, visit: Visit
) -> None:
    visit.to_morning()
    large = groups()[2]
    mother = Mother(browser, demo)
    mother.scans(NURSE)
    mother.fills_in("米粒", large.window.middle, is_born=True)
    mother.sends()
    mother.sees(large.name)
    digits = mother.page.locator(".digits").first.inner_text()
    mother.taps("模拟加小助手")
    expect(mother.page.get_by_test_id("hello")).to_have_value(digits)
    mother.taps("发送好友申请")
    mother.sees("米粒")
    visit.press("skip")
    mother.sees("小助手拉你进群啦")
    mother.taps("打开")
    expect(mother.page.locator(".bubble").filter(has_text="欢迎@米粒")).to_be_visible()
    mother.page.close()


def test_who_waits_gets_her_group_once_staff_has_made_it(
    browser: Browser, demo: Demo, visit: Visit
) -> None:
    visit.to_morning()
    visit.press("tab-entry")
    mother = Mother(browser, demo)
    mother.scans(SHOP)
    mother.fills_in("小树", groups()[0].window.middle)
    mother.sends()
    mother.sees("正在为你准备新群")
    panel = visit.page.locator(".panel.way-in")
    expect(panel).to_contain_text("小树")
    expect(visit.part("opening")).to_contain_text("爱婴坊·01")
    visit.press("open-room")
    expect(visit.part("opening")).to_have_count(0)
    visit.press("speed-60")
    expect(visit.page.locator("[data-group]")).to_have_count(4)
    mother.looks_again()
    mother.sees("你的群找到了")
    mother.taps("模拟扫码进群")
    mother.taps("加入群聊")
    mother.taps("打开群聊")
    expect(mother.page.locator(".bubble").filter(has_text="欢迎@小树")).to_be_visible()
    visit.press("speed-0")
    mother.page.close()


def test_the_way_in_stands_beside_on_a_phone_too(browser: Browser, demo: Demo) -> None:
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    visit = Visit(page, demo)
    visit.press("tab-entry")
    expect(visit.part("code-card")).to_have_count(3)
    assert page.evaluate(SIDEWAYS) == 0
    poster = visit.part("code-card").first.locator("img")
    poster.scroll_into_view_if_needed()
    expect(poster).to_have_js_property("naturalWidth", 1080)
    with page.expect_popup() as opened:
        visit.part("code-link").first.click()
    expect(opened.value.locator("h1")).to_be_visible()
    assert visit.outside == []
    page.close()
