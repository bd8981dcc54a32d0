"""What a visitor of the demo sees of a group's posts, and does about them."""

import re

from playwright.sync_api import Browser, Locator, expect

from tests.browser.demo import PHONE, SIDEWAYS, Demo, Visit

MINUTE = re.compile(r"^\d\d:\d\d$")
HOURS = re.compile(r"^\d\d:\d\d-\d\d:\d\d$")
OURS = "小助手说"
"""What is the monitor's to say, which depends on the day, has hours and no minute."""


def slot(visit: Visit, number: int) -> Locator:
    """Of the calendar, counted from 0: today's come first."""
    return visit.part("slot").nth(number)


def ours(visit: Visit, number: int) -> Locator:
    """Of what the bot says itself."""
    return visit.part("slot").filter(has_text=OURS).nth(number)


def words(of: Locator) -> str:
    """How the post begins, as the calendar shows it."""
    return of.locator(".slot-text").inner_text().rstrip("…").split()[0]


def test_the_calendar_shows_todays_posts(visit: Visit) -> None:
    visit.open_group(2)
    visit.to_morning()
    calendar = visit.page.locator(".panel.calendar")
    expect(calendar).to_be_visible()
    expect(calendar.locator("h3").first).to_contain_text("今天")
    for number in range(3):
        is_ours = OURS in slot(visit, number).inner_text()
        expect(slot(visit, number).locator(".slot-top b")).to_have_text(
            MINUTE if is_ours else HOURS
        )
        expect(slot(visit, number).locator(".chip")).to_have_text(re.compile("干货|湿货|互动"))
        expect(slot(visit, number).locator(".slot-state")).to_have_text("待发")
    expect(calendar.locator("[data-fold]")).to_have_count(12)
    expect(visit.part("standing")).to_have_text(
        re.compile(r"^孕\d+周 · 成长期 开群第\d+周 · \d+人$")
    )


def test_a_jump_to_the_next_post_shows_it_in_the_chat(visit: Visit) -> None:
    visit.open_group(1)
    visit.to_morning()
    before = visit.bubbles.count()
    first = words(ours(visit, 0))
    minute = ours(visit, 0).locator(".slot-top b").inner_text()
    visit.press("to-post")
    expect(visit.bubbles).to_have_count(before + 1)
    expect(visit.bubbles.last).to_contain_text(first)
    expect(visit.part("clock")).to_have_text(re.compile(f"^{minute}:"))
    expect(ours(visit, 0).locator(".slot-state")).to_have_text("已发")
    expect(ours(visit, 0).locator(".slot-acts")).to_have_count(0)


def test_a_post_is_swapped_skipped_and_said_now(visit: Visit) -> None:
    visit.open_group(2)
    visit.to_morning()
    was = words(ours(visit, 0))
    ours(visit, 0).get_by_text("换一条").click()
    expect(ours(visit, 0)).to_contain_text("运营换的")
    expect(ours(visit, 0).locator(".slot-text")).not_to_contain_text(was)
    ours(visit, 0).get_by_text("跳过").click()
    expect(ours(visit, 0).locator(".slot-state")).to_have_text("已跳过")
    before, last = visit.bubbles.count(), words(ours(visit, 1))
    ours(visit, 1).get_by_text("现在发").click()
    expect(visit.bubbles).to_have_count(before + 1)
    expect(visit.bubbles.last).to_contain_text(last)


def test_a_day_to_come_stays_unfolded_while_things_happen(visit: Visit) -> None:
    visit.open_group(1)
    visit.to_morning()
    day = visit.page.locator("[data-fold]").first
    day.locator("summary").click()
    expect(day.locator(".slot").first).to_be_visible()
    slot(visit, 1).get_by_text("跳过").click()
    expect(slot(visit, 1).locator(".slot-state")).to_have_text("已跳过")
    expect(day.locator(".slot").first).to_be_visible()
    day.locator("summary").click()
    expect(day.locator(".slot").first).to_be_hidden()


def test_the_monitor_gets_a_post_in_private_and_says_it(visit: Visit) -> None:
    visit.open_group(3)
    visit.to_morning()
    visit.to_hand_over()
    handed = visit.page.locator(".slot.handed")
    expect(visit.page.get_by_text("已经私信给她").first).to_be_visible()
    beginning = words(handed)
    visit.becomes("年年")
    expect(visit.part("unread")).to_be_visible()
    visit.press("private")
    expect(visit.bubbles.last).to_contain_text(beginning)
    expect(visit.part("unread")).to_have_count(0)
    visit.page.locator(".hint").filter(has_text="发到群里").click()
    expect(visit.page.locator(".chat-title")).not_to_contain_text("私聊")
    expect(visit.part("entry")).to_have_value(re.compile(re.escape(beginning)))
    visit.press("send")
    expect(visit.bubbles.last).to_contain_text(beginning)
    expect(handed).to_have_count(0)
    expect(visit.page.locator(".hint").filter(has_text="发到群里")).to_have_count(0)


def test_every_panel_is_a_tab_away_on_a_phone(browser: Browser, demo: Demo) -> None:
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    visit = Visit(page, demo)
    for tab, panel in (
        ("waiting", "outbox"),
        ("points", "points"),
        ("rules", "rules"),
        ("calendar", "calendar"),
    ):
        visit.press(f"tab-{tab}")
        expect(page.locator(f".panel.{panel}")).to_be_visible()
        assert page.evaluate(SIDEWAYS) == 0
    expect(visit.part("to-post")).to_be_in_viewport()
    page.close()
