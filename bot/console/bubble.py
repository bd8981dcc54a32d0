"""What is said in a group, as it looks there."""

from nicegui import ui


def bubble(
    text: str, *, title: str = "", image: str | None = None, link: str | None = None
) -> None:
    """A card where it has a link; a picture is named and can be opened, and is not fetched from
    wherever it lies."""
    with ui.element("div").classes("bubble").props("data-testid=bubble"):
        ui.label(text)
        if link:
            _leads("link", title or link, link)
        if image:
            _leads("image", "配图", image)


def _leads(icon: str, told: str, address: str) -> None:
    with ui.link(target=address, new_tab=True).classes("bubble-card").props("rel=noopener"):
        ui.icon(icon)
        ui.label(told)
