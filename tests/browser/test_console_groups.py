"""In the morning the lead finds the groups that need somebody, and does what helps."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import Lead, token_of
from tests.browser.demo import LAPTOP, PHONE, Demo, Visit

AT_RISK = "可能按期成不了群"
TWELVE_DAYS = timedelta(days=12)


@pytest.fixture(scope="module")
def slow(browser: Browser, demo: Demo) -> str:
    """A group that has had most of its time and few members, on the morning after."""
    group = min(demo.ask("GET", "/groups")["items"], key=lambda each: each["members"])
    opened = date.fromisoformat(group["opened_on"]) - TWELVE_DAYS
    demo.ask("PATCH", f"/groups/{group['id']}", {"opened_on": opened.isoformat()})
    page = browser.new_page(viewport=LAPTOP)
    Visit(page, demo).to_morning()
    page.close()
    return str(group["id"])


@pytest.fixture(scope="module")
def lead(browser: Browser, demo: Demo, slow: str) -> Iterator[Lead]:
    """Signed in once: who tries more often than anybody would has to wait."""
    lead = Lead(browser, demo)
    yield lead
    lead.page.close()


def test_she_narrows_the_groups_down_and_keeps_how(lead: Lead) -> None:
    lead.opens("/groups")
    expect(lead.part("groups").locator("tbody tr")).to_have_count(3)
    lead.chooses("ask-concern", AT_RISK)
    expect(lead.part("groups").locator("tbody tr")).to_have_count(1)
    expect(lead.row("groups", AT_RISK)).to_have_count(1)
    lead.press("keep-filter")
    lead.part("field-name").fill("要抓紧的群")
    lead.press("send")
    expect(lead.part("saved-filter")).to_contain_text("要抓紧的群")

    lead.opens("/groups")
    expect(lead.part("groups").locator("tbody tr")).to_have_count(3)
    lead.part("saved-filter").get_by_text("要抓紧的群").click()
    expect(lead.part("groups").locator("tbody tr")).to_have_count(1)
    lead.page.get_by_label("不要「要抓紧的群」了").click()
    expect(lead.part("saved-filter")).to_have_count(0)


def test_a_viewer_sees_everything_and_no_buttons(browser: Browser, demo: Demo, slow: str) -> None:
    viewer = Lead(browser, demo, token_of(demo, "viewer"))
    expect(viewer.row("notices", AT_RISK)).to_be_visible()
    expect(viewer.part("settle")).to_have_count(0)
    viewer.opens_group(slow)
    expect(viewer.part("concern")).to_contain_text(AT_RISK)
    members = viewer.unfolds("members")
    expect(members).to_contain_text("名字只给负责的人看")
    viewer.unfolds("tasks")
    expect(viewer.part("part-tasks")).to_contain_text("还没有任务")
    for button in ("pause", "rename", "correct", "release", "settle", "give-role", "open-task"):
        expect(viewer.part(button)).to_have_count(0)
    viewer.page.close()


def test_an_operator_decides_about_her_own_groups_only(
    browser: Browser, demo: Demo, slow: str
) -> None:
    hers = Lead(browser, demo, token_of(demo, "operator", "channel:妇幼"))
    hers.opens_group(slow)
    hers.press("pause")
    hers.press("yes")
    expect(hers.part("group-state")).to_have_text("暂停着")
    hers.press("resume")
    expect(hers.part("group-state")).to_have_text("在管")
    expect(hers.part("release")).to_have_count(0)
    hers.page.close()

    other = Lead(browser, demo, token_of(demo, "operator", "channel:社区"))
    other.opens_group(slow)
    expect(other.part("pause")).to_have_count(0)
    other.page.close()


def test_a_member_becomes_a_koc(lead: Lead, slow: str) -> None:
    lead.opens_group(slow)
    lead.unfolds("members")
    member = lead.part("members").locator("tbody tr").first
    name = member.locator("td").first.inner_text()
    member.get_by_test_id("give-role").click()
    lead.chooses("field-role", "KOC")
    lead.press("send")
    expect(lead.row("members", name).first).to_contain_text("KOC")


def test_a_task_is_given_and_ended(lead: Lead, slow: str) -> None:
    lead.opens_group(slow)
    lead.unfolds("tasks")
    lead.press("open-task")
    lead.part("field-title").fill("今天喝够八杯水了吗")
    lead.part("field-keyword").fill("已喝")
    lead.press("send")
    task = lead.row("tasks", "今天喝够八杯水了吗")
    expect(task).to_contain_text("进行中")
    lead.press("close-task")
    lead.press("yes")
    expect(task).to_contain_text("结束了")


def test_every_part_of_a_group_opens(lead: Lead, slow: str) -> None:
    lead.opens_group(slow)
    expected = {
        "way": "进群方式",
        "calendar": "今天",
        "questions": "妈妈们",
        "points": "谁有多少",
        "outbox": "在发件箱里看",
        "rules": "哪里定的",
    }
    for name, words in expected.items():
        expect(lead.unfolds(name)).to_contain_text(words)
    expect(lead.page.get_by_role("alert")).to_have_count(0)


def test_the_accounts_are_up(lead: Lead) -> None:
    lead.opens("/accounts")
    expect(lead.row("accounts", "demo")).to_contain_text("在线")


def test_a_phone_shows_them_without_scrolling_sideways(lead: Lead, slow: str) -> None:
    lead.page.set_viewport_size(PHONE)
    for path in ("", "/groups", f"/groups/{slow}?open=members", "/accounts"):
        lead.opens(path)
        assert lead.fits(), path
    lead.page.set_viewport_size(LAPTOP)


def test_a_group_that_is_gone_is_said_kindly(lead: Lead) -> None:
    lead.opens("/groups/nowhere")
    expect(lead.page.locator("main.page")).to_contain_text("没有这个群")


def test_she_finds_a_group_at_risk_and_sees_to_it(lead: Lead, slow: str) -> None:
    lead.opens()
    found = lead.row("notices", AT_RISK)
    expect(found).to_have_count(1)
    name = found.locator("td").first.inner_text()
    found.get_by_text("看增长和进群方式").click()
    expect(lead.part("group-name")).to_have_text(name)
    expect(lead.part("concern")).to_contain_text(AT_RISK)
    expect(lead.part("growth").locator("canvas")).to_be_visible()
    expect(lead.part("forecast")).to_contain_text("按期成群的可能")
    expect(lead.part("part-way")).to_contain_text("能用")
    lead.press("settle")
    expect(lead.part("concern")).to_have_count(0)
    lead.opens()
    expect(lead.part("needing")).to_contain_text("现在没有群要人看")
