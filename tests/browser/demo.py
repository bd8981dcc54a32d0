"""The demo as a process of its own, and a browser to use it with."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.http.entry import WECHAT

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
HOW_TO_GET_ONE = "no Chromium here: apt-get install chromium fonts-wqy-microhei"
LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
TOKEN = re.compile(r"Bearer (\S+?)'")
"""With which the demo says, once it is ready, how its API is used."""
expect.set_options(timeout=15_000)
MOST_POSTS = 20
A_DAY = 30_000
"""Milliseconds that living through one may take on a slow machine."""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Demo:
    """`python -m bot demo` on a free port, with its data in `folder`; `small`, it has nothing but
    the groups to play in."""

    def __init__(self, folder: Path, address: str | None = None, *, small: bool = True) -> None:
        self.folder = folder
        self._options = ("--small",) if small else ()
        self.address = address or f"127.0.0.1:{free_port()}"
        self.token = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def spawn(self) -> "subprocess.Popen[str]":
        """Started, and not yet ready. What it says later nobody reads, so it says little: it would
        stand still once the pipe is full."""
        ours = {
            "BOT_DATA": str(self.folder),
            "BOT_HTTP": self.address,
            "BOT_LOG_LEVEL": "WARNING",
        }
        others = {name: value for name, value in os.environ.items() if name[:4] != "BOT_"}
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", *self._options],
            cwd=ROOT,
            env=others | ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> None:
        self._process = self.spawn()
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if found := TOKEN.search(line):
                self.token = found[1]
                return
        with self._process as ended:
            ended.wait(timeout=10)
        raise AssertionError("the demo did not start:\n" + "".join(said))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        with self._process as ended:
            try:
                return ended.wait(timeout=10)
            except subprocess.TimeoutExpired:
                ended.kill()
                raise

    def get(self, path: str) -> str:
        with urlopen(self.url + path, timeout=5) as answer:
            return str(answer.read().decode())

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Of its API, as an admin."""
        request = HttpRequest(
            f"{self.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request, timeout=15) as answer:
            return json.loads(answer.read() or b"null")


SETTLED = """() => new Promise(settled => {
    let quiet = setTimeout(settled, 500)
    new MutationObserver(() => {
        clearTimeout(quiet)
        quiet = setTimeout(settled, 500)
    }).observe(document.body, {childList: true, subtree: true, attributes: true})
})"""


def settle(page: Page) -> None:
    """Until a page of the console is as it stays. As it comes up its menu and tables and the
    service tell each other how they stand, and the buttons in rows are made anew: a click on one
    in that moment is lost (a person is not that quick)."""
    page.wait_for_function("window.did_handshake")
    page.evaluate(SETTLED)


@contextmanager
def running(folder: Path, *, small: bool = True) -> Iterator[Demo]:
    demo = Demo(folder, small=small)
    demo.start()
    try:
        yield demo
    finally:
        demo.stop()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium refuses to run as root unless its sandbox is off."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=sandbox,
            # How it writes dates, where it knows Chinese.
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        try:
            yield chromium
        finally:
            chromium.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Visit:
    """One tab, and what a person does in it."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self.outside: list[str] = []
        page.on("request", self._note)
        page.goto(demo.url)
        expect(self.part("clock")).not_to_be_empty()
        expect(page.locator(".chat-card").first).to_be_visible()

    def part(self, mark: str) -> Locator:
        return self.page.get_by_test_id(mark)

    @property
    def bubbles(self) -> Locator:
        return self.page.locator(".bubble")

    @property
    def chat(self) -> Locator:
        return self.page.locator(".chat-lines")

    def press(self, mark: str) -> None:
        self.part(mark).click()

    def open_group(self, number: int) -> None:
        """1 prenatal, 2 about to turn, 3 postnatal."""
        card = self.page.locator(".chat-card").nth(number - 1)
        card.click()
        expect(card).to_have_class(re.compile("on"))
        expect(self.page.locator(".chat-title")).to_contain_text(
            card.locator(".chat-card-name").inner_text()
        )

    def to_morning(self) -> None:
        """9:00 of a new day, where time then stands: nothing depends on when the test is run."""
        self.press("speed-0")
        expect(self.part("speed-0")).to_have_class(re.compile(r"\bon\b"))
        clock = self.page.locator(".clock")
        before = clock.text_content() or ""
        self.press("morning")
        expect(clock).not_to_have_text(before)
        expect(self.part("clock")).to_have_text(re.compile("^09:00:00"), timeout=A_DAY)

    def hears(self, *more: int) -> None:
        """From one thing that happens to the next, while time stands: each so many bubbles."""
        for each in more:
            before = self.bubbles.count()
            self.press("skip")
            expect(self.bubbles).to_have_count(before + each)

    def to_hand_over(self) -> None:
        """From post to post, until one is handed to the monitor."""
        for _ in range(MOST_POSTS):
            before = self.part("clock").inner_text()
            self.press("to-post")
            expect(self.part("clock")).not_to_have_text(before)
            if self.page.locator(".slot.handed").count():
                return
        raise AssertionError("nothing was handed over")

    def joins(self, name: str) -> None:
        self.press("join")
        self.part("newcomer-name").fill(name)
        self.press("newcomer-join")
        expect(self.chat).to_contain_text(f"{name} 加入了群聊")
        expect(self.page.locator(".ask")).to_have_count(0)

    def says(self, text: str) -> None:
        self.part("entry").fill(text)
        self.part("entry").press("Enter")
        expect(self.bubbles.filter(has_text=text).last).to_be_visible()
        # Emptied from afar: what is typed before that is emptied as well.
        expect(self.part("entry")).to_have_value("")

    def becomes(self, name: str) -> None:
        self.part("who").click()
        self.page.locator(".q-menu .q-item").filter(has_text=name).click()
        expect(self.part("who")).to_contain_text(name)

    def tries(self, hint: str) -> None:
        """What a hint fills in, as it is."""
        self.page.locator(".hint").filter(has_text=hint).click()
        expect(self.part("entry")).to_have_value(re.compile(hint.rstrip(" @…")))
        self.part("entry").press("Enter")
        expect(self.part("entry")).to_have_value("")

    def quotes(self, words: str) -> None:
        line = self.page.locator(".line").filter(has_text=words).last
        line.hover()
        line.locator(".quote-it").click()
        expect(self.page.locator(".quoting")).to_be_visible()

    def _note(self, request: Request) -> None:
        """Whatever is asked of anybody but the demo."""
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:")):
            self.outside.append(request.url)


class Mother:
    """With a phone of her own, on her way in. `took` are the seconds that a person would have
    needed so far: pages as they came, and what she did on them."""

    A_TAP, A_NAME, A_DAY = 1.5, 4.0, 6.0
    """A look at the page and a tap; to type a name; to turn the wheels of a date."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self._demo = demo
        self.took = 0.0
        self.outside: list[str] = []
        self.page = browser.new_page(
            viewport=PHONE,
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            user_agent=WECHAT,
        )
        self.page.on("request", self._note)

    def scans(self, code: str) -> None:
        self._waits(lambda: self.page.goto(f"{self._demo.url}/j/{code}"))

    def fills_in(self, name: str, day: date, *, is_born: bool = False) -> None:
        self._touch(self.page.locator("label[for=born]" if is_born else "label[for=due]"))
        self.page.locator("#day").fill(day.isoformat())
        self.page.locator("#name").fill(name)
        self._touch(self.page.locator("[name=consent]"))
        self.took += 2 * self.A_TAP + self.A_DAY + self.A_NAME

    def sends(self) -> None:
        self.taps("看看我的群")

    def taps(self, words: str) -> None:
        self.took += self.A_TAP
        button = self.page.locator("a, button").filter(has_text=words).last
        self._waits(lambda: self._touch(button))

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)
        assert self.page.evaluate(SIDEWAYS) == 0

    def looks_again(self) -> None:
        self.page.reload()

    def _touch(self, what: Locator) -> None:
        what.scroll_into_view_if_needed()
        what.tap()

    def _waits(self, act: Callable[[], object]) -> None:
        """Until the next page is there."""
        begun = time.monotonic()
        with self.page.expect_navigation():
            act()
        self.took += time.monotonic() - begun

    def _note(self, request: Request) -> None:
        if not request.url.startswith(
            (self._demo.url, self._demo.url.replace("http", "ws"), "data:")
        ):
            self.outside.append(request.url)
