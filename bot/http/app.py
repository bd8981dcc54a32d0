"""Everything that is served over HTTP, put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.gateways import Mailboxes
from bot.http import problems
from bot.http.api.accounts import accounts_api
from bot.http.api.activity import activity_api
from bot.http.api.audit import audit_api
from bot.http.api.calendars import calendars_api
from bot.http.api.content import content_api
from bot.http.api.content_preview import content_preview_api
from bot.http.api.dead_letters import dead_letters_api
from bot.http.api.entry_codes import entry_codes_api
from bot.http.api.funnel import funnel_api
from bot.http.api.gateways import gateways_api
from bot.http.api.groups import groups_api
from bot.http.api.growth import growth_api
from bot.http.api.kocs import kocs_api
from bot.http.api.mass_sends import mass_sends_api
from bot.http.api.members import members_api
from bot.http.api.notices import notices_api
from bot.http.api.office import Office, repeat
from bot.http.api.openings import openings_api
from bot.http.api.outbox import outbox_api
from bot.http.api.overview import overview_api
from bot.http.api.people import people_api
from bot.http.api.points import points_api
from bot.http.api.posts import posts_api
from bot.http.api.preview import preview_api
from bot.http.api.proposals import proposals_api
from bot.http.api.questions import questions_api
from bot.http.api.redemptions import redemptions_api
from bot.http.api.referrals import referrals_api
from bot.http.api.rewards import rewards_api
from bot.http.api.routes import Routes
from bot.http.api.rules import rules_api
from bot.http.api.segments import segments_api
from bot.http.api.sessions import sessions_api
from bot.http.api.short_links import short_links_api
from bot.http.api.staff import staff_api
from bot.http.api.tasks import tasks_api
from bot.http.api.texts import texts_api
from bot.http.api.tokens import tokens_api
from bot.http.api.visitors import visitors_api
from bot.http.api.ways import ways_api
from bot.http.bodies import BoundedBodies
from bot.http.callbacks import callbacks
from bot.http.entry import show
from bot.http.entry.links import link_pages
from bot.http.entry.pages import entry_pages
from bot.http.entry.posters import poster_pages
from bot.http.health import States, health_api
from bot.http.openapi import API, Described
from bot.http.paths import KeepsSlashes
from bot.intake import Intake
from bot.metrics import Metrics
from bot.preview.child import tidied_up
from bot.transactions import Transactions

Resource = Callable[[Office], Routes]

RESOURCES: tuple[Resource, ...] = (
    *(sessions_api, tokens_api, audit_api),
    *(preview_api, rules_api, texts_api),
    *(overview_api, notices_api, accounts_api, gateways_api, outbox_api),
    *(proposals_api, mass_sends_api, dead_letters_api),
    *(members_api, staff_api, people_api, kocs_api, growth_api, activity_api),
    *(questions_api, tasks_api, points_api, rewards_api, redemptions_api),
    *(content_api, content_preview_api, calendars_api, posts_api),
    *(entry_codes_api, funnel_api, visitors_api, ways_api, openings_api),
    *(referrals_api, short_links_api, segments_api),
    groups_api,
)
"""Each takes the office and gives its routes."""
FILES = ("/content-table", "/way")
"""Whose bodies are files."""


def http_app(
    transactions: Transactions,
    dispatcher: Dispatcher,
    clock: Clock,
    states: States,
    metrics: Metrics,
    resources: Sequence[Resource] = RESOURCES,
    mailboxes: Mailboxes | None = None,
) -> FastAPI:
    intake = Intake(dispatcher, clock)

    @asynccontextmanager
    async def drained(_: FastAPI) -> AsyncIterator[None]:
        yield
        await intake.drained()
        await tidied_up()

    app = Described(
        title="Qunzhu 群助",
        version="1",
        docs_url="/api/docs",
        redoc_url=None,
        lifespan=drained,
    )
    problems.install(app, show.no_page)
    app.add_middleware(BoundedBodies, beginning=API, files=FILES)
    app.add_middleware(KeepsSlashes, beginning=API)
    repeat(app)
    office = Office(transactions, dispatcher, clock)
    app.include_router(health_api(transactions, states, metrics))
    for resource in resources:
        resource(office).add_to(app.router, API)
    app.include_router(entry_pages(transactions, intake, clock))
    app.include_router(link_pages(transactions, intake, clock))
    app.include_router(poster_pages(transactions, intake, clock))
    app.include_router(callbacks(mailboxes or {}, transactions, clock))
    return app
