"""The console's pages, added to the service."""

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.exceptions import HTTPException

from bot.clock import Clock
from bot.console.frame import Console
from bot.console.pages.audit import audit_page
from bot.console.pages.groups import groups_page
from bot.console.pages.rewards import rewards_page
from bot.console.pages.rules import rules_page
from bot.console.pages.sign_in import sign_in_page
from bot.console.pages.texts import texts_page
from bot.console.pages.tokens import tokens_page
from bot.http import problems
from bot.http.entry import show

RECONNECT = 30.0
"""Seconds for which a phone may be out of reach without losing what stands on its page."""


def add_console(app: FastAPI, clock: Clock) -> None:
    """Its pages; they are served once `serve_pages` was called."""
    console = Console(app, clock)
    sign_in_page()
    groups_page(console)
    rewards_page(console)
    rules_page(console)
    texts_page(console)
    audit_page(console)
    tokens_page(console)


def serve_pages(app: FastAPI) -> None:
    """After all other routes of the app, since NiceGUI takes every other address."""
    problems.install(nicegui_app, show.no_page)
    # NiceGUI has one of its own for this status, which would come before.
    nowhere = nicegui_app.exception_handlers[HTTPException]
    nicegui_app.add_exception_handler(404, nowhere)
    ui.run_with(
        app,
        language="zh-CN",
        favicon="👶",
        reconnect_timeout=RECONNECT,
        show_welcome_message=False,
    )
