"""Somebody at the console, in a browser of her own."""

from urllib.parse import quote

from playwright.sync_api import Browser, Locator, ViewportSize, expect

from tests.browser.demo import LAPTOP, SIDEWAYS, Demo, settle


class Lead:
    """Signed in with a token."""

    def __init__(
        self, browser: Browser, demo: Demo, token: str = "", viewport: ViewportSize = LAPTOP
    ) -> None:
        self._demo = demo
        self.page = browser.new_page(viewport=viewport, locale="zh-CN")
        self.page.goto(f"{demo.url}/console/sign-in?next=/console")
        self.part("token").fill(token or demo.token)
        self.part("sign-in").click()
        expect(self.page.locator("main.page")).to_be_visible()

    def part(self, mark: str) -> Locator:
        return self.page.get_by_test_id(mark)

    def opens(self, path: str = "") -> None:
        self.page.goto(f"{self._demo.url}/console{path}")
        expect(self.page.locator("main.page")).to_be_visible()
        settle(self.page)

    def opens_group(self, group: str) -> None:
        self.opens(f"/groups/{quote(group, safe='')}")
        expect(self.part("group-name")).to_be_visible()

    def press(self, mark: str) -> None:
        self.part(mark).click()

    def chooses(self, mark: str, words: str) -> None:
        """One of what a field offers."""
        self.page.locator("label").filter(has=self.part(mark)).or_(self.part(mark)).last.click()
        self.page.locator(".q-menu .q-item").filter(has_text=words).first.click()

    def unfolds(self, name: str) -> Locator:
        """A part of a group's page; what is in it."""
        part = self.part(f"part-{name}")
        part.locator(".q-expansion-item__container > .q-item").click()
        return part

    def row(self, table: str, words: str) -> Locator:
        return self.part(table).locator("tbody tr").filter(has_text=words)

    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        return bool(self.page.evaluate(SIDEWAYS) == 0)


def token_of(demo: Demo, role: str, *scopes: str) -> str:
    """A new one."""
    hers = {"scopes": list(scopes)} if scopes else {}
    given = {"name": f"{role} {'、'.join(scopes)}".strip(), "role": role, **hers}
    return str(demo.ask("POST", "/tokens", given)["token"])
