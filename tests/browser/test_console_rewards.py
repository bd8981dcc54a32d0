"""What members chose for their points is handed over; what they ask and do is looked after."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import Lead
from tests.browser.demo import LAPTOP, Demo, Visit

WHO = "芝麻糊"
QUESTION = "宝宝半夜总醒怎么办呀？"


@pytest.fixture
def lead(browser: Browser, demo: Demo) -> Iterator[Lead]:
    someone = Lead(browser, demo)
    yield someone
    someone.page.close()


@pytest.fixture(scope="module")
def member(browser: Browser, demo: Demo) -> Iterator[dict[str, Any]]:
    """Somebody who has just come in, in the morning, and has asked something."""
    page = browser.new_page(viewport=LAPTOP)
    visit = Visit(page, demo)
    visit.open_group(3)
    visit.to_morning()
    visit.joins(WHO)
    visit.becomes(WHO)
    group = page.locator("[data-group]").nth(2).get_attribute("data-group")
    (found,) = demo.ask("GET", f"/members?group={group}&q={quote(WHO)}")["items"]
    visit.says(QUESTION)
    name = demo.ask("GET", f"/groups/{group}")["name"]
    yield {**found, "visit": visit, "group_name": name}
    page.close()


def test_a_reward_is_handed_over(lead: Lead, demo: Demo, member: dict[str, Any]) -> None:
    path = f"/groups/{member['group']}/members/{member['person']}/points"
    demo.ask("POST", path, {"points": 60, "reason": "线下活动"})
    lead.opens("/rewards")
    expect(lead.part("handing-over")).to_contain_text("没有等着发的")
    member["visit"].says("/兑换 试用装")
    lead.opens("/rewards")
    row = lead.row("redemptions", WHO)
    code = row.locator("td").first.inner_text()
    lead.part("ask-code").fill(code[:3])
    lead.part("ask-code").fill(code)
    asked = re.compile(f"code={code}")
    expect(lead.part("handing-over").get_by_test_id("export")).to_have_attribute("href", asked)
    expect(row).to_contain_text("试用装")
    row.get_by_test_id("hand-over").click()
    lead.press("yes")
    expect(lead.part("handing-over")).to_contain_text("没有等着发的")
    (handed,) = demo.ask("GET", f"/redemptions?code={code}")["items"]
    assert (handed["state"], handed["handed_by"]) == ("handed", "demo")

    lead.opens("/rewards?state=handed")
    lead.row("redemptions", WHO).get_by_test_id("take-back").click()
    lead.press("yes")
    expect(lead.row("redemptions", WHO)).to_have_count(0)
    lead.opens("/rewards")
    expect(lead.row("redemptions", WHO)).to_contain_text("等着发")


def test_points_are_given_and_taken_back(lead: Lead, member: dict[str, Any]) -> None:
    lead.opens("/points")
    lead.press("adjust")
    lead.part("field-group").fill("杭州")
    group = lead.page.locator(".q-menu .q-item").filter(has_text=member["group_name"])
    group.click()
    lead.press("send")
    lead.part("field-person").fill(WHO)
    lead.page.locator(".q-menu .q-item").filter(has_text=WHO).click()
    lead.press("send")
    expect(lead.page.locator(".ask")).to_contain_text("这里要填")
    lead.part("field-points").fill("7")
    lead.part("field-reason").fill("线下活动第一名")
    lead.press("send")
    booked = lead.row("ledger-rows", "线下活动第一名")
    expect(booked).to_contain_text("+7")
    booked.get_by_test_id("reverse").click()
    lead.part("field-reason").fill("记错人了")
    lead.press("send")
    expect(booked).to_contain_text("已撤回")
    expect(lead.row("ledger-rows", "记错人了")).to_contain_text("-7")


def test_a_question_is_looked_at_and_closed(lead: Lead, member: dict[str, Any]) -> None:
    lead.opens("/questions")
    asked = lead.row("questions-rows", QUESTION)
    asked.get_by_test_id("answers").click()
    expect(lead.part("answers-shown")).to_contain_text("还没有人回答")
    lead.page.keyboard.press("Escape")
    expect(lead.part("answers-shown")).to_be_hidden()
    asked.get_by_test_id("close-question").click()
    lead.press("yes")
    expect(lead.part("questions")).not_to_contain_text(QUESTION)


def test_a_task_is_given_and_ended(lead: Lead, member: dict[str, Any]) -> None:
    lead.opens("/questions")
    lead.press("open-task")
    lead.part("field-group").fill("杭州")
    lead.page.locator(".q-menu .q-item").filter(has_text=member["group_name"]).click()
    lead.part("field-title").fill("今天喝水了吗")
    lead.part("field-keyword").fill("已喝")
    lead.press("send")
    task = lead.row("tasks-rows", "今天喝水了吗")
    expect(task).to_contain_text("发「已喝」")
    task.get_by_test_id("close-task").click()
    lead.press("yes")
    expect(task).to_have_count(0)
