"""The pieces that the demo's page is made of."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from nicegui import events, ui

from bot.demo.cast import LONGEST_NAME
from bot.demo.markup import Line

CLICKED = """(e) => {
    const target = e.target.closest("[data-quote],[data-at],[data-group],[data-act],[data-type]");
    if (target) emit({...target.dataset});
}"""
"""Of HTML that was written as such: what the clicked part of it says of itself is passed on."""
Clicked = Callable[[events.GenericEventArguments], Awaitable[None]]


class Feed:
    """Lines of chat: only what changed is written again."""

    def __init__(self, container: ui.element) -> None:
        self._container = container
        self._shown: dict[str, ui.html] = {}

    def show(self, lines: Sequence[Line]) -> None:
        keys = [key for key, _ in lines]
        kept = [key for key in self._shown if key in set(keys)]
        if kept != keys[: len(kept)]:
            kept = []
        for key in [key for key in self._shown if key not in set(kept)]:
            self._shown.pop(key).delete()
        with self._container:
            for key, html in lines:
                if key in self._shown:
                    write(self._shown[key], html)
                else:
                    self._shown[key] = ui.html(html, sanitize=False)


def write(element: ui.html, html: str) -> None:
    if element.content != html:
        element.set_content(html)


def mark(element: ui.element, name: str, *, on: bool) -> None:
    element.classes(add=name if on else "", remove="" if on else name)


def button(text: str, do: Callable[[], object], name: str) -> ui.button:
    return (
        ui.button(text, on_click=do, color=None)
        .props(f"flat dense no-caps no-wrap data-testid={name}")
        .classes("act")
    )


def text_field(label: str, value: str, name: str) -> ui.input:
    props = f"outlined dense autofocus maxlength={LONGEST_NAME} data-testid={name}"
    return ui.input(label, value=value).props(props).classes("ask-field")


@contextmanager
def dialog(title: str) -> Iterator[ui.dialog]:
    """What stands in it is built in the body."""
    with ui.dialog().props("transition-duration=120") as opened, ui.card().classes("ask"):
        ui.label(title).classes("ask-title")
        yield opened
    opened.on("hide", opened.delete)
    opened.open()


def answers(opened: ui.dialog, yes: str, do: Callable[[], object], name: str) -> None:
    with ui.element("div").classes("answers"):
        button("取消", opened.close, "cancel")
        button(yes, do, name).classes("primary")
