"""`python -m tests.browser.screenshots [entry|demo|console ...]`: the docs' pictures, all of them,
or only those of the way in, of the demo, of the console.

Besides Chromium and a Chinese font it wants fonts-noto-color-emoji, and chromium-l10n for dates.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bot.clock import SystemClock
from bot.demo.community import ready_made
from config.daily import ZONE
from tests.browser.demo import LAPTOP, PHONE, ROOT, Demo, Mother, Visit, browser, running
from tests.browser.pages import PAGES, Console

FOLDER = ROOT / "docs" / "screenshots"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for tour in [TOURS[each] for each in sys.argv[1:] or TOURS]:
            # Each in a demo of its own: what one has lived through would stand in the other's way.
            small = tour is not take_the_console
            with (
                tempfile.TemporaryDirectory() as folder,
                running(Path(folder), small=small) as demo,
            ):
                tour(chromium, demo)


def take_the_way_in(chromium: Browser, demo: Demo) -> None:
    young, growing, _ = ready_made(SystemClock().now().astimezone(ZONE).date())
    laptop = Visit(chromium.new_page(viewport=LAPTOP), demo)
    laptop.to_morning()
    mother = Mother(chromium, demo)
    mother.scans("nurse7k2mq")
    mother.fills_in("豆豆妈", growing.window.middle)
    save(mother.page, "entry-form")
    mother.sends()
    save(mother.page, "entry-group")
    mother.taps("模拟扫码进群")
    mother.taps("加入群聊")
    mother.taps("打开群聊")
    mother.page.get_by_test_id("skip").click()
    expect(mother.page.locator(".bubble").last).to_contain_text("欢迎@豆豆妈")
    mother.page.get_by_test_id("skip").click()
    expect(mother.page.locator(".bubble").last).to_contain_text("改一下群昵称")
    mother.page.wait_for_timeout(1000)
    save(mother.page, "entry-demo")
    other = Mother(chromium, demo)
    other.scans("shop4w9tze")
    other.fills_in("小树", young.window.middle)
    other.sends()
    save(other.page, "entry-waiting")


def save(page: Page, name: str) -> None:
    """In as few colours as it needs."""
    page.evaluate("document.activeElement.blur()")
    with Image.open(BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").quantize(128).save(FOLDER / f"{name}.png", optimize=True)


def take_pictures(chromium: Browser, demo: Demo) -> None:
    laptop = Visit(chromium.new_page(viewport=LAPTOP, device_scale_factor=2), demo)
    laptop.open_group(2)
    live_a_morning(laptop)
    laptop.press("tab-waiting")
    take(laptop, "demo-laptop")
    laptop.press("tab-calendar")
    laptop.open_group(3)
    live_a_day(laptop)
    take(laptop, "demo-calendar")
    page = chromium.new_page(viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True)
    phone = Visit(page, demo)
    phone.open_group(2)
    spend_points(phone)
    expect(phone.bubbles.last).to_be_in_viewport()
    take(phone, "demo-phone")


def take(visit: Visit, name: str) -> None:
    """Once nothing moves any more."""
    visit.page.mouse.move(640, 400)
    visit.page.wait_for_timeout(9000)
    visit.page.screenshot(path=FOLDER / f"{name}.png")


def live_a_morning(visit: Visit) -> None:
    visit.to_morning()
    visit.joins("豆豆妈")
    visit.hears(1, 1, 1)
    visit.press("peak")
    expect(visit.part("round-size")).to_have_text("30位")
    visit.hears(1, 1, 1)
    visit.joins("晚风")
    visit.joins("小确幸")
    expect(visit.part("round-size")).to_have_text("2位")

    visit.becomes("豆豆妈")
    visit.says("请问孕晚期晚上老是抽筋怎么办呀")
    visit.becomes("安安")
    visit.quotes("老是抽筋")
    visit.says("我那时候睡前泡泡脚，再补点钙，好多了")
    visit.becomes("豆豆妈")
    visit.quotes("睡前泡泡脚")
    visit.says("/采纳")
    visit.hears(1)
    visit.becomes("可乐")
    visit.says("/加分 @豆豆妈 20 整理了待产包清单")
    visit.hears(1)
    visit.says("/任务 今天喝水打卡 关键词=已喝 分=1")
    visit.hears(1)
    visit.becomes("小满")
    visit.says("已喝，刚喝完一大杯")
    visit.becomes("七七")
    visit.says("请问建档要带哪些材料呀")


def live_a_day(visit: Visit) -> None:
    """Until the monitor is asked to say something."""
    visit.to_morning()
    visit.to_hand_over()
    visit.becomes("西西")
    visit.says("昨天发的这些我都收藏啦")
    visit.becomes("年年")


def spend_points(visit: Visit) -> None:
    visit.becomes("豆豆妈")
    visit.press("private")
    expect(visit.page.locator(".chat-title")).to_contain_text("豆豆妈")
    visit.tries("/积分")
    expect(visit.bubbles).to_have_count(2)
    visit.says("/兑换 试用装")
    expect(visit.bubbles).to_have_count(4)


def take_the_console(chromium: Browser, demo: Demo) -> None:
    """Every page, on a laptop and on a phone, after a morning with something to see; some in the
    dark."""
    visit = Visit(chromium.new_page(viewport=LAPTOP), demo)
    visit.open_group(2)
    live_a_morning(visit)
    for size, viewport in SIZES.items():
        console = Console(chromium, demo, size=viewport)
        for name, path in PAGES.items():
            console.open(path)
            # Charts and fonts are drawn a moment after all is there.
            console.page.wait_for_timeout(1000)
            save(console.page, f"console-{name}-{size}")
        console.page.close()
    dark = Console(chromium, demo, is_dark=True)
    for name in IN_THE_DARK:
        dark.open(PAGES[name])
        dark.page.wait_for_timeout(1000)
        save(dark.page, f"console-{name}-dark")


IN_THE_DARK = ("today", "group", "rules")
SIZES = {"laptop": LAPTOP, "phone": PHONE}
TOURS = {"entry": take_the_way_in, "demo": take_pictures, "console": take_the_console}

if __name__ == "__main__":
    main()
