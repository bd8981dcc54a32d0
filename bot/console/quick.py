"""Quick choices: one of a few, a click away, as buttons or as links."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from nicegui import ui

Pick = Callable[[str], Awaitable[None]]


class Quick:
    """Buttons of which one is pressed; `picked` is which, and `pick` is told of another."""

    def __init__(
        self, options: Mapping[str, str], picked: str, pick: Pick, title: str, name: str
    ) -> None:
        self._pick = pick
        with ui.element("div").classes("quick").props(f'role=group aria-label="{title}"'):
            self._buttons = {
                value: ui.button(text, on_click=partial(self._press, value), color=None).props(
                    f"flat dense no-caps data-testid={name}-{value or 'all'}"
                )
                for value, text in options.items()
            }
        self._mark(picked)

    async def _press(self, value: str) -> None:
        self._mark(value)
        await self._pick(value)

    def _mark(self, picked: str) -> None:
        for value, each in self._buttons.items():
            is_picked = value == picked
            each.props(f"aria-pressed={str(is_picked).lower()}")
            each.classes(add="on" if is_picked else "", remove="" if is_picked else "on")


def tabs(pages: Mapping[str, str], here: str) -> None:
    """Links to pages that belong together, by their address."""
    with ui.element("nav").classes("quick").props("aria-label=分页"):
        for path, title in pages.items():
            link = ui.link(title, path).classes("tab")
            if path == here:
                link.classes("on").props("aria-current=page")
