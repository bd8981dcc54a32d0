"""Filters that somebody keeps under a name: in her own browser, and nowhere else."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from bot.console.forms import Field, Values, ask
from bot.console.frame import button

MOST = 12
NAME = [Field("name", "叫什么", hint="比如：妇幼没班长的群", is_needed=True)]

Kept = dict[str, str]
"""What each is called, and what it asks for, as in an address."""


class Saved:
    """Chips that each lead to `path` with what was asked for; `asked` tells what is asked for
    now."""

    def __init__(self, path: str, asked: Callable[[], Mapping[str, str]]) -> None:
        self._path, self._asked, self._kept = path, asked, Kept()
        with ui.element("div").classes("saved"):
            self._place = ui.element("div").classes("saved-ones")
            self._place.props('role=group aria-label="存下的筛选"')
            button("存下现在的筛选", self._keep, "keep-filter", icon="bookmark_add")
        # Her browser is asked once it has the page.
        ui.timer(0.01, self._read, once=True)

    async def _read(self) -> None:
        told = await ui.run_javascript(f"return localStorage.getItem({self._key})", timeout=10)
        self._kept = read(told)
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            for name, asked in self._kept.items():
                self._chip(name, asked)

    def _chip(self, name: str, asked: str) -> None:
        with ui.element("span").classes("chip").props("data-testid=saved-filter"):
            ui.link(name, f"{self._path}?{asked}")
            drop = ui.button(icon="close", on_click=partial(self._drop, name))
            drop.props(f'flat round dense size=xs aria-label="不要「{escaped(name)}」了"')

    async def _keep(self) -> None:
        async def take(values: Values) -> None:
            rest = {name: each for name, each in self._kept.items() if name != values["name"]}
            self._kept = dict([*rest.items(), (values["name"], urlencode(self._asked()))][-MOST:])

        if await ask("存下现在的筛选", NAME, take, note="只存在这个浏览器里，别人看不到。"):
            self._write()

    def _drop(self, name: str) -> None:
        self._kept.pop(name, None)
        self._write()

    def _write(self) -> None:
        ui.run_javascript(
            f"localStorage.setItem({self._key}, {json.dumps(json.dumps(self._kept))})"
        )
        self._draw()

    @property
    def _key(self) -> str:
        return json.dumps(f"qunzhu_saved:{self._path}")


def read(told: Any) -> Kept:
    """What the browser kept; what is not ours is left out."""
    try:
        found = json.loads(told or "{}")
    except (TypeError, ValueError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: asked for name, asked in pairs if isinstance(asked, str)}


def escaped(text: str) -> str:
    return text.replace('"', "")
