"""Everybody can use the console: with a keyboard, with a screen reader, on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import PHONE, SIDEWAYS, Demo
from tests.browser.pages import PAGES, Console

NAMELESS = """() => {
  const words = (of) => {
    const copy = of.cloneNode(true);
    copy.querySelectorAll('i, svg, [aria-hidden=true]').forEach((each) => each.remove());
    return copy.textContent.trim();
  };
  const called = (each) => each.getAttribute('aria-label') || each.title
    || (each.getAttribute('aria-labelledby') || '').split(' ')
      .map((id) => document.getElementById(id)).filter(Boolean).map(words).join('');
  const labelled = (each) => called(each)
    || [...(each.labels || []), each.closest('label')].filter(Boolean).map(words).join('');
  const seen = (each) => each.type !== 'hidden' && each.checkVisibility();
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  return [
    ...all('input, select, textarea').filter((each) => !labelled(each)),
    ...all('button, a[href], [role=button], [role=tab]')
      .filter((each) => !called(each) && !words(each) && !each.querySelector('img[alt]')),
    ...all('img').filter((each) => !each.alt),
  ].map((each) => each.outerHTML.slice(0, 200));
}"""
"""Inputs without a label, buttons and links without a name, pictures that say nothing."""
UNREACHED = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter((each) => each.type !== 'hidden' && each.checkVisibility() && !each.disabled)
  .filter((each) => each.tabIndex < 0 && !each.closest('[aria-disabled=true]')
    && !each.classList.contains('disabled'))
  .map((each) => each.outerHTML.slice(0, 200))"""
"""What Tab passes by."""
WHERE = """() => document.activeElement.closest('[data-testid]')?.dataset.testid
  || document.activeElement.getAttribute('href') || document.activeElement.ariaLabel || ''"""
MOST_TABS = 80


@pytest.fixture(scope="module")
def laptop(browser: Browser, demo: Demo) -> Iterator[Console]:
    console = Console(browser, demo)
    yield console
    console.page.close()


@pytest.fixture(scope="module")
def phone(browser: Browser, demo: Demo) -> Iterator[Console]:
    console = Console(browser, demo, size=PHONE)
    yield console
    console.page.close()


@pytest.mark.parametrize("path", PAGES.values())
def test_everything_has_a_name_and_is_reached_by_tab(path: str, laptop: Console) -> None:
    laptop.open(path)
    assert laptop.page.evaluate(NAMELESS) == []
    assert laptop.page.evaluate(UNREACHED) == []
    assert laptop.page.locator("[aria-level='1'], h1").count() == 1
    assert laptop.page.locator("html").get_attribute("lang") == "zh-CN"


@pytest.mark.parametrize("path", PAGES.values())
def test_nothing_runs_off_a_phone(path: str, phone: Console) -> None:
    phone.open(path)
    assert phone.page.evaluate(SIDEWAYS) == 0
    assert phone.page.evaluate(NAMELESS) == []


def test_a_keyboard_is_enough(laptop: Console) -> None:
    """Along the menu, the filters and the rows; a dialog opens by Enter and closes by Escape, and
    she is where she was."""
    laptop.open("/rewards")
    passed = []
    for _ in range(MOST_TABS):
        laptop.page.keyboard.press("Tab")
        passed.append(laptop.page.evaluate(WHERE))
        if passed[-1] == "edit":
            break
    wanted = ["/console/rewards", "offer", "ask-q", "export", "edit"]
    assert [each for each in wanted if each not in passed] == []
    laptop.page.keyboard.press("Enter")
    expect(laptop.part("field-name")).to_be_visible()
    laptop.page.keyboard.press("Escape")
    expect(laptop.part("field-name")).to_have_count(0)


def test_the_menu_of_a_phone_is_opened_by_keyboard_too(phone: Console) -> None:
    phone.open("/outbox")
    menu = phone.page.get_by_role("button", name="菜单")
    menu.focus()
    phone.page.keyboard.press("Enter")
    expect(phone.page.get_by_role("link", name="福利")).to_be_in_viewport()
    menu.focus()
    phone.page.keyboard.press("Enter")
    expect(phone.page.get_by_role("link", name="福利")).not_to_be_in_viewport()
