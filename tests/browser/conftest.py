"""One demo and one browser for each file of stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import demo as demos
from tests.browser.demo import Demo, Visit

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who has no Chromium can run all other tests, and is told how to get one; CI installs it."""
    if demos.CHROMIUM is None:
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason=demos.HOW_TO_GET_ONE))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with demos.browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demos.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """A laptop's tab."""
    page = browser.new_page(viewport=demos.LAPTOP)
    yield Visit(page, demo)
    page.close()
