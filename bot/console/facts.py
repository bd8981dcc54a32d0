"""What is known of one thing: figures in boxes, and facts a line each."""

from collections.abc import Sequence

from nicegui import ui


def figures(told: Sequence[tuple[str, str, str]]) -> None:
    """Boxes of (what it is, how many, what stands below)."""
    with ui.element("div").classes("figures"):
        for title, value, note in told:
            with ui.element("div").classes("figure"):
                ui.label(title).classes("faint")
                with ui.element("b"):
                    ui.label(value)
                if note:
                    ui.label(note).classes("faint")


def facts(told: Sequence[tuple[str, str]]) -> None:
    """Lines of (what it is, what is known of it); of which nothing is known there is none."""
    with ui.element("dl").classes("facts"):
        for name, value in told:
            if value:
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(value)
