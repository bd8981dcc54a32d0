"""Everything that is served over HTTP, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http import problems
from bot.http.api.activity import activity_api
from bot.http.api.audit import audit_api
from bot.http.api.content import content_api
from bot.http.api.entry_codes import entry_codes_api
from bot.http.api.funnel import funnel_api
from bot.http.api.groups import groups_api
from bot.http.api.growth import growth_api
from bot.http.api.office import Office, repeat
from bot.http.api.people import people_api
from bot.http.api.posts import posts_api
from bot.http.api.preview import preview_api
from bot.http.api.referrals import referrals_api
from bot.http.api.rewards import rewards_api
from bot.http.api.rules import rules_api
from bot.http.api.sessions import sessions_api
from bot.http.api.short_links import short_links_api
from bot.http.api.texts import texts_api
from bot.http.api.tokens import tokens_api
from bot.http.api.ways import ways_api
from bot.http.entry import show
from bot.http.entry.links import link_pages
from bot.http.entry.pages import entry_pages
from bot.http.entry.posters import poster_pages
from bot.http.health import States, health_api
from bot.http.openapi import describe
from bot.intake import Intake
from bot.metrics import Metrics
from bot.transactions import Transactions


def http_app(
    transactions: Transactions,
    dispatcher: Dispatcher,
    clock: Clock,
    states: States,
    metrics: Metrics,
) -> FastAPI:
    intake = Intake(dispatcher, clock)

    @asynccontextmanager
    async def drained(_: FastAPI) -> AsyncIterator[None]:
        yield
        await intake.drained()

    app = FastAPI(
        title="Qunzhu 群助",
        version="1",
        docs_url="/api/docs",
        redoc_url=None,
        lifespan=drained,
    )
    problems.install(app, show.no_page)
    repeat(app)
    describe(app)
    office = Office(transactions, dispatcher, clock)
    door = office.door
    app.include_router(health_api(transactions, states, metrics))
    api = APIRouter(prefix="/api/v1")
    api.include_router(sessions_api(office))
    api.include_router(tokens_api(office))
    api.include_router(audit_api(office))
    api.include_router(preview_api(office))
    api.include_router(rules_api(office))
    api.include_router(texts_api(office))
    api.include_router(groups_api(door, transactions, dispatcher, clock))
    api.include_router(rewards_api(office))
    api.include_router(content_api(door, transactions, dispatcher, clock))
    api.include_router(posts_api(door, transactions, dispatcher, clock))
    api.include_router(people_api(door, transactions, dispatcher, clock))
    api.include_router(growth_api(door, transactions, clock))
    api.include_router(activity_api(door, transactions, clock))
    api.include_router(entry_codes_api(door, transactions, dispatcher, clock))
    api.include_router(funnel_api(door, transactions, clock))
    api.include_router(ways_api(door, transactions, dispatcher, clock))
    api.include_router(referrals_api(door, transactions))
    api.include_router(short_links_api(door, transactions, clock))
    app.include_router(api)
    app.include_router(entry_pages(transactions, intake, clock))
    app.include_router(link_pages(transactions, intake, clock))
    app.include_router(poster_pages(transactions, intake, clock))
    return app
