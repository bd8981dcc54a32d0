"""An entry code is made in the console, and its poster is there at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import PHONE, SIDEWAYS, Demo, Mother
from tests.browser.pages import Console


@pytest.fixture(scope="module")
def lead(browser: Browser, demo: Demo) -> Iterator[Console]:
    """The operations lead at her laptop."""
    console = Console(browser, demo)
    yield console
    console.page.close()


def make(lead: Console, referrer: str) -> str:
    """The address of the code that she makes."""
    lead.open("/codes")
    lead.part("make-code").click()
    lead.part("field-channel").fill("妇幼")
    lead.part("field-city").fill("杭州")
    lead.part("field-referrer").fill(referrer)
    lead.part("field-headline").fill("产检路上，和同月龄的妈妈做伴")
    lead.part("send").click()
    expect(lead.part("poster-picture")).to_be_visible()
    return lead.part("code-link").inner_text()


def test_make_an_entry_code_with_a_poster(browser: Browser, demo: Demo, lead: Console) -> None:
    link = make(lead, "林护士")
    expect(lead.part("code")).to_contain_text("林护士的活码")
    expect(lead.part("poster-picture")).to_have_js_property("naturalWidth", 1080)
    expect(lead.part("qr-picture")).to_have_js_property("complete", True)
    assert lead.part("qr-picture").evaluate("each => each.naturalWidth")
    with lead.page.expect_download() as taken:
        lead.page.get_by_text("下载海报").click()
    assert taken.value.suggested_filename == "海报-林护士.png"
    assert taken.value.path().read_bytes().startswith(b"\x89PNG")

    mother = Mother(browser, demo)
    mother.scans(link.rsplit("/", 1)[-1])
    mother.sees("林护士")
    mother.page.close()
    lead.open("/codes")
    row = lead.part("codes-table").locator("tr").filter(has_text="林护士")
    expect(row.locator("td[data-title=近28天扫码]")).to_have_text("1")


def test_a_channel_is_needed_and_she_is_told_where(lead: Console) -> None:
    lead.open("/codes")
    lead.part("make-code").click()
    lead.part("field-referrer").fill("王护士")
    lead.part("send").click()
    expect(lead.page.get_by_text("这里要填")).to_be_visible()
    expect(lead.part("field-referrer")).to_have_value("王护士")
    lead.page.keyboard.press("Escape")
    expect(lead.part("send")).to_have_count(0)


def test_a_code_is_closed_and_opened_again(browser: Browser, demo: Demo, lead: Console) -> None:
    link = make(lead, "陈店长")
    lead.part("turn-code").click()
    lead.part("yes").click()
    expect(lead.part("poster")).to_contain_text("停用着")
    mother = Mother(browser, demo)
    mother.scans(link.rsplit("/", 1)[-1])
    mother.sees("已经关闭")
    mother.page.close()
    lead.part("turn-code").click()
    expect(lead.part("poster-picture")).to_be_visible()


def test_the_funnel_tells_who_came_how_far(browser: Browser, demo: Demo, lead: Console) -> None:
    mother = Mother(browser, demo)
    mother.scans("advert6hx3")
    mother.page.close()
    lead.open("/codes/funnel")
    expect(lead.part("funnel")).to_contain_text("扫码")
    lead.part("by-channel").click()
    expect(lead.part("by-channel")).to_have_attribute("aria-pressed", "true")
    expect(lead.part("funnel-table")).to_contain_text("朋友圈广告")
    lead.part("days-7").click()
    with lead.page.expect_download() as taken:
        lead.part("export").click()
    assert "朋友圈广告" in taken.value.path().read_text("utf-8-sig")


def test_a_message_is_looked_at_in_the_outbox(lead: Console, browser: Browser, demo: Demo) -> None:
    lead.open("/outbox")
    lead.part("state-waiting").click()
    expect(lead.part("state-waiting")).to_have_attribute("aria-pressed", "true")
    lead.part("state-all").click()
    expect(lead.part("outbox")).to_be_visible()


def test_who_runs_all_groups_is_registered_and_found_in_the_audit_log(lead: Console) -> None:
    lead.open("/staff")
    lead.part("add-staff").click()
    lead.part("field-person").fill("wxid_xiaoli")
    lead.part("send").click()
    expect(lead.part("staff-table")).to_contain_text("wxid_xiaoli")
    lead.open("/audit?person=wxid_xiaoli")
    expect(lead.part("audit")).to_contain_text("改角色")
    lead.part("show-change").first.click()
    expect(lead.part("differences")).to_contain_text("小助手")
    lead.page.keyboard.press("Escape")
    expect(lead.part("differences")).to_have_count(0)


def test_a_code_is_shown_on_a_phone(browser: Browser, demo: Demo) -> None:
    phone = Console(browser, demo, size=PHONE)
    phone.open("/codes/nurse7k2mq")
    expect(phone.part("poster-picture")).to_have_js_property("naturalWidth", 1080)
    assert phone.page.evaluate(SIDEWAYS) == 0
    phone.page.close()
