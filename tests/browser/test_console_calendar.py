"""What the lead does about what is posted, and about the library."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.console import Lead
from tests.browser.demo import PHONE, Demo, Visit

TABLE = "id,种类,正文\ntest-walk,互动,今天走了多少步呀\n"
FAULTY = "id,种类,正文\ntest-walk,互动,今天走了多少步呀\ntest-no,干活,叶酸\n"


@pytest.fixture
def lead(browser: Browser, demo: Demo) -> Iterator[Lead]:
    someone = Lead(browser, demo)
    yield someone
    someone.page.close()


@pytest.fixture
def asked(demo: Demo, visit: Visit) -> Iterator[None]:
    """Nothing is posted before somebody approves of it; it is nine in the morning."""
    visit.to_morning()
    demo.ask("PATCH", "/rules/everywhere", {"content": {"approval": True}})
    yield
    demo.ask("PATCH", "/rules/everywhere", {"content": {"approval": None}})


def posts(lead: Lead) -> Locator:
    return lead.part("post")


def waiting(lead: Lead) -> Locator:
    return posts(lead).filter(has_text="等审批")


@pytest.mark.usefixtures("asked")
def test_tomorrows_post_is_approved(lead: Lead) -> None:
    lead.opens("/calendar")
    expect(lead.part("group-day")).to_have_count(3)
    first = posts(lead).first
    expect(first.locator(".bubble")).not_to_be_empty()
    before = waiting(lead).count()
    assert before > 1
    first.get_by_test_id("approve").click()
    expect(first.get_by_test_id("state")).to_have_text("批准了")
    expect(waiting(lead)).to_have_count(before - 1)

    expect(lead.part("approve-all")).to_contain_text(f"{before - 1} 条")
    lead.press("approve-all")
    expect(waiting(lead)).to_have_count(0)
    expect(lead.part("approve-all")).to_be_hidden()
    lead.opens("/calendar?awaiting_approval=true")
    expect(lead.page.locator("main.page")).to_contain_text("这一天没有这样的内容")


@pytest.mark.usefixtures("asked")
def test_a_post_of_a_group_is_swapped_and_left_out(demo: Demo, lead: Lead) -> None:
    group = demo.ask("GET", "/groups?limit=1")["items"][0]["id"]
    lead.opens(f"/calendar?group={group}")
    expect(lead.part("day")).to_have_count(14)
    planned = lead.part("day").nth(1).get_by_test_id("post").first
    words = planned.locator(".bubble").inner_text()
    planned.get_by_test_id("swap").click()
    lead.press("send")
    expect(planned.locator(".bubble")).not_to_have_text(words)
    planned.get_by_test_id("skip").click()
    expect(planned.get_by_test_id("state")).to_have_text("不发")
    expect(planned).to_contain_text("demo决定不发")


def test_an_item_is_seen_while_it_is_written(lead: Lead) -> None:
    lead.opens("/content/new")
    expect(lead.part("preview")).to_contain_text("写上正文")
    lead.part("field-text").fill("{{ city }}的妈妈们，今天喝水了吗")
    expect(lead.part("bubble")).to_have_text("杭州的妈妈们，今天喝水了吗")
    lead.part("field-text").fill("{{ nobody }}你好")
    expect(lead.part("preview")).not_to_contain_text("喝水")
    expect(lead.page.locator("main.page")).to_contain_text("只能用 city")
    lead.part("field-text").fill("{{ city }}的妈妈们，今天走路了吗")
    lead.part("field-cities").fill("宁波、绍兴")
    expect(lead.part("bubble")).to_have_text("宁波的妈妈们，今天走路了吗")
    lead.press("save")
    expect(lead.part("item")).to_contain_text("没审")
    lead.press("approve")
    expect(lead.part("item")).to_contain_text("demo 审过")
    lead.press("withdraw")
    lead.press("yes")
    expect(lead.part("content")).to_be_visible()


def test_a_table_is_tried_before_it_is_taken_in(lead: Lead) -> None:
    lead.opens("/content/import")
    given = lead.part("table").locator("input[type=file]")
    given.set_input_files({"name": "内容.csv", "mimeType": "text/csv", "buffer": FAULTY.encode()})
    expect(lead.part("faults")).to_contain_text("第 3 行")
    expect(lead.part("faults")).to_contain_text("种类")
    expect(lead.page.locator("main.page")).to_contain_text("有 1 处要改，什么都还没有导入")
    given.set_input_files({"name": "内容.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    expect(lead.part("outcome")).to_have_text(
        "表格没有问题。导入后：新增 1 条，改动 0 条，不变 0 条"
    )
    lead.press("take-in")
    expect(lead.part("outcome")).to_contain_text("导入好了：新增 1 条")
    lead.opens("/content?q=test-walk")
    expect(lead.part("content")).to_contain_text("今天走了多少步呀")


def test_these_pages_fit_a_phone(browser: Browser, demo: Demo) -> None:
    monitor = Lead(browser, demo, viewport=PHONE)
    for path in ("/calendar", "/content", "/content/new", "/points", "/rewards", "/questions"):
        monitor.opens(path)
        assert monitor.fits(), path
    monitor.page.close()
