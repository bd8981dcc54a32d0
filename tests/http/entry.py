"""The public pages, as somebody with a phone uses them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from fastapi import FastAPI

from bot.http.visitors import COOKIE
from models.openings import Opening
from tests.world import World

CODE = "k7m2pq9xwd"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; HMA-AL00) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5023 "
    "MicroMessenger/8.0.40.2420(0x28002837) WeChat/arm64 NetType/4G Language/zh_CN"
)
ANSWERS = {"baby": "due", "day": "2026-04-10", "city": "杭州", "name": "小雨", "consent": "yes"}


@dataclass
class Screen(HTMLParser):
    """What a page shows, and what its form would send as it stands."""

    text: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    _silent: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self._silent = tag in ("style", "script", "title")
        name, value = given.get("name") or "", given.get("value") or ""
        match tag, given.get("type"):
            case "input", "hidden":
                self.hidden[name] = value
            case "input", "radio" | "checkbox":
                if "checked" in given:
                    self.values[name] = value
            case "input", _:
                self.values[name or given.get("id") or ""] = value
            case "img", _:
                self.images.append(given.get("src") or "")
            case "a", _:
                self.links.append(given.get("href") or "")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data.strip()


def shown(page: httpx.Response) -> Screen:
    screen = Screen()
    screen.feed(page.text)
    return screen


class Phone:
    """A browser with its own cookies. Redirects are followed, as browsers do."""

    def __init__(self, app: FastAPI, world: World, address: str, **headers: str) -> None:
        self._world = world
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(address, 50_000)),
            base_url="http://qunzhu",
            headers={"user-agent": WECHAT} | headers,
            follow_redirects=True,
        )

    @property
    def cookie(self) -> str:
        """Its own, or "" where it has none."""
        return self.http.cookies.get(COOKIE) or ""

    async def opens(self, path: str = f"/j/{CODE}") -> httpx.Response:
        return await self.http.get(path)

    async def sends(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """A form, as a browser sends it; what follows from it happens."""
        page = await self.http.post(path, data=dict(fields), headers={"origin": "http://qunzhu"})
        await self._world.simulation.look_again()
        await self._world.passes(seconds=0)
        return page

    async def scans(self, code: str = CODE) -> Screen:
        return shown(await self.opens(f"/j/{code}"))

    async def answers(self, code: str = CODE, **fields: str) -> httpx.Response:
        """She scans, fills in the form and sends it; what she sees then."""
        form = await self.scans(code)
        return await self.sends(f"/j/{code}", ANSWERS | form.hidden | fields)

    async def answers_again(self, code: str = CODE, **fields: str) -> httpx.Response:
        """She has answered, and corrects herself."""
        form = shown(await self.opens(f"/j/{code}?again=1"))
        return await self.sends(f"/j/{code}", ANSWERS | form.hidden | fields)

    async def aclose(self) -> None:
        await self.http.aclose()


class Entrance:
    """One process that serves the pages, to any number of phones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._app = world.app()
        self._phones: list[Phone] = []

    def phone(self, address: str = "203.0.113.7", **headers: str) -> Phone:
        phone = Phone(self._app, self._world, address, **headers)
        self._phones.append(phone)
        return phone

    async def aclose(self) -> None:
        for each in self._phones:
            await each.aclose()


@asynccontextmanager
async def entrance(world: World) -> AsyncIterator[Entrance]:
    made = Entrance(world)
    yield made
    await made.aclose()


async def asked_for(world: World, phone: Phone) -> Opening:
    """A group that nobody has yet, and that she waits for."""
    await world.rules(entry={"cities": ["杭州", "宁波"]})
    await phone.answers(city="宁波")
    await world.passes(minutes=1)
    (opening,) = await world.transactions.read(lambda facts: facts.openings.find())
    return opening
