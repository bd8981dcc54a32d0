"""The console in a browser, and all of its pages."""

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.demo import LAPTOP, Demo, settle

PAGES = {
    "today": "",
    "groups": "/groups",
    "group": "/groups/demo-group",
    "calendar": "/calendar",
    "content": "/content",
    "questions": "/questions",
    "points": "/points",
    "rewards": "/rewards",
    "codes": "/codes",
    "code": "/codes/nurse7k2mq",
    "funnel": "/codes/funnel",
    "referrals": "/codes/referrals",
    "rules": "/rules",
    "texts": "/texts",
    "outbox": "/outbox",
    "proposals": "/proposals",
    "accounts": "/accounts",
    "staff": "/staff",
    "dead-letters": "/dead-letters",
    "audit": "/audit",
    "tokens": "/tokens",
}
"""The pages that the menu leads to, and some of those below them, by what the picture of each is
called; `demo-group` stands for a group of the demo's."""


class Console:
    """A tab of somebody who is signed in as an admin."""

    def __init__(
        self,
        browser: Browser,
        demo: Demo,
        *,
        size: ViewportSize = LAPTOP,
        scale: float = 1,
        is_dark: bool = False,
    ) -> None:
        self._demo = demo
        self.page: Page = browser.new_page(
            viewport=size,
            device_scale_factor=scale,
            locale="zh-CN",
            color_scheme="dark" if is_dark else "light",
        )
        self.page.goto(f"{demo.url}/console/sign-in")
        self.part("token").fill(demo.token)
        self.part("sign-in").click()
        self.page.wait_for_url(f"{demo.url}/console")

    def part(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def open(self, path: str) -> None:
        """A page of the console, once what it shows stands there."""
        if "demo-group" in path:
            path = path.replace("demo-group", self._a_group())
        self.page.goto(f"{self._demo.url}/console{path}")
        expect(self.page.locator("main.page")).to_be_visible()
        self.settled()

    def settled(self) -> None:
        """Charts and pictures are there, and nothing is on its way any more."""
        self.page.wait_for_function(PICTURES_THERE)
        settle(self.page)

    def _a_group(self) -> str:
        told = self.page.request.get(f"{self._demo.url}/api/v1/groups?standing=ours&limit=1")
        return str(told.json()["items"][0]["id"])


PICTURES_THERE = """() => [...document.images].every((each) => each.complete)
  && document.querySelectorAll('.nicegui-content > *').length > 0"""
