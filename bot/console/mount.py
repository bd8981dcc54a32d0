"""The console's pages, added to the service."""

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.exceptions import HTTPException

from bot.clock import Clock
from bot.console.frame import Console
from bot.console.pages.accounts import accounts_page
from bot.console.pages.audit import audit_page
from bot.console.pages.calendar import calendar_page
from bot.console.pages.code import code_page
from bot.console.pages.codes import codes_page
from bot.console.pages.content import content_page
from bot.console.pages.content_import import content_import_page
from bot.console.pages.content_item import content_item_pages
from bot.console.pages.dead_letters import dead_letters_page
from bot.console.pages.funnel import funnel_page
from bot.console.pages.group.page import group_page
from bot.console.pages.groups import groups_page
from bot.console.pages.outbox import outbox_page
from bot.console.pages.points import points_page
from bot.console.pages.proposals import proposals_page
from bot.console.pages.questions import questions_page
from bot.console.pages.referrals import referrals_page
from bot.console.pages.rewards import rewards_page
from bot.console.pages.rules import rules_page
from bot.console.pages.sign_in import sign_in_page
from bot.console.pages.staff import staff_page
from bot.console.pages.texts import texts_page
from bot.console.pages.today import today_page
from bot.console.pages.tokens import tokens_page
from bot.http import problems
from bot.http.entry import show

RECONNECT = 30.0
"""Seconds for which a phone may be out of reach without losing what stands on its page."""


def add_console(app: FastAPI, clock: Clock) -> None:
    """Its pages; they are served once `serve_pages` was called."""
    console = Console(app, clock)
    sign_in_page()
    today_page(console)
    groups_page(console)
    group_page(console)
    accounts_page(console)
    calendar_page(console)
    content_page(console)
    content_item_pages(console)
    content_import_page(console)
    questions_page(console)
    points_page(console)
    rewards_page(console)
    rules_page(console)
    texts_page(console)
    codes_page(console)
    funnel_page(console)
    referrals_page(console)
    # After those, whose addresses would be codes to it.
    code_page(console)
    outbox_page(console)
    proposals_page(console)
    dead_letters_page(console)
    staff_page(console)
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
