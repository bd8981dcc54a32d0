"""`python -m tests.browser.screenshots`: the pictures of the demo in docs/screenshots.

Besides Chromium and a Chinese font it wants fonts-noto-color-emoji.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.demo import LAPTOP, PHONE, ROOT, Demo, Visit, browser, running

FOLDER = ROOT / "docs" / "screenshots"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as demo,
        browser() as chromium,
    ):
        take_pictures(chromium, demo)


def take_pictures(chromium: Browser, demo: Demo) -> None:
    laptop = Visit(chromium.new_page(viewport=LAPTOP, device_scale_factor=2), demo)
    laptop.open_group(2)
    live_a_morning(laptop)
    laptop.page.mouse.move(640, 400)
    laptop.page.wait_for_timeout(500)
    laptop.page.screenshot(path=FOLDER / "demo-laptop.png")
    page = chromium.new_page(viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True)
    phone = Visit(page, demo)
    phone.open_group(2)
    expect(phone.bubbles.last).to_be_in_viewport()
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / "demo-phone.png")


def live_a_morning(visit: Visit) -> None:
    visit.to_morning()
    visit.joins("豆豆妈")
    for heard in (1, 2, 3):
        visit.press("skip")
        expect(visit.bubbles).to_have_count(heard)
    visit.says("谢谢！有一起准备待产包的姐妹吗")
    visit.press("peak")
    expect(visit.part("round-size")).to_have_text("30位")
    visit.press("skip")
    expect(visit.bubbles).to_have_count(5)
    visit.joins("晚风")
    visit.joins("小确幸")
    expect(visit.part("round-size")).to_have_text("2位")
    question = visit.page.locator(".line").filter(has_text="待产包的姐妹")
    question.hover()
    question.locator(".quote-it").click()
    visit.says("我刚列好单子，晚点发群里")


if __name__ == "__main__":
    main()
